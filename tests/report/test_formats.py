from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, get_args

import pytest
from rich.text import Text

from assistant_sync.model.aftermath import RollbackReport, UndeleteReport
from assistant_sync.model.diagnosis import Diagnosis
from assistant_sync.report.formats import FORMATS, Subject, renderer
from assistant_sync.report.json.document import dumps
from assistant_sync.report.options import Options
from tests.builders import CREATED_AT, make_keep, make_outcome, make_plan, make_result
from tests.report import check_examples, examples

if TYPE_CHECKING:
    from types import ModuleType

SHOWN: dict[Subject, tuple[Any, ...]] = {
    "plan": (make_plan(), Options(created_at=CREATED_AT)),
    "result": (make_result(make_outcome()), Options()),
    "problems": (examples.problems(), 12),
    "diagnosis": (Diagnosis("acme", "production", "https://acme.example", ()), Options()),
    "locks": ((),),
    "drift": (examples.drift(), Options()),
    "pulled": (examples.pulled(), Options()),
    "files": ("acme", ("assistant-sync.yaml",)),
    "history": (examples.history(),),
    "show": (examples.shown(),),
    "diff": (examples.compared(), Options()),
    "outputs": (examples.outputs(),),
    "rollback": (RollbackReport(make_result(make_outcome()), "support", 3), Options()),
    "undelete": (
        UndeleteReport(result=make_result(make_outcome()), key="a", assistant_id="b", archive="c", versions=1),
        Options(),
    ),
    "archives": ((),),
    "schema_files": (examples.schema_files(),),
    "checks": (check_examples.mixed(), Options()),
    "run": (examples.answered(),),
}


def api_of(name: str) -> ModuleType:
    return import_module(f"assistant_sync.report.{name}.api")


@pytest.mark.parametrize(("name", "subject"), [(name, one) for name, subjects in FORMATS.items() for one in subjects])
def test_a_format_renders_what_it_lists(name: str, subject: Subject) -> None:
    rendered = renderer(name, subject)(*SHOWN[subject])

    if isinstance(rendered, Text):
        assert rendered.plain
    else:
        assert dumps(rendered)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_lists_what_it_renders(name: str) -> None:
    functions = {
        word for word, value in vars(api_of(name)).items() if getattr(value, "__module__", "") == api_of(name).__name__
    }

    assert functions == set(FORMATS[name])
    assert functions <= set(get_args(Subject))


def test_every_subject_has_a_text_and_a_document() -> None:
    for name in ("text", "json"):
        assert set(FORMATS[name]) == set(get_args(Subject))


def test_verbose_plans_show_what_is_kept() -> None:
    plan = make_plan(make_keep("greeter"))
    text, verbose = (str(renderer("text", "plan")(plan, Options(verbose=one))) for one in (False, True))

    assert ("greeter" in text, "greeter" in verbose) == (False, True)


def test_the_time_of_planning_is_in_the_document() -> None:
    document = renderer("json", "plan")(make_plan(), Options(created_at=CREATED_AT))

    assert not isinstance(document, Text)
    assert document["created_at"] == CREATED_AT
