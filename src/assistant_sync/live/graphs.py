"""Which graphs a deployment serves, asked through an assistant of each: its schemas answer (docs/servers.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from assistant_sync.errors import NotFound, Rejected, RemoteError, ServerFault
from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.live.reader import AssistantsReader

NO_GRAPH = "assistant-sync/no-such-graph"
"""A graph that no deployment has."""

_UNSERVED = frozenset({400, 404})
"""What the schemas of an assistant are answered with if its graph is not served: 400 by Aegra, 404 by the others."""


class SeenGraph(Frozen, frozen=True):
    """What was seen of a graph.

    Attributes:
        is_served: Whether it is served; None if that cannot be seen.
        schemas: The answer for the schemas of an assistant of it; None if there was none.
    """

    unshown: ClassVar = ("schemas",)

    is_served: bool | None
    schemas: bytes | None = None


async def served_by(reader: AssistantsReader, samples: Mapping[str, str | None]) -> dict[str, bool | None]:
    """Whether each of some graphs is served; None if that cannot be seen.

    The default assistants prove nothing: one may linger when its graph is gone, and one may be deleted while its graph
    is there.

    Args:
        reader: The client.
        samples: By graph, the id of an assistant of it that is live; None if none is known.

    Raises:
        RemoteError: The deployment cannot be reached.
    """
    return {graph: one.is_served for graph, one in (await look_at_graphs(reader, samples)).items()}


async def look_at_graphs(reader: AssistantsReader, samples: Mapping[str, str | None]) -> dict[str, SeenGraph]:
    """As ``served_by``, with what the deployment answers for the schemas."""
    asking = _Asking(reader, samples)
    return await reader.for_each(asking.look_at, sorted(samples), reports=False)


async def seen_to_serve(reader: AssistantsReader) -> frozenset[str]:
    """The graphs whose default assistants the key may see and whose schemas are answered.

    Raises:
        RemoteError: They cannot be read.
    """
    samples = await reader.default_assistants()
    found = await served_by(reader, samples)
    return frozenset(graph for graph, is_served in found.items() if is_served)


_UNSEEN = SeenGraph(is_served=None)


class _Asking:
    def __init__(self, reader: AssistantsReader, samples: Mapping[str, str | None]) -> None:
        self._reader = reader
        self._samples = samples
        self._validates: bool | None = None

    async def look_at(self, graph: str) -> SeenGraph:
        """What is seen of one graph."""
        sample = self._samples[graph]
        seen = _UNSEEN if sample is None else await self._answers(sample)
        if seen.is_served:
            return seen
        # No row, or one that is not answered for: its graph is gone, or the key sees it in listings only.
        try:
            other = await self._reader.one_of_graph(graph)
        except NotFound:
            return SeenGraph(is_served=False)
        except Rejected:
            return _UNSEEN
        if other not in (None, sample):
            found = await self._answers(other)
            if found.is_served:
                return found
            seen = found if seen.is_served is None else seen
        if await self._is_validating():
            return SeenGraph(is_served=True)  # it answers a search by a graph that it serves, and by no other
        return _UNSEEN if other is None else seen

    async def _answers(self, assistant_id: str) -> SeenGraph:
        """What the schemas of an assistant are answered with; nothing is seen if it says nothing about its graph."""
        try:
            answer = await self._reader.schemas(assistant_id)
        except (NotFound, Rejected, ServerFault) as error:
            return SeenGraph(is_served=False) if error.status in _UNSERVED else _UNSEEN
        except RemoteError as error:
            if error.status is None:
                raise
            return _UNSEEN
        return SeenGraph(is_served=True, schemas=answer.content)

    async def _is_validating(self) -> bool:
        """Whether the server refuses to search by a graph that it does not serve."""
        if self._validates is None:
            try:
                await self._reader.one_of_graph(NO_GRAPH)
                self._validates = False
            except NotFound:
                self._validates = True
            except Rejected:
                self._validates = False
        return self._validates
