"""What the reader of a plan is told beside the changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assistant_sync.model.change import Activate, Adopt, Create, Update
from assistant_sync.model.plan import PlanWarning
from assistant_sync.model.provenance import Ancestry
from assistant_sync.planning.canonical import live_content, same_content
from assistant_sync.planning.mirroring import without_mirror
from assistant_sync.redaction import redact_text
from assistant_sync.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.change import Change
    from assistant_sync.planning.triage import Triage


_MOST_NAMED = 5


def deferral_reason(graph_id: str) -> str:
    """Why a change that needs an unregistered graph is not sent."""
    return f"graph '{redact_text(graph_id)}' is not registered on this deployment (yet)"


def notices(
    changes: Sequence[Change],
    desired: Sequence[Desired],
    sorted_out: Triage,
    *,
    unregistered_graphs: frozenset[str],
    served_graphs: frozenset[str],
    ancestry: Mapping[str, Ancestry],
) -> tuple[PlanWarning, ...]:
    """Make the warnings of a plan, in stable order.

    Args:
        changes: The whole plan.
        desired: The selected manifests.
        sorted_out: What triage found.
        unregistered_graphs: The graphs that the deployment surely does not register.
        served_graphs: Those that it is seen to serve.
        ancestry: How the commits in stamps relate to HEAD.
    """
    found = [_unregistered(graph, served_graphs) for graph in sorted(unregistered_graphs)]
    found += _named_but_absent(changes, desired)
    found += _renamed(changes, sorted_out)
    found += _kept_by_threads(changes)
    found += [
        PlanWarning(f"assistant {one} is a copy of one of this project, stamp and all: it is unmanaged, and left alone")
        for one in sorted_out.copies
    ]
    unknown = sum(relation in (Ancestry.UNKNOWN, Ancestry.ABSENT) for relation in ancestry.values())
    if unknown:
        found.append(
            PlanWarning(
                f"{unknown} of the commits that live assistants were written from cannot be related to HEAD "
                "(a shallow clone, another repository, or no git), so a re-run of an old commit would not be noticed; "
                "in CI, check out with 'fetch-depth: 0'"
            )
        )
    return tuple(found)


def _unregistered(graph: str, served: frozenset[str]) -> PlanWarning:
    return PlanWarning(
        f"graph '{redact_text(graph)}' is not registered on this deployment; apply will not send the changes that "
        f"need it. Deploy the graph first, or correct graph_id{_instead_of(graph, served)}"
    )


def _named_but_absent(changes: Sequence[Change], desired: Sequence[Desired]) -> list[PlanWarning]:
    named = {one.key for one in desired if one.id_is_named}
    return [
        PlanWarning(
            f"the manifest names assistant_id {change.assistant_id}, which this deployment does not have; "
            "it will be created with that id",
            key=change.key,
        )
        for change in changes
        if isinstance(change, Create) and change.key in named
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
    named = ", ".join(f"'{redact_text(key)}'" for key in keys[:_MOST_NAMED])
    more = f" and {len(keys) - _MOST_NAMED} more" if len(keys) > _MOST_NAMED else ""
    return [
        PlanWarning(
            f"config.configurable of {named}{more} changes: threads that have run before keep the old one on most "
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


def _renamed(changes: Sequence[Change], sorted_out: Triage) -> list[PlanWarning]:
    """Creates that are an assistant without a manifest in all but key and name: the file was renamed, most likely."""
    lost = {
        one.stamp.key: replace(
            without_mirror(live_content(one.row, one.stamp.metadata_keys), sorted_out.mirroring), name=""
        )
        for one in sorted_out.strays
    }
    return [
        PlanWarning(
            f"it is what '{redact_text(key)}' is, which has no manifest any more. "
            f"If the file was renamed, put 'key: {redact_text(key)}' into "
            f"{change.source}: that keeps the assistant with its id and its versions",
            key=change.key,
        )
        for change in changes
        if isinstance(change, Create)
        for key, content in lost.items()
        if same_content(replace(change.desired.content, name=""), content)
    ]
