"""The servers that the scenarios run on, one after the other: those of the tier, or of CONFORMANCE_SERVERS."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conformance import kinds
from tests.conformance.conformance_project import AnyDeployment, ConformanceProject, measure
from tests.conformance.fake import running_fake
from tests.depth import DEPTH
from tests.servers.forkserver import running_forkserver
from tests.servers.proxy import running_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conformance.conformance_project import Abilities
    from tests.servers.forkserver import ForkServer
    from tests.servers.proxy import Proxy

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all of it, so that ``-m "not server"`` leaves it out."""
    for item in items:
        if HERE in item.path.parents and "server" in getattr(item, "fixturenames", ()):
            item.add_marker("server")


@contextmanager
def running(name: str) -> Iterator[str]:
    """Run a server; yields its URL."""
    if name == "fake":
        with running_fake() as url:
            yield url
    else:
        with kinds.running(name) as server:
            yield server.url


@pytest.fixture(scope="session", params=DEPTH.servers)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of one server after the other; what this machine cannot run is shown as not run."""
    with ExitStack() as until_the_end:
        try:
            url = until_the_end.enter_context(running(request.param))
        except kinds.CannotRun as reason:
            pytest.skip(f"{request.param} was not run: {reason}")
        yield url


@pytest.fixture(scope="session")
def deployment(server: str) -> Iterator[AnyDeployment]:
    """Raw requests to the server."""
    deployment = AnyDeployment(server)
    yield deployment
    deployment.wipe()
    deployment.close()


@pytest.fixture(scope="session")
def abilities(deployment: AnyDeployment) -> Abilities:
    """What the server can do."""
    return measure(deployment)


@pytest.fixture(scope="session")
def wire(server: str) -> Iterator[Proxy]:
    """What stands between the command line and the server."""
    with running_proxy(server) as proxy:
        yield proxy


@pytest.fixture
def project(tmp_path: Path, deployment: AnyDeployment, abilities: Abilities, wire: Proxy) -> ConformanceProject:
    """An empty project in front of an empty server."""
    folder = tmp_path / "repository"
    folder.mkdir()
    return ConformanceProject.open(folder, deployment, abilities, wire)


@pytest.fixture(scope="session")
def forkserver() -> Iterator[ForkServer]:
    """Starts the command line as processes of their own."""
    with running_forkserver() as forkserver:
        yield forkserver
