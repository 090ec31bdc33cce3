"""How one field is shown: as two short values, as a diff, as what alone differs, or value by value."""

from __future__ import annotations

import unicodedata
from itertools import islice
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias, assert_never

from assistant_sync.model.change import Op
from assistant_sync.model.frozen import Frozen
from assistant_sync.report.escape import ascii_json, composed, json_text
from assistant_sync.report.linediff.hunks import split_lines
from assistant_sync.report.view.hunks import first_of
from assistant_sync.report.view.values import is_container, kind_of, values_inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.values import JsonValue, Path
    from assistant_sync.report.linediff.hunks import LineDiff


class Limits(Frozen, frozen=True):
    """How much of one field a format shows.

    Attributes:
        inline: Characters of both values together that stand beside the path.
        width: Characters of one long value beside its path; None for all.
        values: Values inside one added or removed mapping; None for all.
        lines: Lines of one value that is added or removed as a whole; None for all.
    """

    inline: int = 100
    width: int | None = 200
    values: int | None = 100
    lines: int | None = 10


class Masked(Frozen, frozen=True):
    """The values look like credentials, and are not shown."""


class Inline(Frozen, frozen=True):
    """Both values are short.

    Attributes:
        before: The old value as JSON.
        after: The new one.
        is_form_only: Whether only the Unicode form differs; both are escaped to ASCII then.
    """

    before: str
    after: str
    is_form_only: bool


class LineEndings(Frozen, frozen=True):
    """Only line endings differ.

    Attributes:
        before: How many lines ended in CR LF.
        after: How many do now.
    """

    hint: ClassVar[str] = "'* text eol=lf' in .gitattributes prevents that"

    before: int
    after: int


class UnicodeForm(Frozen, frozen=True):
    """Only the Unicode form differs.

    Attributes:
        forms: The old and the new normalisation form; None if one of the texts mixes them.
    """

    forms: tuple[str, str] | None


class TextDiff(Frozen, frozen=True):
    """A text became another one.

    Attributes:
        diff: Line by line.
        sizes: The characters of the old and of the new text.
        has_lines: Whether one of them has several lines.
    """

    diff: LineDiff
    sizes: tuple[int, int]
    has_lines: bool


class JsonDiff(Frozen, frozen=True):
    """A list or mapping became another one.

    Attributes:
        diff: Of their JSON, line by line; without hunks if that was too large to compare.
    """

    diff: LineDiff


class Block(Frozen, frozen=True):
    """A value on lines of its own.

    Attributes:
        lines: The first of a text, or of the value as JSON.
        rest: How many more there are.
        size: The characters of all lines.
        is_inert: Whether they are escaped already, as JSON is.
    """

    lines: Sequence[str]
    rest: int
    size: int
    is_inert: bool


class KindChange(Frozen, frozen=True):
    """A value became one of another kind, and one of them is long.

    Attributes:
        kinds: What JSON calls the old and the new kind.
        before: The old value.
        after: The new one.
    """

    kinds: tuple[str, str]
    before: Block
    after: Block


class OneLine(Frozen, frozen=True):
    """A value on one line.

    Attributes:
        text: The value as JSON, cut if it is very long.
        rest: How many characters were cut off.
    """

    text: str
    rest: int


class Leaf(Frozen, frozen=True):
    """One value of an added or removed field.

    Attributes:
        path: From the top of the assistant.
        value: On lines of its own if it is a text of several lines.
    """

    path: Path
    value: OneLine | Block


class Leaves(Frozen, frozen=True):
    """A field was added or removed; a mapping is shown value by value.

    Attributes:
        shown: The first values.
        rest: How many more there are.
    """

    shown: tuple[Leaf, ...]
    rest: int


FieldView: TypeAlias = Masked | Inline | LineEndings | UnicodeForm | TextDiff | JsonDiff | KindChange | Leaves


class Comparer(Protocol):
    """Compares both values of a field, as far as the page may still cost."""

    def affords(self, change: FieldChange, /) -> bool:
        """Whether two lists or mappings may be compared at all."""

    def diff(self, change: FieldChange, /) -> LineDiff:
        """Compare both values line by line."""


def field_view(change: FieldChange, comparer: Comparer, limits: Limits) -> FieldView:
    """Decide how a field is shown.

    Args:
        change: Masked already.
        comparer: Compares long values; not asked for others.
        limits: How much is shown.
    """
    if change.sensitive:
        return Masked()
    match change.op:
        case Op.CHANGED:
            return _changed(change, comparer, limits)
        case Op.ADDED:
            return _leaves(change.path, change.after, limits)
        case Op.REMOVED:
            return _leaves(change.path, change.before, limits)
        case _:
            assert_never(change.op)


def texts_of(change: FieldChange) -> tuple[str, str]:
    """What is compared line by line: texts as they are, all else as JSON."""
    return _text_of(change.before), _text_of(change.after)


def _changed(change: FieldChange, comparer: Comparer, limits: Limits) -> FieldView:
    before, after = change.before, change.after
    are_containers = is_container(before) and is_container(after)
    # Before any JSON is made of them: they may be huge.
    if are_containers and not comparer.affords(change):
        return JsonDiff(comparer.diff(change))
    if not (_is_long(before, limits) or _is_long(after, limits)):
        old, new = json_text(before), json_text(after)
        if len(old) + len(new) <= limits.inline:
            is_form_only = old != new and composed(old) == composed(new)
            if is_form_only:
                old, new = ascii_json(old), ascii_json(new)
            return Inline(old, new, is_form_only)
    if isinstance(before, str) and isinstance(after, str):
        return _changed_text(change, before, after, comparer)
    if are_containers:
        return JsonDiff(comparer.diff(change))
    return KindChange((kind_of(before), kind_of(after)), _block(before, limits), _block(after, limits))


def _changed_text(change: FieldChange, before: str, after: str, comparer: Comparer) -> FieldView:
    if before.replace("\r\n", "\n") == after.replace("\r\n", "\n"):
        return LineEndings(before.count("\r\n"), after.count("\r\n"))
    if composed(before) == composed(after):
        old, new = _form_of(before), _form_of(after)
        return UnicodeForm((old, new) if old and new else None)
    return TextDiff(comparer.diff(change), (len(before), len(after)), "\n" in before or "\n" in after)


def _leaves(path: Path, value: JsonValue, limits: Limits) -> Leaves:
    values = values_inside(path, value)
    shown = tuple(Leaf(inner, _leaf(one, limits)) for inner, one in islice(values, limits.values))
    return Leaves(shown, sum(1 for _ in values))


def _leaf(value: JsonValue, limits: Limits) -> OneLine | Block:
    if isinstance(value, str):
        if _has_lines(value):
            return _block(value, limits)
        # Cut before it is escaped: a text may be of any length, and an escape is not cut in two.
        shown = value[: limits.width]
        return OneLine(json_text(shown), len(value) - len(shown))
    text = json_text(value)
    shown = text[: limits.width]
    return OneLine(shown, len(text) - len(shown))


def _block(value: JsonValue, limits: Limits) -> Block:
    text = _text_of(value)
    is_text = isinstance(value, str)
    lines, rest = first_of(split_lines(text) if is_text else text.split("\n"), limits.lines)
    return Block([line.removesuffix("\n") for line in lines], rest, len(text), not is_text)


def _text_of(value: JsonValue) -> str:
    return value if isinstance(value, str) else json_text(value, indent=2)


def _is_long(value: JsonValue, limits: Limits) -> bool:
    return isinstance(value, str) and (len(value) > limits.inline or _has_lines(value))


def _has_lines(text: str) -> bool:
    return "\n" in text[:-1]


def _form_of(text: str) -> str:
    """The normalisation form of a text; none if it mixes them."""
    return "NFC" if unicodedata.is_normalized("NFC", text) else "NFD" if unicodedata.is_normalized("NFD", text) else ""
