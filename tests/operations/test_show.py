from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import UnknownName
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.model.outcome import Attribution
from assistant_sync.operations.show import ShowRequest, show

if TYPE_CHECKING:
    from assistant_sync.model.shown import ShownManifest
    from tests.operations.memory_project import MemoryProject

SECRET = "sk-" + "a1b2" * 8


def shown(project: MemoryProject, version: int | None = None) -> ShownManifest:
    found = project.run_at_once(show(ShowRequest(settings=project.settings(), key="support", version=version)))
    assert project.transport.writes == []
    return found


def test_nothing_is_shown_of_what_is_not_there(project: MemoryProject) -> None:
    with pytest.raises(UnknownName):
        shown(project)
    project.manifest("support")
    project.settle()
    with pytest.raises(UnknownName, match="has no version 2; its newest one is 1") as raised:
        shown(project, 2)
    assert "history support" in str(raised.value.hint)


def test_a_version_is_the_manifest_that_made_it(project: MemoryProject) -> None:
    fields: dict[str, Any] = {
        "name": "Support", "description": "Answers", "context": {"m": 1}, "config": {"recursion_limit": 50},
        "metadata": {"team": "cx"},
    }  # fmt: skip
    project.manifest("support", **fields)
    sha = project.commit()
    project.settle()
    project.manifest("support", name="Another")
    project.settle()
    one = shown(project, 1)
    assert one.fields == {"key": "support", "graph_id": "support_agent", **fields}
    assert (one.version, one.active, one.attribution, one.commit) == (1, 2, Attribution.APPLY, sha)
    assert shown(project).fields == {"key": "support", "graph_id": "support_agent", "name": "Another"}


def test_the_yaml_reads_back_as_the_fields(project: MemoryProject) -> None:
    project.manifest("support", context={"prompt": "One.\nTwo.\n", "odd": "a\u202eb\u200b", "many": "x\n\u2066y\n"})
    project.settle()
    one = shown(project)
    assert one.yaml is not None
    assert "prompt: |\n    One.\n    Two.\n" in one.yaml
    assert not {"\u202e", "\u200b", "\u2066"} & set(one.yaml)
    assert parse_documents(one.yaml)[0].value == one.fields


def test_metadata_that_git_does_not_own_is_left_out(project: MemoryProject) -> None:
    own = project.manifest("support", metadata={"team": "cx"})
    project.settle()
    project.deployment.patch(own, metadata={"note": 1})
    one = shown(project)
    assert one.fields["metadata"] == {"team": "cx"}
    assert (one.version, one.attribution, one.commit) == (2, Attribution.OUTSIDE, None)


def test_an_id_is_named_only_if_it_does_not_follow_from_the_key(project: MemoryProject) -> None:
    project.manifest("support", assistant_id="62e209ca-9154-432a-b9e9-2d75c7a9219b")
    project.settle()
    assert shown(project).fields["assistant_id"] == "62e209ca-9154-432a-b9e9-2d75c7a9219b"
    assert shown(project).assistant_id == "62e209ca-9154-432a-b9e9-2d75c7a9219b"


def test_credentials_are_masked_and_named(project: MemoryProject) -> None:
    project.manifest("support", context={"api_token": "s3cr3tvalue", "prompt": f"Be kind.\n{SECRET}\n"})
    project.settle()
    one = shown(project)
    assert one.fields["context"] == {"api_token": "(masked)", "prompt": "Be kind.\n(masked)\n"}
    assert one.masked == (("context", "api_token"), ("context", "prompt"))
    assert one.yaml is not None
    assert not any(secret in one.yaml for secret in (SECRET, "s3cr3t"))


def test_what_the_project_declares_harmless_is_shown(project: MemoryProject) -> None:
    project.manifest("support", context={"api_token": "s3cr3tvalue"})
    file = project.folder / "assistant-sync.yaml"
    literal = "allow_literals: [{path: context.api_token, reason: a name}]\n"
    file.write_text(file.read_text("utf-8") + literal, "utf-8")
    project.settle()
    assert shown(project).fields["context"] == {"api_token": "s3cr3tvalue"}


def test_two_contexts_that_differ_are_both_shown(project: MemoryProject) -> None:
    own = project.manifest("support", context={"m": 1})
    project.settle()
    project.manifest("support", context={"m": 2})
    project.settle()
    project.deployment.set_latest(own, 1)
    one = shown(project)
    assert one.has_both
    assert (one.fields["context"], one.fields["config"]) == ({"m": 2}, {"configurable": {"m": 1}})
    assert not shown(project, 1).has_both


def test_what_is_nested_too_deeply_for_a_manifest_is_shown_as_fields_alone(project: MemoryProject) -> None:
    own = project.manifest("support")
    project.settle()
    deep: dict[str, Any] = {}
    for _ in range(150):
        deep = {"a": deep}
    project.deployment.patch(own, context=deep)
    one = shown(project)
    assert (one.yaml, one.fields["context"]) == (None, deep)
