"""When a request is sent again, and after how long (docs/lifecycle.md)."""

from __future__ import annotations

import random
from enum import Enum
from typing import TYPE_CHECKING

from assistant_sync.errors import NotFound, RateLimited, Taken

if TYPE_CHECKING:
    from assistant_sync.errors import RemoteError
    from assistant_sync.transport.failures import FailedRequest

MAX_ATTEMPTS = 4
"""How often a request is sent at most. Only 429 goes on beyond: the server asked to come back."""

WAIT_BUDGET = 60.0
"""Seconds that one request may spend waiting between its attempts, whatever the server asks for."""

FIRST_PAUSE = 0.5
MAX_PAUSE = 10.0
"""Seconds; each pause doubles the previous one and is shortened at random by up to half, so that clients that
failed together do not return together."""


class Repeat(Enum):
    """What may be sent again."""

    READ = "read"
    """It changes nothing."""
    WRITE = "write"
    """A write that has the same effect twice as once."""
    UNSENT = "unsent"
    """A write that would take effect twice: only if the server cannot have begun it."""


def pause_before_next(failed: FailedRequest, repeat: Repeat, *, attempts: int, waited: float) -> float | None:
    """Return the seconds to wait before the next attempt.

    Args:
        failed: How the last attempt ended.
        repeat: What the request allows.
        attempts: How often it was sent.
        waited: The seconds waited between those attempts.

    Returns:
        None if the request is given up.
    """
    is_limited = isinstance(failed.error, RateLimited)
    is_allowed = repeat is not Repeat.UNSENT or is_limited or not failed.error.sent
    if not (failed.is_temporary and is_allowed and (attempts < MAX_ATTEMPTS or is_limited)):
        return None
    pause = min(FIRST_PAUSE * 2 ** (attempts - 1), MAX_PAUSE) * random.uniform(0.5, 1)  # noqa: S311 - no secret
    pause = max(pause, failed.wait or 0)
    return pause if waited + pause <= WAIT_BUDGET else None


def final_error(last: FailedRequest, in_doubt: FailedRequest | None) -> RemoteError:
    """Return the error to raise when a request is given up.

    Args:
        last: How its last attempt ended.
        in_doubt: An earlier attempt of a write that may have taken effect; None if there was none. An answer that
            reveals nothing about that attempt must not hide it.
    """
    if in_doubt is None or isinstance(last.error, Taken | NotFound) or last.error.may_have_landed:
        return last.error
    return in_doubt.error
