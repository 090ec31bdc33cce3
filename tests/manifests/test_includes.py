from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.manifests.includes import Includes
from assistant_sync.manifests.sources import Source
from assistant_sync.repository.worktree import WorkTree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.manifests.manifest_project import ManifestProject

WHERE = "$file is supported only in context, config, description and metadata"


def include(project: ManifestProject, name: str) -> list[str]:
    project.write_all(a=f"graph_id: g\ncontext:\n  p: {{$file: {name}}}\n")
    return project.problems()


def test_a_manifest_without_includes_reads_nothing(project: ManifestProject) -> None:
    source = Source("a.yaml", 0, {"context": {"x": 1}}, is_alone=True, may_include=False)
    includes = Includes(WorkTree.open(project.folder))
    assert includes.resolve(source) == (source, [])
    assert includes.files == []


def test_a_text_may_stand_for_any_string_in_the_four_fields(project: ManifestProject) -> None:
    project.write("p.md", "text")
    project.write_all(
        a="graph_id: g\ndescription: {$file: ../p.md}\ncontext: {a: [1, {b: {$file: ../p.md}}]}\n"
        "config: {tags: [x, {$file: ../p.md}], configurable: {}}\nmetadata: {m: {$file: ../p.md}}\n"
    )
    content = project.one().content
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
        ("ä 🚀 \u2028".encode(), "ä 🚀 \u2028"),
    ],
)
def test_a_text_is_taken_as_it_stands(project: ManifestProject, data: bytes, text: str) -> None:
    (project.folder / "p.md").write_bytes(data)
    project.write_all(a="graph_id: g\ncontext: {p: {$file: ../p.md}}\n")
    assert project.one().content.context == {"p": text}


def test_a_text_of_one_mebibyte_is_the_largest(project: ManifestProject) -> None:
    project.write("p.md", "x" * 2**20)
    assert include(project, "../p.md") == []
    project.write("p.md", "x" * (2**20 + 1))
    assert include(project, "../p.md") == ["assistants/a.yaml:3:14: context.p: p.md is larger than 1 MiB"]


def test_paths_start_from_the_manifest_s_folder(project: ManifestProject) -> None:
    project.write("assistants/sub/p.md", "text")
    project.write("assistants/sub/a.yaml", "graph_id: g\ncontext: {p: {$file: p.md}, q: {$file: ../sub/./p.md}}\n")
    assert project.one().content.context == {"p": "text", "q": "text"}


def test_an_include_behind_an_alias_an_escape_or_a_merge_is_resolved(project: ManifestProject) -> None:
    project.write("p.md", "text")
    project.write_all(
        a="graph_id: g\ncontext:\n  a: &p {$file: ../p.md}\n  b: *p\n  c: {<<: *p}\n"
        '  d: {"\\x24file": ../p.md}\n  e: &e {f: *p}\n  g: *e\n'
    )
    context = project.one().content.context
    assert context == {"a": "text", "b": "text", "c": "text", "d": "text", "e": {"f": "text"}, "g": {"f": "text"}}


def test_an_include_that_is_spelled_by_an_escape_alone_is_resolved(project: ManifestProject) -> None:
    project.write("p.md", "text")
    project.write_all(a='graph_id: g\ncontext: {p: {"\\x24file": ../p.md}}\n')
    assert project.one().content.context == {"p": "text"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../suport.md", "suport.md does not exist; did you mean 'support.md'?"),
        ("../zebra", "zebra does not exist"),
        ("../prompts", "prompts is a folder, not a file"),
        ("../../project2/x", "'../../project2/x' is outside of the repository"),
        ("/etc/hostname", "the path '/etc/hostname' must be relative to the folder of this file"),
        ("C:/x", "the path 'C:/x' must be relative to the folder of this file"),
        ("~/x", "the path '~/x' must be relative to the folder of this file"),
        (r"..\support.md", r"the path '..\\support.md' must be written with forward slashes"),
        ("../.git/config", ".git/config is inside .git"),
        ("../out.md", "out.md is outside of the repository"),
        ("../latin.md", "latin.md:1:4 is not UTF-8 text (byte 0xE4); save it as UTF-8"),
        ("''", "$file must be the path of a text file"),
        ("3", "$file must be the path of a text file"),
        ("null", "$file must be the path of a text file"),
        ("[x]", "$file must be the path of a text file"),
        ('"a\\0"', "the path 'a\\x00' must be written with forward slashes"),
        ("../" + "x" * 300, "cannot be read: File name too long"),
    ],
)
def test_an_include_that_cannot_be_read_is_reported_at_the_path(
    project: ManifestProject, tmp_path: Path, name: str, message: str
) -> None:
    project.write("support.md", "text")
    project.write("prompts/x.md", "text")
    (project.folder / "latin.md").write_bytes(b"abc\xe4")
    (tmp_path / "secret").write_text("s")
    (project.folder / "out.md").symlink_to(tmp_path / "secret")
    (problem,) = include(project, name)
    assert problem.startswith("assistants/a.yaml:3:14: context.p: ")
    assert problem.endswith(message)


def test_a_key_beside_the_path_is_an_error(project: ManifestProject) -> None:
    project.write_all(a="graph_id: g\ncontext:\n  p: {trim: true, $file: ../p.md}\n")
    assert project.problems() == [
        "assistants/a.yaml:3:26: context.p: $file must be the only key of its mapping; remove 'trim'"
    ]


@pytest.mark.parametrize("key", ["$fle", "$flie", "$files", "$File", "$FILE", "$ file"])
def test_a_misspelt_include_is_an_error_and_no_prompt(project: ManifestProject, key: str) -> None:
    project.write("p.md", "text")
    project.write_all(a=f"graph_id: g\ncontext:\n  p: [{{{key}: ../p.md}}]\n")
    assert project.problems() == [
        f"assistants/a.yaml:3:8: context.p[0]: unknown directive '{key}'; did you mean '$file'?"
    ]


def test_a_misspelt_include_is_all_that_is_reported_of_its_value(project: ManifestProject) -> None:
    project.write_all(a='graph_id: g\nconfig: {tags: {"\\x24fle": x}}\n')
    assert project.problems() == [
        "assistants/a.yaml:2:17: config.tags: unknown directive '$fle'; did you mean '$file'?"
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"$ref": "#/$defs/a"}, {"$schema": "x"}, {"$defs": {"a": {"$ref": "x"}}}, {"$id": "x"}, {"$filter": "a eq 1"},
        {"$title": "x"}, {"$field": "x"}, {"$like": "x"}, {"$if": "x"}, {"$": "x"}, {"": "x"}, {"file": "x"},
        {"$fle": {"a": 1}}, {"$fle": "x", "other": "y"},
    ],
)  # fmt: skip
def test_other_keys_with_a_dollar_are_data(project: ManifestProject, value: dict[str, Any]) -> None:
    project.write_all(a=f"graph_id: g\ncontext: {{v: {json.dumps(value)}}}\n")
    assert project.one().content.context == {"v": value}


@pytest.mark.parametrize("field", ["key", "name", "graph_id", "assistant_id"])
def test_elsewhere_an_include_is_an_error_that_names_the_fields_that_take_one(
    project: ManifestProject, field: str
) -> None:
    project.write("p.md", "text")
    graph = "" if field == "graph_id" else "graph_id: g\n"
    project.write_all(a=f"{field}: {{$file: ../p.md}}\n{graph}")
    column = len(field) + 4
    assert project.problems() == [f"assistants/a.yaml:1:{column}: {field} cannot be read from a file: {WHERE}"]


def test_a_text_cannot_replace_a_mapping(project: ManifestProject) -> None:
    project.write("p.md", "text")
    project.write_all(a="graph_id: g\ncontext: {$file: ../p.md}\n")
    assert project.problems() == ["assistants/a.yaml:2:10: context must be a mapping, not text (in p.md)"]


def test_a_lossy_text_is_reported_at_its_include(project: ManifestProject) -> None:
    project.write("p.md", "text\0")
    assert include(project, "../p.md") == [
        "assistants/a.yaml:3:6: context.p contains a NUL character, which servers replace or reject (in p.md)"
    ]


def test_a_bad_text_is_reported_at_every_place_that_includes_it_but_read_once(project: ManifestProject) -> None:
    project.write_all(
        a="graph_id: g\ncontext: {p: {$file: ../x}, q: {$file: ../x}}\n",
        b="graph_id: g\nmetadata: {m: {$file: ../x}}\n",
    )
    assert [problem.partition(": ")[0] for problem in project.problems()] == [
        "assistants/a.yaml:2:22",
        "assistants/a.yaml:2:40",
        "assistants/b.yaml:2:23",
    ]


def test_many_includes_of_a_large_text_are_bounded(project: ManifestProject) -> None:
    project.write("p.md", "x" * 2**20)
    items = "  - {$file: ../p.md}\n"
    project.write_all(a="graph_id: g\ncontext:\n  l:\n" + items * 16)
    assert project.problems() == []
    project.write_all(a="graph_id: g\ncontext:\n  l:\n" + items * 17)
    assert project.problems() == [
        "assistants/a.yaml:20:13: context.l[16]: the texts that this document includes are larger than 16 MiB in total"
    ]


def test_a_path_through_a_linked_folder_is_read_as_it_is_written(project: ManifestProject) -> None:
    project.write("elsewhere/deep/p.md", "text")
    (project.folder / "prompts").symlink_to("elsewhere/deep")
    assert include(project, "../prompts/p.md") == []
    project.write("q.md", "top")
    project.write_all(a="graph_id: g\ncontext: {p: {$file: ../prompts/../q.md}}\n")
    assert project.one().content.context == {"p": "top"}


def test_a_path_that_a_comment_cuts_has_the_advice_to_quote_it(project: ManifestProject) -> None:
    project.write("prompts/a #1.md", "text")
    project.write_all(a="graph_id: g\ncontext:\n  p: {$file: ../prompts/a #1.md\n  }\n")
    (problem,) = project.problems()
    assert problem.endswith("prompts/a does not exist; did you mean 'a #1.md'? Quote the path: ' #' begins a comment")


def test_a_name_that_only_looks_the_same_is_named_by_its_characters(project: ManifestProject) -> None:
    project.write("prompts/cafe\u0301.md", "text")
    project.write_all(a='graph_id: g\ncontext: {p: {$file: "../prompts/caf\u00e9.md"}}\n')
    (problem,) = project.problems()
    assert "which looks the same but is written with other characters ('cafe\\u0301.md')" in problem


def test_a_loop_of_links_is_named_as_that(project: ManifestProject) -> None:
    (project.folder / "prompts").mkdir()
    (project.folder / "prompts/a.md").symlink_to("b.md")
    (project.folder / "prompts/b.md").symlink_to("a.md")
    project.write_all(a="graph_id: g\ncontext: {p: {$file: ../prompts/a.md}}\n")
    (problem,) = project.problems()
    assert "a symbolic link that leads back to itself" in problem


def test_a_placeholder_without_quotes_is_a_warning_with_the_quotes_to_add(project: ManifestProject) -> None:
    project.write_all(a="graph_id: g\ncontext:\n  p: {topic}\n")
    (problem,) = project.problems()
    assert problem == (
        "assistants/a.yaml:3:6: warning: without quotes this is a mapping with the key 'topic', not a text; if it is a "
        'placeholder, write it as "{topic}"'
    )


def test_a_path_from_the_repositorys_top_has_the_advice_where_it_starts(project: ManifestProject) -> None:
    project.write("prompts/a.md", "text")
    project.write_all(**{"deep/a": "graph_id: g\ncontext: {p: {$file: prompts/a.md}}\n"})
    (problem,) = project.problems()
    assert problem.endswith("does not exist; the path starts at this file's folder: '../../prompts/a.md'")


def test_an_include_without_its_colon_has_the_advice_to_write_one(project: ManifestProject) -> None:
    project.write_all(a="graph_id: g\ncontext:\n  p: {$file ../prompts/a.md}\n")
    (problem,) = project.problems()
    assert problem.endswith("write it as {$file: path}, with a colon")


def test_a_text_that_begins_with_braces_has_the_advice_to_quote_it(project: ManifestProject) -> None:
    project.write_all(a="graph_id: g\ncontext:\n  p: {topic} is the subject\n")
    (problem,) = project.problems()
    assert problem.endswith("quote a text that starts with '{' or '['")


def test_a_path_longer_than_any_systems_is_an_error_and_not_walked(project: ManifestProject) -> None:
    project.write_all(a=f"graph_id: g\ncontext: {{p: {{$file: {'a/' * 100_000}}}}}\n")
    (problem,) = project.problems()
    assert problem.endswith("has more than 4096 characters")


def test_of_hundreds_of_missing_files_not_each_is_compared_with_a_whole_folder(project: ManifestProject) -> None:
    for number in range(20):
        project.write(f"prompts/text-{number}.md", "text")
    for number in range(300):
        project.write_all(**{f"a{number}": f"graph_id: g\ncontext: {{p: {{$file: ../prompts/txt-{number}.md}}}}\n"})
    problems = project.problems()
    assert len(problems) == 300
    assert sum("did you mean" in one for one in problems) == 200
