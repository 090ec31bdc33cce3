"""Which questions are asked of which assistants, and what each side of a question sends."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from assistant_sync.checking.graph_input import input_of_text
from assistant_sync.checking.sides import inline_of, leak, why_not

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assistant_sync.checking.sides import AskedGraph, Inline
    from assistant_sync.model.assistant import Content
    from assistant_sync.model.check import Case, CheckFile
    from assistant_sync.model.values import JsonValue


@dataclass(frozen=True, slots=True)
class Subject:
    """An assistant that is asked.

    Attributes:
        key: Its key.
        after: As the manifests have it.
        before: As it is live, without a mirror; None if there is none, or it is the same.
    """

    key: str
    after: Content = field(repr=False)
    before: Content | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """One side of a question.

    Attributes:
        runs: A graph's name, or the id of a live assistant; None if it cannot be asked.
        input: The graph's input.
        inline: What the run gets in place of an assistant; None if a live assistant runs.
        refused: Why it cannot be asked; None if it can.
    """

    runs: str | None
    input: JsonValue = field(repr=False)
    inline: Inline | None = None
    refused: str | None = None

    @classmethod
    def of_live(cls, case: Case, assistant_id: str, graph: AskedGraph) -> Asked:
        """The side of a live assistant, by its id.

        Args:
            case: What is asked.
            assistant_id: Of whom.
            graph: The assistant's.
        """
        try:
            return cls(assistant_id, _input(case, graph))
        except ValueError as error:
            return cls(None, None, refused=str(error))


@dataclass(frozen=True, slots=True)
class Question:
    """One case for one assistant.

    Attributes:
        key: The assistant's.
        case: The case.
        after: The manifests' side.
        before: The live side; None if it is not asked.
    """

    key: str
    case: Case
    after: Asked
    before: Asked | None

    @property
    def runs(self) -> int:
        """The runs that it takes at most, judges included."""
        sides = sum(one is not None and one.refused is None for one in (self.after, self.before))
        return sides * self.case.repeat * (1 + len(self.case.judges))

    @property
    def text(self) -> str:
        """What is asked, for people."""
        return question_text(self.case)


def question_text(case: Case) -> str:
    """What a case asks, for people and judges: its text, or the graph's input as JSON."""
    return case.ask if case.ask is not None else json.dumps(case.input, ensure_ascii=False, default=str)


def cases_of(key: str, graph_id: str, files: Iterable[CheckFile]) -> list[Case]:
    """The cases that are about an assistant.

    Args:
        key: The assistant's.
        graph_id: Its graph, as the manifests have it.
        files: All checks.
    """
    about = (one for one in files if one.graph == graph_id or any(fnmatchcase(key, glob) for glob in one.globs))
    return [case for one in about for case in one.cases]


def make_questions(
    subjects: Iterable[Subject],
    files: Iterable[CheckFile],
    graphs: Mapping[str, AskedGraph],
    *,
    allow_default_context: bool,
) -> list[Question]:
    """Make the questions, those that cannot be asked included.

    Args:
        subjects: The assistants that are asked.
        files: All checks.
        graphs: What is known of the graphs of both sides.
        allow_default_context: Whether values of a default assistant may lie beneath both sides.
    """
    known, questions = tuple(files), []
    for one in subjects:
        for case in cases_of(one.key, one.after.graph_id, known):
            sides = [
                None if content is None else _asked(case, content, graphs, allow_default_context=allow_default_context)
                for content in (one.after, one.before)
            ]
            assert sides[0] is not None  # noqa: S101 - its content is there
            questions.append(Question(one.key, case, sides[0], sides[1]))
    return questions


def _asked(case: Case, content: Content, graphs: Mapping[str, AskedGraph], *, allow_default_context: bool) -> Asked:
    graph = graphs[content.graph_id]
    try:
        inline, value = inline_of(content), _input(case, graph)
    except ValueError as error:
        return Asked(None, None, refused=str(error))
    beneath = None if allow_default_context else leak(graph, inline)
    return Asked(content.graph_id, value, inline, why_not(graph, content.graph_id) or beneath)


def _input(case: Case, graph: AskedGraph) -> JsonValue:
    return case.input if case.ask is None else input_of_text(case.ask, graph.input_schema)
