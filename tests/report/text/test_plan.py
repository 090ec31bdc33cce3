from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.change import Action, FieldChange, Op
from assistant_sync.model.progress import EVERY, Progress, watched_by
from assistant_sync.model.selection import Selection
from assistant_sync.report.escape import path_text
from assistant_sync.report.json.plan import plan_json
from assistant_sync.report.text.plan import plan_text
from tests.builders import (
    added,
    changed,
    make_activate,
    make_adopt,
    make_create,
    make_delete,
    make_keep,
    make_orphan,
    make_plan,
    make_refuse,
    make_update,
    make_violation,
    make_warning,
    masked,
    removed,
)
from tests.report import examples
from tests.report.golden import assert_golden, printed
from tests.strategies import json_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.plan import Plan

_HEADER = "Plan for acme-support on production (https://acme.us.langgraph.app), commit 3f9c2e1d7b8a"
_ANY_TEXT = st.text(st.characters(exclude_categories=[]) | st.sampled_from("\x1b\x9b\u202e\u200b\n\r\t\\[]\ufe0f"))


def test_no_changes_are_reported_in_one_sentence() -> None:
    plan = make_plan(*(make_keep(f"k{number}") for number in range(12)))

    assert _plain(plan) == f"{_HEADER}\n\nNo changes. 12 assistants match their manifests.\n"


def test_rendering_many_changes_reports_how_far_it_is() -> None:
    heard: list[Progress] = []
    with watched_by(heard.append):
        plan_text(make_plan(*(make_create(f"k{number}") for number in range(EVERY))))
        assert heard == []
        plan_text(make_plan(*(make_create(f"k{number}") for number in range(EVERY + 1))))
    assert [(one.phase, one.done, one.total) for one in heard] == [
        ("rendering", done, EVERY + 1) for done in (0, EVERY, EVERY + 1)
    ]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ([], "No changes. There are no manifests to compare."),
        ([make_keep()], "No changes. 1 assistant matches its manifest."),
        ([make_keep("a"), make_orphan("b")], "No changes. 1 assistant matches its manifest; 1 is orphaned."),
        ([make_orphan("a"), make_orphan("b")], "No changes. There are no manifests to compare; 2 are orphaned."),
        ([make_create()], "Plan: 1 to create, 0 to update, 0 to activate, 0 to delete (0 unchanged)"),
        (
            [make_update("a"), make_adopt("b"), make_orphan("c"), make_keep("d")],
            "Plan: 0 to create, 1 to update, 0 to activate, 0 to delete, 1 to adopt (1 unchanged); 1 orphaned",
        ),
        (
            [make_create("a", deferred="no graph"), make_delete("b"), make_activate("c")],
            "Plan: 1 to create, 0 to update, 1 to activate, 1 to delete (0 unchanged); 1 of these changes is deferred",
        ),
        (
            [make_create("a", deferred="no"), make_create("b", deferred="no"), make_orphan("c")],
            (
                "Plan: 2 to create, 0 to update, 0 to activate, 0 to delete (0 unchanged); "
                "2 of these changes are deferred; 1 orphaned"
            ),
        ),
        ([make_refuse()], "Plan: 0 to create, 0 to update, 0 to activate, 0 to delete (0 unchanged); 1 refused"),
    ],
)
def test_the_last_line_counts(changes: list[Any], line: str) -> None:
    assert _plain(make_plan(*changes)).splitlines()[-1] == line


def test_a_guard_stops_even_a_plan_without_changes() -> None:
    lines = _plain(make_plan(guards=(make_violation(),))).splitlines()

    assert lines[-2] == "Nothing will be applied: 1 guard tripped."
    assert lines[-1].startswith("Plan: 0 to create")


@pytest.mark.parametrize("name", ["all_kinds", "prompt_edit", "refused", "hostile", "renamed"])
def test_plans_look_as_agreed(name: str) -> None:
    plan = getattr(examples, name)()

    assert_golden(f"plan_{name}.txt", _plain(plan))


def test_a_verbose_plan_looks_as_agreed() -> None:
    assert_golden("plan_cut.txt", _plain(examples.cut()))
    assert_golden("plan_verbose.txt", _plain(examples.cut(), verbose=True))


def test_one_line_of_a_long_prompt_takes_fifteen_lines_all_in_all() -> None:
    assert len(_plain(examples.prompt_edit()).splitlines()) == 15


def test_what_stops_the_plan_comes_first_then_deletes_then_the_rest_in_the_plans_order() -> None:
    plan = make_plan(
        make_update("a"),
        make_orphan("b"),
        make_delete("c"),
        make_create("d"),
        make_refuse("e"),
        make_adopt("f"),
        make_refuse("g"),
        make_delete("h"),
        make_activate("i"),
        guards=(make_violation(),),
    )

    heads = [line for line in _plain(plan).splitlines() if re.match(r"(!|-|~|\+|@|<-|\?) ", line)]

    words = ["refuse e", "refuse g", "guard deletes", "delete c", "delete h", "update a", "create d", "adopt f"]
    assert [" ".join(head.split()[1:3]) for head in heads] == [*words, "activate i", "orphan b"]


def test_the_name_and_the_graph_are_in_the_heading_unless_the_fields_show_them() -> None:
    fields = [changed("name", "a", "b"), changed("graph_id", "c", "d")]

    assert "~ update support (graph agent) from version 3" in _plain(make_plan(make_update()))
    assert '~ update support ("Helper", graph agent) from version 3' in _plain(make_plan(make_update(name="Helper")))
    assert "- delete support (graph agent) at" in _plain(
        make_plan(make_delete("support", removed("name", "a"), name="a"))
    )
    assert "+ create support (graph agent)\n" in _plain(make_plan(make_create("support", added("name", "a"), name="a")))
    assert '~ update support ("a") from version 3' in _plain(make_plan(make_update("support", *fields, name="b")))


def test_a_new_name_leaves_the_live_one_in_the_heading() -> None:
    renamed = make_update("support", changed("name", "Support", "Helper"), name="Helper")
    named = make_update("support", changed("name", "support", "Helper"), name="Helper")

    assert '~ update support ("Support", graph agent) from version 3' in _plain(make_plan(renamed))
    assert "~ update support (graph agent) from version 3" in _plain(make_plan(named))


def test_an_activation_names_the_identical_version() -> None:
    plan = make_plan(make_activate(base_version=9, to_version=7))

    assert "<- activate support (graph agent): version 7 is identical, active is 9" in _plain(plan)


def test_a_missing_commit_is_shown() -> None:
    assert _plain(make_plan(commit=None)).splitlines()[0].endswith("(https://acme.us.langgraph.app), no git commit")


def test_a_change_without_a_manifest_has_its_reason_alone() -> None:
    plan = make_plan(
        make_orphan("a", source=None), make_orphan("b", source=None, reason=""), make_orphan("c", reason="")
    )

    assert _plain(plan).split("\n\n")[1:4] == [
        f"? orphan a (graph agent) at version 3\n    {make_orphan().reason}",
        "? orphan b (graph agent) at version 3",
        "? orphan c (graph agent) at version 3\n    assistants/c.yaml",
    ]


def test_keys_are_repeated_if_there_are_many_changes() -> None:
    many = [make_update(f"k{number:02}") for number in range(25)]
    recap = "~ update: k00, k01, k02"

    assert recap not in _plain(make_plan(*many[:9]))
    assert f"{recap}, " in _plain(make_plan(*many[:10]))
    assert "k19, … 5 more keys (-v shows all)\n" in _plain(make_plan(*many))
    assert "k19, k20, k21, k22, k23, k24\n" in _plain(make_plan(*many), verbose=True)


def test_keys_are_repeated_after_long_diffs_of_several_kinds() -> None:
    fields = [changed(f"x.{number}", 1, 2) for number in range(30)]

    assert "update:" not in _plain(make_plan(make_update("a", *fields), make_update("b", *fields)))
    assert "update: a\n@ adopt: b\n" in _plain(make_plan(make_update("a", *fields), make_adopt("b", *fields)))
    assert "update:" not in _plain(make_plan(make_update("a", *fields), make_adopt("b")))


def test_keys_names_and_urls_of_any_length_stay_on_a_page() -> None:
    long = "x" * 1_000_000
    change = make_update(long, name=long, graph_id=long, source=long, reason=long, deferred=long)

    text = plan_text(make_plan(change, change, project=long, target=long, url=long, selection=Selection((long,)))).plain

    assert len(text) < 25_000


def test_a_terminal_gets_colours_and_a_pipe_none() -> None:
    plan = make_plan(make_update("support", changed("context.a", "old", "new"), changed("context.b", "a\nb", "a\nc")))
    coloured = printed(plan_text(plan), colours=True)

    assert "\x1b[33m~ update \x1b[0m\x1b[1msupport\x1b[0m" in coloured
    assert '\x1b[31m"old"\x1b[0m\x1b[2m -> \x1b[0m\x1b[32m"new"\x1b[0m' in coloured
    assert "\x1b[31m- \x1b[0m\x1b[31mb\x1b[0m" in coloured
    assert "\x1b[32m+ \x1b[0m\x1b[32mc\x1b[0m" in coloured
    assert "\x1b" not in _plain(plan)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == _plain(plan)


def test_every_kind_of_change_has_its_symbol_and_its_colour() -> None:
    makers: list[tuple[Callable[[], Any], str]] = [
        (make_create, "\x1b[32m+ create "),
        (make_update, "\x1b[33m~ update "),
        (make_activate, "\x1b[36m<- activate "),
        (make_adopt, "\x1b[35m@ adopt "),
        (make_delete, "\x1b[1;31m- delete "),
        (make_orphan, "\x1b[33m? orphan "),
        (make_keep, "\x1b[2m= keep "),
        (make_refuse, "\x1b[1;31m! refuse "),
    ]
    assert len(makers) == len(Action)
    for make, head in makers:
        assert head in printed(plan_text(make_plan(make()), verbose=True), colours=True)


@st.composite
def _fields(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> FieldChange:
    path = tuple(draw(st.lists(_ANY_TEXT | st.integers(0, 99), max_size=3)))
    op = draw(st.sampled_from(Op))
    before, after = draw(values), draw(values)
    return FieldChange(
        ("context", *path),
        op,
        None if op is Op.ADDED else before,
        None if op is Op.REMOVED else after,
        sensitive=draw(st.booleans()),
    )


@given(texts=st.tuples(*[_ANY_TEXT] * 8), fields=st.lists(_fields(_ANY_TEXT | st.lists(_ANY_TEXT)), max_size=3))
def test_no_control_or_invisible_character_reaches_the_terminal(texts: tuple[str, ...], fields: list[Any]) -> None:
    key, name, source, reason, url, message, guard, glob = texts
    plan = make_plan(
        make_update(key, *fields, name=name, graph_id=name, source=source, reason=reason, deferred=reason),
        make_create(key, *fields, name=name),
        url=url,
        warnings=(make_warning(message, key),),
        guards=(make_violation(guard, message),),
        selection=Selection((glob,)),
    )
    for verbose in (False, True):
        text = printed(plan_text(plan, verbose=verbose))

        assert {char for char in text if _is_dangerous(char)} <= {"\n"}
        assert sum(line.startswith("Plan: ") for line in text.split("\n")) == 1


@given(fields=st.lists(_fields(json_values()), max_size=5), whole=st.booleans())
def test_every_changed_path_of_the_json_appears_in_the_text(fields: list[FieldChange], whole: bool) -> None:
    plan = make_plan((make_create if whole else make_update)("support", *fields))
    text, whole_text = plan_text(plan).plain, plan_text(plan, verbose=True).plain

    for field in plan_json(plan, created_at="", tool_version="")["changes"][0]["fields"]:
        path = path_text(tuple(field["path"]))
        assert path in whole_text
        assert path[:100] in text  # a longer one is cut


def test_masked_values_are_in_no_output() -> None:
    secret = FieldChange(("context", "token"), Op.CHANGED, "hunter2", "hunter3", sensitive=True)
    plan = make_plan(make_update("support", secret, masked("context.other")))

    assert "hunter" not in plan_text(plan, verbose=True).plain
    assert "hunter" not in str(plan_json(plan, created_at="", tool_version=""))


def _plain(plan: Plan, *, verbose: bool = False) -> str:
    return printed(plan_text(plan, verbose=verbose))


def _is_dangerous(char: str) -> bool:
    category = unicodedata.category(char)
    return category in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} or (category == "Zs" and char not in " \u3000")


def test_fields_of_every_kind_are_in_the_text_of_create_and_delete() -> None:
    plan = make_plan(make_create("a", added("context.x", 1)), make_delete("b", removed("context.y", {"z": 2})))

    assert "    context.x: 1\n" in _plain(plan)
    assert "    context.y.z: 2\n" in _plain(plan)


def test_a_deferred_activation_is_marked_in_text_and_json() -> None:
    plan = make_plan(make_activate("a", deferred="no graph"))
    text = plan_text(plan).plain
    assert "apply will not send this: no graph" in text
    assert "1 of these changes is deferred" in text
    (change,) = plan_json(plan, created_at="now", tool_version="1")["changes"]
    assert change["deferred"] == "no graph"
