"""What a person sees of a plan that is about to be carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click
from rich.text import Text

from assistant_sync.cli import plan_ui
from assistant_sync.cli.consent import Consent
from assistant_sync.cli.plan_ui import TerminalUI
from assistant_sync.operations.plan import PlanResult
from tests.builders import make_create, make_plan

if TYPE_CHECKING:
    import pytest


class _Display:
    """Whether a bar stands where something is printed."""

    is_shown = True

    def clear(self) -> None:
        self.is_shown = False


def test_the_bar_of_the_rendering_is_gone_before_the_plan_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    display, printed = _Display(), []

    def rendered(*_: object, **__: object) -> Text:
        display.is_shown = True
        return Text("plan")

    monkeypatch.setattr(plan_ui, "is_quiet", lambda _: False)
    monkeypatch.setattr(plan_ui, "is_verbose", lambda _: False)
    monkeypatch.setattr(plan_ui, "format_of", lambda _: "text")
    monkeypatch.setattr(plan_ui, "plan_text", rendered)
    monkeypatch.setattr(plan_ui, "print_data", lambda text: printed.append((text.plain, display.is_shown)))
    ctx = click.Context(click.Command("apply"))
    shown = TerminalUI(ctx, cast("Any", display), Consent.GIVEN, lambda _: "Apply this plan?")
    assert shown.approve(PlanResult(make_plan(make_create()), ()))
    assert printed == [("plan", False)]
