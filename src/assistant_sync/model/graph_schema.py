"""What a graph says of the values that it takes: the JSON Schemas that the deployment answers for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject


@dataclass(frozen=True, slots=True)
class GraphSchema:
    """The schemas of one graph (``GET /assistants/{id}/schemas``, docs/servers.md).

    Attributes:
        graph_id: The graph.
        context: The JSON Schema of ``context``; None if the graph declares none, and so takes any.
        configurable: That of ``config.configurable``, if it is not the same; None if the graph declares none.
        variables: The fields of the graph's input and state, sorted: what a template of its prompts may name.
    """

    graph_id: str
    context: JsonObject | None = field(default=None, repr=False)
    configurable: JsonObject | None = field(default=None, repr=False)
    variables: tuple[str, ...] = field(default=(), repr=False)

    @property
    def of_configurable(self) -> JsonObject | None:
        """What ``config.configurable`` is held against: servers in Python take it for the context as well."""
        return self.configurable if self.configurable is not None else self.context

    @property
    def is_declared(self) -> bool:
        """Whether the graph declares anything that a manifest can be held against."""
        return self.of_configurable is not None


@dataclass(frozen=True, slots=True)
class SchemaBook:
    """The schemas of several graphs, and of which there is none.

    Attributes:
        schemas: By graph.
        unusable: Why a graph's schema cannot be used, by graph.
    """

    schemas: dict[str, GraphSchema] = field(default_factory=dict, repr=False)
    unusable: dict[str, str] = field(default_factory=dict, repr=False)
