"""Who agrees to a write: the command line, CI, a saved plan, or a person on the terminal."""

from __future__ import annotations

import sys
from enum import Enum

from assistant_sync.cli.output import confirmed
from assistant_sync.errors import NotConfirmed


class Consent(Enum):
    """Where the consent to a write comes from."""

    GIVEN = "given"
    ASKED = "asked"
    """Of the person on the terminal."""
    MISSING = "missing"
    """Nobody gave it, and nobody can be asked: a pipe's "no" must not be taken for a "yes"."""


def consent(*, given: bool) -> Consent:
    """Return where the consent to a write comes from.

    Args:
        given: Whether the command line, a saved plan or CI gives it.
    """
    if given:
        return Consent.GIVEN
    return Consent.ASKED if sys.stdin is not None and sys.stdin.isatty() else Consent.MISSING


def is_agreed(source: Consent, question: str, *, command: str) -> bool:
    """Return whether to go on, asking if somebody is there to be asked.

    Args:
        source: Where the consent comes from.
        question: For the person on the terminal.
        command: The command that needs it.

    Raises:
        NotConfirmed: Nobody gave it, and nobody can be asked.
    """
    if source is Consent.MISSING:
        message = f"{command} asks before it writes, and there is no terminal to ask on; nothing was written"
        raise NotConfirmed(message, hint=_WAYS_OUT[command])
    return source is Consent.GIVEN or confirmed(question)


_WAYS_OUT = {
    "apply": "Add --yes, or pass a saved plan: `assistant-sync apply PLANFILE` writes what that plan shows",
    "unlock": "Add --yes",
    "rollback": "Add --yes; this command needs it in CI, too",
    "undelete": "Add --yes; this command needs it in CI, too",
    "forget": "Add --yes; this command needs it in CI, too",
}
