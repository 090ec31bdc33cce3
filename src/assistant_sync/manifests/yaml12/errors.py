"""What is wrong with a YAML text, in plain words, with line and column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml
from yaml.reader import ReaderError

if TYPE_CHECKING:
    from yaml.events import Event

_HINTS = (
    ("tab character", "indent with spaces, not with tabs"),
    ("unexpected end of stream", "a quote is not closed"),
    (
        "mapping values are not allowed",
        "check the indentation of this line{above}, or quote a text that contains ': '",
    ),
    (
        "could not find expected ':'",
        "a key needs ':' and a space after it; check the indentation of this line{above}, too",
    ),
    ("did not find expected key", "check the indentation, quotes and brackets of this line{above}"),
    ("expected <block end>", "check the indentation, quotes and brackets of this line{above}"),
    ("did not find expected '-' indicator", "indent all items of a list equally"),
    ("did not find expected ',' or", "a bracket is not closed, or a comma is missing"),
    ("expected ',' or", "a bracket is not closed, or a comma is missing"),
    ("did not find expected node content", "a value is missing, or a bracket or comma is out of place"),
    ("<document start>", "check the indentation; documents are separated by a line '---'"),
    ("unknown escape character", "double the backslash, or use single quotes, in which it is an ordinary character"),
    (
        "invalid Unicode character escape code",
        "write the character itself: an unpaired surrogate is not a valid character",
    ),
    ("alphabetic or numeric character", "quote a text that starts with '*' or '&'"),
    ("sequence entries are not allowed", "start the list on a line of its own"),
    ("undefined tag handle", "tags are not supported; quote a text that starts with '!'"),
    ("unknown directive", "quote a text that starts with '%'"),
)
_FIRST_CHARACTERS = {
    "\t": "indent with spaces, not with tabs",
    "@": "quote a text that starts with '@'",
    "`": "quote a text that starts with '`'",
    "%": "quote a text that starts with '%'",
}
_LINE_BREAKS = ("\x85", "\u2028", "\u2029")


class YamlError(Exception):
    """A text is not valid YAML, or not the part of it that assistant-sync accepts.

    Args:
        line: From 1.
        column: From 1.
        message: What is wrong, and the way out.
    """

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message

    @classmethod
    def at(cls, event: Event, message: str) -> YamlError:
        """An error at the start of a parser's event."""
        mark = event.start_mark
        return cls(mark.line + 1, mark.column + 1, message) if mark else cls(1, 1, message)


def error_at(text: str, index: int, message: str) -> YamlError:
    """An error at a character of the text."""
    before = text[:index]
    return YamlError(before.count("\n") + 1, index - before.rfind("\n"), message)


def refuse_line_breaks(text: str) -> None:
    """Refuse characters that are line ends for libyaml but not in YAML 1.2: it would change the text around them.

    Args:
        text: The whole file.

    Raises:
        YamlError: The text has one.
    """
    if text.isascii():
        return
    for character in _LINE_BREAKS:
        if (index := text.find(character)) >= 0:
            code = f"{ord(character):04X}"
            hint = f'write it as "\\u{code.lower()}" in double quotes, or move the text to a file and include it'
            raise error_at(text, index, f"U+{code} is a line end for the YAML parser: {hint}")


def explain(error: yaml.YAMLError, text: str) -> YamlError:
    """Turn a parser's error into plain words.

    Args:
        error: The error of PyYAML or libyaml.
        text: The text that it parsed.
    """
    if isinstance(error, ReaderError):
        problem = f"the {_name(error)} is not allowed"
        sentence = _sentence(problem, "write it as an escape in double quotes")
        return error_at(text, _character_index(error, text), sentence)
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return YamlError(1, 1, _sentence(str(error)))
    problem = error.problem or str(error)
    mark = error.problem_mark
    # An unclosed quote or bracket is noticed at the end of the file; where it starts is what helps.
    if error.context_mark and ("end of stream" in problem or "stream end" in problem or "',' or" in problem):
        mark = error.context_mark
    hint = _TEXT_HINT if _text_begins_with_braces(text, mark.line) else None
    if "cannot start any token" in problem:
        line = text.split("\n")[mark.line] if mark.line <= text.count("\n") else ""
        hint = _FIRST_CHARACTERS.get(line[mark.column : mark.column + 1])
    sentence = _sentence(problem, hint).replace("{above}", _line_above(text, mark.line))
    return YamlError(mark.line + 1, mark.column + 1, sentence)


_TEXT_HINT = "quote a text that starts with '{' or '['"
_TEXT_AFTER_BRACES = re.compile(r"[:-] {1,80}[\[{][^\[\]{}\n]*[\]}] *[^\s,\]}#]")


def _text_begins_with_braces(text: str, line: int) -> bool:
    """Whether a line, or the one before, has a text after braces: without quotes they are a mapping or list."""
    return any(_TEXT_AFTER_BRACES.search(one) for one in text.split("\n")[max(0, line - 1) : line + 1])


def _line_above(text: str, line: int) -> str:
    """The nearest line before one that holds something, to be named with it: the mistake is often there."""
    lines = text.split("\n")[:line]
    above = next((number for number in range(len(lines), 0, -1) if lines[number - 1].strip()), None)
    return "" if above is None else f" and of line {above}"


def _sentence(problem: str, hint: str | None = None) -> str:
    hint = hint or next((hint for part, hint in _HINTS if part in problem), None)
    return f"not valid YAML: {problem}" + (f"; {hint}" if hint else "")


def _character_index(error: ReaderError, text: str) -> int:
    """The index of the character: libyaml counts bytes, PyYAML's own reader counts characters."""
    if error.encoding != "?":
        return int(error.position)
    return len(text.encode(errors="surrogatepass")[: error.position].decode(errors="ignore"))


def _name(error: ReaderError) -> str:
    code = error.character if isinstance(error.character, int) else ord(error.character)
    return f"character U+{code:04X}"
