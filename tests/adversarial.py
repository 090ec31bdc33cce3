"""Texts that a regular expression may read again and again: made of the expression itself, at any length."""

from __future__ import annotations

import re._constants as sre  # type: ignore[import-not-found] # the library's own parse tree has no stubs
from re import _parser  # type: ignore[attr-defined] # as above
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LONG = 64
"""Repetitions beyond which a part counts as unbounded."""

_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
_SAMPLES = "aA0 _-./:@\\\"'`<>[]{}()=,;|+*?!\n\r\t\u00e9\u200b\u202e\u3042"
_ENDS = ("", "\0", "!", "\n", "\u3042")


def hostile_texts(pattern: str, flags: int) -> Iterator[Callable[[int], str]]:
    """Ways to make a text of a given length that may take long.

    For each part that repeats: what leads to it once and the part ever again; both ever again; and each with an end
    that does not fit.

    Args:
        pattern: The expression.
        flags: Its flags.
    """
    seen: set[tuple[str, str]] = set()
    for lead, part in _repeats(_parser.parse(pattern, flags), ""):
        for first, again in ((lead, part), ("", lead + part), (lead + part, lead)):
            if again and (first, again) not in seen:
                seen.add((first, again))
                yield from (_text(first, again, end) for end in _ENDS)


def _text(first: str, again: str, end: str) -> Callable[[int], str]:
    return lambda length: first + again * (length // len(again)) + end


def _repeats(nodes: Sequence[Any], lead: str) -> Iterator[tuple[str, str]]:
    """Each part that may repeat without end, with an example of what stands before it."""
    for operation, argument in nodes:
        if operation in _REPEATS:
            _, most, body = argument
            if most is sre.MAXREPEAT or most > LONG:
                yield from ((lead, example) for example in _examples(body))
            yield from _repeats(body, lead)
        elif operation is sre.SUBPATTERN:
            yield from _repeats(argument[-1], lead)
        elif operation is sre.BRANCH:
            for branch in argument[1]:
                yield from _repeats(branch, lead)
        elif operation is sre.ATOMIC_GROUP:
            yield from _repeats(argument, lead)
        lead += _example([(operation, argument)])


def _examples(nodes: Sequence[Any]) -> list[str]:
    """Some texts that a part matches: of one character class, several characters."""
    if len(nodes) == 1 and nodes[0][0] in (sre.IN, sre.NOT_LITERAL, sre.ANY):
        return [char for char in _SAMPLES if _fits(nodes[0], char)][:6] or [_example(nodes)]
    return [_example(nodes)]


def _example(nodes: Sequence[Any]) -> str:
    return "".join(_one(operation, argument) for operation, argument in nodes)


def _one(operation: Any, argument: Any) -> str:
    if operation is sre.LITERAL:
        return chr(argument)
    if operation in (sre.IN, sre.NOT_LITERAL, sre.ANY):
        return next((char for char in _SAMPLES if _fits((operation, argument), char)), "") or _first_of(argument)
    if operation in _REPEATS:
        least, most, body = argument
        return _example(body) * max(int(least), min(1, int(most)))
    if operation is sre.SUBPATTERN:
        return _example(argument[-1])
    if operation is sre.BRANCH:
        return _example(argument[1][0])
    if operation is sre.ATOMIC_GROUP:
        return _example(argument)
    return ""


def _first_of(argument: Any) -> str:
    """A character of a class that none of the samples is in."""
    for operation, value in argument:
        if operation is sre.LITERAL:
            return chr(value)
        if operation is sre.RANGE:
            return chr(value[0])
    return ""


def _fits(node: tuple[Any, Any], char: str) -> bool:
    operation, argument = node
    if operation is sre.ANY:
        return char != "\n"
    if operation is sre.NOT_LITERAL:
        return bool(ord(char) != argument)
    negated = bool(argument) and argument[0][0] is sre.NEGATE
    return _in_class(argument[negated:], char) != negated


def _in_class(parts: Sequence[Any], char: str) -> bool:
    tests = {
        sre.CATEGORY_DIGIT: char.isdecimal(),
        sre.CATEGORY_SPACE: char.isspace(),
        sre.CATEGORY_WORD: char.isalnum() or char == "_",
        sre.CATEGORY_NOT_DIGIT: not char.isdecimal(),
        sre.CATEGORY_NOT_SPACE: not char.isspace(),
        sre.CATEGORY_NOT_WORD: not (char.isalnum() or char == "_"),
    }
    for operation, value in parts:
        if operation is sre.LITERAL and value == ord(char):
            return True
        if operation is sre.RANGE and value[0] <= ord(char) <= value[1]:
            return True
        if operation is sre.CATEGORY and tests[value]:
            return True
    return False
