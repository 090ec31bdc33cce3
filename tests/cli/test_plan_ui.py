"""What a person sees of a plan that is about to be carried out."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any, cast

import click
import pytest
from rich.text import Text

from assistant_sync.cli import plan_ui
from assistant_sync.cli.consent import Consent
from assistant_sync.cli.plan_ui import TerminalUI
from assistant_sync.cli.signals import handlers_kept
from assistant_sync.operations.plan import PlanResult
from tests.builders import make_create, make_plan

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.usefixtures("handlers")


@pytest.fixture
def handlers() -> Iterator[None]:
    """Signal handlers as they are at first, given back afterwards."""
    with handlers_kept():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        yield


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_busy_event_loop_does_not_hide_a_signal(number: signal.Signals, capsys: pytest.CaptureFixture[str]) -> None:
    ctx = click.Context(click.Command("apply"), obj={})
    shown = TerminalUI(ctx, cast("Any", _Display()), Consent.GIVEN, lambda _: "Apply this plan?")

    async def main() -> None:
        shown.begin_writes()
        assert not shown.is_stopping()
        os.kill(os.getpid(), number)
        assert (shown.is_stopping(), shown.stop.is_set()) == (True, False)
        await asyncio.sleep(0)
        assert shown.stop.is_set()

    asyncio.run(main())
    assert shown.is_terminated == (number is signal.SIGTERM)
    assert capsys.readouterr().err.startswith("Interrupted: finishing what is in flight.")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler  # the second one aborts
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
