from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from assistant_sync.errors import RepositoryError
from assistant_sync.model.provenance import Commit
from assistant_sync.repository import command
from assistant_sync.repository.tree import Tracking
from assistant_sync.repository.worktree import WorkTree
from tests.repository.repos import Repo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

YAML = (".yaml", ".yml")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def open_tree(repo: Repo) -> WorkTree:
    return WorkTree.open(repo.folder)


class TestOpen:
    def test_without_git_the_folder_itself_is_the_top(self, tmp_path: Path) -> None:
        tree = WorkTree.open(tmp_path)
        assert (tree.top, tree.is_git, tree.git_is_missing) == (tmp_path.resolve(), False, False)

    def test_the_top_is_that_of_the_work_tree(self, repo: Repo) -> None:
        below = repo.folder / "a" / "b"
        below.mkdir(parents=True)
        tree = WorkTree.open(below)
        assert (tree.top, tree.is_git, tree.is_shallow) == (repo.folder, True, False)

    def test_a_path_through_a_link_is_resolved(self, repo: Repo, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(repo.folder)
        assert WorkTree.open(tmp_path / "link").top == repo.folder

    def test_a_linked_work_tree_is_a_work_tree(self, repo: Repo, tmp_path: Path) -> None:
        repo.commit(a="1")
        repo.git("worktree", "add", "-q", str(tmp_path / "other"))
        assert WorkTree.open(tmp_path / "other").top == tmp_path / "other"

    def test_a_git_entry_that_is_not_a_repository_is_an_error_not_a_plain_folder(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        with pytest.raises(RepositoryError, match="git cannot read this repository") as caught:
            WorkTree.open(tmp_path)
        assert "remove it if this is no repository" in (caught.value.hint or "")

    def test_a_git_file_that_points_nowhere_is_an_error_not_a_plain_folder(self, tmp_path: Path) -> None:
        (tmp_path / ".git").write_text("gitdir: /nowhere/at/all\n")
        with pytest.raises(RepositoryError, match="git cannot read this repository"):
            WorkTree.open(tmp_path)

    @pytest.mark.parametrize("safely", [(), ("-c", "safe.bareRepository=explicit")])
    @pytest.mark.parametrize("top", [".", ".."])
    def test_committed_files_that_look_like_a_repository_run_nothing(
        self, top: str, safely: tuple[str, ...], repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A pull request may hold such files, and their settings may name programs."""
        monkeypatch.setattr(command, "_SAFE_OPTIONS", safely)
        ran = tmp_path / "ran"
        repo.write("sub/a.yaml")
        repo.write("evil.sh", f"touch {ran}\n")
        bare = Repo(tmp_path / "bare", init=False)
        bare.git("init", "-q", "--bare")
        for name in ("HEAD", "objects", "refs"):
            (bare.folder / name).rename(repo.folder / "sub" / name)
        evil = f'fsmonitor = "sh {repo.folder}/evil.sh"'
        repo.write("sub/config", f"[core]\nrepositoryformatversion = 0\nbare = false\nworktree = {top}\n{evil}\n")
        tree = WorkTree.open(repo.folder / "sub")
        assert (tree.top, tree.is_git) == (repo.folder.resolve(), True)
        tree.commit(["sub"], suffixes=(".yaml",))
        tree.tracking(["sub/a.yaml"])
        assert not ran.exists()

    @pytest.mark.parametrize("entry", ["", "."])
    def test_a_program_of_the_repository_that_is_named_git_is_not_run(
        self, entry: str, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ran = tmp_path / "ran"
        repo.write("git", f"#!/bin/sh\ntouch {ran}\n").chmod(0o755)
        monkeypatch.chdir(repo.folder)
        monkeypatch.setenv("PATH", f"{entry}{os.pathsep}{os.environ['PATH']}")
        code = "import sys; from pathlib import Path; from assistant_sync.repository.worktree import WorkTree; "
        command = [sys.executable, "-P", "-c", f"{code}print(WorkTree.open(Path.cwd()).is_git)"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout == "True\n"
        assert not ran.exists()

    @pytest.mark.parametrize("safely", [(), ("-c", "safe.bareRepository=explicit")])
    def test_another_top_than_that_of_the_nearest_git_folder_is_refused(
        self, safely: tuple[str, ...], repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(command, "_SAFE_OPTIONS", safely)
        (tmp_path / "elsewhere").mkdir()
        repo.git("config", "core.worktree", str(tmp_path / "elsewhere"))
        with pytest.raises(RepositoryError, match=r"but the nearest \.git is in"):
            open_tree(repo)

    def test_variables_that_a_hook_exports_are_ignored(
        self, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repo.commit(**{"a.yaml": "1"})
        other = Repo(tmp_path / "other")
        other.commit(**{"b.yaml": "1"})
        exported = {
            "GIT_DIR": str(other.folder / ".git"),
            "GIT_WORK_TREE": str(other.folder),
            "GIT_INDEX_FILE": str(other.folder / ".git" / "index"),
            "GIT_OBJECT_DIRECTORY": str(other.folder / ".git" / "objects"),
        }
        for name, value in exported.items():
            monkeypatch.setenv(name, value)
        tree = open_tree(repo)
        assert tree.top == repo.folder
        assert tree.tracking(["a.yaml"]) == {"a.yaml": Tracking.TRACKED}
        commit = tree.commit(["a.yaml"])
        assert {name: os.environ[name] for name in exported} == exported, "the environment is put back"
        for name in exported:
            monkeypatch.delenv(name)
        assert commit == Commit(repo.git("rev-parse", "HEAD"), dirty=False)

    def test_without_a_git_executable_it_is_a_plain_folder_with_a_mark(
        self, repo: Repo, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(repo.folder))
        tree = open_tree(repo)
        assert (tree.is_git, tree.git_is_missing) == (False, True)
        assert tree.tracking(["a.yaml"]) == {}
        assert tree.commit(["a.yaml"]) is None

    def test_a_refused_owner_is_an_error_with_the_way_out(self, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        with pytest.raises(RepositoryError, match="belongs to another user") as raised:
            open_tree(repo)
        assert raised.value.hint is not None
        assert f"git config --global --add safe.directory '{repo.folder}'" in raised.value.hint

    def test_an_owner_that_is_declared_safe_by_the_environment_is_accepted(
        self, repo: Repo, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", "*")
        assert open_tree(repo).is_git


def test_a_broken_repository_is_an_error_with_git_s_own_words(repo: Repo) -> None:
    repo.commit(a="1")
    tree = open_tree(repo)
    (repo.folder / ".git" / "index").write_bytes(b"damaged")
    with pytest.raises(RepositoryError, match=r"^git ls-files failed in .*index"):
        tree.tracking(["a"])


class TestRelative:
    def test_the_top_is_a_dot(self, repo: Repo) -> None:
        assert open_tree(repo).relative(repo.folder) == "."

    def test_a_file_that_does_not_exist_has_a_path(self, repo: Repo) -> None:
        assert open_tree(repo).relative(repo.folder / "a" / ".." / "b" / "c.yaml") == "b/c.yaml"

    def test_a_link_at_the_end_is_not_followed(self, repo: Repo) -> None:
        (repo.folder / "link").symlink_to(repo.folder / "elsewhere")
        assert open_tree(repo).relative(repo.folder / "link") == "link"

    def test_a_place_outside_is_an_error(self, repo: Repo, tmp_path: Path) -> None:
        with pytest.raises(RepositoryError, match="outside of the repository"):
            open_tree(repo).relative(tmp_path / "repository.yaml")


class TestFiles:
    def test_they_are_sorted_and_relative_to_the_top(self, repo: Repo) -> None:
        for name in ("m/b.yaml", "m/a/z.yml", "m/a.yaml", "m/x.json", "other.yaml"):
            repo.write(name)
        assert open_tree(repo).files("m", YAML) == ["m/a.yaml", "m/a/z.yml", "m/b.yaml"]

    def test_hidden_folders_and_backups_are_skipped(self, repo: Repo) -> None:
        for name in ("m/.git/a.yaml", "m/.x/a.yaml", "m/.a.yaml", "m/#a.yaml#", "m/ok.yaml"):
            repo.write(name)
        assert open_tree(repo).files("m", (".yaml", "#")) == ["m/ok.yaml"]

    def test_the_top_can_be_listed(self, repo: Repo) -> None:
        repo.write("a.yaml")
        repo.write("b/c.yaml")
        assert open_tree(repo).files(".", YAML) == ["a.yaml", "b/c.yaml"]

    def test_a_linked_folder_is_not_followed_but_a_linked_file_is_listed(self, repo: Repo) -> None:
        repo.write("real/a.yaml")
        (repo.folder / "m").mkdir()
        (repo.folder / "m" / "loop").symlink_to("..")
        (repo.folder / "m" / "loop.yaml").symlink_to("../real")
        (repo.folder / "m" / "b.yaml").symlink_to("../real/a.yaml")
        (repo.folder / "m" / "dangling.yaml").symlink_to("nowhere")
        assert open_tree(repo).files("m", YAML) == ["m/b.yaml", "m/dangling.yaml"]

    def test_the_folder_itself_may_be_a_link_inside(self, repo: Repo) -> None:
        repo.write("real/a.yaml")
        (repo.folder / "m").symlink_to("real")
        assert open_tree(repo).files("m", YAML) == ["m/a.yaml"]

    def test_a_link_to_the_outside_is_refused(self, repo: Repo, tmp_path: Path) -> None:
        (tmp_path / "outside").mkdir()
        (repo.folder / "m").symlink_to(tmp_path / "outside")
        with pytest.raises(RepositoryError, match=r"^m is outside of the repository$"):
            open_tree(repo).files("m", YAML)

    def test_a_missing_folder_is_an_error_not_an_empty_list(self, repo: Repo) -> None:
        with pytest.raises(RepositoryError, match=r"^m does not exist$"):
            open_tree(repo).files("m", YAML)

    def test_a_file_is_not_a_folder(self, repo: Repo) -> None:
        repo.write("m")
        with pytest.raises(RepositoryError, match=r"^m is a file, not a folder$"):
            open_tree(repo).files("m", YAML)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
    def test_an_unreadable_folder_below_is_an_error(self, repo: Repo) -> None:
        repo.write("m/secret/a.yaml")
        (repo.folder / "m" / "secret").chmod(0)
        try:
            with pytest.raises(RepositoryError, match=r"^m/secret cannot be read: permission denied$"):
                open_tree(repo).files("m", YAML)
        finally:
            (repo.folder / "m" / "secret").chmod(0o700)

    def test_names_of_a_missing_folder_are_none(self, repo: Repo) -> None:
        repo.write("m/b")
        repo.write("m/a")
        assert open_tree(repo).names("m") == ["a", "b"]
        assert open_tree(repo).names("nowhere") == []
        assert open_tree(repo).names("../..") == []


class TestRead:
    def test_bytes_come_as_they_are(self, repo: Repo) -> None:
        (repo.folder / "a").write_bytes(b"\xef\xbb\xbf\r\n\xff")
        assert open_tree(repo).read("a", limit=100) == b"\xef\xbb\xbf\r\n\xff"

    def test_a_link_inside_is_followed(self, repo: Repo) -> None:
        repo.write("real/a", "1")
        (repo.folder / "b").symlink_to("real/a")
        (repo.folder / "folder").symlink_to("real")
        tree = open_tree(repo)
        assert tree.read("b", limit=9) == b"1"
        assert tree.read("folder/a", limit=9) == b"1"
        assert tree.read("real/../real/./a", limit=9) == b"1"

    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            ("missing", "missing does not exist"),
            ("dangling", "dangling does not exist"),
            ("folder", "folder is a folder, not a file"),
            ("", " is a folder, not a file"),
            ("..", ".. is outside of the repository"),
            ("../secret", "../secret is outside of the repository"),
            ("folder/../../secret", "folder/../../secret is outside of the repository"),
            ("out", "out is outside of the repository"),
            ("out-folder/secret", "out-folder/secret is outside of the repository"),
            ("absolute", "absolute is outside of the repository"),
            (".git/config", ".git/config is inside .git"),
            (".GIT/config", ".GIT/config is inside .git"),
            ("nested/.git", "nested/.git is inside .git"),
            ("config", "config is inside .git"),
            ("git-folder/config", "git-folder/config is inside .git"),
            ("pipe", "pipe is a named pipe, not a file"),
            ("pipe-link", "pipe-link is a named pipe, not a file"),
            ("big", "big is larger than 9 bytes"),
        ],
    )
    def test_what_must_not_be_read_is_refused_with_the_reason(
        self, repo: Repo, tmp_path: Path, path: str, reason: str
    ) -> None:
        (tmp_path / "secret").write_text("s")
        repo.write("folder/a")
        repo.write("nested/.git")
        repo.write("big", "1234567890")
        os.mkfifo(repo.folder / "pipe")
        links = {
            "out": "../secret",
            "out-folder": "..",
            "absolute": "/etc/hostname",
            "dangling": "nowhere",
            "config": ".git/config",
            "git-folder": ".git",
            "pipe-link": "pipe",
        }
        for name, destination in links.items():
            (repo.folder / name).symlink_to(destination)
        with pytest.raises(RepositoryError) as raised:
            open_tree(repo).read(path, limit=9)
        assert raised.value.message == reason

    def test_a_circular_link_is_refused(self, repo: Repo) -> None:
        (repo.folder / "a").symlink_to("b")
        (repo.folder / "b").symlink_to("a")
        with pytest.raises(RepositoryError, match=r"^a "):
            open_tree(repo).read("a", limit=9)

    def test_a_separate_git_directory_is_not_read(self, repo: Repo) -> None:
        repo.git("init", "-q", "--separate-git-dir", str(repo.folder / "storage"))
        with pytest.raises(RepositoryError, match=r"inside \.git"):
            open_tree(repo).read("storage/config", limit=999)


class TestTracking:
    def test_no_paths_ask_nothing(self, repo: Repo) -> None:
        assert open_tree(repo).tracking([]) == {}

    def test_tracked_untracked_and_ignored_are_distinguished(self, repo: Repo) -> None:
        repo.commit(**{".gitignore": "*.secret.yaml\n", "m/a.yaml": "1"})
        for name in ("m/new.yaml", "m/x.secret.yaml", "m/staged.yaml"):
            repo.write(name)
        repo.git("add", "m/staged.yaml")
        assert open_tree(repo).tracking(["m/a.yaml", "m/new.yaml", "m/x.secret.yaml", "m/staged.yaml"]) == {
            "m/a.yaml": Tracking.TRACKED,
            "m/new.yaml": Tracking.UNTRACKED,
            "m/x.secret.yaml": Tracking.IGNORED,
            "m/staged.yaml": Tracking.TRACKED,
        }

    def test_an_ignored_file_that_was_added_by_force_is_tracked(self, repo: Repo) -> None:
        repo.write(".gitignore", "*.yaml\n")
        repo.write("a.yaml")
        repo.git("add", "--force", "a.yaml")
        assert open_tree(repo).tracking(["a.yaml"]) == {"a.yaml": Tracking.TRACKED}

    @pytest.mark.parametrize(
        "name", ["*.yaml", ":(top)a.yaml", "-z.yaml", "a b.yaml", "ä\n.yaml", "[a].yaml", "!a.yaml"]
    )
    def test_odd_names_are_taken_literally(self, repo: Repo, name: str) -> None:
        repo.commit(**{"a.yaml": "1"})
        repo.write(name)
        tree = open_tree(repo)
        assert tree.tracking([name, "a.yaml"]) == {name: Tracking.UNTRACKED, "a.yaml": Tracking.TRACKED}
        repo.git("--literal-pathspecs", "add", "--", name)
        assert tree.tracking([name]) == {name: Tracking.TRACKED}

    def test_a_name_that_looks_like_a_pathspec_is_not_taken_for_an_ignored_one(self, repo: Repo) -> None:
        repo.commit(**{".gitignore": "/secret.yaml\n"})
        repo.write(":(top)secret.yaml")
        assert open_tree(repo).tracking([":(top)secret.yaml"]) == {":(top)secret.yaml": Tracking.UNTRACKED}

    def test_a_link_is_as_little_tracked_as_its_target(self, repo: Repo) -> None:
        repo.commit(**{"real/a.yaml": "1"})
        repo.write("real/new.yaml")
        (repo.folder / "good.yaml").symlink_to("real/a.yaml")
        (repo.folder / "bad.yaml").symlink_to("real/new.yaml")
        (repo.folder / "folder").symlink_to("real")
        repo.git("add", "good.yaml", "bad.yaml", "folder")
        asked = ["good.yaml", "bad.yaml", "folder/a.yaml", "folder/new.yaml"]
        assert list(open_tree(repo).tracking(asked).values()) == [
            Tracking.TRACKED,
            Tracking.UNTRACKED,
            Tracking.TRACKED,
            Tracking.UNTRACKED,
        ]

    def test_of_a_link_that_leaves_or_dangles_only_the_link_counts(self, repo: Repo, tmp_path: Path) -> None:
        (tmp_path / "outside.yaml").write_text("1")
        (repo.folder / "out.yaml").symlink_to(tmp_path / "outside.yaml")
        (repo.folder / "dangling.yaml").symlink_to("nowhere.yaml")
        repo.git("add", "--all")
        tree = open_tree(repo)
        assert set(tree.tracking(["out.yaml", "dangling.yaml"]).values()) == {Tracking.TRACKED}
        repo.commit()
        assert tree.commit(["out.yaml", "dangling.yaml"]) == Commit(repo.git("rev-parse", "HEAD"), dirty=False)

    def test_files_of_a_submodule_are_tracked_there(self, repo: Repo, tmp_path: Path) -> None:
        inner = Repo(tmp_path / "inner")
        inner.commit(**{"a.yaml": "1"})
        repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.folder), "m")
        repo.commit()
        tree = open_tree(repo)
        assert tree.tracking(["m/a.yaml"]) == {"m/a.yaml": Tracking.TRACKED}
        commit = tree.commit(["m/a.yaml"])
        assert commit is not None
        assert not commit.dirty
        repo.write("m/a.yaml", "2")
        commit = tree.commit(["m/a.yaml"])
        assert commit is not None
        assert commit.dirty

    @pytest.mark.parametrize("folders", [1, 1001])
    def test_of_many_paths_all_are_answered(self, repo: Repo, folders: int) -> None:
        names = [f"m{number % folders}/{number}.yaml" for number in range(1200)]
        for name in names:
            repo.write(name, "")
        repo.git("add", "--all")
        repo.write("m0/new.yaml")
        states = open_tree(repo).tracking([*names, "m0/new.yaml"])
        assert [path for path, state in states.items() if state is not Tracking.TRACKED] == ["m0/new.yaml"]


class TestCommit:
    def test_a_clean_tree_is_its_head(self, repo: Repo) -> None:
        sha = repo.commit(**{"m/a.yaml": "1", "p.yaml": "1"})
        assert open_tree(repo).commit(["m/a.yaml", "p.yaml", "m"]) == Commit(sha, dirty=False)

    def test_before_the_first_commit_there_is_none(self, repo: Repo) -> None:
        repo.write("a.yaml")
        assert open_tree(repo).commit(["a.yaml"]) is None

    def test_a_plain_folder_has_none(self, tmp_path: Path) -> None:
        assert WorkTree.open(tmp_path).commit([]) is None

    @pytest.mark.parametrize(
        ("change", "paths"),
        [
            (lambda repo: repo.write("m/a.yaml", "2"), ["m/a.yaml"]),
            (lambda repo: repo.write("m/a.yaml", "2"), ["m"]),
            (lambda repo: repo.write("m/a.yaml", "2"), ["."]),
            (lambda repo: (repo.write("m/a.yaml", "2"), repo.git("add", "m")), ["m/a.yaml"]),
            (lambda repo: repo.write("m/new.yaml"), ["m/new.yaml"]),
            (lambda repo: repo.write("m/x/y/new.yaml"), ["m"]),
            (lambda repo: repo.git("rm", "-q", "m/a.yaml"), ["m"]),
            (lambda repo: (repo.folder / "m/a.yaml").unlink(), ["m"]),
            (lambda repo: (repo.folder / "m/a.yaml").unlink(), ["m/a.yaml"]),
            (lambda repo: repo.git("mv", "m/a.yaml", "elsewhere.yaml"), ["m"]),
            (lambda repo: repo.git("rm", "-rq", "m"), ["m", "p.yaml"]),
        ],
    )
    def test_any_difference_makes_it_dirty(
        self, repo: Repo, change: Callable[[Repo], object], paths: list[str]
    ) -> None:
        sha = repo.commit(**{"m/a.yaml": "1", "p.yaml": "1"})
        change(repo)
        assert open_tree(repo).commit(paths) == Commit(sha, dirty=True)

    @pytest.mark.parametrize("name", ["other.yaml", "m2/a.yaml", "m/.a.yaml.swp", "m/a.yaml~", "ma.yaml"])
    def test_a_difference_elsewhere_does_not(self, repo: Repo, name: str) -> None:
        sha = repo.commit(**{"m/a.yaml": "1", "p.yaml": "1", "other.yaml": "1"})
        repo.write(name, "2")
        assert open_tree(repo).commit(["m/a.yaml", "p.yaml", "m"]) == Commit(sha, dirty=False)

    def test_below_folders_only_the_asked_suffixes_count(self, repo: Repo) -> None:
        sha = repo.commit(**{"m/a.yaml": "1", "m/README.md": "1"})
        repo.write("m/README.md", "2")
        tree = open_tree(repo)
        assert tree.commit(["m/a.yaml", "m"], suffixes=YAML) == Commit(sha, dirty=False)
        assert tree.commit(["m/a.yaml", "m"]) == Commit(sha, dirty=True)
        assert tree.commit(["m/README.md"], suffixes=YAML) == Commit(sha, dirty=True)

    def test_the_index_is_not_written(self, repo: Repo) -> None:
        repo.commit(**{"a.yaml": "1"})
        index = repo.folder / ".git" / "index"
        os.utime(repo.write("a.yaml", "1"), (1, 1))
        before = index.stat().st_mtime_ns
        open_tree(repo).commit(["a.yaml"])
        assert index.stat().st_mtime_ns == before


def test_importing_the_package_loads_nothing_slow() -> None:
    code = (
        "import sys, assistant_sync.repository.worktree, assistant_sync.repository.history;"
        "print([n for n in ('pydantic', 'yaml') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
