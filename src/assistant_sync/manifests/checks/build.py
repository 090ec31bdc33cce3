"""From a document of checks to the cases that are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant_sync.manifests.checks.patterns import UnusablePattern
from assistant_sync.manifests.checks.pointers import parse_pointer
from assistant_sync.manifests.checks.rules import check_document, expectations_of
from assistant_sync.manifests.diagnostics import Violation
from assistant_sync.manifests.graph_schemas.unusable import UnusableSchema
from assistant_sync.manifests.rules.lossy_values import lossy_within
from assistant_sync.manifests.wording import dotted
from assistant_sync.model.check import (
    Case,
    CheckFile,
    Contains,
    Equals,
    FitsSchema,
    Judge,
    Matches,
    MaxSeconds,
    MaxWords,
    NotContains,
    ToolCalled,
    ToolNotCalled,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.manifests.checks.compiled import CompiledValueSchema
    from assistant_sync.manifests.checks.compiler import Compiler
    from assistant_sync.manifests.checks.patterns import LinearPattern
    from assistant_sync.manifests.checks.schema import (
        CaseFields,
        EqualsFields,
        ExpectationFields,
        JudgeFields,
    )
    from assistant_sync.model.check import Expectation
    from assistant_sync.model.values import JsonObject, Path


@dataclass(slots=True)
class _Compiled:
    """What the patterns and schemas of a document are compiled to, by their paths."""

    patterns: dict[Path, LinearPattern] = field(default_factory=dict)
    schemas: dict[Path, CompiledValueSchema] = field(default_factory=dict)


def build(
    fields: JsonObject, compiler: Compiler, file: str, line: Callable[[Path], int]
) -> tuple[CheckFile | None, list[Violation]]:
    """Check a document and make its cases.

    Args:
        fields: The document, with included texts in place.
        compiler: Compiles its patterns and schemas.
        file: The file's path, relative to the project file's folder.
        line: Finds the line of a path; is not called for a document with a problem.

    Returns:
        The cases, None if the document is not valid; and what is wrong.
    """
    document, violations = check_document(fields)
    compiled = _Compiled()
    violations += _compile(fields, compiler, compiled)
    found = {one.path for one in violations}
    violations += (one for one in lossy_within(fields) if one.path not in found)
    if document is None or violations:
        return None, violations
    cases = tuple(_case(one, ("cases", index), compiled, file, line) for index, one in enumerate(document.cases))
    return CheckFile(globs=tuple(document.assistants or ()), graph=document.graph, cases=cases, file=file), []


def _compile(fields: JsonObject, compiler: Compiler, compiled: _Compiled) -> Iterator[Violation]:
    """Compile what can be compiled, and report the rest."""
    for path, expectation in expectations_of(fields):
        pattern, schema = expectation.get("matches"), expectation.get("json_schema")
        if isinstance(pattern, str) and pattern:
            place = (*path, "matches")
            try:
                compiled.patterns[place] = compiler.pattern(pattern)
            except UnusablePattern as error:
                yield Violation(place, f"{dotted(place)}: {error}")
        if isinstance(schema, Mapping):
            place = (*path, "json_schema")
            try:
                compiled.schemas[place] = compiler.schema(schema)
            except UnusableSchema as error:
                yield Violation(place, f"{dotted(place)} cannot be used: {error}")


def _case(one: CaseFields, path: Path, compiled: _Compiled, file: str, line: Callable[[Path], int]) -> Case:
    repeat = one.repeat or 1
    return Case(
        name=one.name,
        ask=one.ask,
        input=one.input,
        expectations=tuple(
            _expectation(fields, (*path, "expect", index), compiled) for index, fields in enumerate(one.expect or ())
        ),
        is_interrupt_expected=one.expect is None,
        repeat=repeat,
        must_pass=one.must_pass or repeat,
        file=file,
        line=line(path),
    )


def _expectation(fields: ExpectationFields, path: Path, compiled: _Compiled) -> Expectation:
    (name,) = fields.model_fields_set
    value = getattr(fields, name)
    if name == "matches":
        return Matches(value, compiled.patterns[(*path, name)])
    if name == "json_schema":
        return FitsSchema(compiled.schemas[(*path, name)])
    return _OTHERS[name](value)


def _equals(fields: EqualsFields) -> Equals:
    return Equals(fields.path, parse_pointer(fields.path), fields.value)


def _judge(fields: JudgeFields) -> Judge:
    return Judge(fields.rubric, assistant=fields.assistant, graph=fields.graph)


_OTHERS: Mapping[str, Callable[[Any], Expectation]] = {
    "contains": Contains,
    "not_contains": NotContains,
    "equals": _equals,
    "tool_called": ToolCalled,
    "tool_not_called": ToolNotCalled,
    "max_words": MaxWords,
    "max_seconds": MaxSeconds,
    "judge": _judge,
}
