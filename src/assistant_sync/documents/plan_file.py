"""The saved plan: the parts of it that are compared with a new plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant_sync.documents.json_file import read_json
from assistant_sync.errors import BadDocument
from assistant_sync.model.change import Action  # noqa: TC001 - pydantic reads the annotation
from assistant_sync.model.selection import Selection
from assistant_sync.planning.digests import plan_digest
from assistant_sync.planning.later_plan import compare_changes

if TYPE_CHECKING:
    from pathlib import Path

    from assistant_sync.model.plan import Plan

_MAJOR = "1."


class _Part(BaseModel):
    # A newer minor version may add fields (docs/exit-codes.md).
    model_config = ConfigDict(extra="ignore", frozen=True)


class SavedTarget(_Part):
    """The target of the plan."""

    name: str
    url: str


class SavedChange(_Part):
    """The parts of a change that are compared."""

    action: Action
    key: str
    assistant_id: str
    digest: str
    base_version: int | None = None


class SavedCommit(_Part):
    """Where the manifests came from."""

    dirty: bool
    tree: str | None = None


class SavedPlan(_Part):
    """A saved plan.

    Attributes:
        format_version: 1.x.
        project: The owner.
        target: The target.
        digest: The plan's digest.
        commit: Where the manifests came from; None without git.
        created_at: When it was made, for people.
        prune: Whether it was made with pruning.
        selection: The globs over keys that narrow it.
        selection_graphs: The globs over graph ids that narrow it.
        selection_keys: The keys whose manifests changed since a commit; null if that does not narrow it.
        selection_since: What the command line called that commit.
        changes: All changes, without their values.
    """

    format_version: str
    project: str
    target: SavedTarget
    digest: str
    commit: SavedCommit | None = None
    created_at: str = ""
    prune: bool = False
    selection: tuple[str, ...] = ()
    selection_graphs: tuple[str, ...] = ()
    selection_keys: tuple[str, ...] | None = None
    selection_since: str | None = None
    changes: tuple[SavedChange, ...]

    @property
    def selected(self) -> Selection:
        """What narrows it."""
        keys = None if self.selection_keys is None else frozenset(self.selection_keys)
        return Selection(self.selection, self.selection_graphs, keys, self.selection_since)


def read_plan(path: Path) -> SavedPlan:
    """Read a plan that ``plan --out`` wrote.

    Raises:
        BadDocument: It is missing, is not a plan file, is damaged, or has a format of another major version.
    """
    if not path.exists():
        message = f"{path}: no such file"
        raise BadDocument(
            message, hint="'apply' takes the file that 'plan --out FILE' writes; to apply one assistant, use --only KEY"
        )
    document = read_json(path, "plan file")
    version = document.get("format_version")
    if not isinstance(version, str) or not version.startswith(_MAJOR):
        message = f"{path}: is not a plan file that this version reads: format_version is not 1.x"
        raise BadDocument(message, hint="Make a new one with 'assistant-sync plan --out FILE'")
    try:
        saved = SavedPlan.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        message = f"{path}: is not a plan file: {field}: {first['msg']}"
        raise BadDocument(message, hint="Make a new one with 'assistant-sync plan --out FILE'") from error
    if plan_digest(saved.target.name, saved.target.url, saved.changes) != saved.digest:
        message = f"{path}: its digest does not match its changes: the file was edited"
        raise BadDocument(message, hint="Make a new one with 'assistant-sync plan --out FILE'")
    return saved


def compare(saved: SavedPlan, now: Plan) -> tuple[str, ...]:
    """Describe how a new plan differs from a saved one, one line for each assistant."""
    lines = [
        f"{what}: was '{before}', now '{after}'"
        for what, before, after in (
            ("project", saved.project, now.project),
            ("target", saved.target.name, now.target),
            ("url", saved.target.url, now.url),
        )
        if before != after
    ]
    return (*lines, *compare_changes(saved.changes, now.changes))
