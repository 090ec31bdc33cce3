from __future__ import annotations

import math

from assistant_sync.report.json.document import dumps
from assistant_sync.report.json.show import show_json
from assistant_sync.report.text.show import show_text
from tests.report import examples
from tests.report.golden import assert_golden, printed


def test_what_yaml_cannot_carry_has_no_text() -> None:
    assert show_text(examples.shown(yaml=None)).plain == ""


def test_the_yaml_is_printed_as_it_is() -> None:
    shown = examples.shown(yaml="key: support\nname: '[bold]x[/] :smile:'\n")
    assert printed(show_text(shown)) == shown.yaml


def test_json() -> None:
    assert_golden("show.json", dumps(show_json(examples.shown())) + "\n")


def test_numbers_that_json_does_not_have_are_texts() -> None:
    assert show_json(examples.shown(fields={"config": {"x": math.nan}}))["manifest"] == {"config": {"x": "NaN"}}
