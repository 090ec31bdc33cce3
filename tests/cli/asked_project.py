"""A project whose deployment answers questions, for the commands that ask."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tests.project_fixture import ProjectFixture
from tests.servers.asked_deployment import AskedDeployment, obedient, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx

    from tests.servers.run_server import Events, RunServer

WAITS: Events = [("metadata", {}), 60.0]
"""A run that nobody waits for."""


class AskedProject(ProjectFixture):
    """A project with one assistant, whose graph answers with its prompt.

    Attributes:
        server: The deployment.
    """

    def __init__(self, folder: Path, url: str, server: AskedDeployment) -> None:
        super().__init__(folder, url)
        self.server = server
        self.id = self.prompt("be kind")

    @property
    def runs(self) -> RunServer:
        """Its threads and runs."""
        return self.server.runs

    def prompt(self, text: str) -> str:
        """Write the manifest; returns the assistant's id."""
        return self.manifest("support", context={"prompt": text})

    def answers(self, answer: Events | httpx.Response) -> None:
        """Let every run do this."""
        self.server.run = lambda _: answer

    def case(self, text: str = "kind", **members: Any) -> None:
        """Write a check whose one case asks for a text."""
        one = {"name": "is kind", "ask": "Hi", "expect": [{"contains": text}], **members}
        self.write("checks/all.yaml", json.dumps({"assistants": "*", "cases": [one]}))

    def interrupted(self, number: int, *arguments: str, when: Callable[[], bool]) -> tuple[int, str, str]:
        """Start a command, and send it a signal once something holds; its exit code and its output."""
        process = self.start(*arguments)
        end = time.monotonic() + 60
        while not when() and process.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.02)
        # What the server has sent is on its way.
        time.sleep(0.2)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err


def asked_project(tmp_path: Path) -> Iterator[AskedProject]:
    """Serve the deployment of a new project."""
    server, folder = AskedDeployment(obedient), tmp_path / "repository"
    folder.mkdir()
    with served(server) as http:
        yield AskedProject(folder, http.url, server)
