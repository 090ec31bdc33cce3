"""The warnings of a plan: what its reader should know beside the changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.change import Activate, Adopt, Create, Delete, Keep, Update
from assistant_sync.model.plan import PlanWarning
from assistant_sync.model.provenance import Ancestry
from assistant_sync.planning.diff import diff
from assistant_sync.planning.lineage import manifest_line
from assistant_sync.planning.renames import find_renames
from assistant_sync.redaction import redact_text
from assistant_sync.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from assistant_sync.model.change import Change
    from assistant_sync.planning.observations import Observations
    from assistant_sync.planning.policy import Policy
    from assistant_sync.planning.three_way import ThreeWay


_MOST_NAMED = 5


def plan_warnings(
    changes: Sequence[Change],
    assistants: Collection[ThreeWay],
    copies: Iterable[str],
    seen: Observations,
    policy: Policy,
) -> tuple[PlanWarning, ...]:
    """Make the warnings of a plan, in stable order.

    Args:
        changes: The whole plan.
        assistants: Those that it is about.
        copies: The ids of rows whose stamp came along with a copy.
        seen: What was observed.
        policy: The rules.
    """
    others = [one for one in changes if not isinstance(one, Keep)]
    found = [_unregistered(graph, changes, seen.served_graphs) for graph in sorted(seen.unregistered_graphs)]
    found += [_unknown(graph, seen.served_graphs) for graph in _needed(seen.unknown_graphs, others)]
    found += _named_but_absent(others)
    found += _normalised(changes, {one.assistant_id: one for one in assistants if one.comparison is not None})
    found += _renamed(others, [one for one in assistants if one.desired is None], policy)
    found += _unread_crons(others, seen)
    found += _kept_by_threads(others)
    found += [
        PlanWarning(
            f"assistant {one} is a copy of an assistant of this project, stamp included; it is unmanaged and left alone"
        )
        for one in copies
    ]
    found += _unrelated_commits(list(seen.ancestry.values()))
    return tuple(found)


def _unread_crons(changes: Sequence[Change], seen: Observations) -> list[PlanWarning]:
    """That a delete may take crons along which nobody sees."""
    return [
        PlanWarning(
            "its crons will be deleted with it, and this key may not read them: they cannot be shown, and the archive "
            "will not have them",
            key=change.key,
        )
        for change in changes
        if isinstance(change, Delete) and seen.crons.get(change.assistant_id, ()) is None
    ]


def _normalised(changes: Sequence[Change], assistants: Mapping[str, ThreeWay]) -> list[PlanWarning]:
    """Metadata that the server keeps otherwise than was sent, which no write can mend."""
    found = []
    for change in changes if assistants else ():
        one = assistants.get(change.assistant_id)
        compared = None if one is None else one.comparison
        if isinstance(change, Keep) and compared is not None:
            paths = sorted({redact_text(".".join(map(str, one.path))) for one in diff(compared.live, compared.desired)})
            found.append(
                PlanWarning(
                    f"the server changed {', '.join(paths)} when it took the last write, as an authorisation handler "
                    "may; nobody edited it, and no version is written for it. To end this warning, put into the "
                    "manifest what the server keeps",
                    key=change.key,
                )
            )
    return found


def _unrelated_commits(relations: Sequence[Ancestry]) -> list[PlanWarning]:
    """That nobody knows whether this checkout is older than what is live, and why."""
    whys = {
        Ancestry.UNKNOWN: (
            "cannot be related to HEAD (a shallow clone, or no git), so a re-run of an old commit would not be "
            "noticed; in CI, check out with 'fetch-depth: 0'"
        ),
        Ancestry.ABSENT: (
            "are not in this repository (its history was rewritten, or they are another repository's), so a re-run of "
            "an old commit would not be noticed; the next apply of each assistant names a commit of today"
        ),
    }
    counts = {relation: sum(one is relation for one in relations) for relation in whys}
    return [
        PlanWarning(f"{count} of the commits that live assistants were written from {whys[relation]}")
        for relation, count in counts.items()
        if count
    ]


def _unregistered(graph: str, changes: Sequence[Change], served: frozenset[str]) -> PlanWarning:
    """What becomes of the assistants of a graph that is gone: a run of each fails, changed or not."""
    about = [one for one in changes if one.graph_id == graph]
    kept = [one.key for one in about if isinstance(one, Keep)]
    effects = [f"each run of {_listed(kept)} fails"] if kept else []
    if any(one.deferred for one in about):
        effects.append("apply will not send the changes that need it")
    return PlanWarning(
        f"graph '{redact_text(graph)}' is not registered on this deployment; {', and '.join(effects)}. "
        f"Deploy the graph{'' if kept else ' first'}, or correct graph_id{_instead_of(graph, served)}"
    )


def _unknown(graph: str, served: frozenset[str]) -> PlanWarning:
    return PlanWarning(
        f"whether this deployment has graph '{redact_text(graph)}' cannot be seen: no assistant of it is visible. "
        f"apply sends the changes that need it{_instead_of(graph, served)}"
    )


def _needed(graphs: frozenset[str], changes: Sequence[Change]) -> list[str]:
    """Those of the graphs that a change needs."""
    return sorted(graphs & {one.graph_id for one in changes})


def _listed(keys: Sequence[str]) -> str:
    """The first of some keys, quoted."""
    named = ", ".join(f"'{redact_text(key)}'" for key in keys[:_MOST_NAMED])
    return named if len(keys) <= _MOST_NAMED else f"{named} and {len(keys) - _MOST_NAMED} more"


def _named_but_absent(changes: Sequence[Change]) -> list[PlanWarning]:
    return [
        PlanWarning(
            "the manifest names an assistant_id that this deployment does not have; it will be created with that id",
            key=change.key,
        )
        for change in changes
        if isinstance(change, Create) and change.desired.id_is_named
    ]


def _kept_by_threads(changes: Sequence[Change]) -> list[PlanWarning]:
    """A thread copies ``config.configurable`` at its first run, and goes by that copy (docs/servers.md)."""
    keys = [
        change.key
        for change in changes
        if isinstance(change, Update | Activate | Adopt)
        and any(field.path[:2] == ("config", "configurable") for field in change.fields)
    ]
    if not keys:
        return []
    return [
        PlanWarning(
            f"config.configurable of {_listed(keys)} changes: threads that have run before keep the old one on most "
            "servers, so only new threads see the change. A graph that reads 'context' sees it on all threads"
        )
    ]


def _instead_of(graph: str, served: frozenset[str]) -> str:
    """The nearest of the graphs that are served, or a few of them."""
    if not served:
        return ""
    question = did_you_mean(graph, sorted(served))
    if question:
        return f": {question}"
    named = ", ".join(sorted(served)[:_MOST_NAMED])
    return f". It serves: {named}{', ...' if len(served) > _MOST_NAMED else ''}"


def _renamed(changes: Sequence[Change], orphans: Sequence[ThreeWay], policy: Policy) -> list[PlanWarning]:
    """Creates that most likely are an assistant without a manifest: its file was renamed, and may be edited, too.

    One that names a former key says itself which assistant it is; on this target there was none.
    """
    creates = [change for change in changes if isinstance(change, Create) and not change.desired.moved_from]
    found = find_renames(creates, orphans) if creates else {}
    lost = {one.key: one.owned for one in orphans}
    warnings = []
    for change in creates:
        key = found.get(change.assistant_id)
        owned = None if key is None else lost.get(key)
        if key is not None and owned is not None:
            line = manifest_line(owned, change.key, policy)
            keep = f", or 'key: {redact_text(key)}' to keep the key, too" if line.startswith("moved_from: ") else ""
            message = (
                f"looks like a rename of '{redact_text(key)}', which no longer has a manifest. To keep that assistant, "
                f"its id and its versions, put '{line}' into {change.source}{keep}"
            )
            warnings.append(PlanWarning(message, key=change.key))
    return warnings
