from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.manifests.checks.compiler import TOO_MANY
from tests.manifests.checks.check_project import GOOD, problems

if TYPE_CHECKING:
    from tests.manifests.manifest_project import ManifestProject

HEAD = "assistants: support\ncases:\n  - name: a\n    ask: b\n    "
"""The next line is the fifth, and begins in the fifth column."""

BOTH = "must not both be given; remove one of them"
NAME = "a case's name is one line of 1 to 200 characters"
EXPECT = "must be the word interrupt, or a list of 1 to 100 expectations"
LINEAR = "is not supported, because patterns are matched in linear time"
POINTER = "this must be a JSON Pointer such as /messages/-1/content, with ~1 for a slash in a key"
KEY = "must be 1 to 63 characters of a-z, 0-9, '.', '_' and '-', the first a letter or digit"
LARGE = "this pattern has more than 2,000 states with its repetitions written out"
NO_JSON = "is NaN, infinite or too large, which JSON cannot represent; quote it if it is text"


def test_a_valid_document_has_no_problem(project: ManifestProject) -> None:
    assert problems(project, GOOD) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cases: [{name: a, ask: b, expect: interrupt}]", "1:1: assistants or graph is required"),
        (
            "assistants: a\ngraph: b\ncases: [{name: a, ask: b, expect: interrupt}]",
            f"2:1: assistants and graph {BOTH}",
        ),
        (
            "assistant: a\ncases: [{name: a, ask: b, expect: interrupt}]",
            "1:1: unknown field 'assistant'; did you mean 'assistants'?",
        ),
        (
            "assistants: []\ncases: [{name: a, ask: b, expect: interrupt}]",
            "1:13: assistants must be a key or a glob over keys, or a list of at least one",
        ),
        (
            "assistants: [a, '']\ncases: [{name: a, ask: b, expect: interrupt}]",
            "1:17: assistants[1]: this must be a key, or a glob over keys such as support-*",
        ),
        (
            "assistants: 5\ncases: [{name: a, ask: b, expect: interrupt}]",
            "1:13: assistants must be a key or a glob over keys, or a list of at least one, not a number",
        ),
        ("graph: ''\ncases: [{name: a, ask: b, expect: interrupt}]", "1:8: graph must be non-empty text"),
        ("graph: a", "1:1: cases is required"),
        ("graph: a\ncase: []", "2:1: unknown field 'case'; did you mean 'cases'?"),
        ("graph: a\ncases: []", "2:8: cases must be a list of 1 to 1000 cases"),
        ("graph: a\ncases: {}", "2:8: cases must be a list of 1 to 1000 cases, not a mapping"),
        ("graph: a\ncases: [a]", "2:9: cases[0] must be a mapping, not text"),
        (
            f"graph: a\ncases: [{', '.join(f'{{name: a{n}, ask: b, expect: interrupt}}' for n in range(1001))}]",
            "2:8: cases must be a list of 1 to 1000 cases",
        ),
    ],
)
def test_a_problem_of_a_document_has_its_place(project: ManifestProject, text: str, found: str) -> None:
    assert problems(project, text + "\n") == [found]


@pytest.mark.parametrize(
    ("case", "found"),
    [
        ("{ask: b, expect: interrupt}", "4:5: cases[0].name is required"),
        ("{nme: a, ask: b, expect: interrupt}", "4:6: unknown field 'nme' in cases[0]; did you mean 'name'?"),
        (
            "{name: '', ask: b, expect: interrupt}",
            f"4:12: cases[0].name: {NAME}",
        ),
        (
            "{name: ' ', ask: b, expect: interrupt}",
            f"4:12: cases[0].name: {NAME}",
        ),
        (
            '{name: "a\\nb", ask: b, expect: interrupt}',
            f"4:12: cases[0].name: {NAME}",
        ),
        (
            '{name: "\\e[2J", ask: b, expect: interrupt}',
            f"4:12: cases[0].name: {NAME}",
        ),
        (
            f"{{name: {'a' * 201}, ask: b, expect: interrupt}}",
            f"4:12: cases[0].name: {NAME}",
        ),
        ("{name: 5, ask: b, expect: interrupt}", "4:12: cases[0].name must be text, not a number"),
        ("{name: a, expect: interrupt}", "4:5: cases[0]: ask or input is required"),
        ("{name: a, asks: b, expect: interrupt}", "4:15: unknown field 'asks' in cases[0]; did you mean 'ask'?"),
        (
            "{name: a, ask: b, input: {}, expect: interrupt}",
            f"4:23: cases[0]: ask and input {BOTH}",
        ),
        ("{name: a, ask: '', expect: interrupt}", "4:20: cases[0].ask must be non-empty text"),
        ("{name: a, ask: [b], expect: interrupt}", "4:20: cases[0].ask must be non-empty text, not a list"),
        ("{name: a, input: b, expect: interrupt}", "4:22: cases[0].input must be a mapping, not text"),
        ("{name: a, ask: b}", "4:5: cases[0].expect is required"),
        (
            "{name: a, ask: b, expect: interrupts}",
            f"4:31: cases[0].expect {EXPECT}, not text",
        ),
        (
            "{name: a, ask: b, expect: []}",
            f"4:31: cases[0].expect {EXPECT}",
        ),
        (
            "{name: a, ask: b, expect: }",
            f"4:31: cases[0].expect {EXPECT}",
        ),
        (
            f"{{name: a, ask: b, expect: [{', '.join(['{contains: a}'] * 101)}]}}",
            f"4:31: cases[0].expect {EXPECT}",
        ),
        ("{name: a, ask: b, expect: interrupt, repeat: 0}", "4:50: cases[0].repeat must be an integer from 1 to 100"),
        ("{name: a, ask: b, expect: interrupt, repeat: 101}", "4:50: cases[0].repeat must be an integer from 1 to 100"),
        (
            "{name: a, ask: b, expect: interrupt, pass: 2}",
            "4:48: cases[0].pass must be at most 1, as often as the case is asked (repeat)",
        ),
        (
            "{name: a, ask: b, expect: interrupt, repeat: 3, pass: 4}",
            "4:59: cases[0].pass must be at most 3, as often as the case is asked (repeat)",
        ),
        (
            "{name: a, ask: b, expect: interrupt, must_pass: 1}",
            "4:42: unknown field 'must_pass' in cases[0]; did you mean 'pass'?",
        ),
        (
            "{name: a, input: {x: 9007199254740993}, expect: interrupt}",
            "4:26: cases[0].input.x is an integer beyond ±(2^53 - 1); quote it if it is text",
        ),
    ],
)
def test_a_problem_of_a_case_has_its_place(project: ManifestProject, case: str, found: str) -> None:
    assert problems(project, f"graph: a\ncases:\n  -\n    {case}\n") == [found]


@pytest.mark.parametrize(
    "fields", ["repeat: 3", "repeat: 3, pass: 3", "repeat: 100, pass: 1", "pass: 1", "repeat: , pass: "]
)
def test_a_case_passes_at_most_as_often_as_it_is_asked(project: ManifestProject, fields: str) -> None:
    assert problems(project, f"graph: a\ncases: [{{name: a, ask: b, expect: interrupt, {fields}}}]\n") == []


def test_a_name_is_given_once_in_a_document(project: ManifestProject) -> None:
    case = "  - {name: a, ask: b, expect: interrupt}\n"
    assert problems(project, f"graph: a\ncases:\n{case}{case}---\ngraph: b\ncases:\n{case}") == [
        "4:12: cases[1].name: the name 'a' is given twice; each case has its own"
    ]


@pytest.mark.parametrize(
    ("expectation", "found"),
    [
        ("contains: ''", "5:26: cases[0].expect[0].contains must be non-empty text"),
        ("contains: 5", "5:26: cases[0].expect[0].contains must be non-empty text, not a number"),
        ("not_contains: ''", "5:30: cases[0].expect[0].not_contains must be non-empty text"),
        (
            "contain: a",
            "5:16: unknown field 'contain' in cases[0].expect[0]; did you mean 'contains'?",
        ),
        ("", "5:15: cases[0].expect[0] must have one field, such as contains"),
        ("contains: ", "5:26: cases[0].expect[0].contains has no value; write what is expected, or remove it"),
        (
            "contains: a, max_words: 5",
            "5:29: cases[0].expect[0]: contains and max_words are two expectations; write each as an item of the list",
        ),
        (
            "matches: '(?=a)b'",
            f"5:25: cases[0].expect[0].matches: look-around ((?=, (?!, (?<= and (?<!) {LINEAR}",
        ),
        (
            "matches: '(a'",
            "5:25: cases[0].expect[0].matches: this is no regular expression of Rust's engine: unclosed group",
        ),
        (
            "matches: 'a{1000}{1000}'",
            f"5:25: cases[0].expect[0].matches: {LARGE}",
        ),
        ("matches: ''", "5:25: cases[0].expect[0].matches must be a regular expression"),
        ("equals: {path: /a}", "5:24: cases[0].expect[0].equals.value is required"),
        (
            "equals: {path: messages, value: 1}",
            f"5:31: cases[0].expect[0].equals.path: {POINTER}",
        ),
        (
            "equals: {path: /a, value: .inf}",
            f"5:42: cases[0].expect[0].equals.value {NO_JSON}",
        ),
        ("json_schema: true", "5:29: cases[0].expect[0].json_schema must be a mapping, not a boolean"),
        (
            "json_schema: {$ref: 'https://example.org/a.json'}",
            "5:29: cases[0].expect[0].json_schema cannot be used: it refers to something outside of itself",
        ),
        (
            "json_schema: {pattern: '(?=a)b'}",
            '5:29: cases[0].expect[0].json_schema cannot be used: it does not compile: \'"(?=a)b" is not a "regex"\'',
        ),
        ("tool_called: ''", "5:29: cases[0].expect[0].tool_called must be non-empty text"),
        ("tool_not_called: [a]", "5:33: cases[0].expect[0].tool_not_called must be non-empty text, not a list"),
        ("max_words: 0", "5:27: cases[0].expect[0].max_words must be an integer of at least 1"),
        ("max_words: 1.5", "5:27: cases[0].expect[0].max_words must be an integer of at least 1, not a decimal number"),
        ("max_seconds: 0", "5:29: cases[0].expect[0].max_seconds must be a number above 0"),
        ("max_seconds: .inf", "5:29: cases[0].expect[0].max_seconds must be a number above 0"),
        ("max_seconds: true", "5:29: cases[0].expect[0].max_seconds must be a number above 0"),
        ("judge: {rubric: a}", "5:23: cases[0].expect[0].judge: assistant or graph is required"),
        (
            "judge: {rubric: a, assistant: b, graph: c}",
            f"5:49: cases[0].expect[0].judge: assistant and graph {BOTH}",
        ),
        ("judge: {graph: a}", "5:23: cases[0].expect[0].judge.rubric is required"),
        (
            "judge: {assistant: A, rubric: b}",
            f"5:35: cases[0].expect[0].judge.assistant {KEY}",
        ),
    ],
)
def test_a_problem_of_an_expectation_has_its_place(project: ManifestProject, expectation: str, found: str) -> None:
    assert problems(project, f"{HEAD}expect: [ {{{expectation}}}]\n") == [found]


def test_all_problems_of_all_files_are_reported_at_once(project: ManifestProject) -> None:
    project.write("checks/a.yaml", "graph: a\ncases: [{name: a, ask: '', expects: 1, repeat: x}]\n---\ngraph: 1\n")
    project.write("checks/b/c.yml", f"{HEAD}expect: [{{matches: '('}}, {{matches: ')'}}, 5]\n")
    assert [one.partition(": ")[0] for one in problems(project)] == [
        "checks/a.yaml:2:24", "checks/a.yaml:2:28", "checks/a.yaml:2:48", "checks/a.yaml:4:1", "checks/a.yaml:4:8",
        "checks/b/c.yml:5:24", "checks/b/c.yml:5:40", "checks/b/c.yml:5:46",
    ]  # fmt: skip


def test_the_patterns_and_schemas_of_all_checks_are_bounded_together(project: ManifestProject) -> None:
    for file in range(3):
        expected = ", ".join(f"{{matches: 'a{{1900}}{file}{number}'}}" for number in range(90))
        schemas = ", ".join(f"{{json_schema: {{minimum: {number}}}}}" for number in range(9))
        project.write(f"checks/{file}.yaml", f"{HEAD}expect: [{expected}, {schemas}]\n")
    found = problems(project)
    assert {one.partition(":")[0] for one in found} == {"checks/2.yaml"}
    assert all(one.endswith(TOO_MANY) for one in found)
    assert sum("json_schema" in one for one in found) == 9
    assert sum("matches" in one for one in found) == 270 - 400_000 // 1_920 + 1


def test_a_schema_behind_an_alias_and_a_pattern_are_compiled_once(project: ManifestProject) -> None:
    schema = "{json_schema: &s {enum: [" + ", ".join(map(str, range(5000))) + "]}}"
    aliases = ", ".join(["{json_schema: *s}"] * 95)
    patterns = ", ".join(["{matches: 'a{1900}'}"] * 99)
    cases = "".join(f"  - {{name: c{number}, ask: b, expect: [{patterns}]}}\n" for number in range(3))
    assert problems(project, f"{HEAD}expect: [{schema}, {aliases}]\n{cases}") == []
