from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from assistant_sync import errors
from assistant_sync.cli import main
from assistant_sync.cli.app import app, help_width
from assistant_sync.cli.main import exit_code_of_error, exit_code_of_return
from assistant_sync.cli.run_state import OUTPUT_FAILED
from assistant_sync.errors import AssistantSyncError

CODES = {
    "AssistantSyncError": 1,
    "InvalidFiles": 3,
    "SchemaNotServed": 3,
    "UnknownName": 64,
    "RepositoryError": 1,
    "ExistingFile": 1,
    "RemoteError": 1,
    "Unreachable": 5,
    "Denied": 4,
    "NotConfirmed": 64,
    "NotFound": 1,
    "Taken": 7,
    "Rejected": 1,
    "RateLimited": 5,
    "ServerFault": 5,
    "BadAnswer": 5,
    "TooLarge": 5,
    "IncompleteListing": 5,
    "ForgeError": 1,
    "PlanRefused": 6,
    "ConditionFailed": 10,
    "ChecksFailed": 10,
    "StalePlan": 7,
    "BadDocument": 3,
    "Locked": 7,
    "LockRefused": 1,
    "Interrupted": 130,
    "Terminated": 143,
}


def test_every_error_has_its_exit_code_and_stands_in_the_drawing() -> None:
    found = {
        name: one.exit_code
        for name, one in inspect.getmembers(errors, inspect.isclass)
        if issubclass(one, AssistantSyncError)
    }
    assert found == CODES
    assert errors.__doc__ is not None
    for name, code in CODES.items():
        line = next(line for line in errors.__doc__.splitlines() if name in line.replace("(", " ").split())
        assert f" {code}" in line


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.PlanRefused("refused"), 6),
        (errors.Terminated("terminated"), 143),
        (click.exceptions.Exit(7), 7),
        (click.UsageError("wrong"), 64),
        (click.BadParameter("wrong"), 64),
        (click.FileError("a.json"), 1),
        (BrokenPipeError(), 1),
        (click.Abort(), 130),
        (KeyboardInterrupt(), 130),
        (ValueError("wrong"), 70),
        (OSError(5, "wrong"), 70),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_the_program_ends_with_the_code_of_the_exception(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: click.Context) -> None:
        raise error

    assert exit_code_of_error(error) == code
    monkeypatch.setattr(os, "dup2", lambda *_: None)  # stdout belongs to pytest
    monkeypatch.setattr(app, "invoke", failing)
    assert main(["plan"]) == code


@pytest.mark.parametrize(
    ("returned", "state", "code"),
    [(None, {}, 0), (0, {}, 0), (6, {}, 6), (0, {OUTPUT_FAILED: True}, 1), (6, {OUTPUT_FAILED: True}, 6)],
)
def test_a_result_that_could_not_be_printed_is_a_failure_if_nothing_else_is(
    returned: int | None, state: dict[str, bool], code: int
) -> None:
    assert exit_code_of_return(returned, state) == code


@pytest.mark.parametrize("first", ["assistant_sync.cli", "assistant_sync.cli.main", "assistant_sync.__main__"])
def test_main_is_the_function_although_its_module_has_the_same_name(first: str) -> None:
    code = f"import {first}\nfrom assistant_sync.cli import main\nassert main(['--version']) == 0"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["plan", "--help"], ["apply", "-h"], ["validate", "--help"]])
def test_help_exits_0_and_has_examples(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert "Examples:" in capsys.readouterr().out


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("assistant-sync, version 0.")


@pytest.mark.parametrize(
    "arguments", [["nope"], ["plan", "--nope"], ["--format", "yaml", "plan"], ["plan", "--allow-deletes", "-1"], []]
)
def test_a_usage_error_exits_64(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 64
    assert "Traceback" not in capsys.readouterr().err


def test_a_misspelt_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pln"]) == 64
    assert "did you mean 'plan'?" in capsys.readouterr().err


def test_what_needs_no_network_loads_no_library_for_it(tmp_path: Path) -> None:
    code = "import sys\nfrom assistant_sync.cli import main\nmain({})\nassert 'httpx' not in sys.modules, main({})"
    for arguments in (["init"], ["validate"], ["--help"]):
        subprocess.run([sys.executable, "-c", code.format(arguments, arguments)], cwd=tmp_path, check=True)


def test_the_collector_has_nothing_to_walk_through_at_the_end() -> None:
    code = (
        "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 1000)); "
        "from assistant_sync.cli import main; main(['--version'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("True\n")


def test_every_listed_command_loads_under_its_name() -> None:
    context = click.Context(app)
    for name in app.list_commands(context):
        command = app.get_command(context, name)
        assert command is not None
        assert command.name == name


def test_a_bug_is_reported_as_one_without_a_traceback_or_a_value(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: click.Context) -> None:
        raise ValueError("sk-secret-value")

    monkeypatch.setattr(app, "invoke", broken)
    assert main(["plan"]) == 70
    err = capsys.readouterr().err
    assert "bug" in err
    assert "ValueError" in err
    assert "Traceback" not in err
    assert "sk-secret" not in err


def test_without_a_project_file_the_way_out_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plan"]) == 3
    assert "assistant-sync init" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no /dev/full")
def test_an_output_that_cannot_be_written_is_reported_and_is_no_bug(tmp_path: Path) -> None:
    (tmp_path / "assistants").mkdir()
    (tmp_path / "assistant-sync.yaml").write_text("version: 1\nproject: p\ntargets: {l: {url: 'http://127.0.0.1:1'}}\n")
    (tmp_path / "assistants" / "a.yaml").write_text("graph_id: agent\n")
    for arguments in (["validate"], ["validate", "-f", "json"]):
        with open("/dev/full", "w") as full:  # noqa: PTH123, RUF100
            done = subprocess.run(
                [sys.executable, "-m", "assistant_sync", *arguments], stdout=full, stderr=subprocess.PIPE, cwd=tmp_path
            )
        assert done.returncode == 1
        assert done.stderr == b"Error: the output could not be written: No space left on device\n"


@pytest.mark.parametrize("arguments", [["validate"], ["validate", "-f", "json"]])
def test_a_reader_that_goes_away_does_not_change_the_exit_code(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "assistants").mkdir()
    (tmp_path / "assistant-sync.yaml").write_text("version: 1\nproject: p\ntargets: {l: {url: 'http://127.0.0.1:1'}}\n")
    (tmp_path / "assistants" / "a.yaml").write_text("graph: agent\n")
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "assistant_sync", *arguments], stdout=write, stderr=subprocess.PIPE, cwd=tmp_path
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (3, b"")


def test_a_reader_that_goes_away_is_no_bug(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant_sync", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.wait()
    process.stderr.close()
    assert b"Traceback" not in err
    assert b"bug" not in err


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "0", "-1", "soon"])
def test_a_timeout_that_is_no_time_is_a_usage_error(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--timeout", value]) == 64
    assert "bug" not in capsys.readouterr().err
    assert main(["apply", "--lock-timeout", "nan"]) == 64


@pytest.mark.parametrize("value", ["nan", "inf", "0", "-1", "many"])
def test_a_budget_of_requests_that_is_no_positive_number_is_a_usage_error(
    value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["plan", "--max-rps", value]) == 64
    assert "--max-rps" in capsys.readouterr().err
    monkeypatch.setenv("ASSISTANT_SYNC_MAX_RPS", value)
    assert main(["plan"]) == 64


def test_a_process_ends_with_its_output_and_without_taking_apart_what_it_made() -> None:
    code = (
        "import atexit, os, sys; from assistant_sync.cli import run\n"
        "class Made:\n    def __del__(self, write=os.write): write(1, b'taken apart')\n"
        "sys.made, sys.argv = Made(), ['assistant-sync', sys.argv[1]]\n"
        "atexit.register(print, 'at the end')\n"
        "run()"
    )
    for argument, code_of_exit, first in (("--version", 0, "assistant-sync"), ("no-such-command", 64, "at the end")):
        # -I: nothing of the environment empties the buffers earlier.
        program = [sys.executable, "-I", "-c", code, argument]
        done = subprocess.run(program, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout.endswith("at the end\n")) == (code_of_exit, True)
        assert done.stdout.startswith(first)


@pytest.mark.parametrize(("closed", "code"), [(1, 1), (2, 0)])
def test_a_closed_stream_is_no_bug(closed: int, code: int) -> None:
    """Without stdout the output cannot be written, which is a failure; without stderr nobody misses anything."""
    program = [
        sys.executable,
        "-c",
        "import sys; from assistant_sync.cli.main import main; sys.exit(main(['--version']))",
    ]
    closing = {1: ">&-", 2: "2>&-"}[closed]
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closing}', "sh", *program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "bug" in done.stderr) == (code, False)


def test_a_command_loads_neither_the_command_line_of_httpx_nor_what_renders_a_difference() -> None:
    code = (
        "import sys; from assistant_sync.cli import main; main(['plan', '--help']); "
        "sys.exit(','.join({'pygments', 'deepdiff', 'assistant_sync.report.linediff'} & {*sys.modules}) "
        "or 'httpx' not in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("columns", ["", "0", "-5", "x", "30", "70", "100", "200"])
def test_the_help_is_as_wide_as_click_makes_it(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert help_width() == click.HelpFormatter(max_width=100).width
