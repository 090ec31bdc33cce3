"""A run of GitHub Actions: what its environment tells, its step summary and its outputs."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assistant_sync.errors import ForgeError

if TYPE_CHECKING:
    from collections.abc import Mapping

SUMMARY_LIMIT = 1024 * 1024
"""Bytes of one step's summary; GitHub shows nothing of a longer one."""

DEFAULT_API_URL = "https://api.github.com"

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
_CUT = "\n\n…\n\n_Cut here: the summary of a step has no room for the rest._\n"


@dataclass(frozen=True, slots=True)
class ActionsRun:
    """A run of a workflow, or no run at all.

    Attributes:
        is_actions: Whether this is GitHub Actions.
        event: What started the run, such as ``pull_request``.
        repository: ``owner/name``.
        pull_request: Its number; None where the event is about none.
        api_url: Where the REST API is.
        token: What the API is asked with.
        summary_file: Takes the Markdown of the step's summary.
        output_file: Takes the step's outputs.
    """

    is_actions: bool = False
    event: str = ""
    repository: str | None = None
    pull_request: int | None = None
    api_url: str = DEFAULT_API_URL
    token: str | None = field(default=None, repr=False)
    summary_file: Path | None = None
    output_file: Path | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> ActionsRun:
        """Read the variables that the runner sets; what is missing or damaged is taken for absent."""
        said = {name: value.strip() for name, value in environ.items() if name.startswith("GITHUB_")}
        repository = said.get("GITHUB_REPOSITORY", "")
        return cls(
            is_actions=said.get("GITHUB_ACTIONS", "").lower() == "true",
            event=said.get("GITHUB_EVENT_NAME", ""),
            repository=repository if _REPOSITORY.fullmatch(repository) else None,
            pull_request=_pull_request(_path(said, "GITHUB_EVENT_PATH")),
            api_url=said.get("GITHUB_API_URL") or DEFAULT_API_URL,
            token=said.get("GITHUB_TOKEN") or None,
            summary_file=_path(said, "GITHUB_STEP_SUMMARY"),
            output_file=_path(said, "GITHUB_OUTPUT"),
        )

    @property
    def no_comment_because(self) -> str | None:
        """Why nothing can be said on a pull request; None where it can."""
        if self.pull_request is None:
            return f"the event {self.event} is about none" if self.event else "no event names one"
        if self.repository is None:
            return "GITHUB_REPOSITORY is not set"
        if self.token is None:
            return "GITHUB_TOKEN is not set, as on the pull request of a fork"
        return None

    @property
    def comment_place(self) -> tuple[str, int, str] | None:
        """Repository, pull request and token; None where one is missing."""
        if self.repository is None or self.pull_request is None or self.token is None:
            return None
        return self.repository, self.pull_request, self.token

    @property
    def summary_room(self) -> int:
        """Bytes that the step's summary still takes."""
        try:
            return max(0, SUMMARY_LIMIT - (self.summary_file.stat().st_size if self.summary_file else 0))
        except OSError:
            return SUMMARY_LIMIT

    def append_summary(self, text: str) -> None:
        """Add Markdown to the step's summary, cut at the end of a line where there is no room for all of it.

        Raises:
            ForgeError: The file cannot be written.
        """
        if self.summary_file is not None:
            _append(self.summary_file, _fitting(text.strip("\n") + "\n\n", self.summary_room))

    def write_outputs(self, outputs: Mapping[str, str]) -> None:
        """Set outputs of the step.

        Raises:
            ForgeError: The file cannot be written.
        """
        if self.output_file is not None:
            _append(self.output_file, "".join(output_lines(name, value) for name, value in outputs.items()).encode())


def output_lines(name: str, value: str) -> str:
    """One output as the runner reads it: a value of any lines between two delimiters that it does not hold."""
    delimiter = f"end_{secrets.token_hex(16)}"
    while delimiter in value:
        delimiter = f"end_{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _path(said: Mapping[str, str], name: str) -> Path | None:
    return Path(said[name]) if said.get(name) else None


def _pull_request(file: Path | None) -> int | None:
    """The pull request that an event is about; that of a merge queue is about none, though it may carry several."""
    try:
        event = json.loads(file.read_text("utf-8")) if file else None
        number = event["pull_request"]["number"] if event else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None


def _fitting(text: str, room: int) -> bytes:
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= room:
        return data
    note = _CUT.encode()
    kept = data[: max(0, room - len(note))]
    kept = kept[: kept.rfind(b"\n") + 1]
    return (kept + note)[:room] if len(note) <= room else b""


def _append(file: Path, data: bytes) -> None:
    try:
        with file.open("ab") as stream:
            stream.write(data)
    except OSError as error:
        message = f"{file.name}, which GitHub Actions reads, cannot be written: {error.strerror or error}"
        raise ForgeError(message) from error
