"""Every regular expression of the source takes a time that grows with the length of the text, whatever the text is."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import assistant_sync
from tests.adversarial import hostile_texts

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = Path(assistant_sync.__file__).parent
FROM_THE_START = frozenset({"match", "fullmatch"})
CALLS = {"search", "match", "fullmatch", "findall", "finditer", "sub", "split"}

FIRST = 2**14
"""Characters of the first look: quadratic time is a fifth of a second there, linear time a few milliseconds."""

NOTICED = 0.02
"""Seconds of the processor below which an expression is quick enough at the first look."""

MOST = 3.0
"""How many times as long twice the length may take: linear 2, quadratic 4."""


@dataclass(frozen=True)
class Used:
    """An expression, and the methods that it is used by: ``match`` looks from the start alone."""

    pattern: re.Pattern[str]
    methods: frozenset[str]

    def seconds(self, text: str) -> float:
        """The processor's time for looking at the whole text."""
        began = time.process_time()
        if self.methods & FROM_THE_START:
            self.pattern.match(text)
            self.pattern.fullmatch(text)
        if not self.methods <= FROM_THE_START:
            for _ in self.pattern.finditer(text):
                pass
        return time.process_time() - began


def compiled() -> dict[str, Used]:
    """The expressions that modules keep, by where they are."""
    found: dict[str, Used] = {}
    source = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    for module in pkgutil.walk_packages([str(SOURCE)], "assistant_sync."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                text = value.pattern.decode("latin-1") if isinstance(value.pattern, bytes) else value.pattern
                methods = frozenset(re.findall(rf"\b{name}\.(\w+)\(", source))
                where = f"{module.name.removeprefix('assistant_sync.')}.{name}"
                found[where] = Used(re.compile(text, value.flags & ~re.UNICODE), methods)
    return found


def written() -> dict[str, Used]:
    """The expressions that stand where they are used."""
    found: dict[str, Used] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS):
                continue
            is_re = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
            if is_re and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                used = Used(re.compile(node.args[0].value), frozenset({node.func.attr}))
                found[f"{path.relative_to(SOURCE)}:{node.lineno}"] = used
    return found


PATTERNS = {**compiled(), **written()}


def is_linear(used: Used, make: Callable[[int], str]) -> bool:
    """Whether it is quick, or the time at most triples with twice the length; a bad moment is tried again."""
    return any(_is_quick(used, make) for _ in range(3))


def _is_quick(used: Used, make: Callable[[int], str]) -> bool:
    first = used.seconds(make(FIRST))
    return first < NOTICED or used.seconds(make(2 * FIRST)) <= MOST * first


def test_every_expression_is_found() -> None:
    assert len(PATTERNS) >= 60
    assert {"redaction.shapes._CONTENT", "report.hazards.SPECIAL", "transport.error_bodies._FAILED"} <= PATTERNS.keys()


@pytest.mark.parametrize("name", PATTERNS)
def test_the_time_of_an_expression_grows_with_the_text(name: str) -> None:
    used = PATTERNS[name]
    texts = hostile_texts(used.pattern.pattern, used.pattern.flags)
    slow = [make(60) for make in texts if not is_linear(used, make)]
    assert slow == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ",
        r"<title[^>]*>(.*?)</title>",
        r'\n\s*Failed validating "(\w+)"',
        r"\\+(?=[tr])",
        r"\s+$",
    ],
)
def test_the_expressions_that_were_slow_are_seen_as_that(pattern: str) -> None:
    used = Used(re.compile(pattern), frozenset({"search"}))
    assert not all(_is_quick(used, make) for make in hostile_texts(pattern, used.pattern.flags))
