"""The versions of one assistant, told, shown and compared; and the way from a run back to its manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy

OWN = {"metadata": {"team": "cx"}}


@pytest.fixture
def storied(project: ProjectFixture, deployment: Deployment) -> str:
    """Two applies from two commits, an edit by hand as version 3, and version 1 made active by hand; the id."""
    own = project.manifest("support", name="Support", context={"system_prompt": "One.\nTwo.\n"}, **OWN)
    project.commit("Begin")
    project.apply()
    project.manifest("support", name="Support", context={"system_prompt": "One.\nThree.\n"}, **OWN)
    project.git("commit", "-qam", "Say three", "--author", "Bob Builder <bob@example.org>")
    project.apply()
    deployment.patch(own, name="By hand", metadata={"note": 1})
    deployment.set_latest(own, 1)
    return own


def test_an_assistant_that_does_not_exist_has_no_history(project: ProjectFixture) -> None:
    project.manifest("support")
    project.commit()
    for command in ("history", "show"):
        assert "no live assistant with the key 'support'" in project.run(command, "support").expect(64).err


def test_each_version_is_listed_with_who_made_it(storied: str, project: ProjectFixture, proxy: Proxy) -> None:
    proxy.reset()
    found = project.run("history", "support", "--format", "json").expect(0).json
    assert proxy.writes == []
    shas = project.git("log", "--format=%H").split()
    told = [
        (one["version"], one["active"], one["attribution"], one["commit"], one["author"], one["subject"], one["paths"])
        for one in found["versions"]
    ]
    assert told == [
        (3, False, "outside", None, None, None, [["name"], ["metadata", "note"]]),
        (2, False, "apply", shas[0], "Bob Builder", "Say three", [["context", "system_prompt"]]),
        (1, True, "apply", shas[1], "Ann", "Begin", []),
    ]
    assert (found["assistant_id"], found["active_version"], found["highest_version"]) == (storied, 1, 3)
    assert found["not_restored"] == [["context", "system_prompt"]]
    assert "@example.org" not in project.run("history", "support", "--format", "json").out


def test_the_text_names_the_pointer_first(storied: str, project: ProjectFixture) -> None:
    lines = project.run("history", "support").expect(0).out.splitlines()
    assert storied in lines[0]
    assert lines[1] == "Version 1 is active; the newest is version 3."
    assert lines[2].endswith("the server did not restore context.system_prompt.")
    sha = project.git("rev-parse", "HEAD")[:12]
    assert f"    commit {sha} by Bob Builder: Say three" in lines
    assert "    made outside git" in lines


@pytest.mark.usefixtures("storied")
def test_older_versions_are_counted(project: ProjectFixture) -> None:
    out = project.run("history", "support", "--limit", "1").expect(0).out
    assert "version 3" in out
    assert "version 2" not in out
    assert out.splitlines()[-1] == "… 2 older versions (--limit shows more)"


@pytest.mark.usefixtures("storied")
def test_a_version_is_shown_as_the_manifest_that_made_it(project: ProjectFixture) -> None:
    shown = project.run("show", "support", "--version", "2").expect(0)
    assert shown.err == ""
    project.write("assistants/support.yaml", shown.out)
    assert project.run("diff", "support@HEAD").expect(0).out.splitlines()[-1] == "No differences."


@pytest.mark.usefixtures("storied")
def test_a_mixture_that_no_manifest_expresses_is_shown_with_a_warning(project: ProjectFixture) -> None:
    shown = project.run("show", "support").expect(0)
    assert "Three." in shown.out
    assert "Two." in shown.out
    assert "no manifest can express" in shown.err
    project.write("assistants/support.yaml", shown.out)
    project.run("validate").expect(3)


@pytest.mark.usefixtures("storied")
def test_states_of_every_kind_are_compared(project: ProjectFixture) -> None:
    def paths(*states: str) -> list[Any]:
        found = project.run("diff", *states, "--format", "json").expect(0).json["fields"]
        return [".".join(one["path"]) for one in found]

    assert paths("support@1", "support@2") == ["context.system_prompt"]
    assert paths("support@2", "support@3") == ["name", "metadata.note"]
    assert paths("support@HEAD") == []
    assert paths("support@2", "support@HEAD") == []
    assert paths("support@HEAD~1", "support@1") == []
    assert paths("support@HEAD~1", "support@main") == ["context.system_prompt"]
    assert paths("support@live") == ["config.configurable.system_prompt"]
    project.run("diff", "support@1", "support@2", "--detailed-exitcode").expect(2)
    project.run("diff", "support@2", "support@HEAD", "--detailed-exitcode").expect(0)


@pytest.mark.usefixtures("storied")
def test_commits_are_compared_without_asking_the_deployment(project: ProjectFixture, proxy: Proxy) -> None:
    proxy.reset()
    project.run("diff", "support@HEAD~1").expect(0)
    project.run("outputs").expect(0)
    assert proxy.requests == []


def test_a_run_leads_back_to_its_manifest_and_commit(project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support", context={"system_prompt": "Be brief."})
    sha = project.commit("Be brief")
    project.apply()
    thread = deployment.thread()
    deployment.run(own, thread_id=thread)
    (run,) = deployment.thread_runs(thread)
    stamp = run["metadata"]["assistant_sync"]
    assert (stamp["key"], stamp["commit"], stamp["version"]) == ("support", sha, 1)
    assert "Be brief." in project.git("show", f"{stamp['commit']}:{stamp['source']}")
    author = project.git("log", "-1", "--format=%an: %s", stamp["commit"])
    assert author == "Ann: Be brief"
    assert project.run("diff", f"{stamp['key']}@{stamp['version']}", f"{stamp['key']}@{sha}").expect(0)


def test_the_addresses_of_outputs_answer(project: ProjectFixture, server_url: str) -> None:
    own = project.manifest("support")
    project.commit()
    project.apply()
    # The proxy takes no queries.
    found = project.run("outputs", "--format", "json", "--url", server_url).expect(0).json
    (one,) = found["assistants"]
    assert one["assistant_id"] == own
    with httpx.Client(trust_env=False, timeout=30) as client:
        card = client.get(one["addresses"]["agent_card"])
        assert (card.status_code, card.json()["url"].rpartition("/")[2]) == (200, own)
        assert client.get(one["addresses"]["a2a"]).status_code == 200
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        accepts = {"Accept": "application/json, text/event-stream"}
        answer = client.post(found["addresses"]["mcp"], json=asked, headers=accepts).json()
        assert "support" in [tool["name"] for tool in answer["result"]["tools"]]
