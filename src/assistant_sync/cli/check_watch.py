"""``check --watch``: asks again whenever a file has changed, and shows what the answers changed by that."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NoReturn

from assistant_sync.cli.output import print_status
from assistant_sync.errors import AssistantSyncError
from assistant_sync.model.frozen import replace
from assistant_sync.operations.check import check
from assistant_sync.operations.watch import files_changed, files_signature, signature_of_answers
from assistant_sync.report.text.problems import error_text
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from assistant_sync.cli.output import Display
    from assistant_sync.model.checked import CheckedCase
    from assistant_sync.operations.check import CheckRequest, CheckResult


async def watch_files(request: CheckRequest, display: Display, show: Callable[[CheckResult], None]) -> NoReturn:
    """Check until somebody interrupts.

    Args:
        request: What to ask.
        display: Shows progress.
        show: Prints a result.
    """
    settings, before = request.plan.settings, _Answers()
    read: tuple[Path, ...] = ()
    while True:
        signature = await asyncio.to_thread(files_signature, settings, read)
        try:
            result = await check(request, _Unstoppable(), listener=display)
        except AssistantSyncError as error:
            display.clear()
            print_status(error_text(error))
        else:
            display.clear()
            show(before.changes(result))
            signature = await asyncio.to_thread(signature_of_answers, signature, read, result.files)
            read = result.files
        print_status("Watching the files of the project; Ctrl-C ends.")
        await files_changed(settings, read, signature)


class _Unstoppable:
    """Ctrl-C cancels the whole command, and each run cleans up after itself."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()

    def begin_asking(self) -> None:
        return


class _Answers:
    """The answers of the last check."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], CheckedCase] = {}

    def changes(self, result: CheckResult) -> CheckResult:
        """The result with the cases alone whose verdict or answer is another one than the last time."""
        report = result.report
        changed = [one for one in report.cases if not self._is_same(one)]
        self._known = {_name(one): one for one in report.cases}
        rest = len(report.cases) - len(changed)
        notes = (*report.notes, f"{plural(rest, 'case')} as before") if rest else report.notes
        return replace(result, report=replace(report, cases=tuple(changed), notes=notes))

    def _is_same(self, one: CheckedCase) -> bool:
        known = self._known.get(_name(one))
        return known is not None and _facts(known) == _facts(one)


def _name(one: CheckedCase) -> tuple[str, str, str]:
    return one.key, one.file, one.case


def _facts(one: CheckedCase) -> Sequence[object]:
    return one.verdict, one.after.shown.answer, one.after.shown.reasons, one.question
