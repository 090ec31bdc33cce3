"""What only happens on a terminal: questions and colours."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Answer, Forward, Proxy, Request


def on_terminal(
    project: ProjectFixture, *arguments: str, type_in: str, env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a command on a terminal of its own, and type once it asks."""
    surroundings = {name: value for name, value in os.environ.items() if name != "ASSISTANT_SYNC_YES"}
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant_sync", *arguments],
        cwd=project.folder, stdin=end, stdout=end, stderr=end, start_new_session=True,
        env={**surroundings, "TERM": "xterm-256color", **(env or {})},
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(end)
    seen = b""
    deadline = time.monotonic() + 30
    typed = not type_in
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
        if not typed and b"[y/N]" in seen:
            # A signal between the question and the read would only be noticed with the next key.
            time.sleep(0.5)
            os.write(terminal, type_in.encode())
            typed = True
    try:
        code = process.wait(10)
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
    return code, seen.decode(errors="replace")


@pytest.mark.parametrize(
    ("answer", "code", "is_created"), [("y\n", 0, True), ("n\n", 1, False), ("\n", 1, False), ("\x03", 130, False)]
)
def test_apply_asks_first_on_a_terminal(
    answer: str,
    code: int,
    is_created: bool,
    project: ProjectFixture,
    deployment: Deployment,
) -> None:
    own = project.manifest("support")
    found, seen = on_terminal(project, "apply", type_in=answer)
    assert found == code, seen
    assert "Apply this plan?" in seen
    assert "Traceback" not in seen
    assert deployment.exists(own) == is_created


def test_what_changed_since_the_question_is_not_carried_out(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support", context={"temperature": 1})
    project.apply()
    project.manifest("support", context={"temperature": 2})
    edited: list[object] = []

    def edit(request: Request, forward: Forward) -> Answer:
        if request.is_lock and not edited:
            edited.append(deployment.patch(own, name="By hand"))
        return forward(request)

    proxy.meddle = edit
    code, seen = on_terminal(project, "apply", type_in="y\n")
    assert code == 7, seen
    assert "from version 2 instead of 1" in seen
    assert [row["name"] for row in deployment.users()] == ["By hand"]  # and no lock is left
    assert len(deployment.versions(own)) == 2


def test_yes_does_not_ask(project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support")
    code, seen = on_terminal(project, "apply", "--yes", type_in="")
    assert code == 0
    assert "Apply this plan?" not in seen
    assert deployment.exists(own)


def test_nothing_to_do_is_not_asked_about(project: ProjectFixture) -> None:
    project.manifest("support")
    project.apply()
    code, seen = on_terminal(project, "apply", type_in="")
    assert code == 0
    assert "Apply this plan?" not in seen


def test_colours_are_shown_on_a_terminal_and_not_with_no_color(project: ProjectFixture) -> None:
    project.manifest("support")
    assert "\x1b[32m" in on_terminal(project, "plan", type_in="")[1]
    assert "\x1b[32m" not in on_terminal(project, "plan", type_in="", env={"NO_COLOR": "1"})[1]
    assert "\x1b" not in project.run("plan").out


def test_the_question_counts_whose_work_is_undone(project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support", context={"temperature": 1})
    project.manifest("other", context={"temperature": 1})
    project.apply()
    deployment.patch(own, name="By hand")
    project.manifest("other", context={"temperature": 2})
    code, seen = on_terminal(project, "apply", type_in="n\n")
    assert code == 1
    assert "Apply this plan? 1 of 2 changes undoes an edit made outside git." in seen
    assert deployment.get(own)["name"] == "By hand"
