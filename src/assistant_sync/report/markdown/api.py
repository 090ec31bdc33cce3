"""What ``--format markdown`` renders: a function for each of its subjects in ``formats.FORMATS``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from assistant_sync.model.checked import CheckReport
    from assistant_sync.model.drift import DriftReport
    from assistant_sync.model.history import History
    from assistant_sync.model.plan import Plan
    from assistant_sync.report.options import Options


def plan(plan: Plan, _options: Options) -> Text:
    """Render a plan."""
    from assistant_sync.report.markdown.plan import plan_markdown

    return Text(plan_markdown(plan))


def drift(report: DriftReport, _options: Options) -> Text:
    """Render what has drifted."""
    from assistant_sync.report.markdown.drift import drift_markdown

    return Text(drift_markdown(report))


def history(history: History) -> Text:
    """Render the versions of an assistant."""
    from assistant_sync.report.markdown.history import history_markdown

    return Text(history_markdown(history))


def checks(report: CheckReport, _options: Options) -> Text:
    """Render what a check found."""
    from assistant_sync.report.markdown.checked import checks_markdown

    return Text(checks_markdown(report))
