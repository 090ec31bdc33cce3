from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.documents.atomic import write_atomically
from assistant_sync.documents.plan_file import compare, read_plan
from assistant_sync.errors import BadDocument
from assistant_sync.report.json.document import dumps
from assistant_sync.report.json.plan import plan_json
from tests.builders import make_create, make_keep, make_plan, make_update

if TYPE_CHECKING:
    from assistant_sync.model.plan import Plan


def save(plan: Plan, folder: Path) -> Path:
    path = folder / "plan.json"
    write_atomically(path, dumps(plan_json(plan, created_at="2026-11-22T10:00:00+00:00", tool_version="1")))
    return path


def test_a_saved_plan_is_equal_to_itself(tmp_path: Path) -> None:
    plan = make_plan(make_create("a"), make_keep("b"), make_update("c"))
    saved = read_plan(save(plan, tmp_path))
    assert (saved.digest, saved.target.name, saved.target.url) == (plan.digest, plan.target, plan.url)
    assert compare(saved, plan) == ()


def test_a_saved_plan_is_private(tmp_path: Path) -> None:
    path = save(make_plan(make_create("a")), tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]


def test_the_difference_of_two_plans_names_each_assistant(tmp_path: Path) -> None:
    saved = read_plan(save(make_plan(make_create("a"), make_update("b"), make_update("c"), make_keep("d")), tmp_path))
    now = make_plan(make_keep("a"), make_update("b", base_version=9, digest="x"), make_update("d"), make_create("e"))
    assert compare(saved, now) == (
        "a: was create, now keep",
        "b: update, now from version 9 instead of 3",
        "c: no longer in the plan (was update)",
        "d: was keep, now update",
        "e: new in the plan (create)",
    )


@pytest.mark.parametrize(
    "document",
    [b"", b"\xff", b"[]", b"{}", b'{"format_version": "2.0"}', b'{"format_version": "1.0"}', b"[" * 100_000],
)
def test_a_file_that_is_not_a_plan_file_is_refused_with_its_name(document: bytes, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(document)
    with pytest.raises(BadDocument, match=r"plan\.json"):
        read_plan(path)


def test_an_edited_plan_file_is_refused(tmp_path: Path) -> None:
    path = save(make_plan(make_create("a"), make_keep("b")), tmp_path)
    document = json.loads(path.read_text())
    document["changes"] = []
    path.write_text(json.dumps(document))
    with pytest.raises(BadDocument, match="edited"):
        read_plan(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(BadDocument):
            read_plan(path)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    path = tmp_path_factory.mktemp("any") / "plan.json"
    path.write_text(json.dumps({"format_version": "1.0", "project": "p", "digest": value, "changes": value}))
    with pytest.raises(BadDocument):
        read_plan(path)


@pytest.mark.parametrize("kind", ["fifo", "device", "folder"])
def test_what_is_no_file_is_refused_and_not_waited_for(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path = Path("/dev/zero")
    with pytest.raises(BadDocument, match="it is not a file"):
        read_plan(path)


def test_a_file_that_needs_more_memory_than_there_is_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str, **__: object) -> None:
        raise MemoryError

    (tmp_path / "plan.json").write_text("{}")
    monkeypatch.setattr("assistant_sync.documents.json_file.json.loads", fail)
    with pytest.raises(BadDocument, match="too large to be read with the memory"):
        read_plan(tmp_path / "plan.json")
