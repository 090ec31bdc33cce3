from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant_sync.errors import ExistingFile, InvalidFiles, UnknownName
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.model.project import CheckTerms, Project, Target
from assistant_sync.operations.editor_schemas import editor_schemas
from assistant_sync.operations.init import InitRequest, asked_target, init
from assistant_sync.operations.validate import validate
from assistant_sync.operations.workflows import Workflows, check_workflow_text
from assistant_sync.operations.workspace import Settings, open_workspace
from assistant_sync.repository.worktree import WorkTree
from tests.repository.repos import Repo

EDITOR = tuple(f"schemas/editor/{kind}.json" for kind in ("project", "manifest", "overlay", "check"))
OWN = ("assistant-sync.yaml", "assistants/support.yaml", "prompts/support.md", *EDITOR, ".gitattributes", ".gitignore")
URL = "https://acme.us.langgraph.app"
WORKFLOWS = tuple(
    f".github/workflows/assistant-sync-{name}.yml" for name in ("validate", "plan", "apply", "drift", "queue")
)
VALIDATE, PLAN, APPLY, DRIFT, QUEUE = WORKFLOWS
CHECK, CHECKS = ".github/workflows/assistant-sync-check.yml", "checks/support.yaml"


def git(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", *arguments]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty repository."""
    folder = tmp_path / "Acme_Agents"
    folder.mkdir()
    git(folder, "-c", "init.defaultBranch=main", "init", "-q")
    return folder


def asked(folder: Path, *, project: str | None = None, graph: str = "agent", **named: Any) -> InitRequest:
    """A request with these common options."""
    names = ("workflows", "workflows_only", "queue", "install", "deploys_graphs", "checks", "example")
    own = {name: named.pop(name) for name in names if name in named}
    settings = Settings(environ={"CI": "true"}, folder=folder, **named)
    return InitRequest(settings=settings, project=project, graph=graph, **own)


def files(folder: Path) -> set[str]:
    """All files but git's own."""
    paths = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    return {path for path in paths if not path.startswith(".git/")}


def document(path: Path) -> Any:
    """The one document of a YAML file."""
    return parse_documents(path.read_text("utf-8"))[0].value


@pytest.mark.parametrize("existing", [*OWN[:3], *WORKFLOWS])
def test_where_one_file_exists_nothing_is_written(repository: Path, existing: str) -> None:
    (repository / existing).parent.mkdir(parents=True, exist_ok=True)
    (repository / existing).write_text("mine")
    with pytest.raises(ExistingFile, match=f"^{existing} already exists"):
        init(asked(repository, url=URL, queue=True))
    assert files(repository) == {existing}
    assert (repository / existing).read_text() == "mine"


def test_a_second_init_names_all_files_and_the_way_out(repository: Path) -> None:
    written = init(asked(repository)).written
    with pytest.raises(ExistingFile) as caught:
        init(asked(repository))
    assert all(path in caught.value.message for path in written if not path.startswith(".git") or "/" in path)
    assert "--no-workflows" in (caught.value.hint or "")


def test_a_repository_gets_a_project_and_workflows(repository: Path) -> None:
    done = init(asked(repository))
    assert done.written == (*OWN, VALIDATE)
    assert files(repository) == set(done.written)
    assert (done.project, done.is_git) == ("acme-agents", True)
    assert document(repository / OWN[0]) == {
        "version": 1,
        "project": "acme-agents",
        "archive": "archive",
        "default_target": "local",
        "targets": {"local": {"url": "http://127.0.0.1:2024"}},
    }
    assert document(repository / OWN[1])["graph_id"] == "agent"


def test_what_is_written_names_the_schema_that_is_written_with_it(repository: Path) -> None:
    init(asked(repository))
    for path in OWN[:2]:
        first = (repository / path).read_text("utf-8").partition("\n")[0]
        schema = (repository / path).parent / first.removeprefix("# yaml-language-server: $schema=")
        assert json.loads(schema.read_text("utf-8"))["$id"].startswith("assistant-sync:")
    settings = Settings(environ={}, folder=repository)
    assert not editor_schemas(settings, is_check=True).stale, "the command has nothing to change"


def test_without_workflows_only_the_project_is_written(repository: Path) -> None:
    assert init(asked(repository, workflows=False)).written == OWN
    assert files(repository) == set(OWN)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"url": "https://acme.us.langgraph.app", "api_key_env": "ACME_KEY"},
        {"url": "https://acme.us.langgraph.app", "target": "local"},
        {"url": "http://localhost:8123", "target": "dev.1"},
        {"project": "1e5", "graph": "no"},
    ],
)
def test_what_was_written_is_valid_once_git_tracks_it(repository: Path, options: dict[str, str]) -> None:
    init(asked(repository, **options))
    git(repository, "add", "--all")
    checked = validate(Settings(environ={"CI": "true"}, folder=repository))
    assert (checked.problems, checked.documents) == ((), 1)


def test_a_plain_folder_gets_the_same(tmp_path: Path) -> None:
    done = init(asked(tmp_path))
    assert (set(done.written), done.is_git) == ({*OWN, VALIDATE}, False)
    assert validate(Settings(environ={"CI": "true"}, folder=tmp_path)).problems == ()


def test_the_project_is_named_after_origin(repository: Path) -> None:
    git(repository, "config", "remote.origin.url", "git@github.com:acme/Support.Bots.git")
    assert init(asked(repository)).project == "support-bots"


def test_a_folder_below_the_top_has_both_names_and_its_workflows_at_the_top(repository: Path) -> None:
    folder = repository / "teams" / "care (EU)"
    folder.mkdir(parents=True)
    done = init(asked(folder, url=URL, queue=True))
    assert done.project == "acme-agents-teams-care-eu"
    workflows = [path.replace(".yml", "-acme-agents-teams-care-eu.yml") for path in WORKFLOWS]
    assert done.written == (*OWN, *(f"../../{path}" for path in workflows))
    for path in workflows:
        (job,) = document(repository / path)["jobs"].values()
        assert job["defaults"]["run"]["working-directory"] == "teams/care (EU)"
    apply = document(repository / workflows[2])
    assert apply["jobs"]["apply"]["steps"][-1]["with"]["path"] == "teams/care (EU)/archive"
    assert apply["on"]["push"]["paths"][0] == "teams/care (EU)/**"


def test_a_second_project_of_a_repository_has_its_own_workflows(repository: Path) -> None:
    for name in ("care", "sales"):
        (repository / name).mkdir()
        init(asked(repository / name, project=name, url=URL))
    written = {path.name for path in (repository / ".github/workflows").iterdir()}
    kinds = ("validate", "plan", "apply", "drift")
    assert written == {f"assistant-sync-{kind}-{name}.yml" for kind in kinds for name in ("care", "sales")}


# Workflows alone


def test_workflows_alone_are_those_of_a_target_of_the_project_file(repository: Path) -> None:
    init(asked(repository, url=URL, api_key_env="EU_KEY"))
    with (repository / OWN[0]).open("a") as file:
        file.write("  staging:\n    url: https://staging.example\n    api_key_env: STAGING_KEY\n")
    done = init(asked(repository, workflows_only=True, target="staging", queue=True))
    kinds = ("plan", "apply", "drift", "queue")
    assert done.written == tuple(f".github/workflows/assistant-sync-{kind}-staging.yml" for kind in kinds)
    assert (done.project, done.workflows_of) == ("acme-agents", "staging")
    plan = document(repository / done.written[0])
    assert (plan["name"], plan["jobs"]["plan"]["name"]) == ("assistant-sync plan (staging)", "plan (staging)")
    assert plan["jobs"]["plan"]["steps"][0]["env"] == {"STAGING_KEY": "${{ secrets.STAGING_KEY }}"}
    with pytest.raises(ExistingFile, match=r"assistant-sync-queue-staging\.yml already exist"):
        init(asked(repository, workflows_only=True, target="staging", queue=True))


def test_workflows_alone_keep_the_archive_that_the_project_file_names(repository: Path) -> None:
    init(asked(repository))
    text = (repository / OWN[0]).read_text("utf-8").replace("archive: archive", "archive: kept/deleted")
    (repository / OWN[0]).write_text(f"{text}  eu:\n    url: https://eu.example\n")
    done = init(asked(repository, workflows_only=True, target="eu"))
    (path,) = [name for name in done.written if "apply" in name]
    upload = document(repository / path)["jobs"]["apply"]["steps"][-1]
    assert upload["with"]["path"] == "kept/deleted"


def test_workflows_alone_of_the_default_target_are_those_that_are_missing(repository: Path) -> None:
    init(asked(repository, url=URL))
    assert init(asked(repository, workflows_only=True, queue=True)).written == (QUEUE,)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, UnknownName, "target 'local' is on this machine"),
        ({"target": "prod"}, UnknownName, "has no target 'prod'"),
    ],
)
def test_workflows_alone_need_a_target_that_they_can_reach(
    repository: Path, options: dict[str, str], error: type[Exception], message: str
) -> None:
    init(asked(repository))
    before = files(repository)
    with pytest.raises(error, match=message):
        init(asked(repository, workflows_only=True, **options))
    assert files(repository) == before


def test_workflows_alone_need_a_project_file(repository: Path) -> None:
    with pytest.raises(InvalidFiles):
        init(asked(repository, workflows_only=True))
    assert files(repository) == set()


def test_the_secrets_are_those_that_the_target_needs(repository: Path) -> None:
    init(asked(repository, url=URL, install="assistant-sync==0.1"))
    with (repository / OWN[0]).open("a") as file:
        file.write(
            "  gateway: {url: 'https://g.example', auth: none, headers_env: {X-Gate: GATE_KEY, X-Tenant: TENANT}}\n"
            "  open: {url: 'https://o.example', auth: none}\n"
        )
    done = init(asked(repository, workflows_only=True, target="gateway"))
    assert done.secrets == ("GATE_KEY", "TENANT")
    assert done.installs, "what the others install"
    for name in ("plan", "apply", "drift"):
        text = (repository / f".github/workflows/assistant-sync-{name}-gateway.yml").read_text("utf-8")
        assert "LANGSMITH_API_KEY" not in text
        (job,) = document(repository / f".github/workflows/assistant-sync-{name}-gateway.yml")["jobs"].values()
        assert job["steps"][0]["env"] == {one: f"${{{{ secrets.{one} }}}}" for one in ("GATE_KEY", "TENANT")}
        assert "pip install assistant-sync==0.1" in text
    done = init(asked(repository, workflows_only=True, target="open", queue=True))
    assert done.secrets == ()
    for path in done.written:
        assert "secrets." not in (repository / path).read_text("utf-8")
        assert document(repository / path)["jobs"]


# Checks in pull requests


@pytest.mark.parametrize("options", [{}, {"url": URL}, {"workflows": False}])
def test_nobody_asks_unless_that_is_wanted(repository: Path, options: dict[str, Any]) -> None:
    done = init(asked(repository, **options))
    assert done.checks_of is None
    assert not [path for path in done.written if "check" in path and not path.startswith("schemas/")]
    assert "checks" not in (repository / OWN[0]).read_text("utf-8")


def test_checks_are_a_setting_a_check_of_the_example_and_a_workflow(repository: Path) -> None:
    done = init(asked(repository, url=URL, target="staging", api_key_env="STAGING_KEY", checks=True))
    assert set(done.written) == {*OWN, VALIDATE, PLAN, APPLY, DRIFT, CHECKS, CHECK} == files(repository)
    assert (done.checks_of, done.secrets) == ("staging", ("STAGING_KEY",))
    project = document(repository / OWN[0])
    assert project["checks"] == {"target": "staging"}
    assert list(project) == ["version", "project", "archive", "default_target", "checks", "targets"]
    job = document(repository / CHECK)["jobs"]["check"]
    assert job["environment"] == "staging-checks"
    assert job["steps"][-1]["env"].keys() == {"STAGING_KEY", "GITHUB_TOKEN"}


def test_the_check_of_the_example_is_about_the_example(repository: Path) -> None:
    init(asked(repository, checks=True))
    assert (repository / "assistants" / Path(CHECKS).name).exists()
    assert document(repository / CHECKS) == {
        "assistants": ["support"],
        "cases": [{"name": "answers at all", "ask": "Hello, what can you do?", "expect": [{"max_seconds": 60}]}],
    }


@pytest.mark.parametrize("options", [{}, {"url": "http://localhost:8123"}, {"url": URL, "workflows": False}])
def test_checks_without_a_deployment_or_workflows_have_no_workflow(repository: Path, options: dict[str, Any]) -> None:
    done = init(asked(repository, checks=True, **options))
    assert CHECKS in done.written
    assert CHECK not in done.written
    assert done.checks_of is None
    project = document(repository / OWN[0])
    assert project["checks"] == {"target": project["default_target"]}


def test_without_an_example_there_is_nothing_to_check_yet(repository: Path) -> None:
    done = init(asked(repository, url=URL, checks=True, example=False))
    assert CHECKS not in done.written
    assert CHECK in done.written


@pytest.mark.parametrize("name", ["1e5", "no", "a.b"])
def test_the_target_that_may_be_asked_is_text_whatever_it_is_called(repository: Path, name: str) -> None:
    init(asked(repository, url=URL, target=name, checks=True))
    assert document(repository / OWN[0])["checks"] == {"target": name}
    assert document(repository / CHECK)["jobs"]["check"]["environment"] == f"{name}-checks"


def test_a_project_that_lets_no_target_be_asked_gets_no_workflow_that_asks(repository: Path) -> None:
    init(asked(repository, url=URL))
    before = files(repository)
    with pytest.raises(UnknownName, match=r"^checks\.target is not set in assistant-sync\.yaml") as caught:
        init(asked(repository, workflows_only=True, checks=True))
    assert "checks: {target: NAME}" in (caught.value.hint or "")
    assert files(repository) == before


def project_of(folder: Path, asked: str | None) -> Project:
    """A project with three targets, one of which may be asked."""
    urls = {"production": URL, "staging": "https://staging.example", "local": "http://127.0.0.1:2024"}
    targets = {name: Target(name=name, url=url) for name, url in urls.items()}
    return Project(
        name="acme", folder=folder, file="assistant-sync.yaml", manifests="assistants", archive=None,
        default_target="production", targets=targets, checks=CheckTerms(target=asked),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (None, "checks.target is not set"),
        ("stagin", "has no target 'stagin'"),
        ("local", "target 'local' is on this machine"),
    ],
)
def test_the_target_that_is_asked_must_be_one_that_workflows_reach(
    tmp_path: Path, name: str | None, message: str
) -> None:
    with pytest.raises(UnknownName) as caught:
        asked_target(project_of(tmp_path, name))
    assert message in caught.value.message


def test_the_target_that_is_asked_is_the_one_that_the_project_file_names(tmp_path: Path) -> None:
    assert asked_target(project_of(tmp_path, "staging")).name == "staging"


def test_a_project_has_one_workflow_that_asks_whatever_its_target_is_called(repository: Path) -> None:
    wanted = Workflows(project="acme", target="staging", is_default=False, secrets=("STAGING_KEY",))
    ((path, text),) = check_workflow_text(wanted, WorkTree.open(repository), ".").items()
    assert path == CHECK
    assert "name: assistant-sync check\n" in text


def test_the_workflow_that_asks_is_of_the_target_that_the_project_file_lets_be_asked(repository: Path) -> None:
    init(asked(repository, url=URL, install="assistant-sync==0.1"))
    with (repository / OWN[0]).open("a") as file:
        file.write(
            "  staging:\n    url: https://staging.example\n    api_key_env: STAGING_KEY\nchecks: {target: staging}\n"
        )
    done = init(asked(repository, workflows_only=True, checks=True))
    assert done.written == (CHECK,)
    assert (done.workflows_of, done.checks_of) == ("production", "staging")
    assert done.secrets == ("LANGSMITH_API_KEY", "STAGING_KEY")
    text = (repository / CHECK).read_text("utf-8")
    assert "pip install assistant-sync==0.1" in text
    assert "LANGSMITH_API_KEY" not in text
    assert document(repository / CHECK)["jobs"]["check"]["environment"] == "staging-checks"


@pytest.mark.parametrize("options", [{}, {"url": URL}, {"url": URL, "target": "1e5"}])
def test_a_project_with_checks_is_valid_as_it_was_written(repository: Path, options: dict[str, str]) -> None:
    init(asked(repository, checks=True, **options))
    git(repository, "add", "--all")
    assert validate(Settings(environ={"CI": "true"}, folder=repository)).problems == ()


# What pip installs


@pytest.mark.parametrize("requirement", ["", " ", "a\nb", "-r x", "${{ secrets.X }}"])
def test_what_can_be_no_requirement_is_refused(repository: Path, requirement: str) -> None:
    with pytest.raises(UnknownName, match="--install"):
        init(asked(repository, url=URL, install=requirement))
    assert files(repository) == set()


# Names


def test_a_name_that_fits_nowhere_asks_for_another(tmp_path: Path) -> None:
    folder = tmp_path / "日本"
    folder.mkdir()
    with pytest.raises(UnknownName, match="no project's name can be made of '日本'") as caught:
        init(asked(folder))
    assert caught.value.hint == "Give one with --project"
    assert files(folder) == set()
    assert init(asked(folder, project="nihon")).project == "nihon"


def test_a_long_name_is_cut_to_what_a_project_may_have(tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 62 + "-b")
    folder.mkdir()
    assert init(asked(folder)).project == "a" * 62


def test_a_deployments_url_makes_it_the_default_target_and_that_of_the_workflows(repository: Path) -> None:
    init(asked(repository, url="https://ACME.us.langgraph.app/", target="eu", api_key_env="EU_KEY"))
    project = document(repository / OWN[0])
    assert project["default_target"] == "eu"
    assert project["targets"] == {
        "local": {"url": "http://127.0.0.1:2024"},
        "eu": {"url": "https://acme.us.langgraph.app", "api_key_env": "EU_KEY"},
    }
    for path in (PLAN, APPLY, DRIFT):
        (job,) = document(repository / path)["jobs"].values()
        eu = "${{ inputs.target || 'eu' }}" if path == APPLY else "eu"
        assert job["env"] == {"ASSISTANT_SYNC_TARGET": eu} | ({"PROJECT": "acme-agents"} if path == DRIFT else {})
        assert job["steps"][0]["env"] == {"EU_KEY": "${{ secrets.EU_KEY }}"}
    assert document(repository / APPLY)["on"]["workflow_dispatch"]["inputs"]["target"]["default"] == "eu"


def test_a_deployment_is_called_production_where_nothing_else_is_said(repository: Path) -> None:
    init(asked(repository, url="https://acme.us.langgraph.app"))
    project = document(repository / OWN[0])
    assert (project["default_target"], list(project["targets"])) == ("production", ["local", "production"])


@pytest.mark.parametrize(("target", "expected"), [(None, "local"), ("dev", "dev")])
def test_an_url_on_this_machine_is_the_only_target_and_none_for_the_workflows(
    repository: Path, target: str | None, expected: str
) -> None:
    init(asked(repository, url="http://localhost:8123", target=target))
    project = document(repository / OWN[0])
    assert project["targets"] == {expected: {"url": "http://localhost:8123"}}
    assert project["default_target"] == expected
    assert files(repository) == {*OWN, VALIDATE}, "none that no workflow can reach"


def test_pull_requests_and_pushes_to_the_default_branch_are_meant(repository: Path) -> None:
    git(repository, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/on")
    init(asked(repository, url=URL))
    assert document(repository / APPLY)["on"]["push"] == {"branches": ["on"]}
    assert document(repository / PLAN)["on"] == {"pull_request": {"branches": ["on"]}}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"project": ""}, "project: a project's name is 1 to 63 characters"),
        ({"project": "Acme"}, "project: a project's name is 1 to 63 characters"),
        ({"project": "a\nb"}, "project: a project's name is 1 to 63 characters"),
        ({"graph": ""}, "graph_id must be non-empty text"),
        ({"graph": "a\0"}, "graph_id contains a NUL character"),
        ({"graph": "a\x85"}, "assistants/support.yaml cannot hold one of the values that were given"),
        ({"url": "acme.us.langgraph.app"}, "--url: the URL must start with https://"),
        ({"url": "http://acme.example"}, "url: the URL is plain http to another machine"),
        ({"url": "https://ann:secret@acme.example"}, "--url: the URL holds a user name or password"),
        ({"target": "a b"}, "targets.'a b': a target's name is 1 to 63 letters"),
        ({"api_key_env": "lsv2_pt-secret"}, "api_key_env: this must be the name of an environment variable"),
        ({"config": Path("other.yaml")}, "--config cannot name another file"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_and_nothing_is_written(
    repository: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnknownName) as caught:
        init(asked(repository, **options))
    assert message in caught.value.message
    assert "secret" not in caught.value.message
    assert files(repository) == set()


def test_the_config_option_may_name_the_file_that_is_written_anyway(repository: Path) -> None:
    assert init(asked(repository, config=Path("assistant-sync.yaml"))).written[0] == "assistant-sync.yaml"


@given(
    graph=st.text(min_size=1, max_size=20) | st.sampled_from(["no", "~", "1e5", "- a", "a: b", "a #b", "<<key>>"]),
    project=st.from_regex(r"[a-z0-9][a-z0-9-]{0,10}", fullmatch=True) | st.sampled_from(["null", "12", "0x1f", "y"]),
)
@example(graph="${{ secrets.X }}", project="on")
def test_a_value_arrives_as_it_was_given_or_is_refused(graph: str, project: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            init(asked(folder, project=project, graph=graph))
        except UnknownName:
            assert not graph.isprintable() or "\\u0000" in graph
            return
        loaded = open_workspace(Settings(environ={}, folder=folder)).manifests
        assert [(one.key, one.content.graph_id) for one in loaded.desired] == [("support", graph)]
        assert document(folder / OWN[0])["project"] == project


def test_a_second_checkout_has_the_texts_of_the_first_whatever_git_is_set_to(repository: Path, tmp_path: Path) -> None:
    init(asked(repository, workflows=False))
    prompt = (repository / "prompts/support.md").read_bytes()
    assert b"\r" not in prompt
    repo = Repo(repository, init=False)
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "init")
    clone = tmp_path / "windows"
    repo.git("-c", "core.autocrlf=true", "clone", "-q", str(repository), str(clone))
    assert (clone / "prompts/support.md").read_bytes() == prompt


def test_the_attributes_of_a_repository_that_has_some_stay(repository: Path) -> None:
    own = repository / ".gitattributes"
    own.write_text("* text\n", encoding="utf-8")
    assert ".gitattributes" not in init(asked(repository)).written
    assert own.read_text("utf-8") == "* text\n"


def test_the_plan_workflow_fails_for_a_graph_that_is_not_served_unless_merges_deploy_graphs(repository: Path) -> None:
    init(asked(repository, url=URL))
    plan = (repository / PLAN).read_text("utf-8")
    assert "assistant-sync plan --github --fail-on missing-graph --trusted-ref" in plan
    (repository / PLAN).unlink()
    done = init(asked(repository, workflows_only=True, deploys_graphs=True))
    assert done.written == (PLAN,)
    assert "assistant-sync plan --github --trusted-ref" in (repository / PLAN).read_text("utf-8")
