"""Who wrote some commits, and what their messages begin with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant_sync.model.provenance import CommitFacts
from assistant_sync.redaction import redact_text
from assistant_sync.repository.command import run_checked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.repository.worktree import WorkTree

_HASH = re.compile(r"[0-9a-f]{7,64}")
_MOST_CHARACTERS = 200  # of a name, and of a subject
_MOST_READ = 10_000


def read_commits(tree: WorkTree, names: Iterable[str]) -> dict[str, CommitFacts]:
    """Read commits by their hashes; one git process, however many there are.

    The texts come from the deployment and are untrusted: only those that look like a hash reach git, and only through
    stdin. ``git log`` would do the same with fewer lines, but may run the program that a setting names for signatures.

    Args:
        tree: The work tree.
        names: Hashes, with or without ``-dirty`` at the end.

    Returns:
        Only those that are in this repository, by the texts that were asked for; none without git.

    Raises:
        RepositoryError: Git failed.
    """
    hashes = {name: name.removesuffix("-dirty").lower() for name in names}
    asked = sorted({sha for sha in hashes.values() if _HASH.fullmatch(sha)})
    if not asked or not tree.is_git:
        return {}
    # Of what is no commit only the name comes back, however large it is.
    stdin = "".join(f"{sha}^{{commit}}\n" for sha in asked).encode()
    output = run_checked(tree.top, ["cat-file", "--batch"], stdin=stdin)
    found: dict[str, CommitFacts] = {}
    at = 0
    for sha in asked:
        end = output.index(b"\n", at)
        answer = output[at:end].decode("ascii", "replace").split(" ")
        at = end + 1
        if answer[-1] in ("missing", "ambiguous"):
            continue
        size = int(answer[2])
        # A branch may have the name of an abbreviated hash.
        if answer[0].startswith(sha):
            found[sha] = _facts(answer[0], output[at : at + size])
        at += size + 1
    return {name: found[sha] for name, sha in hashes.items() if sha in found}


def _facts(sha: str, data: bytes) -> CommitFacts:
    head, _, message = _decoded(data).partition("\n\n")
    author = next((line for line in head.split("\n") if line.startswith("author ")), "")
    # The name ends at the last "<": the address cannot hold one.
    name = author.removeprefix("author ").rpartition("<")[0].strip()
    subject = " ".join(message.lstrip("\n").partition("\n\n")[0].split("\n")).strip()
    return CommitFacts(sha, _shown(name), _shown(subject))


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _shown(text: str) -> str:
    """A text masked, then cut: a credential that is cut in two would not be known for one."""
    text = redact_text(text[:_MOST_READ])
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
