"""How one value of text, number or constant is written: plain, quoted, or as a block of lines."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass

import yaml

from assistant_sync.manifests.yaml12.scalars import NUMBER_START, resolve_plain

Scalar = bool | int | float | str | None

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What stands in quotes only as an escape; line ends and tabs belong to it."""

_NO_BLOCK = re.compile(r"[^\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What no block of lines holds."""

_NO_PLAIN = re.compile(r": |:\Z| #|\A[-?:,\[\]{}#&*!|>'\"%@` ]|\A\.\.\.| \Z")
_FLOW_INDICATOR = re.compile(r"[,\[\]{}]")
_SINGLE_SPACE = re.compile(r"(?<! ) (?! )")
_LONGEST_NUMBER = 100


@dataclass(frozen=True, slots=True)
class Written:
    """A value as it is written.

    Attributes:
        head: What follows the key or dash in its line; empty if nothing does.
        body: The lines below, with their indentation and without line ends.
        needs_line_end: Whether the last line must end, because the value does.
    """

    head: str
    body: tuple[str, ...] = ()
    needs_line_end: bool = False


def inline(value: Scalar, *, is_flow: bool, quote: str | None = None) -> str:
    """Write a value in one line.

    Args:
        value: The value.
        is_flow: Whether it stands between brackets.
        quote: The quotation mark that a text shall have if it can; None for as few as possible.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case str():
            return _text(value, is_flow=is_flow, quote=quote)


def double_quoted(text: str) -> str:
    """Write a text in double quotes, in one line."""
    return _UNPRINTABLE.sub(_escaped, json.dumps(text, ensure_ascii=False))


def literal(text: str, *, parent: int, column: int) -> Written | None:
    """Write a text as a literal block (``|``).

    Args:
        text: The text.
        parent: The column of the mapping or list that holds it.
        column: The column of its lines.

    Returns:
        None if a literal block cannot hold it.
    """
    lines = text.removesuffix("\n").split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip(" ")), None)
    # libyaml cannot read a block whose first line begins with a tab.
    if first is None or lines[first].startswith("\t") or _NO_BLOCK.search(text):
        return None
    indicator = ""
    if any(line.startswith(" ") for line in lines[: first + 1]):
        indicator = str(column - parent)
        if len(indicator) > 1:
            return None
    body = tuple(" " * column + line if line else "" for line in lines)
    return Written(f"|{indicator}{_chomping(text)}", body, text.endswith("\n"))


def folded(text: str, *, column: int, width: int) -> Written | None:
    """Write a text of one paragraph as a folded block (``>``).

    Args:
        text: The text.
        column: The column of its lines.
        width: The column at which lines end if words allow it.

    Returns:
        None if it is more than one paragraph, or blanks stand at its ends.
    """
    paragraph = text.removesuffix("\n")
    if not paragraph or "\n" in paragraph or paragraph != paragraph.strip(" ") or _UNPRINTABLE.search(paragraph):
        return None
    lines: list[str] = []
    words: list[str] = []
    length = column
    for word in _SINGLE_SPACE.split(paragraph):
        if words and length + len(word) > width:
            lines.append(" ".join(words))
            words, length = [], column
        words.append(word)
        length += len(word) + 1
    lines.append(" ".join(words))
    return Written(f">{_chomping(text)}", tuple(" " * column + line for line in lines), text.endswith("\n"))


def _chomping(text: str) -> str:
    if not text.endswith("\n"):
        return "-"
    return "+" if text.endswith("\n\n") else ""


def _text(text: str, *, is_flow: bool, quote: str | None) -> str:
    if _UNPRINTABLE.search(text) or quote == '"':
        return double_quoted(text)
    if quote is None and _is_plain(text, is_flow=is_flow):
        return text
    return "'" + text.replace("'", "''") + "'"


def _is_plain(text: str, *, is_flow: bool) -> bool:
    """Whether a printable text of one line reads as itself without quotes, in YAML 1.1, too."""
    if not text or _NO_PLAIN.search(text) or (is_flow and _FLOW_INDICATOR.search(text)):
        return False
    if len(text) > _LONGEST_NUMBER:
        return " " in text or text[0] not in NUMBER_START
    resolvers = yaml.SafeDumper.yaml_implicit_resolvers.get(text[0], [])
    return isinstance(resolve_plain(text), str) and not any(pattern.match(text) for _, pattern in resolvers)


def _float(number: float) -> str:
    if math.isnan(number):
        return ".nan"
    if math.isinf(number):
        return ".inf" if number > 0 else "-.inf"
    text = repr(number)
    # YAML 1.1 reads 1e+20 as text.
    return text if "." in text else text.replace("e", ".0e")


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
