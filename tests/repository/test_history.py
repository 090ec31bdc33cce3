from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.provenance import Ancestry
from assistant_sync.repository.history import ancestry
from assistant_sync.repository.worktree import WorkTree
from tests.repository.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

MISSING = "deadbeef" * 5


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def relate(repo: Repo, *shas: str) -> list[Ancestry]:
    answers = ancestry(WorkTree.open(repo.folder), shas)
    return [answers[sha] for sha in shas]


def test_no_hashes_have_no_relation(repo: Repo) -> None:
    assert ancestry(WorkTree.open(repo.folder), []) == {}


def test_every_relation_is_found(repo: Repo) -> None:
    root = repo.commit(a="1")
    middle = repo.commit(a="2")
    repo.git("checkout", "-q", "-b", "side")
    side = repo.commit(a="3")
    repo.git("checkout", "-q", "main")
    newer = repo.commit(a="4")
    newest = repo.commit(a="5")
    merge = repo.git("commit-tree", f"{newest}^{{tree}}", "-p", newest, "-p", side, "-m", "merge")
    repo.git("checkout", "-q", middle)
    assert relate(repo, root, middle, newer, newest, merge, side, MISSING) == [
        Ancestry.ANCESTOR,
        Ancestry.SAME,
        Ancestry.DESCENDANT,
        Ancestry.DESCENDANT,
        Ancestry.DESCENDANT,
        Ancestry.DESCENDANT,
        Ancestry.ABSENT,
    ]
    repo.git("checkout", "-q", newest)
    assert relate(repo, side, merge, newer) == [Ancestry.DIVERGED, Ancestry.DESCENDANT, Ancestry.ANCESTOR]


def test_a_dirty_suffix_is_stripped(repo: Repo) -> None:
    root = repo.commit(a="1")
    repo.commit(a="2")
    assert relate(repo, f"{root}-dirty") == [Ancestry.ANCESTOR]


def test_case_and_abbreviation_do_not_matter(repo: Repo) -> None:
    sha = repo.commit(a="1")
    assert relate(repo, sha.upper(), sha[:7], sha[:12]) == [Ancestry.SAME] * 3


def test_a_branch_with_the_name_of_a_hash_is_not_taken_for_it(repo: Repo) -> None:
    repo.commit(a="1")
    repo.git("branch", "abcdef1")
    assert relate(repo, "abcdef1") == [Ancestry.UNKNOWN]


def test_the_hash_of_a_file_is_not_a_commit(repo: Repo) -> None:
    repo.commit(a="1")
    assert relate(repo, repo.git("rev-parse", "HEAD:a")) == [Ancestry.ABSENT]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "HEAD",
        "main",
        "--help",
        "-dirty",
        "abc",
        "g" * 40,
        "a" * 65,
        "deadbeef\nHEAD",
        "deadbeef ",
        "^deadbeef",
        "@{u}",
    ],
)
def test_a_text_that_is_not_a_hash_is_unknown(repo: Repo, text: str) -> None:
    repo.commit(a="1")
    assert relate(repo, text) == [Ancestry.UNKNOWN]


def test_without_git_nothing_is_known(tmp_path: Path) -> None:
    assert ancestry(WorkTree.open(tmp_path), [MISSING]) == {MISSING: Ancestry.UNKNOWN}


def test_before_the_first_commit_every_commit_is_absent(repo: Repo) -> None:
    assert relate(repo, MISSING) == [Ancestry.ABSENT]


def test_a_branch_without_commits_has_diverged_from_all(repo: Repo) -> None:
    sha = repo.commit(a="1")
    repo.git("checkout", "-q", "--orphan", "fresh")
    assert relate(repo, sha) == [Ancestry.DIVERGED]


def test_a_shallow_clone_concludes_only_what_it_can_prove(repo: Repo, tmp_path: Path) -> None:
    root = repo.commit(a="1")
    parent = repo.commit(a="2")
    head = repo.commit(a="3")
    repo.git("clone", "-q", "--depth", "2", f"file://{repo.folder}", str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone", init=False)
    assert WorkTree.open(clone.folder).is_shallow
    assert relate(clone, head, parent, root, MISSING) == [
        Ancestry.SAME,
        Ancestry.ANCESTOR,
        Ancestry.UNKNOWN,
        Ancestry.UNKNOWN,
    ]
    unrelated = clone.git("commit-tree", f"{head}^{{tree}}", "-m", "unrelated")
    child = clone.git("commit-tree", f"{head}^{{tree}}", "-p", head, "-m", "child")
    assert relate(clone, unrelated, child) == [Ancestry.UNKNOWN, Ancestry.DESCENDANT]


@given(st.lists(st.text(max_size=45) | st.from_regex(r"[0-9a-f]{7,64}(-dirty)?", fullmatch=True), max_size=5))
def test_any_text_gets_an_answer(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.getbasetemp() / "any-text"
    if not folder.exists():
        Repo(folder).commit(a="1")
    answers = ancestry(WorkTree.open(folder), texts)
    assert set(answers) == set(texts)
    assert set(answers.values()) <= {Ancestry.UNKNOWN, Ancestry.ABSENT}
