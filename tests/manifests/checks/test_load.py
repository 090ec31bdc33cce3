from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assistant_sync.manifests.checks.load import CheckSet
from assistant_sync.model.check import (
    Case,
    CheckFile,
    Contains,
    Equals,
    FitsSchema,
    Judge,
    Matches,
    MaxSeconds,
    MaxWords,
    NotContains,
    ToolCalled,
    ToolNotCalled,
)
from tests.manifests.checks.check_project import CASE, GOOD, load, problems
from tests.manifests.manifest_project import ManifestProject
from tests.strategies import TEXT, json_values

if TYPE_CHECKING:
    from pathlib import Path

FULL = r"""
assistants: [support, "support-*"]
cases:
  - name: asks for the order number
    ask: {$file: ../prompts/question.md}
    expect:
      - contains: order number
      - not_contains: guarantee
      - matches: '(?i)order\s+number'
      - equals: {path: /messages/-1/tool_calls/0/name, value: look_up_order}
      - json_schema: {type: object}
      - tool_called: look_up_order
      - tool_not_called: refund
      - max_words: 80
      - max_seconds: 20
      - judge: {assistant: support, rubric: "Polite, and promises nothing."}
    repeat: 3
    pass: 2

  - name: stops before it pays
    input: {messages: [{role: user, content: {$file: ../prompts/question.md}}]}
    expect: interrupt
---
graph: support_agent
cases:
  - name: is rude to nobody
    ask: Idiot!
    expect:
      - judge: {graph: reviewer, rubric: {$file: ../prompts/rubric.md}}
    repeat: 2
"""


NOBODY = "so this asks nobody"


@pytest.fixture
def project(tmp_path: Path) -> ManifestProject:
    """A project with two manifests, and texts for questions."""
    project = ManifestProject(tmp_path / "project")
    project.write_all(support="graph_id: support_agent\n", **{"support-eu": "graph_id: support_agent\n"})
    project.write("prompts/question.md", "Where is my parcel?\n")
    project.write("prompts/rubric.md", "Kind.\n")
    return project


class TestFiles:
    def test_a_valid_file_is_exactly_these_cases_and_no_problem(self, project: ManifestProject) -> None:
        project.write("checks/orders/a.yaml", FULL.replace("../prompts", "../../prompts"))
        loaded = load(project)
        file = "checks/orders/a.yaml"
        matches = loaded.files[0].cases[0].expectations[2]
        schema = loaded.files[0].cases[0].expectations[4]
        assert isinstance(matches, Matches)
        assert isinstance(schema, FitsSchema)
        parcel = Case(
            name="asks for the order number",
            ask="Where is my parcel?\n",
            expectations=(
                Contains("order number"),
                NotContains("guarantee"),
                Matches(r"(?i)order\s+number", matches.compiled),
                Equals("/messages/-1/tool_calls/0/name", ("messages", -1, "tool_calls", 0, "name"), "look_up_order"),
                FitsSchema(schema.compiled),
                ToolCalled("look_up_order"),
                ToolNotCalled("refund"),
                MaxWords(80),
                MaxSeconds(20),
                Judge("Polite, and promises nothing.", assistant="support"),
            ),
            repeat=3,
            must_pass=2,
            file=file,
            line=4,
        )
        stops = Case(
            name="stops before it pays",
            input={"messages": [{"role": "user", "content": "Where is my parcel?\n"}]},
            is_interrupt_expected=True,
            file=file,
            line=20,
        )
        rude = Case(
            name="is rude to nobody",
            ask="Idiot!",
            expectations=(Judge("Kind.\n", graph="reviewer"),),
            repeat=2,
            must_pass=2,
            file=file,
            line=26,
        )
        assert loaded == CheckSet(
            files=(
                CheckFile(globs=("support", "support-*"), cases=(parcel, stops), file=file),
                CheckFile(graph="support_agent", cases=(rude,), file=file),
            ),
            problems=(),
            read=(file, "prompts/question.md", "prompts/rubric.md"),
        )
        assert matches.compiled.is_in("Your ORDER  number, please")
        assert schema.compiled.misfits({}) == ()
        assert schema.compiled.misfits("") == ("the value must be a mapping",)

    def test_without_the_folder_there_are_no_checks(self, project: ManifestProject) -> None:
        assert load(project) == CheckSet()

    def test_files_of_both_suffixes_are_read_in_their_order_and_others_are_not(self, project: ManifestProject) -> None:
        for name in ("b.yml", "a/z.yaml", "a/notes.md", ".hidden.yaml"):
            project.write(f"checks/{name}", GOOD)
        loaded = load(project)
        assert [one.file for one in loaded.files] == ["checks/a/z.yaml", "checks/b.yml"]
        assert loaded.problems == ()

    def test_a_suffix_in_capitals_is_a_problem(self, project: ManifestProject) -> None:
        project.write("checks/a.YAML", GOOD)
        assert problems(project) == [
            "checks/a.YAML: this file is not read: write its suffix as .yaml, not .YAML (with `git mv`)"
        ]

    def test_paths_are_relative_to_the_project_file(self, tmp_path: Path) -> None:
        project = ManifestProject(tmp_path / "project", home="deploy")
        project.write("checks/a.yaml", GOOD)
        project.write("checks/b.yaml", "cases: 5\n")
        loaded = load(project, knows_manifests=False)
        assert [one.file for one in loaded.files] == ["checks/a.yaml"]
        assert [one.cases[0].file for one in loaded.files] == ["checks/a.yaml"]
        assert {one.file for one in loaded.problems} == {"checks/b.yaml"}
        assert loaded.read == ("deploy/checks/a.yaml", "deploy/checks/b.yaml")

    def test_a_file_in_place_of_the_folder_is_a_problem(self, project: ManifestProject) -> None:
        project.write("checks", GOOD)
        assert problems(project) == ["checks: the folder of the checks cannot be read: checks is a file, not a folder"]

    def test_a_folder_that_leads_out_of_the_repository_is_a_problem(
        self, project: ManifestProject, tmp_path: Path
    ) -> None:
        (tmp_path / "elsewhere").mkdir()
        (project.folder / "checks").symlink_to(tmp_path / "elsewhere")
        (problem,) = problems(project)
        assert problem.startswith("checks: the folder of the checks cannot be read: checks ")

    def test_a_file_without_checks_is_a_warning(self, project: ManifestProject) -> None:
        assert problems(project, "# none\n") == [
            "checks/a.yaml: warning: this file contains no check; restore its content, or remove the file if it is not "
            "needed".removeprefix("checks/a.yaml:")
        ]

    def test_a_document_that_is_no_mapping_is_a_problem(self, project: ManifestProject) -> None:
        assert problems(project, "- a\n") == [
            "1:1: each check must be a mapping of fields such as 'assistants: support'"
        ]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("cases: [\n", "2:1: not valid YAML"),
            ("graph: a\ngraph: b\n", "2:1: the key 'graph' is given twice"),
            ("graph: !x a\n", "1:8: tags are not supported"),
            ("version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 1\n", "Git LFS"),
        ],
    )
    def test_the_rules_of_yaml_and_files_are_those_of_manifests(
        self, project: ManifestProject, text: str, found: str
    ) -> None:
        (problem,) = problems(project, text)
        assert found in problem

    def test_an_untracked_file_or_text_is_a_warning_and_in_ci_an_error(self, project: ManifestProject) -> None:
        project.repo.git("add", "--all")
        project.write("prompts/late.md", "?")
        project.write("checks/a.yaml", GOOD.replace("ask: b", "ask: {$file: ../prompts/late.md}"))
        for ci in (False, True):
            found = load(project, add=False, ci=ci).problems
            assert [(one.file, one.line, one.is_error) for one in found] == [
                ("checks/a.yaml", 0, ci),
                ("checks/a.yaml", 3, ci),
            ]
            assert found[1].message == "the included text prompts/late.md is not tracked by git; `git add` it"

    def test_a_file_that_a_sparse_checkout_leaves_out_is_a_problem(self, project: ManifestProject) -> None:
        project.write("checks/a.yaml", GOOD)
        project.repo.commit()
        project.repo.git("sparse-checkout", "set", "--no-cone", "/*", "!/checks/")
        (problem,) = load(project, add=False).problems
        assert (problem.file, problem.is_error) == ("checks/a.yaml", True)
        assert "a sparse checkout leaves it out" in problem.message

    def test_what_aliases_repeat_is_bounded(self, project: ManifestProject) -> None:
        texts = ", ".join(["*a"] * 9)
        for number in range(8):
            project.write(
                f"checks/{number}.yaml",
                f"graph: a\ncases:\n  - {{name: a, ask: &a {'x' * 1_000_000}, expect: interrupt}}\n"
                f"  - {{name: b, input: {{a: [{texts}]}}, expect: interrupt}}\n",
            )
        (problem,) = problems(project)
        assert problem.startswith(
            "assistant-sync.yaml:1:1: aliases and includes of this project repeat more than 64 MiB"
        )


class TestIncludes:
    def test_a_text_that_does_not_exist_is_one_problem(self, project: ManifestProject) -> None:
        text = GOOD.replace("ask: b", "ask: {$file: ../prompts/questin.md}")
        assert problems(project, text) == [
            "3:28: cases[0].ask: prompts/questin.md does not exist; did you mean 'question.md'?"
        ]

    @pytest.mark.parametrize(
        ("case", "place", "what"),
        [
            ("{name: {$file: q.md}, ask: b, expect: interrupt}", "4:13", "cases[0].name"),
            ("{name: a, ask: b, expect: {$file: q.md}}", "4:32", "cases[0].expect"),
            ("{name: a, ask: b, expect: [{contains: {$file: q.md}}]}", "4:44", "cases[0].expect[0].contains"),
            (
                "{name: a, ask: b, expect: [{equals: {path: /a, value: [{$file: q.md}]}}]}",
                "4:61",
                "cases[0].expect[0].equals.value[0]",
            ),
        ],
    )
    def test_no_other_field_takes_one(self, project: ManifestProject, case: str, place: str, what: str) -> None:
        assert problems(project, f"assistants: a\ncases:\n  -\n    {case}\n") == [
            f"{place}: {what} cannot be read from a file: $file is supported only in ask, input and rubric"
        ]

    def test_in_a_schema_the_key_is_data(self, project: ManifestProject) -> None:
        schema = "{json_schema: {properties: {$file: {type: string}}}}"
        assert problems(project, GOOD.replace("{contains: c}", schema)) == []

    def test_an_empty_text_is_a_problem(self, project: ManifestProject) -> None:
        project.write("prompts/empty.md", "")
        assert problems(project, GOOD.replace("ask: b", "ask: {$file: ../prompts/empty.md}")) == [
            "3:20: cases[0].ask must be non-empty text (in prompts/empty.md)",
            "3:20: warning: this text is empty; write it, or remove the include (in prompts/empty.md)",
        ]

    def test_a_document_with_a_text_that_does_not_exist_asks_nothing(self, project: ManifestProject) -> None:
        project.write("checks/a.yaml", GOOD.replace("ask: b", "input: {a: {$file: no.md}}"))
        loaded = load(project)
        assert (len(loaded.problems), loaded.files) == (1, ())


class TestLint:
    def test_what_looks_like_a_credential_in_a_question_is_a_warning_without_it(self, project: ManifestProject) -> None:
        token = "ghp_" + "secret12" * 4
        project.write("prompts/key.md", f"My key is {token}.")
        text = GOOD.replace("ask: b", f"ask: my key is {token}") + CASE.replace(
            "a, ask: b", "b, ask: {$file: ../prompts/key.md}"
        )
        found = problems(project, text)
        assert found == [
            f"{place}: warning: cases[{index}].ask looks like a credential; whoever can read the repository can read "
            f"it. Ask with an invented one{end}"
            for index, (place, end) in enumerate((("3:20", ""), ("4:20", " (in prompts/key.md)")))
        ]

    def test_the_markers_of_a_merge_conflict_are_a_warning(self, project: ManifestProject) -> None:
        project.write("prompts/c.md", "<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n")
        (found,) = problems(project, GOOD.replace("ask: b", "ask: {$file: ../prompts/c.md}"))
        assert found.startswith("3:20: warning: this text holds the markers of a merge conflict")


class TestWhomTheyAsk:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            (
                "assistants: suport\ncases:\n" + CASE,
                f"1:13: warning: no manifest has a key that matches 'suport', {NOBODY}; did you mean 'support'?",
            ),
            (
                "assistants: [support, 'sales-*']\ncases:\n" + CASE,
                "1:23: warning: no manifest has a key that matches 'sales-*', so this asks nobody",
            ),
            (
                "graph: suport_agent\ncases:\n" + CASE,
                f"1:8: warning: no manifest has the graph 'suport_agent', {NOBODY}; did you mean 'support_agent'?",
            ),
            (
                "graph: support_agent\ncases:\n" + CASE.replace("contains: c", "judge: {assistant: suport, rubric: a}"),
                "3:52: warning: no manifest has the key 'suport', so nobody judges; did you mean 'support'?",
            ),
        ],
    )
    def test_what_no_manifest_has_is_a_warning(self, project: ManifestProject, text: str, found: str) -> None:
        project.write("checks/a.yaml", text)
        loaded = load(project)
        assert [str(one).removeprefix("checks/a.yaml:") for one in loaded.problems] == [found]
        assert len(loaded.files) == 1

    def test_nothing_is_compared_if_the_manifests_are_not_all_known(self, project: ManifestProject) -> None:
        project.write("checks/a.yaml", GOOD.replace("support", "nobody"))
        assert load(project, knows_manifests=False).problems == ()

    def test_a_judging_graph_need_not_be_that_of_a_manifest(self, project: ManifestProject) -> None:
        project.write("checks/a.yaml", GOOD.replace("contains: c", "judge: {graph: elsewhere, rubric: a}"))
        assert load(project).problems == ()


NAMES = st.sampled_from(
    ["assistants", "graph", "cases", "name", "ask", "input", "expect", "repeat", "pass", "contains", "matches",
     "equals", "path", "value", "json_schema", "judge", "rubric", "assistant", "max_words", "max_seconds", "$file",
     "$ref"]
)  # fmt: skip
LEAVES: st.SearchStrategy[Any] = (
    st.sampled_from(["interrupt", "support", "(a", "/a/0", "x.md", 1, 0, -1, 2.5, True, None, [], {}]) | TEXT
)
NEAR: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20
)
EXPECTATION = st.dictionaries(NAMES, NEAR, max_size=2)
CASES = st.fixed_dictionaries(
    {"name": LEAVES, "ask": LEAVES, "expect": st.lists(EXPECTATION, max_size=2) | LEAVES}, optional={"repeat": NEAR}
)
DOCUMENTS = st.fixed_dictionaries({"assistants": NEAR, "cases": st.lists(CASES | NEAR, max_size=3)})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(json_values() | NEAR | DOCUMENTS)
@example({"graph": "a", "cases": [{"name": "a", "ask": "b", "expect": [{"matches": "a{1000}{1000}"}]}]})
@example({"graph": "a", "cases": [{"name": "a", "ask": "b", "expect": [{"json_schema": {"type": 5}}]}]})
@example({"graph": "a", "cases": [{"name": "a", "ask": "b", "expect": [{"json_schema": {"$ref": "#"}}]}]})
@example({"graph": "a", "cases": {"*": {"name": {"$file": "a"}}}})
@example({"graph": "a", "cases": [{"name": "a", "ask": "b", "expect": {"$file": {"$file": 1}}}]})
@example({"$file": "a"})
def test_any_json_document_is_checks_or_has_problems(project: ManifestProject, document: Any) -> None:
    project.write("checks/a.yaml", json.dumps(document))
    loaded = load(project, add=False)
    errors = [one for one in loaded.problems if one.is_error]
    assert len(loaded.files) == (0 if errors or document is None else 1)
