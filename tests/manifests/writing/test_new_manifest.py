"""The fields of a new manifest."""

from __future__ import annotations

from assistant_sync.manifests.writing.new_manifest import manifest_fields
from assistant_sync.planning.canonical import make_content

BARE = make_content(graph_id="agent", name="support", description="", context={}, config={}, metadata={})


def test_what_the_defaults_give_is_left_out() -> None:
    assert manifest_fields(BARE, key="support", stem="support") == {"graph_id": "agent"}


def test_the_key_is_written_if_the_file_does_not_give_it() -> None:
    assert manifest_fields(BARE, key="support") == {"key": "support", "graph_id": "agent"}
    assert manifest_fields(BARE, key="support", stem="all")["key"] == "support"


def test_fields_come_in_the_order_of_a_manifest() -> None:
    content = make_content(
        graph_id="agent",
        name="Support",
        description="Answers",
        context={},
        config={"tags": ["a"], "configurable": {"model": "x"}},
        metadata={"team": "cx"},
    )
    fields = manifest_fields(
        content, key="support", stem="support", assistant_id="62e209ca-9154-432a-b9e9-2d75c7a9219b"
    )
    assert list(fields) == ["graph_id", "name", "description", "config", "metadata", "assistant_id"]
    assert fields["config"] == {"tags": ["a"], "configurable": {"model": "x"}}
