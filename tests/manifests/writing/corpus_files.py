"""The corpus of manifests as people write them, and the places of all that can be edited in them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.planning.equality import same_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.events import Event

FOLDER = Path(__file__).parent / "corpus"
FILES = sorted(FOLDER.glob("*.yaml"))
BYTE_ORDER_MARK = "\ufeff"


def read(path: Path) -> str:
    """The text of a file with its line ends as they are."""
    return path.read_bytes().decode()


def values_of(text: str) -> list[Any]:
    """The values of all documents."""
    return [document.value for document in parse_documents(text.removeprefix(BYTE_ORDER_MARK))]


@dataclass(frozen=True)
class Spot:
    """A value that is written in a text.

    Attributes:
        document: The index of its document.
        path: Its path.
        kind: ``scalar``, ``list``, ``mapping`` or ``alias``.
        key: The index at which its key begins, or it begins itself if it has none.
        after_key: The index at which its key ends, or it begins itself.
        end: The index after its last character.
        is_block: Whether it is a list or mapping without brackets.
        is_anchored: Whether it, or something above or in it, has an anchor.
    """

    document: int
    path: tuple[str | int, ...]
    kind: str
    key: int
    after_key: int
    end: int
    is_block: bool
    is_anchored: bool


class _Walk:
    """Walks the events of PyYAML's own parser."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.events: Iterator[Event] = iter(yaml.parse(text, Loader=yaml.BaseLoader))
        self.spots: list[Spot] = []
        self.closed = 0

    def all(self) -> list[Spot]:
        document = -1
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                document += 1
                self.value(next(self.events), document, (), None, is_anchored=False)
        return self.spots

    def value(
        self,
        event: Any,
        document: int,
        path: tuple[str | int, ...],
        key: tuple[int, int] | None,
        *,
        is_anchored: bool,
    ) -> int:
        start, end = event.start_mark.index, int(event.end_mark.index)
        number = len(self.spots)
        is_anchored |= event.anchor is not None
        kind, is_block = "scalar", False
        if isinstance(event, AliasEvent):
            kind = "alias"
        elif isinstance(event, ScalarEvent) and event.style in ("|", ">"):
            # The parser's mark stands behind all blank lines; they belong to the text if it keeps them.
            is_kept = "+" in self.text[start : self.text.find("\n", start)].split("#")[0]
            end = end - 1 if is_kept else len(self.text[:end].rstrip(" \r\n"))
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            kind = "mapping" if isinstance(event, MappingStartEvent) else "list"
            is_block = not event.flow_style
            self.spots.append(Spot(document, path, kind, 0, 0, 0, is_block, is_anchored))
            inner = self.members(document, path, kind, is_anchored=is_anchored)
            end = inner if is_block else self.closed
            holds_anchor = any(spot.is_anchored for spot in self.spots[number + 1 :])
            first, last = key or (start, start)
            self.spots[number] = Spot(document, path, kind, first, last, end, is_block, is_anchored or holds_anchor)
            return end
        first, last = key or (start, start)
        if isinstance(event, ScalarEvent) and not event.value and not event.style and event.anchor is None:
            end = self.text.find(":", last) + 1 if key else start
        self.spots.append(Spot(document, path, kind, first, last, end, is_block, is_anchored))
        return end

    def members(self, document: int, path: tuple[str | int, ...], kind: str, *, is_anchored: bool) -> int:
        end, index = 0, 0
        while True:
            event: Any = next(self.events)
            if isinstance(event, MappingEndEvent | SequenceEndEvent):
                self.closed = int(event.end_mark.index)  # type: ignore[union-attr] # every event has marks
                return end
            if kind == "list":
                end = self.value(event, document, (*path, index), None, is_anchored=is_anchored)
                index += 1
                continue
            name = event.value
            place = (event.start_mark.index, event.end_mark.index)
            if name == "<<" and not event.style:
                count = len(self.spots)
                end = self.value(next(self.events), document, (*path, "<<"), place, is_anchored=is_anchored)
                del self.spots[count:]
            else:
                end = self.value(next(self.events), document, (*path, name), place, is_anchored=is_anchored)


def spots_of(text: str) -> list[Spot]:
    """All values that are written in a text, without a byte order mark."""
    return _Walk(text).all()


def get(value: Any, path: tuple[str | int, ...]) -> Any:
    """The value at a path."""
    for step in path:
        value = value[step]
    return value


def same(one: list[Any], other: list[Any]) -> bool:
    """Whether documents are the same JSON; NaN is the same as itself."""
    return same_json(_comparable(one), _comparable(other))


def _comparable(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return "no number"
    if isinstance(value, Mapping):
        return {key: _comparable(item) for key, item in value.items()}
    return [_comparable(item) for item in value] if isinstance(value, list) else value


def replaced(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """A value with another one at a path."""
    if not path:
        return new
    step, *rest = path
    if isinstance(value, Mapping):
        return {**value, step: replaced(value.get(step), tuple(rest), new)}
    return [*value[:step], replaced(value[step : step + 1] and value[step], tuple(rest), new), *value[step + 1 :]]  # type: ignore[operator] # an index


def without(value: Any, path: tuple[str | int, ...]) -> Any:
    """A value without the key or item at a path."""
    *above, step = path
    parent = get(value, tuple(above))
    if isinstance(parent, Mapping):
        left: Any = {key: item for key, item in parent.items() if key != step}
    else:
        left = [item for index, item in enumerate(parent) if index != step]
    return replaced(value, tuple(above), left)
