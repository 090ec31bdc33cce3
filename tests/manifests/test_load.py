from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant_sync.model.assistant import Content, Desired
from assistant_sync.model.identity import default_assistant_id, derived_id
from assistant_sync.model.progress import EVERY, Progress, watched_by
from tests.manifests.manifest_project import ManifestProject

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "graph_id: agent\n"
ID = "62e209ca-9154-432a-b9e9-2d75c7a9219b"


class TestDesired:
    def test_an_empty_folder_desires_nothing_and_is_a_warning(self, project: ManifestProject) -> None:
        loaded = project.load()
        assert (loaded.desired, loaded.documents, loaded.files) == ((), 0, ("assistant-sync.yaml",))
        assert [str(problem) for problem in loaded.problems] == [
            (
                "assistant-sync.yaml:1:1: warning: "
                "the manifests' folder assistants has no manifests (.yaml or .yml files)"
            )
        ]

    def test_who_watches_hears_of_the_files_and_manifests_and_may_end_it(self, project: ManifestProject) -> None:
        class Enough(Exception):
            pass

        def end(_: Progress) -> None:
            raise Enough

        project.write_all(**{f"a{number}": GOOD for number in range(EVERY + 1)})
        heard: list[Progress] = []
        with watched_by(heard.append):
            project.load()
        total = EVERY + 1
        assert heard == [
            Progress(phase, done, total) for phase in ("reading files", "checking") for done in (0, EVERY, total)
        ]
        with watched_by(end), pytest.raises(Enough):
            project.load()

    def test_the_smallest_manifest_takes_key_and_name_from_its_file(self, project: ManifestProject) -> None:
        project.write_all(support=GOOD)
        assert project.one() == Desired(
            key="support",
            assistant_id=derived_id("acme", "support"),
            id_is_named=False,
            content=Content("agent", "support", "", {}, {}, {}, {}),
            metadata_keys=(),
            source="assistants/support.yaml",
        )

    def test_a_full_manifest_is_taken_as_it_stands(self, project: ManifestProject) -> None:
        project.write(
            "assistants/sub/x.yml",
            f"key: support\ngraph_id: agent\nname: Support\ndescription: d\ncontext: {{a: 1, b: null}}\n"
            f"config: {{recursion_limit: 50, tags: [cx], run_name: ''}}\nmetadata: {{team: cx, gone: null}}\n"
            f"assistant_id: {ID.upper()}\n",
        )
        assert project.one() == Desired(
            key="support",
            assistant_id=ID,
            id_is_named=True,
            content=Content(
                "agent",
                "Support",
                "d",
                {"a": 1, "b": None},
                {"recursion_limit": 50, "tags": ["cx"]},
                {},
                {"team": "cx"},
            ),
            metadata_keys=("gone", "team"),
            source="assistants/sub/x.yml",
        )

    def test_configurable_is_apart_from_the_config(self, project: ManifestProject) -> None:
        project.write_all(a="graph_id: g\nconfig: {configurable: {m: 1}, tags: []}\n")
        assert project.one().content == Content("g", "a", "", {}, {}, {"m": 1}, {})

    def test_several_documents_are_several_manifests_sorted_by_key(self, project: ManifestProject) -> None:
        project.write_all(z="key: b\ngraph_id: g\n---\nkey: a\ngraph_id: g\n", y="graph_id: g\n")
        loaded = project.load()
        assert [desired.key for desired in loaded.desired] == ["a", "b", "y"]
        assert loaded.documents == 3
        assert loaded.problems == ()

    def test_the_project_file_may_lie_below_the_top(self, tmp_path: Path) -> None:
        project = ManifestProject(tmp_path / "project", home="deploy/assistants-of-acme")
        project.write_all(a=GOOD, b="graph_id: 3\n")
        project.repo.write("shared/c.yaml", "graph_id: 3\n")
        loaded = project.load()
        assert loaded.desired[0].source == "deploy/assistants-of-acme/assistants/a.yaml"
        assert [problem.file for problem in loaded.problems] == ["assistants/b.yaml"]
        assert "deploy/assistants-of-acme/assistant-sync.yaml" in loaded.files

    def test_a_folder_outside_of_the_project_files_is_shown_relative_to_it(self, tmp_path: Path) -> None:
        project = ManifestProject(tmp_path / "project", home="deploy")
        project.write("assistant-sync.yaml", "version: 1\nproject: acme\nmanifests: ../shared\n")
        project.repo.write("shared/c.yaml", "graph_id: 3\n")
        assert project.problems(None)[0].startswith("../shared/c.yaml:1:11: graph_id must be")

    def test_without_git_everything_is_loaded_and_nothing_checked(self, tmp_path: Path) -> None:
        project = ManifestProject(tmp_path / "project", git=False)
        project.write_all(a=GOOD)
        assert project.one().key == "a"

    def test_what_else_lies_in_the_manifests_folder_is_left_alone(self, project: ManifestProject) -> None:
        project.write(
            "assistant-sync.yaml",
            "version: 1\nproject: acme\nmanifests: .\narchive: old\n"
            "targets: {local: {url: 'http://127.0.0.1:1', overlay: over}}\n",
        )
        project.write("a.yaml", GOOD)
        for name in ("over/a.yaml", "old/b.yaml", "checks/c.yaml"):
            project.write(name, "name: x\n")
        loaded = project.load()
        assert [desired.key for desired in loaded.desired] == ["a"]
        assert loaded.problems == ()


class TestProblems:
    def test_a_bad_file_among_a_hundred_good_ones_is_the_only_problem(self, project: ManifestProject) -> None:
        for number in range(100):
            project.write_all(**{f"a{number}": GOOD})
        project.write_all(bad="graph_id: agent\ncontxt: {}\n")
        loaded = project.load()
        assert [str(problem) for problem in loaded.problems] == [
            "assistants/bad.yaml:2:1: unknown field 'contxt'; did you mean 'context'?"
        ]
        assert len(loaded.desired) == 100

    def test_all_problems_of_all_files_are_reported_at_once_each_with_its_place(self, project: ManifestProject) -> None:
        project.write_all(
            a="graph_id: agent\ncontext: [\n",
            b="# c\nname: x\nconfig:\n  recursion_limit: '50'\n  tags: [x, 1]\nmetadata: {created_by: system}\n",
            c="- a\n- b\n",
            d="key: UP\ngraph_id: agent\ncontext: {x: 1e999}\n",
        )
        project.write("assistants/Bad Name.yaml", GOOD)
        assert project.problems() == [
            (
                "assistants/Bad Name.yaml:1:1: the file name's stem 'Bad Name' is not a valid key: a key is 1 to 63 "
                "characters of a-z, 0-9, '.', '_' and '-', the first a letter or digit; rename the file, or add a key"
            ),
            (
                "assistants/a.yaml:3:1: not valid YAML: did not find expected node content; "
                "a value is missing, or a bracket or comma is out of place"
            ),
            "assistants/b.yaml:2:1: graph_id is required",
            "assistants/b.yaml:4:20: config.recursion_limit must be an integer from 1 to 2147483647, not text",
            "assistants/b.yaml:5:13: config.tags[1] must be text, not a number",
            (
                "assistants/b.yaml:6:12: metadata.created_by is reserved: "
                "with this value, the server would treat the assistant as its own system assistant"
            ),
            "assistants/c.yaml:1:1: each manifest must be a mapping of fields such as 'name: Support'",
            (
                "assistants/d.yaml:1:6: key must be 1 to 63 characters of a-z, 0-9, '.', '_' and '-', "
                "the first a letter or digit"
            ),
            (
                "assistants/d.yaml:3:14: context.x is NaN, infinite or too large, which JSON cannot represent; "
                "quote it if it is text"
            ),
        ]

    def test_a_problem_of_the_second_document_is_placed_there(self, project: ManifestProject) -> None:
        project.write_all(a="key: a\ngraph_id: g\n---\n# c\nkey: b\ngraph_id: 3\n")
        assert project.problems() == ["assistants/a.yaml:6:11: graph_id must be non-empty text, not a number"]

    def test_a_problem_behind_an_alias_is_placed_at_the_anchor(self, project: ManifestProject) -> None:
        project.write_all(a='graph_id: g\ncontext: {x: &x "a\\0"}\nmetadata: {y: *x}\n')
        assert [problem.split(" ")[0] for problem in project.problems()] == [
            "assistants/a.yaml:2:14:",
            "assistants/a.yaml:2:14:",
        ]

    def test_a_missing_folder_is_an_error_that_names_it(self, project: ManifestProject) -> None:
        (project.folder / "assistants").rmdir()
        (problem,) = project.load().problems
        assert str(problem) == (
            "assistant-sync.yaml:1:1: the manifests' folder assistants does not exist; "
            "create it (keep an empty one in git with a .gitkeep file), or set 'manifests' to another folder"
        )
        assert problem.is_error

    @pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "null\n"])
    def test_a_file_without_manifest_is_a_warning_and_an_error_if_it_would_delete(
        self, project: ManifestProject, text: str
    ) -> None:
        project.write_all(a=text, b=GOOD)
        message = "this file contains no manifest; restore its content, or remove the file if it is not needed"
        assert project.problems() == [f"assistants/a.yaml: warning: {message}"]
        assert project.problems(pruning=True) == [f"assistants/a.yaml: {message}"]

    def test_a_target_that_prunes_makes_it_an_error_if_no_target_is_selected(self, project: ManifestProject) -> None:
        project.write(
            "assistant-sync.yaml", "version: 1\nproject: a\ntargets: {x: {url: 'https://x.org', prune: true}}\n"
        )
        project.write_all(a="")
        assert project.load(None).problems[0].is_error

    def test_an_empty_document_among_others_is_a_warning_at_its_place(self, project: ManifestProject) -> None:
        project.write_all(a="key: a\ngraph_id: g\n---\n---\nkey: b\ngraph_id: g\n")
        (problem,) = project.load(pruning=True).problems
        assert (problem.line, problem.is_error) == (4, False)

    def test_a_lone_manifest_beside_an_empty_document_has_the_default_key(self, project: ManifestProject) -> None:
        project.write_all(a="---\n---\ngraph_id: g\n")
        assert [desired.key for desired in project.load().desired] == ["a"]

    def test_several_manifests_in_a_file_need_keys(self, project: ManifestProject) -> None:
        project.write_all(a="graph_id: g\n---\nkey: null\ngraph_id: g\n")
        message = "key is required in a file with several documents"
        assert project.problems() == [f"assistants/a.yaml:1:1: {message}", f"assistants/a.yaml:3:1: {message}"]

    def test_a_number_as_key_has_the_advice_to_quote_it(self, project: ManifestProject) -> None:
        project.write_all(a="key: 12\ngraph_id: g\n")
        assert project.problems()[0].endswith("; quote it if it looks like a number")

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (
                b"key: a\ngraph_id: \xc3\xa4\xff",
                "2:12: this file is not UTF-8 text (byte 0xFF); save it as UTF-8",
            ),
            (b"graph_id: \xff", "1:11: this file is not UTF-8 text (byte 0xFF); save it as UTF-8"),
            ("graph_id: ä".encode("utf-16"), "1:1: this file is not UTF-8 text (it is UTF-16); save it as UTF-8"),
            (b"graph_id: g #" + b"x" * 2**20, " this file is larger than 1 MiB"),
        ],
    )
    def test_a_file_that_is_not_utf_8_or_too_large_is_refused(
        self, project: ManifestProject, data: bytes, message: str
    ) -> None:
        (project.folder / "assistants" / "a.yaml").write_bytes(data)
        (problem,) = project.problems()
        assert problem.startswith(f"assistants/a.yaml:{message}")

    def test_a_file_name_that_no_server_would_return_is_refused(self, project: ManifestProject) -> None:
        (project.folder / "assistants" / os.fsdecode(b"a\xff.yaml")).write_text(GOOD)
        (project.folder / "assistants" / "\\u0000.yaml").write_text("key: b\ngraph_id: g\n")
        first, second = project.problems()
        assert first.startswith(
            "assistants/\\u0000.yaml: the path of this file contains a backslash followed by u0000, "
            "which the server reads as a NUL character"
        )
        assert second.startswith("assistants/a\\udcff.yaml: the path of this file contains an unpaired surrogate")

    def test_a_byte_order_mark_is_dropped(self, project: ManifestProject) -> None:
        project.write_all(a="\ufeffgraph_id: g\n")
        assert project.one().content.graph_id == "g"

    def test_a_pipe_is_refused_without_waiting(self, project: ManifestProject) -> None:
        os.mkfifo(project.folder / "assistants" / "a.yaml")
        assert "assistants/a.yaml: this file is a named pipe, not a file" in project.problems()

    def test_a_link_that_leaves_is_refused(self, project: ManifestProject, tmp_path: Path) -> None:
        (tmp_path / "outside.yaml").write_text(GOOD)
        (project.folder / "assistants" / "a.yaml").symlink_to(tmp_path / "outside.yaml")
        assert "assistants/a.yaml: this file is outside of the repository" in project.problems()


class TestUniqueness:
    def test_a_key_of_several_manifests_is_reported_at_each_with_another_place(self, project: ManifestProject) -> None:
        project.write_all(a="# c\nkey: x\ngraph_id: g\n", b="graph_id: g\nkey: x\n", x="graph_id: g\n")
        loaded = project.load()
        assert [str(problem) for problem in loaded.problems] == [
            "assistants/a.yaml:2:6: the key 'x' is also used at assistants/b.yaml:2; keys must be unique",
            "assistants/a.yaml:2:6: the key 'x' is also used at assistants/x.yaml:1; keys must be unique",
            "assistants/b.yaml:2:6: the key 'x' is also used at assistants/a.yaml:2; keys must be unique",
            "assistants/x.yaml:1:1: the key 'x' is also used at assistants/a.yaml:2; keys must be unique",
        ]
        assert [desired.source for desired in loaded.desired] == ["assistants/a.yaml"]

    def test_an_id_that_is_named_twice_is_reported_at_both_places(self, project: ManifestProject) -> None:
        project.write_all(a=f"graph_id: g\nassistant_id: {ID}\n", b=f"assistant_id: {ID.upper()}\ngraph_id: g\n")
        same = f"the assistant_id {ID} is also used"
        assert project.problems() == [
            f"assistants/a.yaml:2:15: {same} by 'b', at assistants/b.yaml:1; ids must be unique",
            f"assistants/b.yaml:1:15: {same} by 'a', at assistants/a.yaml:2; ids must be unique",
        ]

    @pytest.mark.parametrize("name", ["a", "z"])
    def test_a_named_id_that_another_key_derives_is_reported_at_both_places(
        self, project: ManifestProject, name: str
    ) -> None:
        other = derived_id("acme", "m")
        project.write_all(**{"m": GOOD, name: f"graph_id: g\nassistant_id: {other}\n"})
        derived = f"the assistant_id {other}, derived from project and key 'm', is also used by '{name}'"
        assert set(project.problems()) == {
            (
                f"assistants/{name}.yaml:2:15: the assistant_id {other} is also used by 'm', at assistants/m.yaml:1; "
                "ids must be unique"
            ),
            f"assistants/m.yaml:1:1: {derived}, at assistants/{name}.yaml:2; ids must be unique",
        }

    @pytest.mark.parametrize("graph", ["g", "other"])
    def test_the_id_of_a_default_assistant_is_refused(self, project: ManifestProject, graph: str) -> None:
        project.write_all(a=f"graph_id: g\nassistant_id: {default_assistant_id(graph)}\n", b="graph_id: other\n")
        assert project.problems() == [
            (
                "assistants/a.yaml:2:15: assistant_id is the id of the default assistant "
                f"of graph '{graph}', which belongs to the server"
            )
        ]


class TestTracking:
    def test_an_untracked_manifest_is_a_warning_and_in_ci_an_error(self, project: ManifestProject) -> None:
        project.write_all(a=GOOD)
        message = "this file is not tracked by git; `git add` it"
        assert project.problems(add=False) == [f"assistants/a.yaml: warning: {message}"]
        (problem,) = project.load(add=False, ci=True).problems
        assert str(problem) == f"assistants/a.yaml: {message}"

    def test_an_ignored_manifest_is_always_an_error(self, project: ManifestProject) -> None:
        project.write(".gitignore", "a.yaml\n")
        project.write_all(a=GOOD)
        (problem,) = project.load().problems
        assert problem.is_error
        assert "is ignored by git, so no commit contains it" in problem.message

    def test_an_untracked_included_text_is_reported_at_its_first_include(self, project: ManifestProject) -> None:
        project.write_all(
            a="graph_id: g\ncontext: {p: {$file: ../p.md}}\n", b="graph_id: g\ndescription: {$file: ../p.md}\n"
        )
        project.repo.git("add", "--all")
        project.write("p.md", "text")
        assert project.problems(add=False) == [
            "assistants/a.yaml:2:14: warning: the included text p.md is not tracked by git; `git add` it"
        ]

    def test_a_missing_git_executable_is_reported(
        self, project: ManifestProject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        project.write_all(a=GOOD)
        monkeypatch.setenv("PATH", str(project.folder))
        assert project.problems() == [
            (
                "assistant-sync.yaml: warning: git is not installed, "
                "so it was not checked that the manifests are tracked; install git"
            )
        ]


def test_every_file_that_was_read_is_listed(project: ManifestProject) -> None:
    project.write_all(a="graph_id: g\ncontext: {p: {$file: ../p.md}}\n", b=GOOD, bad="[")
    project.write("p.md", "text")
    project.write("q.md", "text")
    names = ("assistant-sync.yaml", "assistants/a.yaml", "assistants/b.yaml", "assistants/bad.yaml", "p.md")
    assert project.load().files == names


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(["graph_id: g\n", "key: a\n", "---\n", "context: {a: {$file: x}}\n", "config: [1]\n", "a: &a\n",
                         "  <<: *a\n", "metadata: {b: .nan}\n", "name: {$file: 1}\n", "- x\n", "\ufeff", "\x00"]),
        max_size=6,
    ).map("".join)
)  # fmt: skip
def test_whatever_a_manifest_holds_it_is_read_or_has_problems(project: ManifestProject, text: str) -> None:
    (project.folder / "assistants" / "a.yaml").write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    loaded = project.load(add=False)
    assert all(problem.file == "assistants/a.yaml" for problem in loaded.problems)
    assert loaded.problems


class TestRepetition:
    """A few kilobytes must not make a plan of any size."""

    def test_a_text_that_many_manifests_include_is_fine(self, project: ManifestProject) -> None:
        project.write("prompts/shared.md", "x" * 2**16)
        for number in range(50):
            project.write(f"assistants/a{number}.yaml", "graph_id: g\ncontext: {p: {$file: ../prompts/shared.md}}\n")
        assert project.problems() == []

    def test_texts_that_are_included_again_and_again_are_bounded(self, project: ManifestProject) -> None:
        project.write("prompts/shared.md", "x" * 2**20)
        for number in range(10):
            items = ", ".join(["{$file: ../prompts/shared.md}"] * 8)
            project.write(f"assistants/a{number:02}.yaml", f"graph_id: g\ncontext: {{l: [{items}]}}\n")
        (problem,) = project.problems()
        assert problem == (
            "assistant-sync.yaml:1:1: aliases and includes of this project repeat more than 64 MiB of texts; repeat "
            "less, or split the project"
        )

    def test_what_aliases_repeat_is_bounded_for_all_files_together(self, project: ManifestProject) -> None:
        aliases = ", ".join(["*t"] * 9)
        for number in range(12):
            text = f"graph_id: g\ncontext: {{t: &t {'x' * 2**19}, l: [{aliases}], m: [{aliases}]}}\n"
            project.write(f"assistants/a{number:02}.yaml", text)
        (problem,) = project.problems()
        assert "repeat more than 64 MiB" in problem
