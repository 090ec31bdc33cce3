from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.manifests.graph_schemas.files import file_name, parse_schema, read_schemas, schema_text
from assistant_sync.manifests.graph_schemas.unusable import UnusableSchema
from assistant_sync.model.graph_schema import GraphSchema
from assistant_sync.repository.worktree import WorkTree

if TYPE_CHECKING:
    from assistant_sync.model.graph_schema import SchemaBook

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "number"}}}
KEPT = GraphSchema("agent", SCHEMA, None, ("messages",))


def test_what_is_written_is_read_and_written_the_same() -> None:
    text = schema_text(KEPT)
    assert parse_schema(text.encode(), "agent") == KEPT
    assert schema_text(parse_schema(text.encode(), "agent")) == text


def test_the_order_of_keys_in_an_answer_does_not_change_the_file() -> None:
    turned: dict[str, Any] = {"properties": dict(reversed(SCHEMA["properties"].items())), "type": "object"}
    assert schema_text(GraphSchema("agent", turned, None, ("messages",))) == schema_text(KEPT)


@given(st.text(min_size=1, max_size=80))
def test_every_graph_has_a_file_of_the_folder_or_none(graph: str) -> None:
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in graph):
        return
    name = file_name(graph)
    assert name is None or (Path(name).name == name and name not in (".", "..") and name.endswith(".json"))


@pytest.mark.parametrize("graph", ["../x", "a/b", "..", ".", "a\\b", "a\0b", "a\nb", "%2e", "é"])
def test_two_graphs_never_share_a_file(graph: str) -> None:
    assert file_name(graph) not in {file_name(other) for other in ("a", "b", "x", "e", graph + "x")}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "this is no JSON document"),
        (b"\xff", "this is no JSON document"),
        (b"[]", "this file was not written by 'schema pull'"),
        (b"{}", "this file was not written by 'schema pull'"),
        (b'{"format_version": "2.0", "graph_id": "agent"}', "this file has the format '2.0', not 1.0"),
        (b'{"format_version": "1.0", "graph_id": "other"}', "this file is of graph 'other', not 'agent'"),
        (b"[" * 100_000, "this is no JSON document"),
    ],
)
def test_a_file_of_another_kind_is_not_used_and_says_why(data: bytes, why: str) -> None:
    with pytest.raises(UnusableSchema) as failure:
        parse_schema(data, "agent")
    assert str(failure.value) == why


def read(folder: Path, *graphs: str) -> SchemaBook:
    return read_schemas(WorkTree.open(folder), "schemas", graphs)


def test_a_graph_without_a_file_has_no_schema_and_no_warning(tmp_path: Path) -> None:
    book = read(tmp_path, "agent")
    assert (book.schemas, book.unusable) == ({}, {})


def test_a_link_that_leaves_the_repository_and_a_folder_are_not_read(tmp_path: Path) -> None:
    outside, inside = tmp_path / "secret.json", tmp_path / "repository"
    outside.write_text(schema_text(GraphSchema("linked", SCHEMA)))
    (inside / "schemas" / "folder.json").mkdir(parents=True)
    (inside / "schemas" / "linked.json").symlink_to(outside)
    (inside / "schemas" / "agent.json").write_text(schema_text(KEPT))
    book = read(inside, "agent", "folder", "linked")
    assert book.schemas == {"agent": KEPT}
    assert sorted(book.unusable) == ["folder", "linked"]


def test_a_file_that_is_too_large_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    document = json.loads(schema_text(KEPT)) | {"padding": "x" * 2**20}
    (tmp_path / "schemas" / "agent.json").write_text(json.dumps(document))
    assert list(read(tmp_path, "agent").unusable) == ["agent"]
