"""States of assistants by their names, such as ``support@3``, ``support@live`` and ``support@HEAD~1``."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant_sync.errors import InvalidFiles, UnknownName
from assistant_sync.live.reader import AssistantsReader
from assistant_sync.manifests.load import load_manifests
from assistant_sync.manifests.project.file import load_project_of
from assistant_sync.model.shown import StateFacts, StateKind
from assistant_sync.operations.connection import connected, endpoint_of
from assistant_sync.operations.owned import owned_assistant
from assistant_sync.operations.show import version_of
from assistant_sync.repository.committed import CommitTree
from assistant_sync.suggest import did_you_mean
from assistant_sync.transport import ReadConnection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.manifests.load import ManifestSet
    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.project import Project, Target
    from assistant_sync.operations.workspace import Settings
    from assistant_sync.planning.ownership import Owned
    from assistant_sync.planning.two_states import State
    from assistant_sync.repository.worktree import WorkTree


@dataclass(frozen=True, slots=True)
class StateName:
    """The name of a state.

    Attributes:
        key: The assistant's key.
        kind: Where the state is found.
        what: The version's number, or the revision; else the kind's own name.
    """

    key: str
    kind: StateKind
    what: str

    @classmethod
    def parse(cls, text: str) -> StateName:
        """Read ``KEY@WHAT``; a number is a version, and what is neither that nor a word of ours is a revision.

        Raises:
            UnknownName: It has no key, or does not name the state.
        """
        key, _, what = text.partition("@")
        if not key or not what.strip():
            hint = "write KEY@3 for a version, KEY@live, KEY@worktree, or KEY@ and a git revision"
            raise UnknownName(f"'{text}' does not name a state of an assistant", hint=hint)
        if what.isascii() and what.isdecimal():
            return cls(key, StateKind.VERSION, what)
        word = {StateKind.LIVE.value: StateKind.LIVE, StateKind.WORKTREE.value: StateKind.WORKTREE}
        return cls(key, word.get(what, StateKind.REVISION), what)

    @property
    def is_deployed(self) -> bool:
        """Whether the deployment has it."""
        return self.kind in (StateKind.VERSION, StateKind.LIVE)


@dataclass(slots=True)
class StateFinder:
    """Finds states; what several of them need is read once.

    Attributes:
        settings: The common options.
        project: The project file.
        target: The deployment.
        tree: The repository.
    """

    settings: Settings
    project: Project
    target: Target
    tree: WorkTree
    _owned: dict[str, Owned] = field(default_factory=dict)

    async def read_owned(self, keys: Iterable[str]) -> tuple[Owned, ...]:
        """Read the assistants that have these keys.

        Raises:
            UnknownName: One of them does not exist.
            RemoteError: The deployment fails.
        """
        wanted = list(dict.fromkeys(keys))
        if wanted:
            settings = self.settings
            endpoint = endpoint_of(settings, self.target)
            async with connected(ReadConnection, endpoint, settings) as connection:
                reader = AssistantsReader(connection)
                name, former = self.project.name, self.project.former_projects
                self._owned = {key: await owned_assistant(reader, name, key, former) for key in wanted}
        return tuple(self._owned.values())

    async def find(self, name: StateName) -> tuple[State, StateFacts]:
        """Find one state; of the deployment only what ``read_owned`` has read.

        Raises:
            InvalidFiles: The manifest has problems.
            UnknownName: There is no such version, commit or manifest.
            RepositoryError: Git fails.
        """
        if name.is_deployed:
            return self._deployed(name)
        return await asyncio.to_thread(self._from_files, name)

    def _deployed(self, name: StateName) -> tuple[State, StateFacts]:
        owned = self._owned[name.key]
        row = owned.row if name.kind is StateKind.LIVE else version_of(owned, int(name.what))
        facts = StateFacts(
            key=name.key, kind=name.kind, name=name.what, assistant_id=row.assistant_id, version=row.version
        )
        return row, facts

    def _from_files(self, name: StateName) -> tuple[State, StateFacts]:
        commit = None
        if name.kind is StateKind.REVISION:
            tree = CommitTree.at(self.tree, name.what)
            commit = tree.sha
            place = f"commit {commit[:12]}"
            loaded = self._committed(tree, place)
        else:
            place = "the work tree"
            loaded = load_manifests(self.project, self.target, self.tree, pruning=False, ci=self.settings.in_ci)
        desired = _manifest_of(name.key, loaded, place)
        facts = StateFacts(
            key=name.key,
            kind=name.kind,
            name=name.what,
            assistant_id=desired.assistant_id,
            commit=commit,
            source=desired.source,
        )
        return desired, facts

    def _committed(self, tree: CommitTree, place: str) -> ManifestSet:
        project = load_project_of(tree, self.project)
        target = None if project is None else project.targets.get(self.target.name)
        if project is None:
            raise UnknownName(f"{place} has no project file")
        if target is None:
            raise UnknownName(f"{place} has no target '{self.target.name}'", hint="name another one with --target")
        return load_manifests(project, target, tree, pruning=False, ci=False)


def _manifest_of(key: str, loaded: ManifestSet, place: str) -> Desired:
    """The manifest that has a key; problems of other manifests do not matter."""
    found = next((one for one in loaded.desired if one.key == key), None)
    if found is not None:
        return found
    if any(problem.is_error for problem in loaded.problems):
        raise InvalidFiles(loaded.problems)
    hint = did_you_mean(key, [one.key for one in loaded.desired]) or None
    raise UnknownName(f"{place} has no manifest with the key '{key}'", hint=hint)
