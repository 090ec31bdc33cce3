from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.manifests.includes import Includes
from assistant_sync.manifests.sources import Source
from assistant_sync.repository.worktree import WorkTree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.manifests.site import Site

WHERE = "$file stands for text in context, config, description and metadata only"


def include(site: Site, name: str) -> list[str]:
    site.write_all(a=f"graph_id: g\ncontext:\n  p: {{$file: {name}}}\n")
    return site.problems()


def test_a_manifest_without_includes_reads_nothing(site: Site) -> None:
    source = Source("a.yaml", 0, {"context": {"x": 1}}, is_alone=True, may_include=False)
    includes = Includes(WorkTree.open(site.folder))
    assert includes.resolve(source) == (source, [])
    assert includes.files == []


def test_a_text_may_stand_for_any_string_in_the_four_fields(site: Site) -> None:
    site.write("p.md", "text")
    site.write_all(
        a="graph_id: g\ndescription: {$file: ../p.md}\ncontext: {a: [1, {b: {$file: ../p.md}}]}\n"
        "config: {tags: [x, {$file: ../p.md}], configurable: {}}\nmetadata: {m: {$file: ../p.md}}\n"
    )
    content = site.one().content
    assert content.description == "text"
    assert content.context == {"a": [1, {"b": "text"}]}
    assert content.config == {"tags": ["x", "text"]}
    assert content.metadata == {"m": "text"}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\r\nb\rc\n\n", "a\r\nb\rc\n\n"),
        (b"\xef\xbb\xbfa", "a"),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", "\ufeffa"),
        (b"", ""),
        ("ä 🚀 \u2028".encode(), "ä 🚀 \u2028"),
    ],
)
def test_a_text_is_taken_as_it_stands(site: Site, data: bytes, text: str) -> None:
    (site.folder / "p.md").write_bytes(data)
    site.write_all(a="graph_id: g\ncontext: {p: {$file: ../p.md}}\n")
    assert site.one().content.context == {"p": text}


def test_a_text_of_one_mebibyte_is_the_largest(site: Site) -> None:
    site.write("p.md", "x" * 2**20)
    assert include(site, "../p.md") == []
    site.write("p.md", "x" * (2**20 + 1))
    assert include(site, "../p.md") == ["assistants/a.yaml:3:14: context.p: p.md is larger than 1 MiB"]


def test_paths_start_from_the_manifest_s_folder(site: Site) -> None:
    site.write("assistants/sub/p.md", "text")
    site.write("assistants/sub/a.yaml", "graph_id: g\ncontext: {p: {$file: p.md}, q: {$file: ../sub/./p.md}}\n")
    assert site.one().content.context == {"p": "text", "q": "text"}


def test_an_include_behind_an_alias_an_escape_or_a_merge_is_resolved(site: Site) -> None:
    site.write("p.md", "text")
    site.write_all(
        a="graph_id: g\ncontext:\n  a: &p {$file: ../p.md}\n  b: *p\n  c: {<<: *p}\n"
        '  d: {"\\x24file": ../p.md}\n  e: &e {f: *p}\n  g: *e\n'
    )
    context = site.one().content.context
    assert context == {"a": "text", "b": "text", "c": "text", "d": "text", "e": {"f": "text"}, "g": {"f": "text"}}


def test_an_include_that_is_spelled_by_an_escape_alone_is_resolved(site: Site) -> None:
    site.write("p.md", "text")
    site.write_all(a='graph_id: g\ncontext: {p: {"\\x24file": ../p.md}}\n')
    assert site.one().content.context == {"p": "text"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../suport.md", "suport.md does not exist; did you mean 'support.md'?"),
        ("../zebra", "zebra does not exist"),
        ("../prompts", "prompts is a folder, not a file"),
        ("../../site2/x", "'../../site2/x' is outside of the repository"),
        ("/etc/hostname", "the path '/etc/hostname' must be relative to the folder of this file"),
        ("C:/x", "the path 'C:/x' must be relative to the folder of this file"),
        ("~/x", "the path '~/x' must be relative to the folder of this file"),
        (r"..\support.md", r"the path '..\\support.md' must be written with forward slashes"),
        ("../.git/config", ".git/config is inside .git"),
        ("../out.md", "out.md is outside of the repository"),
        ("../latin.md", "latin.md is not UTF-8 text: see the byte at offset 3"),
        ("''", "$file must be the path of a text file"),
        ("3", "$file must be the path of a text file"),
        ("null", "$file must be the path of a text file"),
        ("[x]", "$file must be the path of a text file"),
        ('"a\\0"', "the path 'a\\x00' must be written with forward slashes"),
        ("../" + "x" * 300, "cannot be read: File name too long"),
    ],
)
def test_what_cannot_be_included_is_told_at_the_path(site: Site, tmp_path: Path, name: str, message: str) -> None:
    site.write("support.md", "text")
    site.write("prompts/x.md", "text")
    (site.folder / "latin.md").write_bytes(b"abc\xe4")
    (tmp_path / "secret").write_text("s")
    (site.folder / "out.md").symlink_to(tmp_path / "secret")
    (problem,) = include(site, name)
    assert problem.startswith("assistants/a.yaml:3:14: context.p: ")
    assert problem.endswith(message)


def test_a_key_beside_the_path_is_an_error(site: Site) -> None:
    site.write_all(a="graph_id: g\ncontext:\n  p: {trim: true, $file: ../p.md}\n")
    assert site.problems() == ["assistants/a.yaml:3:26: context.p: $file must stand alone, without 'trim' beside it"]


@pytest.mark.parametrize("key", ["$fle", "$flie", "$files", "$File", "$FILE", "$ file"])
def test_a_misspelt_include_is_an_error_and_no_prompt(site: Site, key: str) -> None:
    site.write("p.md", "text")
    site.write_all(a=f"graph_id: g\ncontext:\n  p: [{{{key}: ../p.md}}]\n")
    assert site.problems() == [f"assistants/a.yaml:3:8: context.p[0]: unknown directive '{key}'; did you mean '$file'?"]


def test_a_misspelt_include_is_all_that_is_told_of_its_value(site: Site) -> None:
    site.write_all(a='graph_id: g\nconfig: {tags: {"\\x24fle": x}}\n')
    assert site.problems() == ["assistants/a.yaml:2:17: config.tags: unknown directive '$fle'; did you mean '$file'?"]


@pytest.mark.parametrize(
    "value",
    [
        {"$ref": "#/$defs/a"}, {"$schema": "x"}, {"$defs": {"a": {"$ref": "x"}}}, {"$id": "x"}, {"$filter": "a eq 1"},
        {"$title": "x"}, {"$field": "x"}, {"$like": "x"}, {"$if": "x"}, {"$": "x"}, {"": "x"}, {"file": "x"},
        {"$fle": {"a": 1}}, {"$fle": "x", "other": "y"},
    ],
)  # fmt: skip
def test_other_keys_with_a_dollar_are_data(site: Site, value: dict[str, Any]) -> None:
    site.write_all(a=f"graph_id: g\ncontext: {{v: {json.dumps(value)}}}\n")
    assert site.one().content.context == {"v": value}


@pytest.mark.parametrize("field", ["key", "name", "graph_id", "assistant_id"])
def test_elsewhere_an_include_is_an_error_that_says_where_it_may_stand(site: Site, field: str) -> None:
    site.write("p.md", "text")
    graph = "" if field == "graph_id" else "graph_id: g\n"
    site.write_all(a=f"{field}: {{$file: ../p.md}}\n{graph}")
    column = len(field) + 4
    assert site.problems() == [f"assistants/a.yaml:1:{column}: {field} cannot be read from a file: {WHERE}"]


def test_a_text_cannot_stand_for_a_mapping(site: Site) -> None:
    site.write("p.md", "text")
    site.write_all(a="graph_id: g\ncontext: {$file: ../p.md}\n")
    assert site.problems() == ["assistants/a.yaml:2:10: context must be a mapping, not text (in p.md)"]


def test_what_a_server_would_mangle_is_told_where_it_is_included(site: Site) -> None:
    site.write("p.md", "text\0")
    assert include(site, "../p.md") == [
        "assistants/a.yaml:3:6: context.p holds a NUL character, which servers replace or refuse (in p.md)"
    ]


def test_a_bad_text_is_told_at_every_place_that_includes_it_but_read_once(site: Site) -> None:
    site.write_all(
        a="graph_id: g\ncontext: {p: {$file: ../x}, q: {$file: ../x}}\n",
        b="graph_id: g\nmetadata: {m: {$file: ../x}}\n",
    )
    assert [problem.partition(": ")[0] for problem in site.problems()] == [
        "assistants/a.yaml:2:22",
        "assistants/a.yaml:2:40",
        "assistants/b.yaml:2:23",
    ]


def test_many_includes_of_a_large_text_are_bounded(site: Site) -> None:
    site.write("p.md", "x" * 2**20)
    items = "  - {$file: ../p.md}\n"
    site.write_all(a="graph_id: g\ncontext:\n  l:\n" + items * 16)
    assert site.problems() == []
    site.write_all(a="graph_id: g\ncontext:\n  l:\n" + items * 17)
    assert site.problems() == [
        "assistants/a.yaml:20:13: context.l[16]: all texts included here are larger than 16 MiB together"
    ]


def test_a_path_through_a_linked_folder_is_read_as_it_is_written(site: Site) -> None:
    site.write("elsewhere/deep/p.md", "text")
    (site.folder / "prompts").symlink_to("elsewhere/deep")
    assert include(site, "../prompts/p.md") == []
    site.write("q.md", "top")
    site.write_all(a="graph_id: g\ncontext: {p: {$file: ../prompts/../q.md}}\n")
    assert site.one().content.context == {"p": "top"}
