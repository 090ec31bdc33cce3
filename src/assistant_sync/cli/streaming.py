"""Printing a run while it goes on: the answer word by word on a terminal, or a line of JSON for each event."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from assistant_sync.checking.answers import spoken_text
from assistant_sync.cli.output import print_data, print_part
from assistant_sync.redaction import mask_values, redact_text
from assistant_sync.report.text.run import answer_text

if TYPE_CHECKING:
    from assistant_sync.model.asked import AnsweredRun
    from assistant_sync.model.values import JsonValue


class RunPrinter:
    """Prints a run; this one prints nothing."""

    def __call__(self, event: str, data: JsonValue) -> None:
        """Print one event, or keep it."""

    def end(self, answered: AnsweredRun) -> None:
        """Print what is left once the run has ended."""


def printer_of(stream: str, *, is_silent: bool) -> RunPrinter:
    """What prints a run.

    Args:
        stream: ``messages``, ``updates`` or ``values``.
        is_silent: Whether a document follows that has everything.
    """
    if is_silent:
        return RunPrinter()
    return _Answer() if stream == "messages" else _Events(stream)


class _Events(RunPrinter):
    def __init__(self, stream: str) -> None:
        self._stream = stream

    def __call__(self, event: str, data: JsonValue) -> None:
        # The server may qualify the name by the subgraph: "updates|agent".
        if event.partition("|")[0] == self._stream:
            masked, _ = mask_values(data)
            print_data(answer_text(json.dumps(masked, ensure_ascii=False, default=str)))


class _Answer(RunPrinter):
    """Prints whole words: a secret that arrives in parts is then masked like any other."""

    def __init__(self) -> None:
        self._streams = sys.stdout.isatty()
        self._printed = ""
        self._held = ""

    def __call__(self, event: str, data: JsonValue) -> None:
        if not self._streams or event.partition("|")[0] != "messages":
            return
        self._held += spoken_text(data)
        cut = max(self._held.rfind(blank) for blank in " \n") + 1
        self._print(self._held[:cut])
        self._held = self._held[cut:]

    def end(self, answered: AnsweredRun) -> None:
        self._print(self._held)
        if self._printed and not self._printed.endswith("\n"):
            print_part("\n")
        answer = answered.answer or ""
        if answer and not self._printed.strip().endswith(answer.strip()):
            print_data(answer_text(answer))

    def _print(self, text: str) -> None:
        if text:
            self._printed += text
            print_part(redact_text(text))
