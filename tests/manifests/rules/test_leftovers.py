"""Markers of unfinished work in texts that a model reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.manifests.rules.leftovers import leftover
from tests.manifests.manifest_project import OVERLAID

if TYPE_CHECKING:
    from tests.manifests.manifest_project import ManifestProject


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("TODO", ("TODO", 1)), ("XXX", ("XXX", 1)), ("FIXME\n", ("FIXME", 1)), ("TODO: x", ("TODO", 1)),
        ("TODO(bob): x", ("TODO", 1)), ("TODO ask legal", ("TODO", 1)), ("XXX check this", ("XXX", 1)),
        ("a\n\nFIXME: x", ("FIXME", 3)), ("a\r\n  - TODO x\r\n", ("TODO", 2)), ("* TODO: x", ("TODO", 1)),
        ("1. TODO x", ("TODO", 1)), ("12) FIXME", ("FIXME", 1)), ("## TODO", ("TODO", 1)), ("# XXX:", ("XXX", 1)),
        ("// TODO x", ("TODO", 1)), ("<!-- TODO write this -->", ("TODO", 1)), ("/* FIXME */", ("FIXME", 1)),
        ("> TODO x", ("TODO", 1)), ("-- XXX x", ("XXX", 1)), ("Be kind. TODO: the rest", ("TODO", 1)),
        ("Be kind (FIXME: how?)", ("FIXME", 1)), ("Be kind, TODO(bob)", ("TODO", 1)), ("x\nTODO\nFIXME", ("TODO", 2)),
    ],
)  # fmt: skip
def test_a_marker_is_found_with_its_line(text: str, found: tuple[str, int]) -> None:
    assert leftover(text) == found


@pytest.mark.parametrize(
    "text",
    ["", "Keep a TODO list.", "Write the TODO", "TODO list", "- TODO items come first", "# TODO lists", "todo: x",
     "TODOS: x", "MYTODO: x", "a_TODO: x", "TODO-list", "TODO.md", "TODO, TODO", "XXX-XXX-1234", "Call XXX: it rings",
     "Write `TODO:` where you are unsure", 'Write "TODO: " there', "'FIXME(' is a marker", "<TODO>", "TODO_FILE",
     "XXXL sizes", "TODO entries\n", "FIXMEs"],
)  # fmt: skip
def test_a_word_of_a_sentence_is_no_marker(text: str) -> None:
    assert leftover(text) is None


@given(st.text(), st.sampled_from(["", "\n", "x\n"]), st.sampled_from(["", "  ", "- ", "# "]), st.text())
def test_a_marker_at_the_beginning_of_a_line_is_found_in_any_text(before: str, end: str, sign: str, after: str) -> None:
    text = f"{before}\n{end}{sign}FIXME: {after}"
    found = leftover(text)
    assert found is not None
    assert found[1] <= text.count("\n", 0, text.index("FIXME: ")) + 1


WHY = "where it looks left over; finish the text, or remove the marker"


def test_texts_that_a_graph_reads_are_searched_wherever_they_are(project: ManifestProject) -> None:
    project.write("p.md", "Be kind.\n\n- TODO: the rest with Rosebud\n")
    project.write_all(
        a="graph_id: g\ncontext:\n  p: {$file: ../p.md}\n  q: [x, {r: 'FIXME'}]\n",
        b="graph_id: g\nconfig:\n  configurable:\n    s: |\n      Be kind.\n      XXX Rosebud\n",
    )
    loaded = project.load()
    assert [str(problem) for problem in loaded.problems] == [
        f"assistants/a.yaml:3:6: warning: this text holds TODO in its line 3, {WHY} (in p.md)",
        f"assistants/a.yaml:4:14: warning: this text holds FIXME in its line 1, {WHY}",
        f"assistants/b.yaml:4:8: warning: this text holds XXX in its line 2, {WHY}",
    ]
    assert len(loaded.desired) == 2


@pytest.mark.parametrize(
    ("text", "begins"), [("FIXME", "this text holds FIXME"), ("<<<<<<< a\n=======\n>>>>>>> b\n", "this text holds the")]
)
def test_an_included_text_alone_is_searched(project: ManifestProject, text: str, begins: str) -> None:
    project.write("p.md", text)
    project.write_all(a="graph_id: g\ncontext: {p: {$file: ../p.md}}\n")
    (problem,) = project.problems()
    assert problem.startswith(f"assistants/a.yaml:2:14: warning: {begins}")


def test_what_no_graph_reads_is_not_searched(project: ManifestProject) -> None:
    project.write_all(
        a="graph_id: g\nname: 'TODO: a'\ndescription: 'TODO: b'\nmetadata: {a: 'TODO: c'}\n"
        "config: {run_name: 'TODO: d', tags: ['TODO: e']}\ncontext: {'TODO: f': 1}\n"
    )
    assert project.problems() == []


def test_an_overlay_is_searched_too(project: ManifestProject) -> None:
    project.write("assistant-sync.yaml", OVERLAID)
    project.write("overlays/production/a.yaml", "context:\n  p: 'TODO'\n")
    project.write_all(a="graph_id: g\n")
    assert project.problems("production") == [
        f"overlays/production/a.yaml:2:6: warning: this text holds TODO in its line 1, {WHY}"
    ]
