"""The lock that an apply asks for: whether it needs one, under which name, and whether it can be kept."""

from __future__ import annotations

import getpass
import os
import platform
from typing import TYPE_CHECKING
from uuid import uuid4

from assistant_sync.errors import UnknownName
from assistant_sync.locking.lease import lowest_rate
from assistant_sync.locking.rows import LockTerms
from assistant_sync.model.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.model.plan import Plan
    from assistant_sync.model.project import Target
    from assistant_sync.transport import Pacer

_LONGEST_NAME = 200


def lock_terms(
    plan: Plan,
    target: Target,
    environ: Mapping[str, str],
    *,
    timeout: float,
    shares_assistants: bool = True,
    first_name: str | None = None,
) -> LockTerms | None:
    """The lock that carrying a plan out needs; None if it needs none: nothing would be sent, or it is off.

    Args:
        plan: What is carried out.
        target: Says how long the lock holds.
        environ: Names the job.
        timeout: Seconds to wait for somebody else's lock.
        shares_assistants: False if the deployment keeps assistants apart by user: who does not see the lock there does
            not see the assistants either.
        first_name: The first name that the project had, under which jobs of every name find the lock; None for the
            plan's.
    """
    if target.lease is None or plan.is_refused or not plan.sent:
        return None
    lock = Lock(
        project=first_name or plan.project,
        generation=0,
        holder=uuid4().hex,
        lease=target.lease,
        by=who(environ),
        commit=None if plan.commit is None else str(plan.commit),
    )
    return LockTerms(lock=lock, timeout=timeout, shares_assistants=shares_assistants)


def check_rate(target: Target, pacer: Pacer | None) -> None:
    """Refuse a budget of requests with which the lock would expire, whether or not this run will need it.

    Args:
        target: Says how long the lock holds.
        pacer: The budget; None for no limit.

    Raises:
        UnknownName: It is too low.
    """
    if pacer is None or target.lease is None or pacer.rate >= lowest_rate(target.lease):
        return
    message = (
        f"--max-rps {pacer.rate:g} is too low: the lock of target '{target.name}', whose lease is {target.lease:g} s, "
        "would expire during the apply; nothing was sent"
    )
    raise UnknownName(message, hint=f"use {lowest_rate(target.lease):g} or more, or a longer lease (lock: SECONDS)")


def who(environ: Mapping[str, str]) -> str:
    """Who runs this, for people who find the lock: the job if CI names it, or else user, machine and process."""
    if run := environ.get("GITHUB_RUN_ID"):
        server = environ.get("GITHUB_SERVER_URL", "https://github.com")
        name = f"{server}/{environ.get('GITHUB_REPOSITORY', '')}/actions/runs/{run}"
    else:
        name = environ.get("CI_JOB_URL") or f"{_user()}@{platform.node()}, process {os.getpid()}"
    return name[:_LONGEST_NAME]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "somebody"
