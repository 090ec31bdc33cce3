from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.cause import Cause
from assistant_sync.model.change import Action
from assistant_sync.model.frozen import replace
from assistant_sync.report.escape import path_text
from assistant_sync.report.json.plan import plan_json
from assistant_sync.report.markdown.escape import size
from assistant_sync.report.markdown.fit import LEAST
from assistant_sync.report.markdown.plan import plan_markdown
from assistant_sync.report.text.plan import plan_text
from tests.builders import (
    added,
    changed,
    make_create,
    make_delete,
    make_id,
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
from tests.report.rendered import rendered

SITUATIONS = [
    "activation",
    "adoption",
    "adoption_equal",
    "cleared",
    "creation",
    "deletion",
    "many",
    "newline_lost",
    "orphaned",
    "renamed",
    "sensitive",
    "stale_branch",
    "stamp_only",
    "tool_added",
    "unchanged",
    "warned",
    "whitespace",
    "deferred",
]
ALSO_IN_TEXT = ["all_kinds", "cut", "hostile", "prompt_edit", "refused"]


def test_no_changes_are_reported_in_one_sentence() -> None:
    body = plan_markdown(examples.unchanged())

    assert body.startswith("## Plan for `acme-support` on `production`: no changes\n\n**No changes.** 12 assistants")
    assert "<details" not in body
    assert "| --- |" not in body


@pytest.mark.parametrize("situation", [*SITUATIONS, *ALSO_IN_TEXT])
def test_pages_look_as_agreed(situation: str) -> None:
    limit = 10_000 if situation == "many" else 65_536
    assert_golden(f"plan_{situation}.md", plan_markdown(getattr(examples, situation)(), limit=limit))


@pytest.mark.parametrize("situation", SITUATIONS)
def test_situations_look_as_agreed_on_a_terminal(situation: str) -> None:
    assert_golden(f"plan_{situation}.txt", printed(plan_text(getattr(examples, situation)())))


def test_a_changed_word_of_a_long_prompt_takes_fifteen_lines_at_most() -> None:
    body = plan_markdown(examples.prompt_edit())
    inside = body[body.index("<details") :]
    fence = inside[inside.index("```diff") :]

    assert len(fence[: fence.index("</details>")].strip().splitlines()) == 11
    assert len([line for line in inside.splitlines() if line]) <= 17
    assert "- 120. Be helpful, and answer in [-English-].\n+ 120. Be helpful, and answer in {+German+}.\n" in body


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ([], "no changes"),
        ([make_keep("a"), make_orphan("b")], "no changes"),
        ([make_update()], "1 change"),
        ([make_update("a"), make_delete("b"), make_orphan("c")], "2 changes"),
        ([make_update("a"), make_refuse("b")], "refused"),
    ],
)
def test_the_title_shows_the_status(changes: list[Any], status: str) -> None:
    assert plan_markdown(make_plan(*changes)).splitlines()[0].endswith(f"on `production`: {status}")


def test_a_note_stands_behind_the_title() -> None:
    assert plan_markdown(make_plan(), title_note="merge @result").startswith(
        "## Plan for `acme-support` on `production`: no changes (`merge @result`)\n"
    )


def test_what_stops_the_plan_comes_first_then_deletes_then_the_table() -> None:
    plan = make_plan(make_update("a"), make_orphan("b"), make_delete("c"), make_refuse("e"), guards=(make_violation(),))
    body = plan_markdown(plan)
    heads = ["[!CAUTION]", "### Refused", "### Guards", "### Deletes", "|  | Assistant", "<details"]

    assert sorted(heads, key=body.index) == heads
    assert re.findall(r"^\| `(.+?)` ", body, re.MULTILINE) == ["!", "-", "~", "?"]


def test_what_a_branch_that_is_behind_would_undo_stands_under_the_title() -> None:
    keys = [f"assistant-{number}" for number in range(100)]
    causes = {make_id(key): (Cause.BEHIND,) for key in keys}
    body = plan_markdown(make_plan(*map(make_update, keys), base="b" * 40, causes=causes))

    title, blank, alert, *rest = body.splitlines()
    assert (title[:2], blank, alert) == ("##", "", "> [!CAUTION]")
    assert "This branch is behind" in rest[0]
    assert "`assistant-0`, `assistant-1`" in rest[0]
    assert re.search(r"\. This affects 100 assistants: .* and \d\d more\.$", rest[0])


def test_causes_are_a_column_only_if_changes_were_compared_with_a_base() -> None:
    assert "Comes from" not in plan_markdown(make_plan(make_update()))
    assert "Comes from" in plan_markdown(make_plan(make_update(), base="b" * 40))


def test_names_are_shown_if_they_differ_from_the_key() -> None:
    body = plan_markdown(make_plan(make_update("a", name="Helper"), make_update("b")))

    assert "| `a` (`Helper`) |" in body
    assert "| `b` | `agent` |" in body


def test_kept_assistants_are_only_counted() -> None:
    body = plan_markdown(make_plan(make_update(), make_keep("greeter"), make_keep("router")))

    assert "(2 unchanged)" in body
    assert "greeter" not in body


def test_all_that_json_counts_is_in_the_page() -> None:
    plan = examples.all_kinds()
    body = plan_markdown(plan)
    document = plan_json(plan, created_at="", tool_version="")

    for change in document["changes"]:
        if change["action"] == "keep":
            continue
        section = re.search(rf"<code>{re.escape(change['key'])}</code>(.*?)</details>", body, re.DOTALL)
        assert section is not None
        assert change["reason"] in section[1]
        for field in change["fields"]:
            assert re.search(rf"`([-+~] )?{re.escape(path_text(tuple(field['path'])))}", section[1])
        assert change["deferred"] is None or change["deferred"] in section[1]
    for warning in document["warnings"]:
        assert warning["message"] in body


def test_masked_values_are_in_no_page() -> None:
    secret = replace(changed("context.token", "hunter2", "hunter3"), sensitive=True)
    body = plan_markdown(make_plan(make_update("support", secret, masked("context.other"))))

    assert "hunter" not in body
    assert "2 (2 masked)" in body
    assert "`~ context.token`: sensitive value changed, not shown" in body


def _big(number: int, *, deletes: int = 0, key: str = "assistant-{:05}") -> Any:
    edit = changed("context.system_prompt", examples.PROMPT, examples.EDITED_PROMPT)
    return make_plan(
        *(make_update(key.format(one), edit) for one in range(number)),
        *(make_delete(f"old-{one:05}", removed("name", "x")) for one in range(deletes)),
        guards=(make_violation(),),
    )


@pytest.mark.parametrize(("changes", "deletes"), [(300, 5), (1_000, 20), (2_000, 10), (100, 300), (10, 1_500)])
def test_a_page_that_is_cut_names_every_changed_assistant(changes: int, deletes: int) -> None:
    body = plan_markdown(_big(changes, deletes=deletes))

    assert size(body) <= 65_536
    assert all(f"`assistant-{number:05}`" in body for number in range(changes))
    assert all(f"`old-{number:05}`" in body for number in range(deletes))
    assert make_violation().message in body
    assert body.index("`old-00000`") < body.index("`assistant-00000`")
    assert "**Truncated** (size limit)" in body
    page = rendered(body)
    assert page.oddities == []


def test_deletes_have_room_before_other_changes_and_what_has_none_is_counted() -> None:
    body = plan_markdown(_big(5_000, deletes=3_000))

    assert size(body) <= 65_536
    assert all(f"`old-{number:05}`" in body for number in range(3_000))
    named = len(set(re.findall(r"`assistant-\d{5}`", body)))
    assert f"{5_000 - named:,} more changed assistants, names omitted (size limit)" in body


def test_even_deletes_without_room_are_counted() -> None:
    body = plan_markdown(_big(10, deletes=20_000))
    named = len(set(re.findall(r"`old-\d{5}`", body)))

    assert size(body) <= 65_536
    assert named > 4_000
    assert f"- {20_000 - named:,} more, names omitted (size limit); `assistant-sync plan -v` shows all" in body


def test_the_room_that_short_sections_leave_goes_to_the_long_ones() -> None:
    long = "".join(f"{number} {'words ' * 20}\n" for number in range(90))
    body = plan_markdown(
        make_plan(
            make_update("a", changed("context.x", long, long.replace("words", "other"))),
            *(make_update(f"b{number}", changed("context.x", 1, 2)) for number in range(30)),
        )
    )

    assert "Truncated" not in body
    assert body.count("<details>") == 31
    assert "… 50 more lines" in body


def test_a_section_that_is_cut_counts_what_is_missing() -> None:
    long = "".join(f"{number} {'words ' * 100}\n" for number in range(90))
    changes = [make_update(key, *(added(f"context.x{n}", long) for n in range(20))) for key in "abcd"]
    body = plan_markdown(make_plan(*changes))

    assert size(body) <= 65_536
    assert body.count("<details>") == 4
    assert re.search(r"^- … \d+ fields not fully shown \(size limit\)$", body, re.MULTILINE)
    assert re.search(r"^… \d+ more lines? of this diff \(size limit\)$", body, re.MULTILINE)
    assert re.search(r"\*\*Truncated\*\* \(size limit\): 4 assistants with only part of them", body)


def test_warnings_are_cut_last_but_names_are_not_cut_for_them() -> None:
    warnings = tuple(make_warning(f"{number} " + "careful " * 200, f"k{number}") for number in range(300))
    body = plan_markdown(replace(_big(500), warnings=warnings))

    assert size(body) <= 65_536
    assert all(f"`assistant-{number:05}`" in body for number in range(500))
    assert re.search(r"^- \d+ more warnings omitted \(size limit\);", body, re.MULTILINE)
    assert "careful careful" in body


def test_a_page_without_room_for_a_plan_is_refused() -> None:
    with pytest.raises(ValueError, match="the minimum is 4096"):
        plan_markdown(make_plan(), limit=LEAST - 1)


@given(
    limit=st.integers(LEAST, 12_000),
    text=st.text(st.sampled_from("a`|\n\u202e\U000e0041😀<{+"), max_size=60),
    counts=st.tuples(*[st.integers(0, 60)] * 5),
    repeat=st.sampled_from([1, 100]),
)
def test_no_page_is_longer_than_its_limit(limit: int, text: str, counts: tuple[int, ...], repeat: int) -> None:
    creates, updates, deletes, refusals, others = counts
    long = text * repeat
    fields = [changed(("context", text), long, f"{long}\nx"), added("context.y", [long])]
    plan = make_plan(
        *(make_create(f"c{number}{long}", *fields, reason=long, deferred=long) for number in range(creates)),
        *(make_update(f"u{number}", *fields, name=long, graph_id=long) for number in range(updates)),
        *(make_delete(f"d{number}", *fields, reason=long) for number in range(deletes)),
        *(make_refuse(f"r{number}", reason=long) for number in range(refusals)),
        warnings=tuple(make_warning(long, text) for _ in range(others)),
        guards=tuple(make_violation(text, long) for _ in range(others)),
        causes={make_id(f"u{number}"): (Cause.BEHIND,) for number in range(updates)},
        **dict.fromkeys(("project", "target", "url", "base", "digest"), long),
    )
    body = plan_markdown(plan, limit=limit, title_note=long)

    assert size(body) <= limit
    assert rendered(body).oddities == []


def test_every_kind_of_change_has_its_symbol() -> None:
    body = plan_markdown(examples.all_kinds())

    for action in Action:
        shown = f"| `{action.symbol}` {action.value}" in body
        assert shown == (action not in (Action.KEEP, Action.REFUSE))
