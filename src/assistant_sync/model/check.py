"""Checks: the questions that a team asks of its assistants, and what must hold of each answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, JsonValue, Path


class TextPattern(Protocol):
    """A compiled regular expression that matches in linear time."""

    def is_in(self, text: str) -> bool:
        """Whether it matches anywhere in a text."""


class ValueSchema(Protocol):
    """A compiled JSON Schema."""

    def misfits(self, value: JsonValue) -> tuple[str, ...]:
        """What does not fit, a sentence each; empty if the value fits."""


@dataclass(frozen=True, slots=True)
class Contains:
    """The answer contains a text."""

    text: str


@dataclass(frozen=True, slots=True)
class NotContains:
    """The answer does not contain a text."""

    text: str


@dataclass(frozen=True, slots=True)
class Matches:
    """The answer matches a regular expression."""

    pattern: str
    compiled: TextPattern = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Equals:
    """A value of the final state equals another, as JSON values do.

    Attributes:
        pointer: As it is written, a JSON Pointer.
        path: The same in parts; a negative number counts from the end of a list.
        value: What must be there.
    """

    pointer: str
    path: Path
    value: JsonValue = field(hash=False)


@dataclass(frozen=True, slots=True)
class FitsSchema:
    """The final state fits a JSON Schema; or the answer, read as JSON, does if the state has messages."""

    compiled: ValueSchema = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """A message of the run calls a tool."""

    name: str


@dataclass(frozen=True, slots=True)
class ToolNotCalled:
    """No message of the run calls a tool."""

    name: str


@dataclass(frozen=True, slots=True)
class MaxWords:
    """The answer has at most so many words."""

    limit: int


@dataclass(frozen=True, slots=True)
class MaxSeconds:
    """The run takes at most so many seconds."""

    limit: float


@dataclass(frozen=True, slots=True)
class Judge:
    """Another assistant says whether the answer is as a rubric asks.

    Attributes:
        rubric: What the answer should be.
        assistant: The key of the assistant that judges; None if a graph does.
        graph: The graph that judges, without any context; None if an assistant does.
    """

    rubric: str
    assistant: str | None = None
    graph: str | None = None


Expectation: TypeAlias = (
    Contains | NotContains | Matches | Equals | FitsSchema | ToolCalled | ToolNotCalled | MaxWords | MaxSeconds | Judge
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question, and what must hold of the answer.

    Attributes:
        name: Unique among the cases of its file.
        ask: The question, which becomes the graph's input; None if ``input`` is the input.
        input: The graph's input; None if there is a question.
        expectations: All of them must hold; empty if an interrupt is expected.
        is_interrupt_expected: Whether the run must end with an interrupt.
        repeat: How often to ask.
        must_pass: How many of the answers must be as expected.
        file: Where it is written, relative to the project file's folder.
        line: Of the case in the file.
    """

    name: str
    ask: str | None = None
    input: JsonObject | None = field(default=None, repr=False, hash=False)
    expectations: tuple[Expectation, ...] = ()
    is_interrupt_expected: bool = False
    repeat: int = 1
    must_pass: int = 1
    file: str = ""
    line: int = 0

    @property
    def judges(self) -> tuple[Judge, ...]:
        """Those who are asked about each answer."""
        return tuple(one for one in self.expectations if isinstance(one, Judge))


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFile:
    """The cases of one document below ``checks/``.

    Attributes:
        globs: The assistants that are asked, by globs of their keys; empty if a graph selects them.
        graph: Every assistant of this graph is asked; None if keys select them.
        cases: In the file's order; at least one.
        file: Relative to the project file's folder.
    """

    globs: tuple[str, ...] = ()
    graph: str | None = None
    cases: tuple[Case, ...]
    file: str
