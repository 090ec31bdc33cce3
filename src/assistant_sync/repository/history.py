"""How the commits in the deployment's stamps relate to HEAD."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant_sync.model.provenance import Ancestry
from assistant_sync.repository.command import run_checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assistant_sync.repository.worktree import WorkTree

_HASH = re.compile(r"[0-9a-f]{7,64}")


def ancestry(tree: WorkTree, shas: Iterable[str]) -> dict[str, Ancestry]:
    """How commits relate to HEAD; at most two git processes, however many commits.

    The texts come from the deployment and are untrusted: only those that look like a hash reach git, and only through
    stdin.

    Args:
        tree: The work tree.
        shas: Hashes, with or without ``-dirty`` at the end.

    Returns:
        One entry for each text.

    Raises:
        RepositoryError: Git failed.
    """
    hashes = {text: text.removesuffix("-dirty").lower() for text in shas}
    asked = sorted({sha for sha in hashes.values() if _HASH.fullmatch(sha)}) if tree.is_git else []
    if not asked:
        return dict.fromkeys(hashes, Ancestry.UNKNOWN)
    head, commits = _resolve(tree, asked)
    missing = Ancestry.UNKNOWN if tree.is_shallow else Ancestry.ABSENT
    known = {sha: commit for sha, commit in commits.items() if commit}
    relations = _relations(tree, head, set(known.values()))
    answers = {sha: relations[commit] for sha, commit in known.items()}
    answers |= {sha: Ancestry.UNKNOWN if commit is None else missing for sha, commit in commits.items() if not commit}
    return {text: answers.get(sha, Ancestry.UNKNOWN) for text, sha in hashes.items()}


def _resolve(tree: WorkTree, asked: list[str]) -> tuple[str | None, dict[str, str | None]]:
    """HEAD and the full hash of each commit: "" if it is missing, None if the text is ambiguous."""
    stdin = "".join(f"{name}\n" for name in ["HEAD", *asked]).encode()
    output = run_checked(tree.top, ["cat-file", "--batch-check"], stdin=stdin).decode()
    answers = [line.split(" ") for line in output.splitlines() if line]

    def commit(name: str, answer: list[str]) -> str | None:
        if answer[1] == "ambiguous" or (answer[1] == "commit" and not answer[0].startswith(name)):
            return None  # the second: a branch has the name of an abbreviated hash
        return answer[0] if answer[1] == "commit" else ""

    head = answers[0][0] if answers[0][1] == "commit" else None
    return head, {name: commit(name, answer) for name, answer in zip(asked, answers[1:], strict=True)}


def _relations(tree: WorkTree, head: str | None, commits: set[str]) -> dict[str, Ancestry]:
    """How existing commits relate to HEAD.

    Git lists the commits that these reach and HEAD does not, with parents. An ancestor of HEAD is not listed; a
    descendant is, and so is every commit between it and HEAD.
    """
    if head is None:
        return dict.fromkeys(commits, Ancestry.DIVERGED)
    if not commits - {head}:
        return dict.fromkeys(commits, Ancestry.SAME)
    stdin = "".join(f"{commit}\n" for commit in [f"^{head}", *sorted(commits)]).encode()
    output = run_checked(tree.top, ["rev-list", "--topo-order", "--reverse", "--parents", "--stdin"], stdin=stdin)
    outside: set[str] = set()
    descendants = {head}
    for line in output.decode().splitlines():
        commit, *parents = line.split(" ")
        outside.add(commit)
        if not descendants.isdisjoint(parents):
            descendants.add(commit)

    def relation(commit: str) -> Ancestry:
        if commit == head:
            return Ancestry.SAME
        if commit not in outside:
            return Ancestry.ANCESTOR
        if commit in descendants:
            return Ancestry.DESCENDANT
        # They may be related by commits that a shallow clone does not have.
        return Ancestry.UNKNOWN if tree.is_shallow else Ancestry.DIVERGED

    return {commit: relation(commit) for commit in commits}


def newest_first(tree: WorkTree, shas: Iterable[str], *, most: int) -> list[str]:
    """Those of some commits that HEAD has, the newest first.

    Args:
        tree: The work tree.
        shas: As for ``ancestry``.
        most: How many at most.

    Returns:
        Full hashes.

    Raises:
        RepositoryError: Git failed.
    """
    known = _of_head(tree, shas)
    if not known:
        return []
    stdin = "".join(f"{sha}\n" for sha in known).encode()
    arguments = ["rev-list", "--no-walk=sorted", f"--max-count={most}", "--stdin"]
    return run_checked(tree.top, arguments, stdin=stdin).decode().split()


def commits_since(tree: WorkTree, sha: str, *, most: int, paths: Sequence[str]) -> list[str] | None:
    """The commits that HEAD has and another one has not, and that changed some files; the newest first.

    Args:
        tree: The work tree.
        sha: As for ``ancestry``.
        most: How many at most.
        paths: Files and folders relative to the top.

    Returns:
        Full hashes; None if HEAD does not come after the commit, as far as git knows.

    Raises:
        RepositoryError: Git failed.
    """
    known = _of_head(tree, [sha])
    if not known:
        return None
    arguments = ["--literal-pathspecs", "rev-list", f"--max-count={most}", "HEAD", f"^{known[0]}", "--", *paths]
    return run_checked(tree.top, arguments).decode().split()


def _of_head(tree: WorkTree, shas: Iterable[str]) -> list[str]:
    """The texts that name HEAD or a commit before it, without ``-dirty``, each once."""
    known = ancestry(tree, shas)
    ours = (Ancestry.SAME, Ancestry.ANCESTOR)
    return sorted({text.removesuffix("-dirty").lower() for text, relation in known.items() if relation in ours})
