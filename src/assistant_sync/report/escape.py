r"""Making untrusted text inert: what a terminal would obey, or a reader could not see, is escaped.

Names, prompts, file names and servers' messages may hold ANSI escapes, bidirectional controls (Trojan Source,
CVE-2021-42574) or invisible characters that only a model reads. Each is written as ``\x1b``, ``\u202e`` or
``\U000e0041``; tab and carriage return as ``\t`` and ``\r``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.values import JsonValue, Path

_FOREIGN_RUN = re.compile(r"[^\x00-\x7f]{32}")
_MOST_MARKS = 30  # in a row, as in Unicode's Stream-Safe Text Format (UAX #15)

_SHORT = {"\t": r"\t", "\r": r"\r"}
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

# Kept after a symbol, which it only asks to be drawn in colour; anywhere else it may carry hidden data.
_EMOJI_STYLE = "\ufe0f"


def escape_invisible(text: str) -> str:
    """Escape everything in a text that is not plainly visible; no two texts give the same result."""
    return "".join(part for part, _ in escape_invisible_parts(text))


def escape_invisible_parts(text: str, *, ascii_only: bool = False) -> Iterator[tuple[str, bool]]:
    """As ``escape_invisible``, in parts, each with whether it is escaped; ``ascii_only`` escapes all but ASCII."""
    if text.isascii() and text.isprintable() and "\\" not in text:
        yield from [(text, False)] if text else []
        return
    from assistant_sync.report.hazards import SPECIAL, SPECIAL_OR_NOT_ASCII

    start = 0
    for match in (SPECIAL_OR_NOT_ASCII if ascii_only else SPECIAL).finditer(text):
        if match["hazard"] is None:
            yield text[start : match.end()] + match[0], False
        elif not ascii_only and _is_emoji_style(match):
            yield text[start : match.end()], False
        else:
            if match.start() > start:
                yield text[start : match.start()], False
            yield _escaped(match[0]), True
        start = match.end()
    if start < len(text):
        yield text[start:], False


def json_text(value: JsonValue, *, indent: int | None = None) -> str:
    """Write a value as JSON that is inert and yet readable: what ``escape_invisible`` leaves alone stays as it is.

    Keys are sorted: their order has no meaning, so it must not look like a difference.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=indent, default=_plain)
    except RecursionError:
        return "(nested too deeply to show)"
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    from assistant_sync.report.hazards import JSON_HAZARD

    return JSON_HAZARD.sub(lambda match: match[0] if _is_emoji_style(match) else _json_escape(match[0]), text)


def ascii_json(text: str) -> str:
    """Escape in JSON what is not ASCII, so that texts that look the same do not."""
    return text if text.isascii() else re.sub(r"[^\x00-\x7f]", lambda match: _json_escape(match[0]), text)


def composed(text: str) -> str:
    """The normalisation form NFC: two texts that have it in common look the same.

    A text with more combining marks in a row than any writing has stays as it is: to sort them takes a time that
    grows with the square of their number.
    """
    if text.isascii():
        return text
    if _FOREIGN_RUN.search(text):
        runs = groupby(map(bool, map(unicodedata.combining, text)))
        if any(is_mark and sum(1 for _ in run) > _MOST_MARKS for is_mark, run in runs):
            return text
    return unicodedata.normalize("NFC", text)


def path_text(path: Path) -> str:
    """Write the path of a field, such as ``context.tools[0]["a.b"]``."""
    parts = []
    for part in path:
        if isinstance(part, int):
            parts.append(f"[{part}]")
        elif _PLAIN_NAME.fullmatch(part):
            parts.append(f".{part}" if parts else part)
        else:
            parts.append(f"[{json_text(part)}]")
    return "".join(parts)


def _is_emoji_style(match: re.Match[str]) -> bool:
    """Whether a match is the variation selector that follows a visible symbol."""
    if match[0] != _EMOJI_STYLE or match.start() == 0:
        return False
    from assistant_sync.report.hazards import HAZARD

    before = match.string[match.start() - 1]
    is_symbol = unicodedata.category(before).startswith("S") or before in "#*0123456789"
    return is_symbol and not HAZARD.match(before)


def _escaped(char: str) -> str:
    point = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _json_escape(char: str) -> str:
    """JSON has escapes of four digits only; a character beyond them is written as the two halves of UTF-16."""
    return json.dumps(char)[1:-1]


def _plain(value: object) -> object:
    """Give the JSON encoder a mapping that is not a ``dict``."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")
