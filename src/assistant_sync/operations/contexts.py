"""Hold the selected manifests against what their graphs say on the deployment, and that against what git keeps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from assistant_sync.manifests.graph_schemas.checker import ContextChecker
from assistant_sync.manifests.graph_schemas.diagnostics import schemas_folder
from assistant_sync.manifests.graph_schemas.files import FOLDER, file_name, read_schemas
from assistant_sync.manifests.graph_schemas.places import Misfits, problems_of
from assistant_sync.manifests.wording import shown
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import Frozen, field
from assistant_sync.model.project import SchemaMode
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.graph_schema import SchemaBook
    from assistant_sync.operations.workspace import Workspace
    from assistant_sync.problem import Problem

_MOST_UNCHANGED = 50
"""Assistants that nothing is written for, and whose lines are still looked up."""

_MOST_NAMED = 5


class Contexts(Frozen, frozen=True):
    """What the schemas of the graphs say of some manifests.

    Attributes:
        problems: By key, what does not fit, each at its line; of many unchanged ones, only of the first.
        unfit: The keys of those that have errors.
        ahead: Those of ``unfit`` that fit the schema which git keeps, each with the graph that must be deployed first.
        notes: What concerns a whole graph: its schema cannot be used, or is not the one that git keeps.
    """

    problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    unfit: frozenset[str] = frozenset()
    ahead: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def of(self, keys: Collection[str], *, errors: bool | None = None) -> tuple[Problem, ...]:
        """The problems of some manifests, sorted by file and place.

        Args:
            keys: Of the manifests.
            errors: Whether errors or warnings are wanted; None for both.
        """
        found = [one for key in keys for one in self.problems.get(key, ())]
        return tuple(sorted({one for one in found if errors is None or one.is_error is errors}, key=str))


async def check_contexts(
    workspace: Workspace,
    desired: Iterable[Desired],
    book: SchemaBook,
    *,
    unchanged: Collection[str] = (),
    mirroring: Mirroring = Mirroring.UNKNOWN,
) -> Contexts:
    """Check contexts against the schemas of a deployment, or against the kept ones of graphs that answer none.

    Args:
        workspace: The desired state.
        desired: The selected manifests.
        book: What the deployment answers.
        unchanged: The keys of those for which nothing is written.
        mirroring: Whether the deployment copies ``config.configurable`` into ``context``.

    Raises:
        RepositoryError: Git failed.
    """
    if workspace.target.schema is SchemaMode.OFF:
        return Contexts()
    desired = tuple(desired)
    graphs = {one.content.graph_id for one in desired}
    tree, home = workspace.tree, workspace.tree.relative(workspace.project.folder)
    kept = await asyncio.to_thread(read_schemas, tree, schemas_folder(home), graphs)
    used = {graph: one for graph, one in {**kept.schemas, **book.schemas}.items() if graph in graphs}
    checker = ContextChecker(used, is_mirrored=mirroring is not Mirroring.NO)
    found = [Misfits(one, misfits) for one in desired if (misfits := checker.check(one.content))]
    rest = [one for one in found if one.desired.key in unchanged]
    located = [one for one in found if one.desired.key not in unchanged] + rest[:_MOST_UNCHANGED]
    unused = _unused({**book.unusable, **checker.unusable}, kept, graphs)
    return Contexts(
        problems=await asyncio.to_thread(problems_of, workspace.project, workspace.target, tree, located),
        unfit=_with_errors(found) if workspace.target.schema is SchemaMode.ERROR else frozenset(),
        ahead=_ahead(found, book, kept),
        notes=(*unused, *_differing(book, kept, graphs)),
    )


def _ahead(found: Iterable[Misfits], book: SchemaBook, kept: SchemaBook) -> dict[str, str]:
    """The manifests with errors that fit another schema, which git keeps of their graph."""
    both = {graph: one for graph, one in kept.schemas.items() if graph in book.schemas}
    checker = ContextChecker(both)
    graphs = {one.desired.key: one.desired.content.graph_id for one in found if one.desired.content.graph_id in both}
    wrong = _with_errors(Misfits(one.desired, checker.check(one.desired.content)) for one in found)
    return {key: graph for key, graph in graphs.items() if key not in wrong | checker.unusable.keys()}


def _with_errors(found: Iterable[Misfits]) -> frozenset[str]:
    return frozenset(one.desired.key for one in found if any(misfit.is_error for misfit in one.found))


def _unused(unusable: Mapping[str, str], kept: SchemaBook, graphs: Collection[str]) -> Iterator[str]:
    """One note for each reason for which schemas cannot be used."""
    by_reason: dict[tuple[str, bool], list[str]] = {}
    for graph in sorted(graphs & unusable.keys()):
        by_reason.setdefault((unusable[graph], graph in kept.schemas), []).append(graph)
    for (reason, is_kept), of_reason in by_reason.items():
        instead = f"the ones in {FOLDER}/ are used instead" if is_kept else "contexts of these are not checked"
        count = "schema of graph" if len(of_reason) == 1 else "schemas of graphs"
        yield f"the {count} {named(of_reason)} cannot be used ({reason}); {instead}"


def _differing(book: SchemaBook, kept: SchemaBook, graphs: Collection[str]) -> Iterator[str]:
    """A note on graphs whose schema is another one than the repository keeps."""
    common = sorted(graphs & book.schemas.keys() & kept.schemas.keys())
    other = [graph for graph in common if not book.schemas[graph].declares_as(kept.schemas[graph])]
    if other:
        files = ", ".join(f"{FOLDER}/{file_name(graph)}" for graph in other[:_MOST_NAMED])
        verb = "schema of graph {} is" if len(other) == 1 else "schemas of graphs {} are"
        yield (
            f"on the deployment the {verb.format(named(other))} not what {files} has: 'assistant-sync schema pull' "
            "brings the repository up to date"
        )


def misfit_note(contexts: Contexts, keys: Collection[str]) -> str | None:
    """What to know of unchanged manifests that do not fit their graphs; None if all fit."""
    count = len(contexts.unfit.intersection(keys))
    if not count:
        return None
    problems = contexts.of(sorted(contexts.unfit.intersection(keys)), errors=True)
    shown_ones = "; ".join(map(str, problems[:_MOST_NAMED]))
    more = f"; and {len(problems) - _MOST_NAMED} more" if len(problems) > _MOST_NAMED else ""
    verb = "does not fit the schema of its graph" if count == 1 else "do not fit the schemas of their graphs"
    return f"{plural(count, 'unchanged manifest')} {verb}, so that runs may fail: {shown_ones}{more}"


def ahead_note(contexts: Contexts, keys: Collection[str]) -> str | None:
    """What to know of manifests that wait for a graph which is not deployed yet; None if there are none."""
    if not keys:
        return None
    problems = contexts.of(sorted(keys), errors=True)
    graphs = sorted({contexts.ahead[key] for key in keys})
    more = f"; and {len(problems) - _MOST_NAMED} more" if len(problems) > _MOST_NAMED else ""
    verb = "fits" if len(keys) == 1 else "fit"
    return (
        f"{plural(len(keys), 'manifest')} of graph {named(graphs)} {verb} what {FOLDER}/ has, but not what the "
        f"deployment serves now: apply stops, or waits with --wait-for-graphs, until the graph is deployed: "
        f"{'; '.join(map(str, problems[:_MOST_NAMED]))}{more}"
    )


def misfits_by_key(contexts: Contexts) -> dict[str, str]:
    """The first error of each manifest that does not fit, with how many more there are."""
    found = {}
    for key in sorted(contexts.unfit):
        errors = contexts.of([key], errors=True)
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        found[key] = f"{errors[0]}{more}" if errors else "'assistant-sync validate --online' shows where"
    return found


def named(graphs: Collection[str]) -> str:
    """The first of some names, quoted."""
    listed = sorted(graphs)
    more = len(listed) - _MOST_NAMED
    return ", ".join(map(shown, listed[:_MOST_NAMED])) + (f" and {more} more" if more > 0 else "")
