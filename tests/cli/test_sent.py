"""Nothing that was sent as a secret leaves the program, whatever field a server repeats it in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from rich.text import Text

from assistant_sync.cli.output import print_data, print_status
from assistant_sync.model.lock import LOCK_KEY, Lock
from assistant_sync.redaction import mask_sent
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment

KEY = "plain-key-of-ours-4711"


def test_the_last_look_is_at_both_streams(capsys: pytest.CaptureFixture[str]) -> None:
    mask_sent([KEY])
    print_data(Text(f"ok graphs {KEY}"))
    print_data({"id": KEY})
    print_status(f"held by {KEY}")
    out, err = capsys.readouterr()
    assert KEY not in out + err
    assert out.startswith("ok graphs (masked)\n")
    assert json.loads(out.partition("\n")[2]) == {"id": "(masked)"}
    assert err == "held by (masked)\n"


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_deployment_that_repeats_the_key_everywhere_gets_it_printed_nowhere(
    format_: str, project: ProjectFixture, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_API_KEY", KEY)
    own = project.manifest("support")
    project.commit()
    project.apply()
    row = Lock(project=PROJECT, generation=9, holder="x", lease=600, by=f"x {KEY}", commit=KEY)
    deployment.create_thread(thread_id=row.id, metadata={LOCK_KEY: row.as_json()})
    deployment.patch(own, name=KEY, description=KEY, context={KEY: KEY})
    monkeypatch.delenv("ASSISTANT_SYNC_YES")
    for command in (["doctor"], ["plan", "-v"], ["unlock"], ["plan", "--out", "plan.json"]):
        run = project.run(*command, "--format", format_)
        assert KEY not in run.out + run.err, command
    assert KEY not in (project.folder / "plan.json").read_text("utf-8")


def test_a_plan_is_not_saved_through_a_link_that_leads_out(project: ProjectFixture, deployment: Deployment) -> None:
    outside = project.folder.parent / "target.txt"
    outside.write_text("mine")
    (project.folder / "plan.json").symlink_to(outside)
    project.manifest("support")
    assert "leads out of the repository" in project.run("plan", "--out", "plan.json").expect(1).err
    assert outside.read_text() == "mine"


def test_a_saved_plan_holds_it_in_no_field_either(
    project: ProjectFixture, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = project.manifest("support")  # an id is masked nowhere before it is written
    monkeypatch.setenv("LANGSMITH_API_KEY", own)
    project.run("plan", "--out", "plan.json").expect(0)
    assert own not in (project.folder / "plan.json").read_text("utf-8")
