"""What all tests share: a clean environment, and the official server for those that ask for it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

from assistant_sync.redaction import forget_sent
from examples.dev_server import running_server
from tests.depth import DEPTH
from tests.project_fixture import ProjectFixture
from tests.servers.official import Deployment
from tests.servers.proxy import running_proxy
from tests.workers import Scheduling, rank_of, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xdist.remote import Producer
    from xdist.scheduler import Scheduling as AnyScheduling

    from tests.servers.proxy import Proxy

# Settings of the developer's machine or of the CI job that would change what the tests see.
PREFIXES = (
    "LANGSMITH_",
    "LANGGRAPH_",
    "LANGCHAIN_",
    "ASSISTANT_SYNC_",
    "GIT_",
    "GITHUB_",
    "GITLAB_",
    "CI_",
    "SSL_CERT_",
)
NAMES = {"XDG_CACHE_HOME", "CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS"}

PARTS = ("file_or_dir", "keyword", "markexpr", "ignore", "ignore_glob", "deselect")
"""Options of pytest that leave tests out."""

# How long an example takes says more about the machine than about the code.
settings.register_profile(
    DEPTH.name,
    deadline=None,
    max_examples=DEPTH.examples,
    derandomize=not DEPTH.is_random,
    print_blob=DEPTH.is_random,
    # A run that draws the same examples each time has nothing to remember.
    database=DirectoryBasedExampleDatabase(".hypothesis/examples") if DEPTH.is_random else None,
)
settings.load_profile(DEPTH.name)


# A shell that runs the tests in the background has its children ignore Ctrl-C, and theirs: some tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Require coverage (``fail_under``) only in a run of all tests."""
    coverage = config.pluginmanager.get_plugin("_cov")
    is_whole = DEPTH.all_tests and not any(config.getoption(name) for name in PARTS)
    if coverage is not None and not is_whole:
        coverage.options.cov_fail_under = 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what uses the server, so that ``-m "not server"`` leaves it out, and leave to deeper runs what is theirs."""
    for item in items:
        if "server_url" in getattr(item, "fixturenames", ()):
            item.add_marker("server")
    if not DEPTH.all_tests:
        left = [item for item in items if item.get_closest_marker("full") is not None]
        if left:
            config.hook.pytest_deselected(items=left)
            items[:] = [item for item in items if item not in left]


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Put what takes longest first, for the workers' sake."""
    yield
    session.items.sort(key=lambda item: rank_of(unit_of(item.nodeid)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> AnyScheduling:
    """Share the tests among workers by what they have in common."""
    return Scheduling(config, log)


def pytest_report_header() -> str:
    """Say how deep this run goes."""
    return f"depth: {DEPTH.name} (TEST_DEPTH=full goes deeper)"


@pytest.fixture(autouse=True)
def nothing_was_sent() -> None:
    """What another test has sent is no secret here."""
    forget_sent()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in list(os.environ):
        if name.startswith(PREFIXES) or name in NAMES or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    # Nearly all tests run commands where nobody can be asked; tests/cli/test_consent.py is about the others.
    monkeypatch.setenv("ASSISTANT_SYNC_YES", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The URL of one official server for the whole session."""
    with running_server() as url:
        yield url


@pytest.fixture(scope="session")
def _deployment(server_url: str) -> Iterator[Deployment]:
    deployment = Deployment(server_url)
    yield deployment
    deployment.close()


@pytest.fixture
def deployment(_deployment: Deployment) -> Deployment:
    """The session's server with nothing on it but the default assistants."""
    _deployment.wipe()
    return _deployment


@pytest.fixture(scope="session")
def _proxy(server_url: str) -> Iterator[Proxy]:
    with running_proxy(server_url) as proxy:
        yield proxy


@pytest.fixture
def proxy(_proxy: Proxy) -> Proxy:
    """What stands between the command line and the deployment."""
    _proxy.reset()
    return _proxy


@pytest.fixture
def project(tmp_path: Path, deployment: Deployment, proxy: Proxy) -> ProjectFixture:
    """An empty project for an empty deployment."""
    folder = tmp_path / "repository"
    folder.mkdir()
    return ProjectFixture(folder, proxy.url)
