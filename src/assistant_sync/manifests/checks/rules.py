"""What must hold between the fields of a document of checks, each of which is valid by itself.

The document is taken as it is written, so that all of this is found whatever else is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant_sync.manifests.checks.schema import CaseFields, CheckDocument, ExpectationFields, JudgeFields
from assistant_sync.manifests.diagnostics import Violation
from assistant_sync.manifests.pydantic_errors import check_model
from assistant_sync.manifests.wording import dotted, shown, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from assistant_sync.model.values import JsonObject, JsonValue, Path

_EXPECTATIONS = frozenset(ExpectationFields.model_fields)


def check_document(fields: JsonObject) -> tuple[CheckDocument | None, list[Violation]]:
    """Check the shape of a document whose includes are in place.

    Args:
        fields: The document.

    Returns:
        The document if its shape is valid, and everything that is wrong.
    """
    document, violations = check_model(CheckDocument, fields)
    violations = [one for one in violations if not _repeats_a_misspelling(one, violations)]
    return document, [*violations, *_across_fields(fields)]


def cases_of(fields: JsonObject) -> Iterator[tuple[Path, JsonObject]]:
    """The cases of a document that are mappings, each with its path."""
    return _mappings(fields.get("cases"), ("cases",))


def expectations_of(fields: JsonObject) -> Iterator[tuple[Path, JsonObject]]:
    """The expectations of all cases that are mappings, each with its path."""
    for path, case in cases_of(fields):
        yield from _mappings(case.get("expect"), (*path, "expect"))


def _mappings(value: JsonValue, path: Path) -> Iterator[tuple[Path, JsonObject]]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, Mapping):
            yield (*path, index), item


def _repeats_a_misspelling(one: Violation, violations: list[Violation]) -> bool:
    """Whether the message about an unknown field already suggests what is missing: one mistake is one message."""
    missing = one.message.removesuffix(" is required").rpartition(".")[2]
    return one.message.endswith(" is required") and any(
        other.path[:-1] == one.path and other.message.endswith(f"did you mean {shown(missing)}?")
        for other in violations
    )


def _across_fields(fields: JsonObject) -> Iterator[Violation]:
    yield from _one_of_two(fields, (), CheckDocument, "assistants", "graph")
    names: set[str] = set()
    for path, case in cases_of(fields):
        yield from _one_of_two(case, path, CaseFields, "ask", "input")
        yield from _name_given_twice(case.get("name"), (*path, "name"), names)
        yield from _passes_too_often(case, path)
    for path, expectation in expectations_of(fields):
        yield from _one_expectation(expectation, path)
        judge = expectation.get("judge")
        if isinstance(judge, Mapping):
            yield from _one_of_two(judge, (*path, "judge"), JudgeFields, "assistant", "graph")


def _one_of_two(fields: JsonObject, path: Path, model: type[BaseModel], one: str, other: str) -> Iterator[Violation]:
    """Refuse a mapping with both of two fields, or none."""
    given = [name for name in (one, other) if fields.get(name) is not None]
    place = f"{dotted(path)}: " if path else ""
    if len(given) == 2:
        message = f"{place}{one} and {other} must not both be given; remove one of them"
        yield Violation((*path, other), message, at_key=True)
    misspelt = (name for name in fields if name not in model.model_fields and suggestion(name, (one, other)))
    if not given and next(misspelt, None) is None:
        yield Violation(path, f"{place}{one} or {other} is required")


def _name_given_twice(name: JsonValue, path: Path, names: set[str]) -> Iterator[Violation]:
    if not isinstance(name, str):
        return
    if name in names:
        yield Violation(path, f"{dotted(path)}: the name {shown(name)} is given twice; each case has its own")
    names.add(name)


def _passes_too_often(case: JsonObject, path: Path) -> Iterator[Violation]:
    repeat, must_pass = case.get("repeat"), case.get("pass")
    repeat = 1 if repeat is None else repeat
    if type(repeat) is int and type(must_pass) is int and must_pass > repeat >= 1:  # true is an int, too
        place = (*path, "pass")
        yield Violation(place, f"{dotted(place)} must be at most {repeat}, as often as the case is asked (repeat)")


def _one_expectation(expectation: JsonObject, path: Path) -> Iterator[Violation]:
    known = [name for name in expectation if name in _EXPECTATIONS]
    if not expectation:
        yield Violation(path, f"{dotted(path)} must have one field, such as contains")
    for name in known[1:]:
        message = f"{dotted(path)}: {known[0]} and {name} are two expectations; write each as an item of the list"
        yield Violation((*path, name), message, at_key=True)
    for name in known:
        if expectation[name] is None:
            place = (*path, name)
            yield Violation(place, f"{dotted(place)} has no value; write what is expected, or remove it")
