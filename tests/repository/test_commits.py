from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.provenance import CommitFacts
from assistant_sync.repository.commits import read_commits
from assistant_sync.repository.worktree import WorkTree
from tests.repository.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

MISSING = "deadbeef" * 5


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def read(repo: Repo, *names: str) -> dict[str, CommitFacts]:
    return read_commits(WorkTree.open(repo.folder), names)


def committed(repo: Repo, message: str, author: str = "Ann <ann@example.org>") -> str:
    repo.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message, f"--author={author}")
    return repo.git("rev-parse", "HEAD")


def test_nothing_is_read_of_no_commits_nor_without_git(repo: Repo, tmp_path: Path) -> None:
    assert read(repo) == {}
    assert read_commits(WorkTree(tmp_path), [MISSING]) == {}


def test_authors_and_subjects_are_read(repo: Repo) -> None:
    first = committed(repo, "One\n\nWhy it is so.")
    second = committed(repo, "Two\nlines\n\nBody", "Bob <the> Builder <bob@example.org>")
    found = read(repo, first, MISSING, second)
    assert found[first] == CommitFacts(first, "Ann", "One")
    assert (found[second].subject, "example.org" in found[second].author) == ("Two lines", False)
    assert set(found) == {first, second}


def test_the_text_that_was_asked_for_is_the_key(repo: Repo) -> None:
    sha = committed(repo, "One")
    names = (f"{sha}-dirty", sha[:10], sha.upper())
    assert {name: one.sha for name, one in read(repo, *names).items()} == dict.fromkeys(names, sha)


def test_what_is_no_hash_never_reaches_git(repo: Repo) -> None:
    committed(repo, "One")
    assert read(repo, "HEAD", "--all", "main", "", "HEAD^{tree}", "a" * 6, "\n") == {}


def test_what_is_no_commit_is_not_read(repo: Repo) -> None:
    repo.commit(a="1")
    assert read(repo, repo.git("rev-parse", "HEAD:a"), repo.git("rev-parse", "HEAD^{tree}")) == {}


def test_a_branch_with_the_name_of_a_hash_is_not_taken_for_it(repo: Repo) -> None:
    repo.commit(a="1")
    repo.git("branch", "abcdef1")
    assert read(repo, "abcdef1") == {}


def test_a_message_of_any_bytes_and_length_is_read(repo: Repo) -> None:
    raw = repo.folder / ".git" / "raw"
    tree = repo.git("write-tree")
    who = "<a@b> 1700000000 +0000"
    raw.write_bytes(f"tree {tree}\nauthor J\xf6rg {who}\ncommitter X {who}\n\n{'x' * 5000}".encode("latin-1"))
    sha = repo.git("hash-object", "-t", "commit", "-w", str(raw))
    one = read(repo, sha)[sha]
    assert one.author == "Jörg"
    assert one.subject == f"{'x' * 200}…"


def test_a_credential_in_a_subject_is_masked(repo: Repo) -> None:
    sha = committed(repo, "Use sk-" + "a1b2" * 8)
    assert read(repo, sha)[sha].subject == "Use (masked)"


def test_one_process_reads_all(repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shas = [committed(repo, str(number)) for number in range(5)]
    tree = WorkTree.open(repo.folder)
    log = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(log))
    assert len(read_commits(tree, shas)) == 5
    assert log.read_text("utf-8").count("built-in: git cat-file") == 1
