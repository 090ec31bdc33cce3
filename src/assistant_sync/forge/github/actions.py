"""A run of GitHub Actions: its environment, its step summary and its outputs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assistant_sync.errors import ForgeError
from assistant_sync.model.url import normalise_url

if TYPE_CHECKING:
    from collections.abc import Mapping

SUMMARY_LIMIT = 1024 * 1024
"""Bytes of one step's summary; GitHub does not show a longer one at all."""

DEFAULT_API_URL = "https://api.github.com"

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
_SHA = re.compile(r"[0-9a-f]{40}")
_RUN_ID = re.compile(r"[0-9]{1,20}")
_CUT = "\n\n…\n\n_Truncated: GitHub limits the size of a step's summary._\n"


@dataclass(frozen=True, slots=True)
class ActionsRun:
    """A run of a workflow, or no run at all.

    Attributes:
        is_actions: Whether this is GitHub Actions.
        event: What started the run, such as ``pull_request``.
        repository: ``owner/name``.
        sha: The commit that the run is of; of a pull request, the result of its merge.
        head_sha: The commit that shows statuses: of a pull request, its head; None if it is not known.
        ref: Its branch, as ``refs/heads/main``; that of a merge queue names the pull request.
        pull_request: Its number; None if the event has none.
        run_url: The run's page; None if it is not known.
        is_public: Whether the event shows that everybody may read the repository, and with it what its runs keep.
        api_url: The URL of the REST API.
        token: Authenticates requests to the API.
        summary_file: Receives the Markdown of the step's summary.
        output_file: Receives the step's outputs.
    """

    is_actions: bool = False
    event: str = ""
    repository: str | None = None
    sha: str = ""
    head_sha: str | None = None
    ref: str = ""
    pull_request: int | None = None
    run_url: str | None = None
    is_public: bool = False
    api_url: str = DEFAULT_API_URL
    token: str | None = field(default=None, repr=False)
    summary_file: Path | None = None
    output_file: Path | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> ActionsRun:
        """Read the variables that the runner sets; a damaged one counts as missing."""
        variables = {name: value.strip() for name, value in environ.items() if name.startswith("GITHUB_")}
        named = variables.get("GITHUB_REPOSITORY", "")
        repository = named if _REPOSITORY.fullmatch(named) else None
        event = _event(_path(variables, "GITHUB_EVENT_PATH"))
        return cls(
            is_actions=variables.get("GITHUB_ACTIONS", "").lower() == "true",
            event=variables.get("GITHUB_EVENT_NAME", ""),
            repository=repository,
            sha=variables.get("GITHUB_SHA", ""),
            head_sha=_head_sha(event) or _sha(variables.get("GITHUB_SHA")),
            ref=variables.get("GITHUB_REF", ""),
            pull_request=_pull_request(event),
            run_url=_run_url(variables, repository),
            is_public=_is_public(event),
            api_url=variables.get("GITHUB_API_URL") or DEFAULT_API_URL,
            token=variables.get("GITHUB_TOKEN") or None,
            summary_file=_path(variables, "GITHUB_STEP_SUMMARY"),
            output_file=_path(variables, "GITHUB_OUTPUT"),
        )

    @property
    def no_comment_reason(self) -> str | None:
        """Why no pull request can be commented on; None if one can."""
        if self.pull_request is None:
            return f"the event {self.event} has none" if self.event else "GITHUB_EVENT_NAME is not set"
        if self.repository is None:
            return "GITHUB_REPOSITORY is not set"
        if self.token is None:
            return "GITHUB_TOKEN is not set, as on the pull request of a fork"
        return None

    @property
    def comment_target(self) -> tuple[str, int, str] | None:
        """Repository, pull request and token; None if one is missing."""
        if self.repository is None or self.pull_request is None or self.token is None:
            return None
        return self.repository, self.pull_request, self.token

    @property
    def summary_bytes_left(self) -> int:
        """Bytes that still fit into the step's summary."""
        try:
            return max(0, SUMMARY_LIMIT - (self.summary_file.stat().st_size if self.summary_file else 0))
        except OSError:
            return SUMMARY_LIMIT

    def append_summary(self, text: str) -> None:
        """Add Markdown to the step's summary, truncated at the end of a line if it does not fit.

        Raises:
            ForgeError: The file cannot be written.
        """
        if self.summary_file is not None:
            _append(self.summary_file, _truncated(text.strip("\n") + "\n\n", self.summary_bytes_left))

    def write_outputs(self, outputs: Mapping[str, str]) -> None:
        """Set outputs of the step.

        Raises:
            ForgeError: The file cannot be written.
        """
        if self.output_file is not None:
            _append(self.output_file, "".join(output_lines(name, value) for name, value in outputs.items()).encode())


def output_lines(name: str, value: str) -> str:
    """Write one output as the runner reads it: the value between two delimiters that it does not contain."""
    import secrets  # only here: it loads what random numbers need

    delimiter = f"end_{secrets.token_hex(16)}"
    while delimiter in value:
        delimiter = f"end_{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _path(variables: Mapping[str, str], name: str) -> Path | None:
    return Path(variables[name]) if variables.get(name) else None


def _event(file: Path | None) -> object:
    """Return what started the run; None if it cannot be read."""
    try:
        return json.loads(file.read_text("utf-8")) if file else None
    except (OSError, ValueError, RecursionError):
        return None


def _pull_request(event: object) -> int | None:
    """Return the pull request of an event; that of a merge queue names none, though it may hold several."""
    match event:
        case {"pull_request": {"number": int(number)}} if number > 0 and not isinstance(number, bool):
            return number
    return None


def _head_sha(event: object) -> str | None:
    match event:
        case {"pull_request": {"head": {"sha": sha}}}:
            return _sha(sha)
    return None


def _sha(value: object) -> str | None:
    return value if isinstance(value, str) and _SHA.fullmatch(value) else None


def _run_url(variables: Mapping[str, str], repository: str | None) -> str | None:
    run = variables.get("GITHUB_RUN_ID", "")
    if repository is None or not _RUN_ID.fullmatch(run):
        return None
    try:
        return f"{normalise_url(variables.get('GITHUB_SERVER_URL', ''))}/{repository}/actions/runs/{run}"
    except ValueError:
        return None


def _is_public(event: object) -> bool:
    """Return whether an event is of a public repository; an internal one is private, too."""
    match event:
        case {"repository": {"private": False} | {"visibility": "public"}}:
            return True
    return False


def _truncated(text: str, limit: int) -> bytes:
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= limit:
        return data
    note = _CUT.encode()
    kept = data[: max(0, limit - len(note))]
    kept = kept[: kept.rfind(b"\n") + 1]
    return (kept + note)[:limit] if len(note) <= limit else b""


def _append(file: Path, data: bytes) -> None:
    try:
        with file.open("ab") as stream:
            stream.write(data)
    except OSError as error:
        message = f"{file.name}, which GitHub Actions reads, cannot be written: {error.strerror or error}"
        raise ForgeError(message) from error
