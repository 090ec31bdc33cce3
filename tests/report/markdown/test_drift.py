from __future__ import annotations

import pytest

from assistant_sync.model.frozen import replace
from assistant_sync.report.markdown.drift import drift_markdown
from assistant_sync.report.markdown.escape import size
from assistant_sync.report.markdown.fit import COMMENT_LIMIT
from tests.report import examples
from tests.report.golden import assert_golden
from tests.report.markdown.test_hostile import CORPUS
from tests.report.rendered import rendered


def test_no_drift_is_a_heading_and_where() -> None:
    assert drift_markdown(examples.no_drift()).startswith("## No drift: 12 owned assistants checked\n\n`acme` on")
    assert "<details>" not in drift_markdown(examples.no_drift())


@pytest.mark.parametrize("name", ["drift", "hostile_drift"])
def test_drift_looks_as_agreed(name: str) -> None:
    assert_golden(f"{name}.md", drift_markdown(getattr(examples, name)()))


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_hostile_texts_are_text_in_code_and_nothing_else(text: str) -> None:
    plain = rendered(drift_markdown(replace(examples.drift(), drifted=examples.drift().drifted[1:2])))
    one = replace(examples.drift().drifted[1], key=text, reason=text, source=text)
    page = rendered(drift_markdown(replace(examples.drift(), drifted=(one,), warnings=(text,), target=text)))
    assert "zqx" not in page.prose
    assert page.links == []
    assert page.oddities == []
    assert set(page.tags) <= {*plain.tags, "br"}


def test_a_page_keeps_its_limit_and_counts_what_is_left_out() -> None:
    one = examples.drift().drifted[1]
    many = tuple(replace(one, key=f"support-{number}") for number in range(2_000))
    page = drift_markdown(replace(examples.drift(), drifted=many))
    assert size(page) <= COMMENT_LIMIT
    assert "more row" in page
    assert "more assistants without room here" in page
