from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.manifests.manifest_project import OVERLAID, PROJECT_FILE

if TYPE_CHECKING:
    from tests.manifests.manifest_project import ManifestProject

# Put together so that no scanner of repositories takes it for a real one.
SECRET = "sk-proj-" + "a1B2" * 8


def credential(path: str) -> str:
    """The warning of what looks like one."""
    return (
        "warning: this looks like a credential; whoever can read the repository can read it. "
        f"Let the graph read it from its environment, or name {path} in allow_literals"
    )


def test_an_ordinary_manifest_has_no_warning(project: ManifestProject) -> None:
    project.write_all(
        a="graph_id: g\ncontext: {api_key_env: KEY, max_tokens: 5, prompt: Ask for the token.}\n"
        "config: {recursion_limit: 1, tags: [x], run_name: r, max_concurrency: 3, memory: x, zebra: 1, name: n}\n"
    )
    assert project.problems() == []


@pytest.mark.parametrize(
    ("key", "meant"),
    [("recursion_limt", "recursion_limit"), ("recursionLimit", "recursion_limit"), ("tag", "tags"),
     ("Tags", "tags"), ("configureable", "configurable"), ("meta_data", "metadata"), ("runname", "run_name"),
     ("max_concurency", "max_concurrency")],
)  # fmt: skip
def test_a_misspelt_key_of_config_is_a_warning_and_goes_as_it_is(
    project: ManifestProject, key: str, meant: str
) -> None:
    project.write_all(a=f"graph_id: g\nconfig:\n  {key}: 25\n")
    loaded = project.load()
    assert [str(problem) for problem in loaded.problems] == [
        (f"assistants/a.yaml:3:3: warning: unknown key '{key}' in config is sent as written; did you mean '{meant}'?")
    ]
    assert loaded.desired[0].content.config == {key: 25}


@pytest.mark.parametrize(
    ("fields", "place", "path"),
    [
        ("context: {recursion_limit: 50}", "2:11", "context"),
        ("config:\n  configurable: {a: 1, recursion_limit: 50}", "3:24", "config.configurable"),
    ],
)
def test_a_limit_of_recursion_where_no_run_looks_for_it_is_a_warning(
    project: ManifestProject, fields: str, place: str, path: str
) -> None:
    project.write_all(a=f"graph_id: g\n{fields}\n")
    loaded = project.load()
    (problem,) = loaded.problems
    assert str(problem).startswith(f"assistants/a.yaml:{place}: warning: {path}.recursion_limit does not limit a run")
    assert "LangGraph reads config.recursion_limit; move it there" in problem.message
    assert len(loaded.desired) == 1


@pytest.mark.parametrize("name", ["recursion_limit", "tags", "configurable"])
def test_a_field_of_config_at_the_top_is_an_error_that_names_its_place(project: ManifestProject, name: str) -> None:
    project.write_all(a=f"graph_id: g\n{name}: 50\n")
    assert [str(one) for one in project.load().problems] == [
        f"assistants/a.yaml:2:1: unknown field '{name}'; did you mean 'config.{name}'?"
    ]


@pytest.mark.parametrize(
    ("fields", "path"),
    [(f"context: {{p: {SECRET}}}", "context.p"), ("context: {api_key: hunter2}", "context.api_key"),
     (f"name: {SECRET}", "name")],
)  # fmt: skip
def test_a_credential_is_a_warning_at_its_place_without_its_value(
    project: ManifestProject, fields: str, path: str
) -> None:
    project.write_all(a=f"{fields}\ngraph_id: g\n")
    loaded = project.load()
    column = fields.index(SECRET if SECRET in fields else "hunter2") + 1
    assert [str(problem) for problem in loaded.problems] == [f"assistants/a.yaml:1:{column}: {credential(path)}"]
    assert len(loaded.desired) == 1


def test_a_credential_in_an_included_text_is_reported_at_each_include_with_the_file(project: ManifestProject) -> None:
    project.write("p.md", f"Use {SECRET} for calls.\n")
    project.write("q.md", "harmless")
    project.write_all(
        a="graph_id: g\ncontext: {p: {$file: ../p.md}, q: {$file: ../q.md}}\ndescription: {$file: ../p.md}\n"
    )
    assert project.problems() == [
        f"assistants/a.yaml:2:14: {credential('context.p')} (in p.md)",
        f"assistants/a.yaml:3:14: {credential('description')} (in p.md)",
    ]


def test_an_included_text_with_the_name_of_a_credential_is_reported_once(project: ManifestProject) -> None:
    for text in ("hunter2", SECRET):
        project.write("p.md", text)
        project.write_all(a="graph_id: g\ncontext: {api_key: {$file: ../p.md}}\n")
        assert len(project.problems()) == 1, text
    assert project.problems() == [f"assistants/a.yaml:2:20: {credential('context.api_key')} (in p.md)"]


def test_what_the_project_file_allows_is_no_warning(project: ManifestProject) -> None:
    project.write("p.md", f"Use {SECRET} for calls.\n")
    fields = "context: {api_key: hunter2, p: {$file: ../p.md}, tools: [{token: a1b2}, {token: c3d4}]}"
    project.write_all(a=f"graph_id: g\n{fields}\n")
    assert len(project.problems()) == 4
    allowed = ["context.api_key", "context.p", "context.tools[0]", "[context, tools, 1, token]"]
    lines = "".join(f"  - {{path: {one if one[0] == '[' else repr(one)}, reason: made up}}\n" for one in allowed)
    project.write("assistant-sync.yaml", f"{PROJECT_FILE}allow_literals:\n{lines}")
    assert project.problems() == []


def test_an_invalid_manifest_is_linted_too(project: ManifestProject) -> None:
    project.write_all(a=f"context: {{p: {SECRET}}}\n")
    assert project.problems() == [
        "assistants/a.yaml:1:1: graph_id is required",
        f"assistants/a.yaml:1:14: {credential('context.p')}",
    ]


def test_an_overlay_is_linted_and_hides_no_warning_of_its_manifest(project: ManifestProject) -> None:
    project.write("assistant-sync.yaml", OVERLAID)
    project.write("overlays/staging/.gitkeep", "")
    project.write_all(a=f"graph_id: g\ncontext: {{p: {SECRET}}}\n")
    project.write("overlays/production/a.yaml", f"context: {{p: null, q: {SECRET}}}\nconfig: {{tag: [x]}}\n")
    assert [problem.partition(" warning: ")[0] for problem in project.problems("production")] == [
        "assistants/a.yaml:2:14:",
        "overlays/production/a.yaml:1:23:",
        "overlays/production/a.yaml:2:10:",
    ]


def test_a_duplicate_key_is_reported_without_a_credential(project: ManifestProject) -> None:
    project.write_all(a=f"graph_id: g\ncontext:\n  {SECRET}: 1\n  {SECRET}: 2\n")
    assert project.problems() == ["assistants/a.yaml:4:3: the key '(masked)' is given twice"]


def test_a_name_that_some_servers_do_not_accept_is_a_warning(project: ManifestProject) -> None:
    project.write_all(a=f"graph_id: g\nname: {'a' * 512}\n", b=f"graph_id: g\nname: {'b' * 513}\n")
    assert project.problems() == [
        "assistants/b.yaml:2:7: warning: name has 513 characters; servers on PostgreSQL accept 512 (docs/servers.md)"
    ]


CONFLICT = "You are\n<<<<<<< HEAD\nkind.\n=======\nterse.\n>>>>>>> other\n"


def test_the_markers_of_a_merge_conflict_are_a_warning_wherever_they_are(project: ManifestProject) -> None:
    project.write("p.md", CONFLICT)
    block = "".join(f"      {line}\n" for line in CONFLICT.splitlines())
    project.write_all(a=f"graph_id: g\ncontext:\n  p: {{$file: ../p.md}}\n  q: [x, {{r: ''}}]\n  s:\n    t: |\n{block}")
    why = "warning: this text holds the markers of a merge conflict; resolve it"
    assert project.problems() == [f"assistants/a.yaml:3:6: {why} (in p.md)", f"assistants/a.yaml:6:8: {why}"]


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\na\n=======\nb\n", "=======\n>>>>>>> other\n", "a <<<<<<< HEAD\n"])
def test_a_part_of_the_markers_is_text(project: ManifestProject, text: str) -> None:
    project.write("p.md", text)
    project.write_all(a="graph_id: g\ncontext: {p: {$file: ../p.md}}\n")
    assert project.problems() == []


@pytest.mark.parametrize("text", ["", "\n", " \t\n\n"])
def test_an_empty_text_is_a_warning(project: ManifestProject, text: str) -> None:
    project.write("p.md", text)
    project.write_all(a="graph_id: g\ncontext: {p: {$file: ../p.md}}\n")
    assert project.problems() == [
        "assistants/a.yaml:2:14: warning: this text is empty; write it, or remove the include (in p.md)"
    ]
