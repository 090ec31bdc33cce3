"""What is told of a run is what pytest reported."""

from __future__ import annotations

from tests.conformance.scenarios import outcomes

REPORT = """
<testsuites><testsuite tests="6">
<testcase classname="tests.conformance.test_a" name="test_one[js]" time="0.1" />
<testcase classname="tests.conformance.test_a" name="test_two[js]"><failure message="1 == 2">.</failure></testcase>
<testcase classname="tests.conformance.test_a" name="test_two[js]"><error message="clean-up">...</error></testcase>
<testcase classname="tests.conformance.test_a" name="test_three[js]"><error message="set-up">...</error></testcase>
<testcase classname="tests.conformance.test_b" name="test_four[js]"><skipped message="has no runs" /></testcase>
<testcase classname="tests.conformance.test_b" name="test_five[js]"><skipped message="has no runs" /></testcase>
</testsuite></testsuites>
"""


def test_a_report_is_counted() -> None:
    found = outcomes(REPORT)
    assert found.passed == 1
    assert found.failed == (
        "tests.conformance.test_a::test_two[js]",
        "tests.conformance.test_a::test_three[js]",
    )
    assert found.left_out == {"has no runs": 2}


def test_an_empty_report_passes_nothing() -> None:
    assert outcomes("<testsuites/>").passed == 0
