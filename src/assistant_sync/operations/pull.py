"""Pull: write what is live into the manifests; on a client that cannot write to the deployment."""

from __future__ import annotations

import asyncio
import posixpath
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from assistant_sync.errors import InvalidFiles, UnknownName
from assistant_sync.live.reader import AssistantsReader
from assistant_sync.manifests.documents import read_drafts
from assistant_sync.manifests.load import load_manifests
from assistant_sync.manifests.project.file import load_project_of
from assistant_sync.manifests.rules.lossy_values import reserved_metadata
from assistant_sync.manifests.sources import SUFFIXES
from assistant_sync.manifests.writing.import_files import key_for
from assistant_sync.model.drift import DriftKind
from assistant_sync.model.frozen import replace
from assistant_sync.model.progress import silent
from assistant_sync.model.pulled import PullKind, PullReport
from assistant_sync.model.selection import Selection
from assistant_sync.operations.connection import connected
from assistant_sync.operations.drift import drift_of
from assistant_sync.operations.plan import compare
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.operations.pulling.files import refuse_uncommitted, settle, write_files
from assistant_sync.operations.pulling.items import EditItem, ImportItem, shared_files
from assistant_sync.operations.reading import connect_to
from assistant_sync.operations.selecting import changed_since, check_graphs
from assistant_sync.operations.workspace import Workspace, choose_target, open_project
from assistant_sync.planning.importing import candidates
from assistant_sync.planning.outside_edit import outside_edit
from assistant_sync.planning.taken_over import complete_with_past
from assistant_sync.planning.triage import known_graphs
from assistant_sync.repository.branch_commits import BranchCommits
from assistant_sync.repository.committed import CommitTree
from assistant_sync.repository.patched import PatchedTree
from assistant_sync.suggest import did_you_mean
from assistant_sync.transport import ReadConnection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from assistant_sync.manifests.load import ManifestSet
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.drift import DriftReport
    from assistant_sync.model.progress import Listener
    from assistant_sync.model.pulled import Pulled
    from assistant_sync.operations.plan import Compared
    from assistant_sync.operations.pulling.book import Book
    from assistant_sync.operations.pulling.files import Made
    from assistant_sync.operations.pulling.items import Item
    from assistant_sync.operations.workspace import Settings
    from assistant_sync.planning.importing import Candidate
    from assistant_sync.planning.three_way import ThreeWay
    from assistant_sync.repository.tree import Tree

_PULLED = (DriftKind.EDITED, DriftKind.MOVED, DriftKind.ROLLED_BACK)
_MOST_FIELDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """What a pull should do.

    Attributes:
        settings: The common options.
        selection: Its globs are over keys, and over ids and names of assistants that have no manifest; without globs,
            what was edited is taken over. Graphs and what changed narrow either.
        changed_since: As in ``PlanRequest``.
        unmanaged: Whether to import all assistants that no manifest names.
        metadata: The metadata keys that are imported with an assistant.
        dry_run: Whether to write nothing.
        branch: The branch that gets a commit for each assistant; None to write into the work tree.
    """

    settings: Settings
    selection: Selection = field(default_factory=Selection)
    changed_since: str | None = None
    unmanaged: bool = False
    metadata: tuple[str, ...] = ()
    dry_run: bool = False
    branch: str | None = None

    @property
    def imports(self) -> bool:
        """Whether assistants that no manifest names are asked for."""
        return self.unmanaged or bool(self.selection.globs)


async def pull(request: PullRequest, *, listener: Listener = silent) -> PullReport:
    """Take over into the manifests what is live.

    Raises:
        InvalidFiles, UnknownName, RepositoryError: The desired state cannot be read, or not written.
        ExistingFile: The branch exists.
        RemoteError: The live state cannot be read, or not completely.
    """
    for key in request.metadata:
        if reason := reserved_metadata(key):
            message = f"--metadata {key}: {reason}"
            raise UnknownName(message)
    settings = request.settings
    workspace, tree = await asyncio.to_thread(_open, request)
    request = await asyncio.to_thread(_selected, request, workspace, tree)
    asked = PlanRequest(settings=settings)
    endpoint = connect_to(workspace, asked)
    async with connected(ReadConnection, endpoint, settings) as connection:
        reader = AssistantsReader(connection, listener=listener)
        compared = await compare(asked, workspace, endpoint.url, reader, for_drift=True)
        rows = await reader.listing() if request.imports else ()
    found = await drift_of(compared, workspace)
    return await asyncio.to_thread(_Pull(request, workspace, tree, compared, rows, endpoint.url).run, found)


def _selected(request: PullRequest, workspace: Workspace, tree: Tree) -> PullRequest:
    """The request with the keys that changed since the commit that it names.

    Raises:
        UnknownName: There is no such commit, or no git.
        RepositoryError: Git fails.
    """
    if request.changed_since is None:
        return request
    targets = [workspace.target.name]
    found = changed_since(request.selection, request.changed_since, workspace.project, targets, workspace.tree, tree)
    return replace(request, selection=found)


@dataclass(frozen=True, slots=True)
class _Pull:
    """A pull whose live state was read."""

    request: PullRequest
    workspace: Workspace
    tree: Tree
    compared: Compared
    rows: Sequence[Assistant]
    url: str

    def run(self, drift: DriftReport) -> PullReport:
        """Change the files, or make the commits."""
        request, tree = self.request, self.workspace.tree
        commits = None if request.branch is None else BranchCommits(tree, request.branch, request.settings.environ)
        found = self._candidates()
        self._check_selection(found)
        items = [*self._edits(drift), *self._imports(found)]
        done = settle(sorted(items, key=lambda one: one.key), self.tree, self._read, self.workspace.manifests.desired)
        report = PullReport(
            project=self.workspace.project.name,
            target=self.workspace.target.name,
            url=self.url,
            pulled=tuple(one.pulled for one in done.made),
            not_pulled=done.refused,
            files=done.changes,
            dry_run=request.dry_run,
            branch=request.branch,
            warnings=tuple(self._warnings(drift)),
            selection=request.selection,
        )
        if commits is not None:
            return report if request.dry_run or not done.made else replace(report, commits=_commit(commits, done.made))
        refuse_uncommitted(tree, done.changes)
        if not request.dry_run:
            write_files(tree, done.changes)
        return report

    def _edits(self, drift: DriftReport) -> Iterator[Item]:
        """The assistants with a manifest that were edited outside git."""
        project, target = self.workspace.project, self.workspace.target
        drifted = {one.assistant_id for one in drift.drifted if one.has_manifest and one.kind in _PULLED}
        chosen = [one for one in self._assistants() if one.assistant_id in drifted and self._selects(one)]
        drafts = read_drafts(project, target, self.tree) if chosen else {}
        shared = shared_files(drafts.values())
        for one in chosen:
            edit = outside_edit(one)
            if edit is None or one.owned is None or one.manifest is None or edit.is_taken_over:
                continue
            yield EditItem(one.manifest, one.owned.row, edit, drafts[one.key], shared, project.allow_literals)

    def _candidates(self) -> tuple[Candidate, ...]:
        """The assistants that no manifest names."""
        project, desired = self.workspace.project, self.workspace.manifests.desired
        found = candidates(
            self.rows,
            project.name,
            self.compared.triaged.mirroring,
            named={one.assistant_id for one in desired},
            keys={one.key for one in desired},
            metadata=self.request.metadata,
            key_for=key_for,
            former_projects=project.former_projects,
        )
        return tuple(found)

    def _imports(self, found: Iterable[Candidate]) -> Iterator[Item]:
        """Those of them that are asked for."""
        project, request = self.workspace.project, self.request
        home = self.workspace.tree.relative(project.folder)
        for one in found:
            if one.is_asked_for(request.selection, unmanaged=request.unmanaged):
                yield ImportItem(one, project, home, self.compared.triaged.mirroring)

    def _assistants(self) -> tuple[ThreeWay, ...]:
        return complete_with_past(self.compared.triaged.assistants, self.compared.seen, self.compared.policy)

    def _selects(self, one: ThreeWay) -> bool:
        """Whether an assistant with a manifest is asked for."""
        selection = self.request.selection
        graphs = [] if one.manifest is None else [one.manifest.content.graph_id]
        graphs += [] if one.owned is None else [one.owned.row.graph_id]
        return bool(selection.globs or not self.request.unmanaged) and selection.selects(one.key, *graphs)

    def _check_selection(self, found: Iterable[Candidate]) -> None:
        """Refuse a glob that matches nothing at all.

        Raises:
            UnknownName: There is one.
        """
        keys = [one.key for one in self._assistants()]
        known = [*keys, *(name for one in found for name in one.names)]
        for glob in self.request.selection.globs:
            if not any(fnmatchcase(text, glob) for text in known):
                message = f"no manifest and no assistant of the deployment matches '{glob}'"
                raise UnknownName(message, hint=did_you_mean(glob, keys) or "'assistant-sync doctor -v' lists them")
        graphs = known_graphs(self.workspace.manifests.desired, self.compared.triaged)
        known_here = graphs | {row.graph_id for row in self.rows}
        of_deployment = "assistant of the deployment" if self.request.imports else "owned assistant"
        check_graphs(self.request.selection, known_here, what=f"manifest and no {of_deployment}")

    def _read(self, book: Book) -> ManifestSet:
        return book.load(self.workspace.project, self.workspace.target)

    def _warnings(self, drift: DriftReport) -> Iterator[str]:
        """What was asked for and is no edit."""
        selected = {one.key for one in self._assistants() if self._selects(one)}
        for glob in self.request.selection.globs:
            waiting = [key for key in drift.pending if key in selected and fnmatchcase(key, glob)]
            if waiting:
                yield (
                    f"{', '.join(waiting)}: nothing was edited outside git; the manifest has changes that wait for an "
                    "apply, and stays as it is"
                )


def _commit(commits: BranchCommits, made: Iterable[Made]) -> tuple[str, ...]:
    """One commit for each assistant."""
    hashes = tuple(commits.add(one.files, _message(one.pulled)) for one in made)
    commits.publish()
    return hashes


def _message(one: Pulled) -> str:
    """The message of a commit: what it takes over, and the version and time of the edit."""
    what = {PullKind.EDITED: "Take over the edit of", PullKind.IMPORTED: "Import"}[one.kind]
    when = "" if one.edited_at is None else f", written {one.edited_at}"
    paths = [".".join(map(str, field.path)) for field in one.fields[:_MOST_FIELDS]]
    lines = [f"{what} {one.key}", "", f"Version {one.version} of assistant {one.assistant_id}{when}."]
    lines += ["", *(f"- {path}" for path in paths)] if paths else []
    lines += ["", *one.notes] if one.notes else []
    return "".join(f"{_printable(line)}\n" for line in lines)


def _printable(line: str) -> str:
    """A line of a message: names come from the server, git shows messages in terminals, and forges obey some words."""
    return "".join(char if char.isprintable() and char not in "[]#@" else "?" for char in line)


def _open(request: PullRequest) -> tuple[Workspace, Tree]:
    """The desired state: of the work tree, or of HEAD if the files go into commits.

    Raises:
        InvalidFiles: It has problems; all of them are named.
    """
    project, tree = open_project(request.settings)
    target = choose_target(project, request.settings.target)
    source: Tree = tree
    if request.branch is not None:
        source = CommitTree.at(tree, "HEAD")
        project = load_project_of(source, project) or project
        target = choose_target(project, request.settings.target)
    home = tree.relative(project.folder)
    folder = posixpath.normpath(posixpath.join(home, project.manifests))
    # The first import makes the folder.
    readable = PatchedTree(source, {f"{folder}/.gitkeep": b""}) if request.imports else source
    loaded = load_manifests(project, target, readable, pruning=False, ci=False)
    if any(problem.is_error for problem in loaded.problems):
        raise InvalidFiles(loaded.problems)
    commit = tree.commit([*loaded.files, *loaded.folders], suffixes=SUFFIXES)
    return Workspace(project, target, tree, loaded, commit), source
