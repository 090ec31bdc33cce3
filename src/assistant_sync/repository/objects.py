"""The contents of committed files; what a partial clone does not have is fetched, and no more."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.repository.command import run, run_checked

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Objects:
    """The contents of the files of one commit, each read once.

    Args:
        top: The work tree of the repository that has them.
        commit: The commit, for messages and to find what is missing.
    """

    def __init__(self, top: Path, commit: str) -> None:
        self.top = top
        self.commit = commit
        self._contents: dict[str, bytes] = {}
        self._sizes: dict[str, int] = {}

    @cached_property
    def is_partial(self) -> bool:
        """Whether the repository may lack contents and fetch them."""
        return self._remote is not None

    @cached_property
    def _remote(self) -> str | None:
        """Where a partial clone came from."""
        named = run(self.top, ["config", "--get-regexp", r"^remote\..*\.promisor$"])
        remotes = [line.split(" ")[0] for line in os.fsdecode(named.stdout).splitlines() if line.endswith(" true")]
        return remotes[0].removeprefix("remote.").removesuffix(".promisor") if remotes else None

    def size(self, sha: str) -> int:
        """The size of a content in bytes.

        Raises:
            RepositoryError: Git does not have it, and cannot fetch it.
        """
        self.load_sizes([sha])
        return self._sizes[sha]

    def content(self, sha: str) -> bytes:
        """A content.

        Raises:
            RepositoryError: Git does not have it, and cannot fetch it.
        """
        self.load([sha])
        return self._contents[sha]

    def load_sizes(self, shas: Iterable[str]) -> None:
        """Read sizes in one process; another one fetches what is missing.

        Raises:
            RepositoryError: Git does not have one of them, and cannot fetch it.
        """
        asked = sorted(set(shas) - self._sizes.keys())
        if not asked:
            return
        answers = self._asked("--batch-check", asked)
        if answers is None:
            self._fetch(asked)
            answers = self._asked("--batch-check", asked)
        lines = [] if answers is None else [line.split(b" ") for line in answers.splitlines()]
        if len(lines) != len(asked) or any(len(line) != 3 for line in lines):
            raise RepositoryError(f"git does not have all files of commit {self.commit[:12]}", hint=_WHOLE)
        self._sizes |= {sha: int(line[2]) for sha, line in zip(asked, lines, strict=True)}

    def load(self, shas: Iterable[str], *, limit: int | None = None) -> None:
        """Read contents in one process.

        Args:
            shas: Whose.
            limit: The most bytes of a content that is read; None for any.

        Raises:
            RepositoryError: Git does not have one of them, and cannot fetch it.
        """
        wanted = sorted(set(shas) - self._contents.keys())
        self.load_sizes(wanted)
        asked = [sha for sha in wanted if limit is None or self._sizes[sha] <= limit]
        if not asked:
            return
        output = run_checked(self.top, ["cat-file", "--batch"], stdin=_lines(asked))
        at = 0
        for sha in asked:
            start = output.index(b"\n", at) + 1
            end = start + self._sizes[sha]
            self._contents[sha] = output[start:end]
            at = end + 1

    def _asked(self, question: str, shas: list[str]) -> bytes | None:
        """What git has of these; None if it does not have all."""
        result = run(self.top, ["cat-file", question], stdin=_lines(shas))
        return None if result.status or b" missing\n" in result.stdout else result.stdout

    def _fetch(self, wanted: list[str]) -> None:
        """Fetch what is missing of these from where the partial clone came from."""
        if self._remote is None:
            return
        listed = run_checked(
            self.top, ["rev-list", "--objects", "--no-object-names", "--no-walk", "--missing=print", self.commit]
        )
        missing = {line[1:] for line in listed.decode().splitlines() if line.startswith("?")}
        options = ["--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--recurse-submodules=no"]
        fetch = ["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", *options, "--filter=blob:none", "--stdin"]
        result = run(self.top, [*fetch, "--", self._remote], stdin=_lines(sorted(missing & {*wanted})))
        if result.status:
            message = f"this partial clone does not have all files of commit {self.commit[:12]}, and cannot fetch them"
            raise RepositoryError(f"{message}: {result.stderr}", hint=_WHOLE)


_WHOLE = "clone without --filter; in CI, check out without 'filter' and without 'sparse-checkout'"


def _lines(shas: Iterable[str]) -> bytes:
    return "".join(f"{sha}\n" for sha in shas).encode()
