"""A repository beside the real server, with a recording proxy between the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.workshop import Workshop
from tests.servers.proxy import running_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy


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
def workshop(tmp_path: Path, deployment: Deployment, proxy: Proxy) -> Workshop:
    """An empty project for an empty deployment."""
    folder = tmp_path / "repository"
    folder.mkdir()
    return Workshop(folder, proxy.url)
