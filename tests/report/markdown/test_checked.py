from __future__ import annotations

import re
import time
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.checked import Verdict
from assistant_sync.report.markdown.checked import checks_markdown
from assistant_sync.report.markdown.escape import size
from assistant_sync.report.markdown.fit import COMMENT_LIMIT, LEAST
from assistant_sync.report.view.checked import Answers
from tests.report import check_examples as examples
from tests.report.check_examples import case, failed, hostile_everywhere, passed, report, undecided
from tests.report.golden import assert_golden
from tests.report.markdown.test_hostile import CORPUS, TAGS, WORD
from tests.report.rendered import rendered, to_html

if TYPE_CHECKING:
    from assistant_sync.model.checked import CheckReport

LIMITS = (LEAST, 6_000, 20_000, COMMENT_LIMIT)
ANY = st.text(
    st.characters(exclude_categories=[]) | st.sampled_from("`~|\\\n\r\t <>!-*_[](){}@#&;$:+/.\x1b\u202e"), max_size=80
)
PIECES = st.lists(
    st.sampled_from([*"`~|<>\n -+\\", "```", "~~~", "</details>", "<!--", "-->", "{+", "[-", "@octocat", "zqx", "\\|"]),
    max_size=30,
).map("".join)


def table_rows(body: str) -> list[str]:
    return [line for line in body.splitlines() if line.startswith("| ")]


def test_what_passed_and_did_not_change_is_a_row_and_nothing_else() -> None:
    body = checks_markdown(examples.quiet())
    assert table_rows(body)[2:] == [
        "| `ok` | `support` | `greets` | passed | passed, same answer | 1.2 s |",
        "| `ok` | `sales` | `greets twice` | passed | passed, same answer | 1.2 s |",
    ]
    assert body.endswith("| 1.2 s |\n")
    assert "<details" not in body


def test_without_cases_there_is_a_sentence() -> None:
    body = checks_markdown(report(unchanged=True))
    assert "**Nothing to check: the plan changes nothing.**" in body
    assert "|" not in body


@pytest.mark.parametrize("name", ["quiet", "mixed", "long", "hostile"])
def test_checks_look_as_agreed(name: str) -> None:
    assert_golden(f"checks_{name}.md", checks_markdown(getattr(examples, name)()))


def test_what_failed_comes_first_and_what_changed_has_a_section() -> None:
    page = rendered(checks_markdown(examples.mixed()))
    assert page.tags.count("details") == 6
    assert [one for one in page.quoted if one in ("FAIL", "??", "ok")] == [
        *["FAIL"] * 3, *["??"] * 2, *["ok"] * 3, *["FAIL"] * 3, *["??"] * 2, "ok",
    ]  # fmt: skip


def test_a_single_section_is_open() -> None:
    assert "<details open>" in checks_markdown(report(case("a", None, failed())))
    assert "<details open>" not in checks_markdown(examples.mixed())


def test_the_words_that_differ_are_marked_and_explained() -> None:
    body = checks_markdown(report(case("a", passed("Yes, on Monday."), failed("Yes, on Friday."))))
    assert "- Yes, on [-Monday-].\n+ Yes, on {+Friday+}.\n" in body
    assert "mark the words that differ" in body


def test_answers_that_appear_or_are_gone_are_named_as_that() -> None:
    new = checks_markdown(report(case("a", undecided(), failed("Hello."))))
    gone = checks_markdown(report(case("a", passed("Hello."), undecided())))
    assert "No answer before; now:\n\n```diff\n  Hello.\n```" in new
    assert "No answer any more; before:\n\n```diff\n  Hello.\n```" in gone


def test_a_page_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="minimum is 4096"):
        checks_markdown(examples.quiet(), limit=LEAST - 1)


@pytest.mark.parametrize("limit", LIMITS)
def test_of_many_cases_those_that_passed_lose_their_rows_first(limit: int) -> None:
    many = [case(f"good {number}", None, passed()) for number in range(2_000)]
    body = checks_markdown(report(*many, case("bad", None, failed())), limit=limit)
    assert size(body) <= limit
    assert "`bad` | not asked | failed | 1.2 s |" in table_rows(body)[2]
    assert "<summary><code>FAIL</code> <code>support</code>: <code>bad</code></summary>" in body
    (rest,) = re.findall(r"… ([\d,]+) more cases without a row \(size limit: ([\d,]+) passed\)", body)
    assert rest[0] == rest[1]
    assert int(rest[0].replace(",", "")) == 2_001 - (len(table_rows(body)) - 2)


@pytest.mark.parametrize("limit", LIMITS)
def test_cases_without_room_are_counted_and_the_log_is_named(limit: int) -> None:
    many = [case(f"bad {number}", passed(examples.POLICY * 9), failed("Hm.\n" * 90)) for number in range(300)]
    body = checks_markdown(report(*many), limit=limit)
    assert limit // 2 < size(body) <= limit
    assert re.search(r"\*\*Truncated\*\* \(size limit\): \d+ cases without details.*; the log of the run has", body)


def test_a_long_answer_is_cut_before_a_case_is() -> None:
    cases = [case(f"bad {number}", None, failed(f"{'word ' * 30}\n" * 30, reasons=("no",))) for number in range(5)]
    body = checks_markdown(report(*cases), limit=16_000)
    assert size(body) <= 16_000
    assert body.count("<details>") == 5
    assert "more lines of this answer (size limit)" in body
    assert "cases with only part of them; the log of the run has the rest" in body


def test_a_long_reason_is_cut_if_there_is_little_room() -> None:
    reasons = tuple(f"{number} {'because ' * 200}" for number in range(30))
    body = checks_markdown(report(case("a", None, failed("Hm.", reasons=reasons))), limit=LEAST)
    assert "- `0 because because" in body
    assert "more reasons (size limit)" in body
    assert size(body) <= LEAST


def test_notes_take_a_part_of_the_page_only() -> None:
    notes = tuple(f"note {number}: {'words ' * 100}" for number in range(100))
    body = checks_markdown(report(case("a", None, failed("Hm.")), notes=notes), limit=6_000)
    assert "more notes (size limit); the log of the run has the rest" in body
    assert "<details open>" in body
    assert size(body) <= 6_000


def test_a_page_of_large_answers_is_made_in_time() -> None:
    words = [" ".join(f"{start + number}" for number in range(4_000)) for start in range(2)]
    shown = report(*[case(f"bad {number}", passed(words[0]), failed(words[1])) for number in range(200)])
    start = time.monotonic()
    assert size(checks_markdown(shown)) <= COMMENT_LIMIT
    assert time.monotonic() - start < 20


@cache
def our_words() -> frozenset[str]:
    """All words that stand outside code where nothing is hostile."""
    shown = [examples.mixed(), examples.long(), examples.quiet(), report(unchanged=True), report(is_interrupted=True)]
    shown += [hostile_everywhere(text) for text in ("calm", "calm " * 500, "calm\n" * 500)]
    bodies = [checks_markdown(one, limit=limit) for one in shown for limit in LIMITS]
    words = {word for body in bodies for word in WORD.findall(rendered(body).prose)}
    counted = {f"{noun}{end}" for noun in ("character", "case", "note", "reason", "line", "row") for end in ("", "s")}
    cut = "not shown, size limit, empty, more without a row, details and with only part of them; the log has the rest"
    cut += f", now {' '.join(f'{one.value} {one.value.capitalize()}' for one in Answers)}"
    return frozenset(words | counted | set(WORD.findall(cut)))


def assert_inert(shown: CheckReport, limit: int) -> None:
    body = checks_markdown(shown, limit=limit)
    page = rendered(body)

    body.encode()
    assert size(body) <= limit
    assert set(page.tags) <= TAGS | {"h3"}
    assert page.oddities == []
    assert page.links == []
    assert not set(WORD.findall(page.prose)) - our_words()
    assert not re.search(r"[@#$|\[\]{}<>~_\\/\x00-\x09\x0b-\x1f\x7f]|[0-9a-f]{7}|:\w+:|://", page.prose)
    assert page.tags.count("details") == page.tags.count("summary")
    assert not re.search(r"<!--\s*assistant-sync", body, re.IGNORECASE)
    assert not {char for code in page.quoted for char in code if char in "\x1b\u202e\u200b\u2066\x00\r\t\x85\u2028"}
    assert_columns(body)


def assert_columns(body: str) -> None:
    """Each row has six cells: in the source, and as GitHub reads it, which would cut further ones off."""
    for row in table_rows(body):
        assert len(re.split(r"(?<!\\)\|", row)) == 8
    for row in re.findall(r"<tr>.*?</tr>", to_html(body), re.DOTALL)[1:]:
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        assert len(cells) == 6
        assert re.fullmatch(r"<code>(ok|FAIL|\?\?)</code>", cells[0])
        assert re.fullmatch(r"1\.2 s", cells[-1])


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_a_hostile_text_is_text_inside_code_and_nothing_else(text: str) -> None:
    for limit in LIMITS:
        assert_inert(hostile_everywhere(text), limit)
    if len(text) < 1_000:
        assert any("zqx" in code for code in rendered(checks_markdown(hostile_everywhere(text))).quoted)


@given(ANY | PIECES, st.sampled_from(LIMITS))
def test_any_text_is_text_inside_code_and_nothing_else(text: str, limit: int) -> None:
    assert_inert(hostile_everywhere(text), limit)


@given(
    st.lists(ANY | PIECES, min_size=5, max_size=5),
    st.integers(0, 400),
    st.integers(LEAST, 20_000) | st.just(COMMENT_LIMIT),
)
def test_any_texts_of_any_length_keep_the_limit(texts: list[str], times: int, limit: int) -> None:
    key, name, question, before, after = (text * times for text in texts)
    one = failed(after, reasons=(before, question), judgements=(name,))
    cases = [case(name, side, one, key=key, file=key, question=question) for side in (None, passed(before), one)]
    assert_inert(report(*cases, project=key, target=name, url=question, notes=(before, after)), limit)


@pytest.mark.parametrize("words", ["a", "`", "<", "\U0001f600", "\u202e"])
def test_sections_that_fill_the_page_keep_every_limit(words: str) -> None:
    for limit in range(LEAST, LEAST + 1_500, 7):
        cases = [case(f"{number}", None, failed(f"{words * number}\n" * 9, reasons=("no",))) for number in range(9)]
        assert size(checks_markdown(report(*cases), limit=limit)) <= limit


def test_each_verdict_is_named() -> None:
    body = checks_markdown(examples.mixed())
    assert all(f"| {one.value}" in body for one in Verdict)
