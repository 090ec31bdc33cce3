"""The documents are true: links, examples, samples and tables are held to the code and to the real server."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import httpx
import pytest

from assistant_sync import errors
from assistant_sync.cli import app as command_line
from assistant_sync.cli import main
from assistant_sync.manifests.graph_schemas.files import parse_schema, schema_text
from assistant_sync.manifests.project.models import ChecksFields, LimitFields, ProjectFields, TargetFields
from assistant_sync.manifests.rules import lossy_values
from assistant_sync.manifests.rules.models import ConfigFields, Lifecycle, Manifest
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.model.aftermath import (
    CronCommand,
    GitState,
    GitView,
    RestoredManifest,
    RollbackReport,
    UndeleteReport,
    WayOut,
)
from assistant_sync.model.change import Action, Op
from assistant_sync.model.checked import Verdict
from assistant_sync.model.deployment import Mirroring, Server
from assistant_sync.model.diagnosis import Check, Diagnosis, Inventory, Probe, State, UnmanagedAssistant
from assistant_sync.model.history import Effect
from assistant_sync.model.identity import derived_id
from assistant_sync.model.outcome import Status
from assistant_sync.model.schema_files import FileState
from assistant_sync.model.shown import StateKind
from assistant_sync.model.stamp import STAMP_KEY, Stamp
from assistant_sync.problem import Problem, Severity
from assistant_sync.report.json.checked import checks_json
from assistant_sync.report.json.diagnosis import diagnosis_json
from assistant_sync.report.json.diff import diff_json
from assistant_sync.report.json.drift import drift_json
from assistant_sync.report.json.history import history_json
from assistant_sync.report.json.outputs import outputs_json
from assistant_sync.report.json.plan import plan_json
from assistant_sync.report.json.problems import error_json, problems_json
from assistant_sync.report.json.pulled import pulled_json
from assistant_sync.report.json.result import result_json
from assistant_sync.report.json.rollback import rollback_json
from assistant_sync.report.json.schema_files import schema_files_json
from assistant_sync.report.json.show import show_json
from assistant_sync.report.json.undelete import undelete_json
from tests.builders import CREATED_AT, added, make_outcome, make_plan, make_result, make_stamp, make_update
from tests.report import check_examples, examples

if TYPE_CHECKING:
    from pydantic import BaseModel

    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy

TOP = Path(__file__).parent.parent
DOCUMENTS = sorted([*TOP.glob("*.md"), *TOP.glob("docs/**/*.md")])
README = (TOP / "README.md").read_text("utf-8")
PROMISES = (TOP / "docs" / "promises.md").read_text("utf-8")
COMMANDS_PAGE = (TOP / "docs" / "commands.md").read_text("utf-8")
MANIFESTS = (TOP / "docs/manifests.md").read_text("utf-8")
EXIT_CODES = (TOP / "docs/exit-codes.md").read_text("utf-8")
LIFECYCLE = (TOP / "docs/lifecycle.md").read_text("utf-8")
SAFETY = (TOP / "docs/safety.md").read_text("utf-8")

COMMANDS = command_line.app.list_commands(click.Context(command_line.app))


def blocks(text: str, info: str) -> list[tuple[str, str]]:
    """The fenced blocks whose first line begins so: the rest of that line, and the content."""
    return [
        (m[1].strip(), m[2]) for m in re.finditer(rf"^```{info}([^\n]*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    ]


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table whose heading row starts with this cell."""
    table = re.search(rf"^\| {re.escape(heading)} \|.*\n\|[- |]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table, heading
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table[1].splitlines()]


def command(name: str) -> click.Command:
    found = command_line.app.get_command(click.Context(command_line.app), name)
    assert found is not None
    return found


def options(of: click.Command) -> list[click.Option]:
    return [option for option in of.params if isinstance(option, click.Option)]


# Links and names


def headings(path: Path) -> set[str]:
    """The anchors of a document, as GitHub makes them."""
    found = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.S | re.M), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(TOP)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", document.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("https://"):
            continue
        place, _, anchor = link.partition("#")
        goal = (document.parent / place).resolve() if place else document
        assert goal.exists(), link
        assert goal.is_relative_to(TOP), link
        assert not anchor or anchor in headings(goal), link


def test_every_document_is_reached_from_the_readme() -> None:
    reached, pending = set[Path](), [TOP / "README.md"]
    while pending:
        document = pending.pop()
        if document in reached or document.suffix != ".md":
            continue
        reached.add(document)
        for link in re.findall(r"\]\(([^)#\s]+\.md|docs/decisions)[)#]", document.read_text("utf-8")):
            goal = (document.parent / link).resolve()
            pending += sorted(goal.glob("*.md")) if goal.is_dir() else [goal]
    assert set(DOCUMENTS) <= reached


def test_the_promises_of_the_readme_are_those_of_their_page() -> None:
    shown = re.findall(r"^(\d+\. )\*\*(.+?)[.,]\*\*", README.split("## Promises")[1], re.MULTILINE)
    assert ["".join(one) for one in shown] == re.findall(r"^## (\d+\. .+)", PROMISES, re.MULTILINE)
    assert len(shown) == 11


def test_the_promises_name_tests_that_exist_and_each_has_one_that_runs_every_day() -> None:
    for promise in PROMISES.split("\n## ")[1:]:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promise)
        days = [runs_every_day(file, test) for file, test in named]
        assert any(days), promise


def runs_every_day(file: str, test: str) -> bool:
    """Whether a test, which must exist, is none of those that only deeper runs have."""
    tree = ast.parse((TOP / file).read_text("utf-8"))
    (found,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == test)
    marks = [ast.unparse(one) for one in found.decorator_list]
    marks += [ast.unparse(node.value) for node in tree.body if isinstance(node, ast.Assign)]
    return not any("mark.full" in mark for mark in marks)


def test_the_make_targets_of_the_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (TOP / "Makefile").read_text("utf-8"), re.MULTILINE))
    told = {
        name
        for document in DOCUMENTS
        for name in re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text("utf-8"), re.M)
    }
    assert {"demo", "test"} <= told <= targets


# The command line


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps_and_is_in_the_readme(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"Usage: assistant-sync {name}" in capsys.readouterr().out
    assert f"| `{name}" in README


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_option_is_on_the_commands_page(name: str) -> None:
    for option in options(command(name) if name else command_line.app):
        ways = [*option.opts, *option.secondary_opts]
        assert any(re.search(rf"`[^`]*{way}\b", COMMANDS_PAGE) for way in ways if way.startswith("--")), ways


def test_every_exit_code_is_documented_everywhere() -> None:
    own = set(map(int, errors.ExitCode))
    assert {int(row[0]) for row in rows(EXIT_CODES, "exit")} == own
    assert {int(cell) for row in rows(COMMANDS_PAGE, "exit") for cell in row[::2] if cell} == own
    assert {int(code) for code in re.findall(r"(?<![\w.])(\d+) [a-z]", command_line.EPILOG)} == own


# JSON


def members(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {*value, *(name for inner in value.values() for name in members(inner))}
    return {name for inner in value for name in members(inner)} if isinstance(value, list) else set()


def a_diagnosis() -> Diagnosis:
    nobodys = (UnmanagedAssistant("agent", "By hand", ""),)
    inventory = Inventory(0, 0, 0, 1, 0, 0, "", unmanaged_assistants=nobodys)
    probe = Probe((), (), (), (), (), Mirroring.YES)
    checks = (Check("connection", State.OK, ""),)
    return Diagnosis("p", "t", "u", checks, Server("s", None), 1, (), inventory, 0, probe, "safe")


@pytest.mark.parametrize(
    "kind", ["plan", "result", "validate", "error", "diagnosis", "drift", "pull", "history", "show", "diff", "outputs"]
)
def an_undelete() -> UndeleteReport:
    git = GitView(GitState.AGREES, ways=(WayOut("", ""),))
    crons = (CronCommand("", "", ""),)
    restored = RestoredManifest()
    members: dict[str, Any] = {"key": "", "assistant_id": "", "archive": "", "versions": 1}
    return UndeleteReport(result=make_result(), **members, crons=crons, manifest=restored, git=git)


@pytest.mark.parametrize("kind", ["rollback", "undelete"])
def test_the_json_examples_of_emergencies_have_the_members_that_are_written(kind: str) -> None:
    ((_, example),) = blocks(EXIT_CODES, f"json {kind}")
    undelete = an_undelete()
    rollback = RollbackReport(make_result(), "", 1, undelete.git)
    written = {"rollback": rollback_json(rollback), "undelete": undelete_json(undelete)}[kind]
    shown = json.loads(example)
    assert list(shown) == list(written[kind])
    assert members(shown) | {"command", "effect"} == members(written[kind])
    assert list(written)[:-1] == list(result_json(make_result()))


def test_the_json_example_of_schemas_has_the_members_that_are_written() -> None:
    ((_, example),) = blocks(EXIT_CODES, "json schema")
    written = schema_files_json(examples.schema_files())
    shown = json.loads(example)
    assert list(shown) == list(written)
    assert members(shown) == members(written)


def test_the_json_example_of_checks_has_the_members_that_are_written_in_their_order() -> None:
    ((_, example),) = blocks(EXIT_CODES, "json checks")
    shown, written = json.loads(example), checks_json(check_examples.mixed(), tool_version="")
    assert list(shown) == list(written)
    assert members(shown) == members(written)
    (case,), returns = shown["cases"], written["cases"][1]
    assert list(case) == list(returns)
    for side in ("before", "after"):
        assert list(case[side]) == list(returns[side])
        assert list(case[side]["samples"][0]) == list(returns[side]["samples"][0])


def test_the_states_of_git_are_documented() -> None:
    for state in GitState:
        assert f"`{state.value}`" in EXIT_CODES


@pytest.mark.parametrize("kind", ["plan", "result", "validate", "error", "diagnosis"])
def test_the_json_examples_have_the_members_that_are_written(kind: str) -> None:
    ((_, example),) = blocks(EXIT_CODES, f"json {kind}")
    plan = make_plan(make_update("a", added("name", 1)))
    written = {
        "plan": plan_json(plan, created_at=CREATED_AT, tool_version=""),
        "result": result_json(make_result(make_outcome())),
        "validate": problems_json([Problem("a.yaml", 1, 1, "wrong")], 1),
        "error": error_json(errors.InvalidFiles([])),
        "diagnosis": diagnosis_json(a_diagnosis(), tool_version=""),
        "drift": drift_json(examples.drift()),
        "pull": pulled_json(examples.pulled()),
        "history": history_json(examples.history()),
        "show": show_json(examples.shown()),
        "diff": diff_json(examples.compared()),
        "outputs": outputs_json(examples.outputs()),
    }[kind]
    told = json.loads(example)
    assert members(told) == members(written)
    assert list(told) == list(written)


def test_the_words_of_json_are_documented() -> None:
    for word in (*Action, *Status, *Op, *Severity, *State, *Effect, *StateKind, *FileState, *Verdict):
        assert f"`{word.value}`" in EXIT_CODES


def test_the_members_of_the_stamp_are_documented() -> None:
    assert [row[0].strip("`") for row in rows(SAFETY, "member")] == list(make_stamp(prevent_delete=True).as_json())
    assert Stamp.read({"assistant_sync": make_stamp().as_json()}) == make_stamp()


# Manifests


@pytest.mark.parametrize(
    "model", [ProjectFields, ChecksFields, TargetFields, LimitFields, Manifest, ConfigFields, Lifecycle]
)
def test_every_field_is_in_the_reference(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        assert re.search(rf"`(limits\.|checks\.)?{field.alias or name}[`.]", MANIFESTS), name


def test_every_reserved_metadata_key_is_in_the_reference() -> None:
    assert [key for key in lossy_values._METADATA if f"`{key}`" not in MANIFESTS] == []  # noqa: SLF001, RUF100 - the rule


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, "utf-8")


def validated(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    code = main(["validate"])
    *problems, _verdict = capsys.readouterr().out.splitlines()
    return code, problems


@pytest.fixture
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project that the valid examples make, as the current folder."""
    monkeypatch.chdir(tmp_path)
    write("prompts/support.md", "Be kind.\n")
    for path, text in blocks(MANIFESTS, "yaml file="):
        assert not Path(path).exists(), path
        write(path, text)


@pytest.mark.usefixtures("_project")
def test_the_valid_examples_are_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(blocks(MANIFESTS, "yaml file=")) >= 4
    assert validated(capsys) == (0, [])


WRONG = re.findall(r"^```yaml wrong=(\S+)\n(.*?)^```\n\n```text\n(.*?)^```$", MANIFESTS, re.DOTALL | re.MULTILINE)


@pytest.mark.usefixtures("_project")
@pytest.mark.parametrize(("path", "text", "printed"), WRONG)
def test_the_wrong_examples_print_what_stands_below_them(
    path: str, text: str, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(WRONG) == MANIFESTS.count("```yaml wrong=")
    write(path, text)
    assert validated(capsys) == (3, printed.splitlines())


MISFITS = re.findall(
    r"^```json schema\n(.*?)^```\n\n```yaml misfit=(\S+)\n(.*?)^```\n\n```text\n(.*?)^```$",
    MANIFESTS,
    re.DOTALL | re.MULTILINE,
)


@pytest.mark.usefixtures("_project")
def test_the_misfit_prints_what_stands_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    ((schema, path, text, printed),) = MISFITS
    write("schemas/support_agent.json", schema)
    write(path, text)
    assert validated(capsys) == (3, printed.splitlines())
    read = parse_schema(schema.encode(), "support_agent")
    assert json.loads(schema_text(read)) == json.loads(schema)


def test_the_recipe_of_the_ids_gives_the_derived_id() -> None:
    ((_, code),) = blocks(MANIFESTS, "python id")
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert printed == derived_id("acme-support", "support")
    assert f"# project and key: {printed}\n" in code


def test_the_readmes_recipe_of_the_ids_gives_the_derived_id() -> None:
    ((_, code),) = blocks(README, "python id")
    run = [sys.executable, "-c", f"{code}print(assistant_id)"]
    printed = subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()
    assert printed == derived_id("my-assistants", "support")


@pytest.mark.parametrize(("document", "project"), [(MANIFESTS, "acme-support"), (README, "my-assistants")])
def test_the_search_by_metadata_matches_the_stamp(document: str, project: str) -> None:
    ((_, body),) = blocks(document, "json search")
    stamp = make_stamp(project=project, key="support")
    searched = json.loads(body)["metadata"][STAMP_KEY]
    assert searched.items() <= stamp.as_json().items()
    assert list(searched) == ["project", "key"]


def test_the_readmes_manifest_of_an_existing_assistant_is_valid() -> None:
    ((_, text),) = blocks(README, "yaml adopt")
    (document,) = parse_documents(text)
    assert Manifest.model_validate(document.value).assistant_id is not None


def test_the_readme_explains_every_symbol_of_a_plan() -> None:
    shown = {(symbol.strip("`"), action) for symbol, action, *_ in rows(README, "symbol")}
    assert {(action.symbol, action.value) for action in Action} <= shown


@pytest.mark.parametrize(
    ("written", "meant"), [[cell.strip("`") for cell in row] for row in rows(MANIFESTS, "written")]
)
def test_words_mean_in_yaml_what_the_table_says(written: str, meant: str) -> None:
    (document,) = parse_documents(f"v: {written}")
    assert json.dumps(document.value) == json.dumps({"v": json.loads(meant)})


# What the tool does on the real server


def test_the_five_minutes_of_the_readme_go_as_it_says(tmp_path: Path, deployment: Deployment, proxy: Proxy) -> None:
    ((_, script),) = blocks(README, "sh run")
    ((_, sample),) = blocks(README, "text plan")
    steps = [
        line.split("  #")[0].rstrip() for line in script.splitlines() if line and not line.startswith(("#", "pip "))
    ]
    outputs = []
    names = {f"GIT_{who}_{what}": "ann@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, **names, "PATH": path, "ASSISTANT_SYNC_URL": proxy.url, "HOME": str(tmp_path)}
    folder = str(tmp_path)
    for step in steps:
        proxy.reset()
        done = subprocess.run(
            ["/bin/bash", "-c", f"{step} && pwd >&2"],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (step, done.stdout, done.stderr)
        folder = done.stderr.splitlines()[-1]
        if step.startswith("assistant-sync plan"):
            assert proxy.writes == []
            outputs.append(done.stdout)
    assert neutral(outputs[1]) == neutral(sample)
    (own,) = deployment.users()
    assert [row["version"] for row in deployment.versions(own["assistant_id"])] == [3, 2, 1]
    assert own["config"]["recursion_limit"] == 25


def neutral(output: str) -> list[str]:
    """An output without what differs from run to run."""
    return re.sub(r"commit [0-9a-f]{12}", "commit", re.sub(r"http://[\w.:]+", "URL", output)).splitlines()


def test_requests_are_as_many_as_the_lifecycle_says(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    counted = {}

    def count(what: str, *arguments: str) -> None:
        project.commit()
        numbers = []
        for name in ("plan", "apply"):
            proxy.reset()
            project.run(name, *arguments).expect(0)
            numbers.append(str(len(proxy.requests)))
        counted[what] = numbers

    project.manifest("other", context={"temperature": 1})
    project.run("apply").expect(0)
    count("nothing")
    project.manifest("support", context={"temperature": 1})
    count("one create")
    project.manifest("support", context={"temperature": 1}, description="new")
    count("one update")
    project.manifest("support", context={"temperature": 1})
    count("one activation")
    project.remove("other")
    count("one delete", "--prune")
    project.manifest("adopted", assistant_id=deployment.create(name="By hand")["assistant_id"])
    count("one adoption")
    assert counted == {what: numbers for what, *numbers in rows(LIFECYCLE, "what differs")}


# What docs/servers.md says of the server


def test_the_server_makes_a_version_of_every_patch(deployment: Deployment) -> None:
    own = deployment.create(context={"a": 1})["assistant_id"]
    assert deployment.patch(own)["version"] == 2
    assert deployment.patch(own)["version"] == 3
    deployment.set_latest(own, 1)
    assert deployment.patch(own)["version"] == 4


def test_the_server_takes_a_partial_patch_for_no_replacement(deployment: Deployment) -> None:
    first = deployment.create(context={"a": 1}, config={"recursion_limit": 9}, metadata={"k": 1, "kept": 1})
    own = first["assistant_id"]
    assert first["config"] == {"recursion_limit": 9, "configurable": {"a": 1}}
    assert deployment.patch(own, context={"a": 2})["config"] == {"configurable": {"a": 2}}
    assert deployment.patch(own, config={"recursion_limit": 9})["context"] == {"a": 2}
    deployment.patch(own, context={"a": 3})
    emptied = deployment.patch(own, context={})
    assert (emptied["context"], emptied["config"]["configurable"]) == ({}, {"a": 3})
    assert deployment.patch(own, metadata={"k": None})["metadata"] == {"k": None, "kept": 1}
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        deployment.patch(own, context={"a": 1}, config={"configurable": {"a": 1}})


def test_the_server_restores_only_a_part_of_a_version(deployment: Deployment) -> None:
    own = deployment.create(name="one", description="one", context={"a": 1}, metadata={"k": 1})["assistant_id"]
    deployment.patch(own, graph_id="research_agent", name="two", description="two", context={"a": 2}, metadata={"k": 2})
    row = deployment.set_latest(own, 1)
    assert (row["version"], row["name"], row["description"], row["metadata"]) == (1, "one", "one", {"k": 1})
    assert (row["graph_id"], row["context"], row["config"]["configurable"]) == ("research_agent", {"a": 2}, {"a": 1})


def test_the_server_answers_409_to_a_second_create_and_404_for_an_unknown_graph(deployment: Deployment) -> None:
    own = deployment.create()["assistant_id"]
    with pytest.raises(httpx.HTTPStatusError, match="409"):
        deployment.create(assistant_id=own, if_exists="raise")
    assert deployment.create(assistant_id=own, if_exists="do_nothing", name="other")["name"] == "Untitled"
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        deployment.create(graph_id="nope")


def test_a_thread_keeps_the_configurable_of_its_first_run(deployment: Deployment) -> None:
    own = deployment.create(context={"model_name": "old"})["assistant_id"]
    thread = deployment.thread()
    deployment.run(own, thread_id=thread)
    deployment.patch(own, context={"model_name": "new"})
    seen = deployment.run(own, thread_id=thread)["seen"]
    assert (seen["context"]["model_name"], seen["configurable"]["model_name"]) == ("new", "old")
