"""Commits on a new branch, made of the objects of git alone: the work tree and its index stay as they are."""

from __future__ import annotations

import os
import posixpath
import tempfile
from typing import TYPE_CHECKING

from assistant_sync.errors import ExistingFile, RepositoryError, UnknownName
from assistant_sync.repository.command import run, run_checked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from assistant_sync.repository.worktree import WorkTree

_NEW_FILE = "100644"


class BranchCommits:
    """Commits that a branch gets, one after the other.

    Args:
        tree: The work tree, whose HEAD is the first parent.
        branch: The branch's name; it must not exist.
        identity: Whose commits they are, as environment variables (GIT_AUTHOR_NAME and so on) say it beside git's own
            settings.

    Raises:
        UnknownName: That cannot be a branch's name.
        ExistingFile: The branch exists.
        RepositoryError: There is no git, no commit, or no identity.
    """

    def __init__(self, tree: WorkTree, branch: str, identity: Mapping[str, str]) -> None:
        if not tree.is_git:
            raise RepositoryError("--branch needs a git repository; run it without, or 'git init' first")
        self._tree = tree
        self._identity = {name: identity[name] for name in _IDENTITY if identity.get(name)}
        self._ref = f"refs/heads/{branch}"
        # Not --branch, which expands names such as @{-1}.
        if branch in ("", "HEAD") or branch.startswith("-") or run(tree.top, ["check-ref-format", self._ref]).status:
            raise UnknownName(f"--branch: '{branch}' is not a name for a branch")
        if run(tree.top, ["rev-parse", "--verify", "--quiet", self._ref]).status == 0:
            raise ExistingFile(f"the branch {branch} exists; nothing was written", hint="Name another one")
        head = run(tree.top, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
        if head.status != 0:
            raise RepositoryError("--branch needs a commit to begin from; this repository has none")
        self.head = self.last = head.stdout.decode().strip()

    def add(self, files: Mapping[str, bytes], message: str) -> str:
        """Commit new contents of files on top of the last commit; its hash.

        Raises:
            RepositoryError: Git failed, or knows nobody whose commit it is.
        """
        modes = self._modes()
        _refuse_links(files, modes)
        tree = self._tree_with({path: (modes.get(path, _NEW_FILE), data) for path, data in files.items()})
        options = ["-c", "user.useConfigOnly=true"]
        arguments = [*options, "commit-tree", tree, "-p", self.last, "-F", "-"]
        result = run(self._tree.top, arguments, stdin=message.encode(), environment=self._identity)
        if result.status != 0:
            hint = "set them: git config user.name NAME and git config user.email ADDRESS"
            raise RepositoryError(f"git could not commit: {result.stderr}", hint=hint)
        self.last = result.stdout.decode().strip()
        return self.last

    def publish(self) -> None:
        """Give the branch its name; until then nothing refers to the commits.

        Raises:
            RepositoryError: Git failed; the branch may exist by now.
        """
        run_checked(self._tree.top, ["update-ref", self._ref, self.last, "0" * len(self.last)])

    def _modes(self) -> dict[str, str]:
        """The mode of each file of the last commit."""
        listed = run_checked(self._tree.top, ["ls-tree", "-r", "-z", self.last])
        entries = [entry.split("\t", 1) for entry in os.fsdecode(listed).split("\0") if entry]
        return {path: facts.split(" ")[0] for facts, path in entries}

    def _check(self, tree: str, files: Collection[str]) -> None:
        """Hold a new tree against the last commit: nothing else may differ.

        Raises:
            RepositoryError: Something else does.
        """
        arguments = ["diff-tree", "-r", "--name-only", "--no-renames", "-z", self.last, tree]
        changed = {name for name in os.fsdecode(run_checked(self._tree.top, arguments)).split("\0") if name}
        if not changed <= set(files):
            raise RepositoryError(
                f"the commit would change {sorted(changed - set(files))[0]}, too; nothing was written"
            )

    def _tree_with(self, files: Mapping[str, tuple[str, bytes]]) -> str:
        """The hash of the last commit's tree with other files in place, made in an index of its own."""
        lines: list[str] = []
        for path, (mode, data) in files.items():
            if mode not in (_NEW_FILE, "100755"):
                raise RepositoryError(f"{path} is a symbolic link or a submodule in git; edit it by hand")
            blob = run_checked(self._tree.top, ["hash-object", "-w", "--stdin"], stdin=data).decode().strip()
            lines.append(f"{mode} {blob}\t{path}")
        tree = _with_files(self._tree, self.last, lines)
        self._check(tree, files)
        return tree


def _refuse_links(files: Iterable[str], modes: Mapping[str, str]) -> None:
    """Refuse files below what is a symbolic link or a submodule in git, which they would take the place of.

    Raises:
        RepositoryError: There is one.
    """
    for path in files:
        folder = posixpath.dirname(path)
        while folder:
            if folder in modes:
                raise RepositoryError(
                    f"{path} is below {folder}, a symbolic link or a submodule in git; edit it by hand"
                )
            folder = posixpath.dirname(folder)


_IDENTITY: Sequence[str] = (
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
)


def _with_files(tree: WorkTree, commit: str, lines: Sequence[str]) -> str:
    """Write a tree: that of a commit, with some entries put in place."""
    with tempfile.TemporaryDirectory() as folder:
        own_index = {"GIT_INDEX_FILE": f"{folder}/index"}
        steps: list[tuple[list[str], bytes]] = [
            (["read-tree", commit], b""),
            (["update-index", "-z", "--add", "--index-info"], "".join(f"{line}\0" for line in lines).encode()),
            (["write-tree"], b""),
        ]
        output = b""
        for arguments, stdin in steps:
            result = run(tree.top, arguments, stdin=stdin, environment=own_index)
            if result.status != 0:
                raise RepositoryError(f"git {arguments[0]} failed in {tree.top}: {result.stderr}")
            output = result.stdout
    return output.decode().strip()
