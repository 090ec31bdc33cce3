"""New YAML text for a value in the middle of a file: at its column, in the layout that the file has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard, cast

from assistant_sync.manifests.writing.editing.texts import Scalar, Written, double_quoted, inline, literal

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is laid out.

    Attributes:
        step: Columns by which a mapping stands to the right of its key.
        list_step: Columns by which the dashes of a list stand to the right of its key.
        has_blocks: Whether texts of several lines become literal blocks.
    """

    step: int = 2
    list_step: int = 2
    has_blocks: bool = True


def is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    """Whether a value is a list."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def is_nested(value: JsonValue) -> bool:
    """Whether a value is a mapping or list that takes lines of its own: neither empty nor an include."""
    if isinstance(value, Mapping):
        return bool(value) and [*value] != ["$file"]
    return is_list(value) and bool(value)


def has_lines(value: JsonValue) -> bool:
    """Whether a value holds a text of several lines."""
    if isinstance(value, str):
        return "\n" in value
    if isinstance(value, Mapping):
        return any(map(has_lines, value.values()))
    return is_list(value) and any(map(has_lines, value))


def flow(value: JsonValue, quote: str | None = None) -> str:
    """Write a value between brackets, in one line.

    Args:
        value: The value.
        quote: The quotation mark of keys and texts; None for as few as possible.
    """
    if isinstance(value, Mapping):
        pairs = (f"{inline(key, is_flow=True, quote=quote)}: {flow(item, quote)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if is_list(value):
        return "[" + ", ".join(flow(item, quote) for item in value) + "]"
    return inline(cast("Scalar", value), is_flow=True, quote=quote)


def below_key(value: JsonValue, column: int, layout: Layout, quote: str | None = None) -> Written:
    """Write the value of a key in a block mapping.

    Args:
        value: The value.
        column: The column of the key.
        layout: The layout of the file.
        quote: The quotation mark of a text.
    """
    if is_nested(value):
        below = column + (layout.step if isinstance(value, Mapping) else layout.list_step)
        return nested(value, below, layout, quote)
    return scalar(value, parent=column, column=column + layout.step, layout=layout, quote=quote)


def behind_dash(
    value: JsonValue, column: int, layout: Layout, quote: str | None = None, *, inner: int | None = None
) -> Written:
    """Write an item of a block list.

    Args:
        value: The item.
        column: The column of the dash.
        layout: The layout of the file.
        quote: The quotation mark of a text.
        inner: The column at which the item begins, if not two after the dash.
    """
    if is_nested(value):
        written = nested(value, column + 2 if inner is None else inner, layout, quote)
        return Written(written.body[0].lstrip(" "), written.body[1:], written.needs_line_end)
    return scalar(value, parent=column, column=column + 2, layout=layout, quote=quote)


def nested(value: JsonValue, column: int, layout: Layout, quote: str | None = None) -> Written:
    """Write a mapping or list that is not empty as lines of their own, all in the body."""
    lines: list[str] = []
    written = Written("")
    margin = " " * column
    if isinstance(value, Mapping):
        for key, item in value.items():
            written = below_key(item, column, layout, quote)
            lines.append(line(margin + inline(key, is_flow=False) + ":", written.head))
            lines.extend(written.body)
    else:
        for item in cast("Sequence[JsonValue]", value):
            written = behind_dash(item, column, layout, quote)
            lines.append(line(margin + "-", written.head))
            lines.extend(written.body)
    return Written("", tuple(lines), written.needs_line_end)


def line(start: str, head: str) -> str:
    """A key or dash with what follows it."""
    return f"{start} {head}" if head else start


def scalar(
    value: Scalar | JsonObject | Sequence[JsonValue], *, parent: int, column: int, layout: Layout, quote: str | None
) -> Written:
    """Write a text, a number, a constant, an empty mapping or list, or an include, in a block context.

    Args:
        value: The value.
        parent: The column of the mapping or list that holds it.
        column: The column of the lines of a text.
        layout: The layout of the file.
        quote: The quotation mark of a text.
    """
    if isinstance(value, str) and "\n" in value:
        block = literal(value, parent=parent, column=column) if layout.has_blocks else None
        return block or Written(double_quoted(value))
    if isinstance(value, Mapping) or is_list(value):
        return Written(flow(value))
    return Written(inline(cast("Scalar", value), is_flow=False, quote=quote))
