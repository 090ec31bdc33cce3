from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.forge.github.workflow_commands import annotation, select_annotations
from assistant_sync.problem import Problem, Severity


def unescaped(text: str, *, in_property: bool = False) -> str:
    """As the runner does it (ActionCommand.cs)."""
    pairs = [("%0D", "\r"), ("%0A", "\n"), *([("%3A", ":"), ("%2C", ",")] if in_property else []), ("%25", "%")]
    for replacement, token in pairs:
        text = text.replace(replacement, token)
    return text


def test_a_problem_is_shown_at_its_place() -> None:
    problem = Problem("a.yaml", 3, 5, "unknown field 'grahp'")
    assert annotation(problem, "sub/a.yaml") == (
        "::error file=sub/a.yaml,line=3,col=5,title=assistant-sync::unknown field 'grahp'"
    )


def test_a_warning_about_a_whole_file_has_no_line() -> None:
    problem = Problem("a.yaml", 0, 0, "is empty", Severity.WARNING)
    assert annotation(problem, "a.yaml") == "::warning file=a.yaml,title=assistant-sync::is empty"


def test_a_whole_line_has_no_column() -> None:
    assert ",line=2,title" in annotation(Problem("a.yaml", 2, 0, "wrong"), "a.yaml")


@given(st.text(alphabet="%0ADC:,;\r\n=a]", max_size=30), st.text(alphabet="%0ADC:,\r\n=a", min_size=1, max_size=30))
def test_the_runner_reads_what_was_meant_and_one_command_only(message: str, file: str) -> None:
    command = annotation(Problem("x", 1, 2, message), file)
    assert "\n" not in command
    assert "\r" not in command
    head, data = command.removeprefix("::").split("::", 1)
    assert unescaped(data) == message
    name, properties = head.split(" ", 1)
    listed = dict(one.split("=", 1) for one in properties.split(","))
    assert name == "error"
    assert unescaped(listed["file"], in_property=True) == file
    assert (listed["line"], listed["col"]) == ("1", "2")


def test_no_more_are_shown_than_github_shows() -> None:
    assert select_annotations([]) == ([], 0)
    errors = [Problem("a", line, 1, "e") for line in range(1, 13)]
    warnings = [Problem("b", line, 1, "w", Severity.WARNING) for line in range(1, 15)]
    chosen, rest = select_annotations([*warnings, *errors])
    assert (chosen, rest) == (errors[:10] + warnings[:10], 6)
