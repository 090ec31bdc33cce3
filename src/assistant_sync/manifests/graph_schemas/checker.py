"""Hold what manifests want against the schemas of their graphs; each is compiled once, when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.manifests.graph_schemas.compiled import CompiledSchema
from assistant_sync.manifests.graph_schemas.unusable import UnusableSchema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.manifests.graph_schemas.compiled import Misfit
    from assistant_sync.model.assistant import Content
    from assistant_sync.model.graph_schema import GraphSchema
    from assistant_sync.model.values import JsonObject, Path

_CONTEXT: Path = ("context",)
_CONFIGURABLE: Path = ("config", "configurable")


@dataclass(slots=True)
class _Graph:
    schema: GraphSchema
    context: CompiledSchema | None = None
    configurable: CompiledSchema | None = None
    is_compiled: bool = False


class ContextChecker:
    """Checks contents against the schemas of their graphs.

    Args:
        schemas: By graph; what runs another graph is not checked.
        is_mirrored: Whether a graph's context holds what ``config.configurable`` has; not so on the JS server.

    Attributes:
        unusable: Why the schema of a graph cannot be used, by graph; filled as graphs are met.
    """

    def __init__(self, schemas: Mapping[str, GraphSchema], *, is_mirrored: bool = True) -> None:
        self._graphs = {graph: _Graph(schema) for graph, schema in schemas.items()}
        self._is_mirrored = is_mirrored
        self.unusable: dict[str, str] = {}

    def check(self, content: Content) -> tuple[Misfit, ...]:
        """What does not fit, in the order of the schema; nothing for a graph without a usable schema.

        Raises:
            Nothing: A schema that cannot be used is put into ``unusable``.
        """
        graph = self._graphs.get(content.graph_id)
        if graph is None:
            return ()
        if not graph.is_compiled:
            self._compile(graph)
        try:
            if content.configurable:
                found = _check(graph.configurable, content.configurable, _CONFIGURABLE)
                return found if self._is_mirrored else (*found, *_check(graph.context, content.context, _CONTEXT))
            return _check(graph.context, content.context, _CONTEXT)
        except UnusableSchema as error:
            self.unusable[content.graph_id] = str(error)
            return ()

    def _compile(self, graph: _Graph) -> None:
        graph.is_compiled = True
        schema = graph.schema
        names = frozenset(schema.variables)
        try:
            if schema.context is not None:
                graph.context = CompiledSchema(schema.graph_id, schema.context, names, drops_unknown=True)
            if schema.of_configurable is not None:
                graph.configurable = CompiledSchema(schema.graph_id, schema.of_configurable, names, drops_unknown=False)
        except UnusableSchema as error:
            self.unusable[schema.graph_id] = str(error)


def _check(compiled: CompiledSchema | None, value: JsonObject, path: Path) -> tuple[Misfit, ...]:
    return () if compiled is None else compiled.check(value, path)
