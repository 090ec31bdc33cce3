"""What a plan for one assistant needs, beside the assistant: the rules, and what its graph allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.live.graphs import served_by
from assistant_sync.planning.observations import Observations
from assistant_sync.planning.policy import Policy

if TYPE_CHECKING:
    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.project import Project, Target


def policy_of(project: Project, target: Target, url: str, *, retarget: bool = False) -> Policy:
    """The rules of a plan for one assistant that somebody named: limits are for plans that nobody did.

    Args:
        project: The project file.
        target: The deployment that is chosen.
        url: Its URL.
        retarget: Whether an assistant that was written as another target may be written.
    """
    return Policy(
        project=project.name,
        former_projects=project.former_projects,
        target=target.name,
        url=url,
        formerly=target.formerly,
        activation=target.activation,
        retarget=retarget,
        literals=project.allow_literals,
    )


async def observe_one(reader: AssistantsReader, graph_id: str, sample: Assistant | None) -> Observations:
    """Find out whether a graph is served, and read all rows if the deployment keeps no two equal ones.

    Args:
        reader: The client.
        graph_id: The graph that is needed.
        sample: An assistant of it that is live; None if none is known.

    Raises:
        RemoteError: The live state cannot be read, or not completely.
    """
    answers = await served_by(reader, {graph_id: None if sample is None else sample.assistant_id})
    everything = await reader.listing() if reader.names_users else ()
    return Observations(
        unregistered_graphs=frozenset(graph for graph, is_served in answers.items() if is_served is False),
        unknown_graphs=frozenset(graph for graph, is_served in answers.items() if is_served is None),
        everything=everything,
    )
