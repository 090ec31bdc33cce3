"""What ``--format junit`` renders: a function for each of its subjects in ``formats.FORMATS``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from assistant_sync.model.checked import CheckReport
    from assistant_sync.report.options import Options


def checks(report: CheckReport, _options: Options) -> Text:
    """Render what a check found."""
    from assistant_sync.report.junit.checked import checks_junit

    return Text(checks_junit(report))
