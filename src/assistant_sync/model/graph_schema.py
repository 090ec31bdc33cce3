"""What a graph says of the values that it takes: the JSON Schemas that the deployment answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from assistant_sync.model.frozen import Frozen, field

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, JsonValue

MAX_SCHEMA_BYTES = 2**20
"""The most bytes of JSON that the schemas of one graph may have."""

_MOST_VARIABLES = 500


class GraphSchema(Frozen, frozen=True):
    """The schemas of one graph (``GET /assistants/{id}/schemas``, docs/servers.md).

    Attributes:
        graph_id: The graph.
        context: The JSON Schema of ``context``; None if the graph declares none, and so takes any.
        configurable: That of ``config.configurable``, if it is not the same; None if the graph declares none.
        variables: The fields of the graph's input and state, sorted: what a template of its prompts may name.
    """

    unshown: ClassVar = ("context", "configurable", "variables")

    graph_id: str
    context: JsonObject | None = None
    configurable: JsonObject | None = None
    variables: tuple[str, ...] = ()

    @classmethod
    def of_answer(cls, graph_id: str, answer: Mapping[str, Any]) -> GraphSchema:
        """The schema of a graph, from an answer or from a file that keeps it.

        Args:
            graph_id: The graph.
            answer: With ``context_schema`` and ``config_schema``; a value that is no object declares nothing, nor does
                an empty one. A file has ``variables``, an answer the schemas of input and state.
        """
        context = _declared(answer.get("context_schema"))
        configurable = _declared(answer.get("config_schema"))
        kept = answer.get("variables")
        names = kept if isinstance(kept, list) else _fields(answer)
        variables = sorted({one for one in names if isinstance(one, str)})[:_MOST_VARIABLES]
        return cls(graph_id, context, None if configurable == context else configurable, tuple(variables))

    @property
    def of_configurable(self) -> JsonObject | None:
        """What ``config.configurable`` is held against: servers in Python take it for the context as well."""
        return self.configurable if self.configurable is not None else self.context

    @property
    def is_declared(self) -> bool:
        """Whether the graph declares anything that a manifest can be held against."""
        return self.of_configurable is not None

    def declares_as(self, other: GraphSchema) -> bool:
        """Whether another schema says the same of context and configurable."""
        return self.context == other.context and self.configurable == other.configurable


class SchemaBook(Frozen, frozen=True):
    """The schemas of several graphs.

    Attributes:
        schemas: By graph, of those that have one.
        unusable: Why the schema of a graph cannot be used, by graph.
    """

    unshown: ClassVar = ("schemas", "unusable")

    schemas: Mapping[str, GraphSchema] = field(default_factory=dict)
    unusable: Mapping[str, str] = field(default_factory=dict)


def _declared(schema: object) -> JsonObject | None:
    """A schema that says anything: servers answer null or an empty object for a graph that declares nothing."""
    return schema if isinstance(schema, Mapping) and schema else None


def _fields(answer: Mapping[str, Any]) -> list[JsonValue]:
    schemas = (answer.get("input_schema"), answer.get("state_schema"))
    found = [schema.get("properties") for schema in schemas if isinstance(schema, Mapping)]
    return [key for properties in found if isinstance(properties, Mapping) for key in properties]
