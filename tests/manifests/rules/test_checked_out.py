"""What the commit has and the work tree has not is an error at the file, with the way out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.manifests.manifest_project import PROJECT_FILE
from tests.repository.repos import Repo

if TYPE_CHECKING:
    from tests.manifests.manifest_project import ManifestProject

MANIFEST = "graph_id: g\n"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d7a' * 16}\nsize 12345\n"


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


def problems(project: ManifestProject) -> list[str]:
    """Those of a checkout as it is; as an error each."""
    loaded = project.load(add=False)
    assert all(problem.is_error for problem in loaded.problems)
    return [str(problem) for problem in loaded.problems]


def test_a_file_that_a_sparse_checkout_leaves_out_is_an_error(project: ManifestProject) -> None:
    project.write("prompts/p.md", "text\n")
    project.write_all(**{"x/a": MANIFEST + "context: {p: {$file: ../../prompts/p.md}}\n", "y/b": MANIFEST})
    project.repo.commit()
    assert problems(project) == []
    project.repo.git("sparse-checkout", "set", "--cone", "assistants/x")
    way_out = "`git sparse-checkout add {}`, in CI check out without `sparse-checkout`"
    left_out = "this file is in the commit, but a sparse checkout leaves it out; "
    assert problems(project) == [
        "assistants/x/a.yaml:2:22: context.p: prompts/p.md does not exist",
        f"assistants/y/b.yaml: {left_out}{way_out.format('assistants/y')}",
        f"prompts/p.md: {left_out}{way_out.format('prompts')}",
    ]


@pytest.mark.parametrize("suffix", ["YAML", "Yml"])
def test_a_suffix_in_capitals_is_an_error_whether_it_is_checked_out_or_not(
    project: ManifestProject, suffix: str
) -> None:
    project.write_all(**{"x/a": MANIFEST})
    project.write(f"assistants/y/b.{suffix}", MANIFEST)
    project.repo.commit()
    assert problems(project) == [
        (
            f"assistants/y/b.{suffix}: this file is not read: write its suffix as .{suffix.lower()}, not .{suffix} "
            "(with `git mv`)"
        )
    ]
    project.repo.git("sparse-checkout", "set", "--cone", "assistants/x")
    (problem,) = problems(project)
    assert problem.startswith(f"assistants/y/b.{suffix}: this file is in the commit, but")


@pytest.mark.parametrize("place", ["assistants/shared", "overlays/local"])
def test_a_submodule_that_is_not_checked_out_is_an_error(project: ManifestProject, place: str) -> None:
    inner = Repo(project.repo.folder.parent / "inner")
    inner.commit(**{"a.yaml": "key: a\ndescription: d\n" if "overlays" in place else MANIFEST})
    project.repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.folder), place)
    project.write("assistant-sync.yaml", PROJECT_FILE.replace("}", ", overlay: overlays/local}"))
    project.write("overlays/local/.gitkeep", "") if "overlays" not in place else None
    project.write_all(**{"a" if "overlays" in place else "b": MANIFEST})
    project.repo.commit()
    assert problems(project) == []
    project.repo.git("submodule", "--quiet", "deinit", "--all")
    assert problems(project) == [
        (
            f"{place}: this submodule is not checked out; `git submodule update --init {place}`, in CI check out with "
            "`submodules: true`"
        )
    ]


def test_an_edit_that_git_was_told_not_to_look_at_is_an_error(project: ManifestProject) -> None:
    project.write_all(a=MANIFEST)
    project.repo.commit()
    project.repo.git("update-index", "--skip-worktree", "assistants/a.yaml")
    assert problems(project) == []
    project.write_all(a=MANIFEST + "name: Mine\n")
    assert problems(project) == [
        (
            "assistants/a.yaml: this file differs from the commit, and git is set to ignore the edit; "
            "`git update-index --no-skip-worktree --no-assume-unchanged assistants/a.yaml`"
        )
    ]


@pytest.mark.parametrize("pointer", [POINTER, POINTER.replace("\n", "\r\n"), POINTER.replace("oid", "ext-0-x y\noid")])
def test_a_pointer_of_git_lfs_is_an_error_and_never_a_prompt(project: ManifestProject, pointer: str) -> None:
    project.write("p.md", pointer)
    project.write_all(a=MANIFEST + "context: {p: {$file: ../p.md}}\n", b=POINTER)
    project.repo.commit()
    why = "is a Git LFS pointer in place of its content; `git lfs pull`, in CI check out with `lfs: true`"
    assert problems(project) == [
        f"assistants/a.yaml:2:22: context.p: p.md {why}",
        f"assistants/b.yaml: this file {why}",
    ]


def test_a_text_about_git_lfs_is_a_text(project: ManifestProject) -> None:
    project.write("p.md", f"A pointer looks so:\n{POINTER}")
    project.write_all(a=MANIFEST + "context: {p: {$file: ../p.md}}\n")
    project.repo.commit()
    assert problems(project) == []
