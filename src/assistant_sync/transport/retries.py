"""When a request is sent again, and after how long (docs/lifecycle.md)."""

from __future__ import annotations

import random
from enum import Enum
from typing import TYPE_CHECKING

from assistant_sync.errors import NotFound, RateLimited, Taken

if TYPE_CHECKING:
    from assistant_sync.errors import RemoteError
    from assistant_sync.transport.failures import Failure

MOST_TRIES = 4
"""Times that a request is sent in all. Only 429 goes on beyond: the server said to come back."""

WAIT_BUDGET = 60.0
"""Seconds that one request may spend waiting between its tries, whatever the server asks for."""

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
"""Seconds; each pause doubles the one before and is shortened at random by up to half, so that clients that
failed together do not come back together."""


class Repeat(Enum):
    """What may be sent again."""

    READ = "read"
    """It changes nothing."""
    WRITE = "write"
    """A write that has the same effect twice as once."""
    UNSENT = "unsent"
    """A write that would take effect twice: only where the server surely has not begun it."""


def pause_before_next(failure: Failure, repeat: Repeat, *, tries: int, waited: float) -> float | None:
    """The seconds to wait before the next try.

    Args:
        failure: How the last try ended.
        repeat: What the request allows.
        tries: How often it was sent.
        waited: The seconds waited between those tries.

    Returns:
        None where the failure stands.
    """
    is_limited = isinstance(failure.error, RateLimited)
    is_allowed = repeat is not Repeat.UNSENT or is_limited or not failure.error.sent
    if not (failure.may_pass and is_allowed and (tries < MOST_TRIES or is_limited)):
        return None
    pause = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE) * random.uniform(0.5, 1)  # noqa: S311 - no secret
    pause = max(pause, failure.wait or 0)
    return pause if waited + pause <= WAIT_BUDGET else None


def final_error(last: Failure, doubt: Failure | None) -> RemoteError:
    """The error to raise when a request is given up.

    Args:
        last: How its last try ended.
        doubt: An earlier try of a write that may have taken effect; None where there was none. An answer that
            tells nothing about that try must not hide it.
    """
    if doubt is None or isinstance(last.error, Taken | NotFound) or last.error.may_have_landed:
        return last.error
    return doubt.error
