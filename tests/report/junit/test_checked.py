from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from assistant_sync.model.checked import Side, Verdict
from assistant_sync.report.escape import escape_invisible
from assistant_sync.report.formats import renderer
from assistant_sync.report.junit.checked import checks_junit
from assistant_sync.report.options import Options
from tests.report import check_examples as examples
from tests.report.check_examples import case, failed, hostile_everywhere, passed, report, sample, undecided
from tests.report.golden import assert_golden, printed
from tests.report.markdown.test_hostile import CORPUS

if TYPE_CHECKING:
    from assistant_sync.model.checked import CheckedCase, CheckReport

ANY = st.text(st.characters(exclude_categories=[]) | st.sampled_from("<>&'\"]\n\r\t\x00\x1b\u202e\ufffe"), max_size=60)
PIECES = st.lists(
    st.sampled_from(["]]>", "<![CDATA[", "&amp;", "&#27;", "&x;", "</testcase>", "<!--", "-->", "<?x", '"', "'", "zqx"])
).map("".join)


def parsed(shown: CheckReport) -> ET.Element:
    return ET.fromstring(checks_junit(shown))  # noqa: S314 - it is our own


def counts(suite: ET.Element) -> tuple[int, ...]:
    return tuple(int(suite.get(name, "")) for name in ("tests", "failures", "errors"))


def output(element: ET.Element) -> str:
    return element.findtext("system-out", "")


def test_what_passed_and_did_not_change_is_one_test_case_each() -> None:
    suite = parsed(examples.quiet())
    assert suite.get("name") == "assistant-sync checks acme-support on production"
    assert counts(suite) == (2, 0, 0)
    assert [(one.get("classname"), one.get("name"), one.get("time")) for one in suite.findall("testcase")] == [
        ("support", "greets", "1.250"),
        ("sales", "greets twice", "1.250"),
    ]
    assert "same answer:\n| Hello! How can I help you today?\n" in output(suite[1])


def test_a_suite_without_cases_is_well_formed() -> None:
    assert counts(parsed(report(commit=None))) == (0, 0, 0)


@pytest.mark.parametrize("name", ["quiet", "mixed", "hostile"])
def test_checks_look_as_agreed(name: str) -> None:
    rendered = renderer("junit", "checks")(getattr(examples, name)(), Options())
    assert isinstance(rendered, Text)
    assert_golden(f"checks_{name}.xml", printed(rendered))
    assert printed(rendered, colours=True) == printed(rendered)


def test_a_failure_names_what_does_not_hold_and_an_error_why_it_is_undecided() -> None:
    suite = parsed(examples.mixed())
    by_name = {one.get("name"): one for one in suite.findall("testcase")}
    assert counts(suite) == (8, 3, 2)
    failure, error = by_name["returns"][0], by_name["errs"][0]
    assert (failure.tag, error.tag) == ("failure", "error")
    assert failure.get("message") == "the answer does not contain '30 days' (passed before)"
    assert error.get("message") == "the run ended with an error: rate limit (passed before)"
    assert "checks/support.yaml:11" in (failure.text or "")
    assert "judge: It does not name the days.\n" in (failure.text or "")


def test_a_failure_without_a_reason_has_its_verdict_as_its_message() -> None:
    assert parsed(report(case("a", None, failed(reasons=()))))[1][0].get("message") == "failed"


def test_the_answers_of_both_sides_are_in_the_output() -> None:
    (shown,) = parsed(report(case("a", passed("Monday.\nOr so."), failed("Friday.")))).findall("testcase")
    assert output(shown).endswith("answer before:\n| Monday.\n| Or so.\nanswer:\n| Friday.\n")
    (gone,) = parsed(report(case("a", passed("Monday."), undecided()))).findall("testcase")
    assert output(gone).endswith("answer before:\n| Monday.\nno answer any more\n")


def test_the_time_is_that_of_all_runs() -> None:
    side = Side(Verdict.PASSED, (sample(), sample(), sample(seconds=None)))
    assert parsed(report(case("a", None, side)))[1].get("time") == "2.500"


@pytest.mark.parametrize("cases", [(), (case("a", None, passed()),)])
def test_what_was_interrupted_is_never_green(cases: tuple[CheckedCase, ...]) -> None:
    suite = parsed(report(*cases, is_interrupted=True))
    assert counts(suite) == (len(cases) + 1, 0, 1)
    assert suite.find("testcase/error[@type='interrupted']") is not None


def test_notes_and_what_no_check_is_about_are_in_the_output_of_the_suite() -> None:
    assert output(parsed(examples.mixed())).splitlines() == [
        "8 cases: 3 passed, 3 failed, 2 undecided.",
        "Note: the answers before come from version 3",
        "Note: 3 cases that passed before do not pass now",
        "Note: no check is about 2 changed assistants: billing, sales",
    ]


def assert_inert(text: str) -> None:
    shown = hostile_everywhere(text)
    suite, calm = parsed(shown), parsed(hostile_everywhere("calm"))
    xml = printed(renderer("junit", "checks")(shown, Options()))  # type: ignore[arg-type]  # a text

    assert not re.search(r"[^\n -~]", xml)
    assert "<!" not in xml
    assert xml.count("<?") == 1
    assert ET.canonicalize(xml) == ET.canonicalize(checks_junit(shown))
    assert set(re.findall(r"&[^;]*;", xml)) <= {"&lt;", "&gt;", "&amp;", "&quot;", "&#10;", *re.findall(r"&#\d+;", xml)}
    assert {(one.tag, *one.attrib) for one in suite.iter()} == {(one.tag, *one.attrib) for one in calm.iter()}
    assert counts(suite) == (4, 1, 1)
    for one in suite.findall("testcase"):
        assert one.get("classname") == one.get("name") == escape_invisible(text)


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_a_hostile_text_is_text_and_nothing_else(text: str) -> None:
    assert_inert(text[:10_000])  # nothing is cut, and a text is in many places


@given(ANY | PIECES)
def test_any_text_is_text_and_nothing_else(text: str) -> None:
    assert_inert(text)
