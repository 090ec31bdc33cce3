"""What is known of the graphs that questions are asked of: their input, and the default assistant beneath a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.checking.sides import AskedGraph
from assistant_sync.live.graphs import look_at_graphs
from assistant_sync.live.schemas import input_schema_of
from assistant_sync.model.identity import default_assistant_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.live.reader import AssistantsReader


async def look_at_asked_graphs(reader: AssistantsReader, graphs: Iterable[str]) -> dict[str, AskedGraph]:
    """Read what questions need to know of graphs.

    Args:
        reader: The client.
        graphs: Their names.

    Raises:
        RemoteError: The deployment cannot be reached.
    """
    ids = {graph: default_assistant_id(graph) for graph in graphs}
    rows = await reader.get_many(ids.values())
    samples = {graph: own if rows[own] is not None else None for graph, own in ids.items()}
    seen = await look_at_graphs(reader, samples)
    return {
        graph: AskedGraph(seen[graph].is_served, rows[own], input_schema_of(seen[graph])) for graph, own in ids.items()
    }
