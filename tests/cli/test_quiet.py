"""``--quiet`` prints results and errors, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture


def test_validate_shows_no_warnings(project: ProjectFixture) -> None:
    project.manifest("support", context={"recursion_limit": 5})
    assert "warning: " in project.run("validate").out
    assert project.run("validate", "-q").expect(0).out == "Valid (1 manifest)\n"
    project.write("assistants/bad.yaml", "graph_id: agent\nnames: x\n")
    assert project.run("validate", "-q").expect(3).out.splitlines() == [
        "assistants/bad.yaml:2:1: unknown field 'names'; did you mean 'name'?", "Invalid (2 manifests: 1 error)"
    ]  # fmt: skip


def test_apply_shows_its_result_alone(project: ProjectFixture) -> None:
    project.manifest("support")
    loud = project.run("plan").out
    run = project.run("apply", "-q").expect(0)
    assert "+ create support" in loud
    assert "+ create support" not in run.out
    assert run.out.splitlines()[-1].startswith("Applied: 1 created")
    assert run.err == ""
    assert project.run("apply", "-q").expect(0).err == ""


def test_an_error_is_shown_all_the_same(project: ProjectFixture) -> None:
    project.manifest("support")
    project.configure("http://127.0.0.1:9")
    assert "cannot be reached" in project.run("apply", "-q").expect(5).err
