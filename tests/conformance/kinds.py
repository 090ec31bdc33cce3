"""Which servers there are, by exact versions, and how each is started."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

from examples.dev_server import ServerFailed, running_server
from tests.conformance import postgres
from tests.conformance.installing import CannotRun, find_node, find_python, node_packages, python_packages
from tests.conformance.starting import (
    DoesNotStart,
    environment,
    free_port,
    listens,
    scratch,
    serving,
    termination_as_interrupt,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["KINDS", "CannotRun", "DoesNotStart", "Kind", "Server", "running"]

GRAPHS = Path(__file__).parent / "graphs"


def _python_graphs(graphs: Path) -> tuple[Path, Path]:
    return graphs / "graph.py", graphs / "langgraph.json"


VERSIONED = re.compile(r"==|(?<=.)@")
"""Stands between a package and its version, for pip and for npm."""

Info: TypeAlias = "dict[str, Any]"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        kind: Its name in ``KINDS``.
        url: Where it listens.
        about: What it is, with its version.
    """

    kind: str
    url: str
    about: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A server that can be had.

    Attributes:
        name: As on the command line of ``python -m tests.conformance``.
        label: As in the heading of a column.
        storage: Where it keeps assistants.
        pins: The packages it consists of, by exact versions; empty for what this environment has.
        install: Gets what it needs; may be called again. Raises ``CannotRun``.
        started: Runs it with the graphs of a folder beside the block, which gets its URL.
    """

    name: str
    label: str
    storage: str
    pins: tuple[str, ...]
    install: Callable[[], object]
    started: Callable[[Path], AbstractContextManager[str]]


@contextmanager
def running(name: str, graphs: Path = GRAPHS) -> Iterator[Server]:
    """Install a server if need be, and run it with nothing stored before.

    Args:
        name: In ``KINDS``.
        graphs: The folder of the graphs and of the files that name them.

    Raises:
        CannotRun: If this machine cannot run it.
        DoesNotStart: If it is installed and does not come up, or is not what was installed.
    """
    kind = KINDS[name]
    # The dev server of the examples sets handlers of its own, which pytest would not obey.
    with termination_as_interrupt(), kind.started(graphs) as url, termination_as_interrupt():
        yield Server(name, url, _about(kind, _info(url)))


def _info(url: str) -> Info:
    info: Info = httpx.get(f"{url}/info", timeout=10, trust_env=False).raise_for_status().json()
    return info


def _about(kind: Kind, info: Info) -> str:
    """What runs, after a look at whether it is what was asked for."""
    pins = [VERSIONED.split(pin) for pin in kind.pins] or [["langgraph-api", metadata.version("langgraph-api")]]
    if info.get("version") not in [version for _, version in pins]:
        raise DoesNotStart(f"{kind.name} tells version {info.get('version')}, and none of these is it: {pins}")
    return f"{' '.join(pins[0])} ({kind.storage})"


def _answers(url: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(url, timeout=5, trust_env=False).is_success
    return False


@contextmanager
def _official(graphs: Path) -> Iterator[str]:
    """The dev server of this very environment."""
    try:
        with running_server(config=graphs / "langgraph.json") as url:
            yield url
    except ServerFailed as error:
        raise DoesNotStart(str(error)) from error


YEAR_OLD = (
    "langgraph-api==0.5.24",
    "langgraph-cli[inmem]==0.4.7",
    "langgraph-runtime-inmem==0.18.1",
    "langgraph==1.0.3",
    "langgraph-checkpoint==3.0.1",
    "langgraph-prebuilt==1.0.5",
    "langgraph-sdk==0.2.9",
    "langchain-core==1.1.0",
    "langsmith==0.4.46",
    "sse-starlette==2.1.3",
    "starlette==0.50.0",
)
"""What was newest on 23 November 2025."""


@contextmanager
def _year_old(graphs: Path) -> Iterator[str]:
    python = python_packages("python-2025", YEAR_OLD) / "bin" / "python"
    port = free_port()
    command = [str(python), "-m", "langgraph_cli", "dev", "--no-browser", "--no-reload"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--config", "langgraph.json"]
    url = f"http://127.0.0.1:{port}"
    with scratch(*_python_graphs(graphs)) as folder, serving(command, folder, partial(_answers, f"{url}/ok")):
        yield url


JS = (
    "@langchain/langgraph-api@1.5.1",
    "@langchain/langgraph-cli@1.5.1",
    "@langchain/langgraph@1.7.3",
    "@langchain/core@1.4.0",
    "typescript@5.9.3",
    "zod@4.6.7",
)


def _install_js() -> Path:
    return node_packages("js", JS, find_node())


@contextmanager
def _js(graphs: Path) -> Iterator[str]:
    node, modules = find_node(), _install_js() / "node_modules"
    port = free_port()
    with scratch(graphs / "graph.ts", graphs / "langgraph.js.json") as folder:
        (folder / "node_modules").symlink_to(modules)
        (folder / "package.json").write_text('{"private": true, "type": "module"}\n', "utf-8")
        command = [str(node.node), str(modules / "@langchain/langgraph-cli/dist/cli/cli.mjs"), "dev"]
        command += ["--no-browser", "--no-reload", "--host", "127.0.0.1", "--port", str(port)]
        more = {"PATH": f"{node.folder}:{environment()['PATH']}"}
        url = f"http://127.0.0.1:{port}"
        with serving([*command, "--config", "langgraph.js.json"], folder, partial(_answers, f"{url}/ok"), more=more):
            yield url


LANGHOST = (
    "langhost==0.11.1.post1",
    "langgraph-runtime-pg==0.11.1.post1",
    "langgraph-api==0.11.1",
    "fakeredis[lua]==2.40.0",
)
REDIS = """
import sys
from fakeredis import TcpFakeServer
TcpFakeServer(("127.0.0.1", int(sys.argv[1])), server_type="redis").serve_forever()
"""


@contextmanager
def _langhost(graphs: Path) -> Iterator[str]:
    programs = python_packages("langhost", LANGHOST) / "bin"
    redis, port = free_port(), free_port()
    command = [str(programs / "langhost"), "serve", "--host", "127.0.0.1", "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    with (
        scratch(*_python_graphs(graphs)) as folder,
        postgres.database() as database,
        serving([str(programs / "python"), "-c", REDIS, str(redis)], folder, partial(listens, redis)),
    ):
        more = {"DATABASE_URI": f"postgresql+asyncpg://{database}", "REDIS_URI": f"redis://127.0.0.1:{redis}/0"}
        with serving(command, folder, partial(_answers, f"{url}/ok"), more=more):
            yield url


AEGRA = ("aegra-api==0.11.0",)
AEGRA_PYTHON = (3, 12)


def _install_aegra() -> Path:
    return python_packages("aegra", AEGRA, find_python(AEGRA_PYTHON))


@contextmanager
def _aegra(graphs: Path) -> Iterator[str]:
    programs = _install_aegra() / "bin"
    port = free_port()
    command = [str(programs / "python"), "-m", "uvicorn", "aegra_api.main:app", "--host", "127.0.0.1"]
    url = f"http://127.0.0.1:{port}"
    with scratch(graphs / "graph.py", graphs / "aegra.json") as folder, postgres.database() as database:
        more = {
            "AEGRA_CONFIG": str(folder / "aegra.json"),
            "AUTH_TYPE": "noop",
            "DATABASE_URL": f"postgresql://{database}",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "LOG_LEVEL": "WARNING",
            "OTEL_SDK_DISABLED": "true",
            "REDIS_BROKER_ENABLED": "false",
        }
        with serving([*command, "--port", str(port)], folder, partial(_answers, f"{url}/info"), more=more):
            yield url


def _install_with_postgres(install: Callable[[], object]) -> None:
    install()
    postgres.install()


KINDS = {
    kind.name: kind
    for kind in (
        Kind("python", "Python", "in memory", (), lambda: sys.executable, _official),
        Kind(
            "python-2025", "Python, a year older", "in memory", YEAR_OLD,
            partial(python_packages, "python-2025", YEAR_OLD), _year_old,
        ),
        Kind("js", "JavaScript", "in a file", JS, _install_js, _js),
        Kind(
            "langhost", "langhost", f"langgraph-api 0.11.1 on {postgres.VERSION}", LANGHOST,
            partial(_install_with_postgres, partial(python_packages, "langhost", LANGHOST)), _langhost,
        ),
        Kind(
            "aegra", "Aegra", f"on {postgres.VERSION}", AEGRA,
            partial(_install_with_postgres, _install_aegra), _aegra,
        ),
    )
}  # fmt: skip
