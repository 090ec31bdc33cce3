from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import click
import pytest

from assistant_sync.cli import main
from assistant_sync.cli.app import app
from assistant_sync.cli.options import settings_of
from assistant_sync.cli.parameters import VARIABLES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one good and one bad file, outside of git."""
    (tmp_path / "assistants").mkdir()
    (tmp_path / "assistant-sync.yaml").write_text(
        "version: 1\nproject: p\ntargets:\n  one: {url: 'http://127.0.0.1:1'}\n  two: {url: 'http://127.0.0.1:2'}\n"
    )
    (tmp_path / "assistants" / "good.yaml").write_text("graph_id: agent\n")
    (tmp_path / "assistants" / "bad.yaml").write_text("graph: agent\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    code = main(arguments)
    return code, json.loads(capsys.readouterr().out)


def test_common_options_are_taken_before_and_after_the_commands_name(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = checked(capsys, "--format", "json", "validate")
    after = checked(capsys, "validate", "--format", "json")
    assert before == after
    assert before[0] == 3


def test_an_option_after_the_command_takes_precedence_over_one_before_it_and_both_over_the_environment(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_SYNC_FORMAT", "json")
    assert checked(capsys, "validate")[0] == 3
    assert main(["--format", "json", "validate", "--format", "text"]) == 3
    assert "assistants/bad.yaml:1:1" in capsys.readouterr().out
    assert main(["--format", "text", "validate"]) == 3
    assert "assistants/bad.yaml:1:1" in capsys.readouterr().out


def test_every_option_has_its_environment_variable() -> None:
    context = click.Context(app)
    common = {param.name: param for param in app.params if param.name not in ("help", "version")}
    for name in app.list_commands(context):
        command = app.get_command(context, name)
        assert command is not None
        for param in command.params:
            if not isinstance(param, click.Option) or param.name in ("help", "version", "gate"):
                continue
            bearer = common.get(param.name, param)
            assert bearer.envvar == f"ASSISTANT_SYNC_{str(param.name).upper()}", (name, param.name)


def test_a_command_without_a_budget_of_requests_has_no_limit() -> None:
    assert settings_of(click.Context(app, obj={})).pacer is None


def test_all_settings_of_one_command_share_one_budget_of_requests() -> None:
    context = click.Context(app, obj={"max_rps": 2.5})
    first, second = settings_of(context).pacer, settings_of(context).pacer
    assert first is second
    assert first is not None
    assert first.rate == 2.5


HEADINGS = ["Options", "Selection", "Safety", "CI", "Connection", "Output", "Other"]


@pytest.mark.parametrize("name", ["", *app.list_commands(click.Context(app))])
def test_help_shows_each_option_once_in_a_group_and_the_variables_rule_once(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*name.split(), "--help"]) == 0
    text = capsys.readouterr().out
    found = [line.removesuffix(":") for line in text.splitlines() if line.removesuffix(":") in HEADINGS]
    assert found == [heading for heading in HEADINGS if heading in found]
    assert {"Connection", "Output", "Other"} <= set(found)
    command = app.get_command(click.Context(app), name) if name else app
    assert command is not None
    for param in command.params:
        if isinstance(param, click.Option):
            longest = max(param.opts, key=len)
            assert len(re.findall(rf"^  (?:-\w, )?{longest}(?: |$)", text, re.MULTILINE)) == 1, longest
    assert "env var" not in text
    assert " ".join(VARIABLES.split()) in " ".join(text.split())


def test_init_describes_what_its_options_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "--url URL The URL to write for the target." in text
    assert "--target NAME The name of the target to write." in text
    assert "Override" not in text
    assert main(["plan", "--help"]) == 0
    assert "--url URL Override the target's URL." in " ".join(capsys.readouterr().out.split())


def test_a_project_without_a_default_asks_for_a_target_and_names_them(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "assistants" / "bad.yaml").unlink()
    assert main(["plan"]) == 64
    assert "one, two" in capsys.readouterr().err
    assert main(["plan", "--target", "tow"]) == 64
    assert "Did you mean 'two'?" in capsys.readouterr().err
    (project / "assistant-sync.yaml").write_text("version: 1\nproject: p\n")
    assert main(["plan"]) == 64
    assert "has no targets" in capsys.readouterr().err


def test_validate_looks_at_all_files_and_shows_those_that_are_asked_for(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = checked(capsys, "validate", "assistants/good.yaml", "--format", "json")
    assert (code, document["valid"], document["problems"]) == (0, True, [])
    code, document = checked(capsys, "validate", "assistants", "--format", "json")
    assert {problem["file"] for problem in document["problems"]} == {"assistants/bad.yaml"}
    assert main(["validate", "nowhere.yaml"]) == 64


@pytest.mark.parametrize("pasted", ["lsv2_pt_" + "0a1b" * 8, "sk-" + "a1B2" * 8, "two words"])
def test_a_key_that_was_given_for_its_variables_name_is_refused_and_not_repeated(
    pasted: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "assistants" / "bad.yaml").unlink()
    assert main(["plan", "--target", "one", "--api-key-env", pasted]) == 64
    captured = capsys.readouterr()
    assert "name of a variable" in captured.err
    assert pasted not in captured.out + captured.err


def test_a_path_that_is_no_part_of_the_project_is_not_called_valid(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "other.yaml").write_text("a: 1\n")
    assert main(["validate", "other.yaml"]) == 64
    assert "other.yaml" in capsys.readouterr().err


def test_every_key_that_matches_nothing_is_named_with_the_nearest(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["apply", "good"]) == 3
    assert "--only" in capsys.readouterr().err


def test_quiet_prints_only_results(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "assistants" / "bad.yaml").unlink()
    assert main(["-q", "validate"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["validate", "apply", "doctor", "unlock", "init"])
@pytest.mark.usefixtures("project")
def test_markdown_is_refused_before_anything_is_done_if_a_command_has_no_such_form(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--target", "one", "--format", "markdown"]) == 64
    assert f"'{command}' has no markdown form; its forms are text, json." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "forms"), [("plan", "text, json, markdown"), ("validate", "text, json"), ("apply", "text, json")]
)
@pytest.mark.usefixtures("project")
def test_junit_is_refused_before_anything_is_done_by_commands_that_check_nothing(
    command: str, forms: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--target", "one", "--format", "junit"]) == 64
    assert f"'{command}' has no junit form; its forms are {forms}." in capsys.readouterr().err
