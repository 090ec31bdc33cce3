"""The status of a commit, which a pull request shows and a rule may require."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Literal, TypeAlias

from assistant_sync.errors import ForgeError

if TYPE_CHECKING:
    from assistant_sync.forge.github.api import GitHub

StatusState: TypeAlias = Literal["pending", "success", "failure", "error"]

LONGEST_DESCRIPTION = 140
"""Characters; GitHub refuses a longer one."""

_ATTEMPTS = 3
_PAUSE = 2.0
"""Seconds before a status whose answer was lost is sent again."""

_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_INVISIBLE = frozenset({"Cf", "Cs"})
"""Categories of Unicode: marks of direction and the like, and halves of characters."""


async def set_status(
    github: GitHub,
    repository: str,
    sha: str,
    *,
    context: str,
    state: StatusState,
    description: str,
    url: str | None,
) -> None:
    """Set the status of a commit. The newest of a context counts, so a lost one is sent again.

    Args:
        github: The connection.
        repository: ``owner/name``.
        sha: The commit: of a pull request its head, because nothing shows the statuses of its merge's result.
        context: What the status is about.
        state: How it is.
        description: Shown beside it; what does not fit is cut.
        url: The page with the details.

    Raises:
        ForgeError: It could not be set, or it is unknown whether it was.
    """
    body = {"state": state, "context": context, "description": _line(description)}
    if url is not None:
        body["target_url"] = url
    for attempt in range(_ATTEMPTS):
        try:
            await github.send("POST", f"/repos/{repository}/statuses/{sha}", body)
        except ForgeError as error:
            if not error.in_doubt or attempt == _ATTEMPTS - 1 or not await github.wait(_PAUSE):
                raise
        else:
            return


def _line(text: str) -> str:
    """One line without control characters, cut to what GitHub takes."""
    shown = "".join(
        " " if category in _BREAKS else character
        for character in text
        if (category := unicodedata.category(character)) not in _INVISIBLE
    )
    line = " ".join(shown.split())
    return line if len(line) <= LONGEST_DESCRIPTION else f"{line[: LONGEST_DESCRIPTION - 1]}…"
