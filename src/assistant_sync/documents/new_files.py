"""Write several new files: all of them or none, and never over an existing one."""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from assistant_sync.errors import ExistingFile, RepositoryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


def write_new_files(folder: Path, texts: Mapping[str, str], *, hint: str | None = None) -> None:
    """Write files that do not exist yet.

    Each is written under a temporary name in the same folder, and all get their names at the end. An error or Ctrl-C
    before that leaves neither files nor folders behind.

    Args:
        folder: The folder that the paths are relative to.
        texts: The text of each file by its path, which may lead out of the folder; messages use these paths.
        hint: The way out if some exist.

    Raises:
        ExistingFile: Some exist; all of them are named, and nothing was written.
        RepositoryError: One cannot be written; nothing is left behind.
    """
    paths = {name: Path(os.path.normpath(folder / name)) for name in texts}
    _refuse([name for name, path in paths.items() if os.path.lexists(path)], hint)
    with ExitStack() as undo:
        with ExitStack() as tidy:
            temporary = {}
            for name, text in texts.items():
                with _explained(name):
                    temporary[name] = _stage(paths[name], text, undo, tidy)
            for name, path in paths.items():
                with _explained(name):
                    if not _publish(temporary[name], path):
                        _refuse([name], hint)
                undo.callback(_remove, path.unlink)
        undo.pop_all()


def _refuse(existing: Sequence[str], hint: str | None) -> None:
    if existing:
        verb = "exists" if len(existing) == 1 else "exist"
        message = f"{', '.join(existing)} already {verb}; nothing was written"
        raise ExistingFile(message, hint=hint)


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{name} cannot be written: {error.strerror or error}; nothing was written"
        raise RepositoryError(message) from error


def _stage(path: Path, text: str, undo: ExitStack, tidy: ExitStack) -> Path:
    """Write a text under a temporary name, and make the folders for it."""
    for folder in reversed(path.parents):
        if not folder.exists():
            undo.callback(_remove, folder.rmdir)
            folder.mkdir()
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    tidy.callback(_remove, temporary.unlink)
    with temporary.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return temporary


def _publish(temporary: Path, path: Path) -> bool:
    """Give a file its name; False if a file of that name has appeared meanwhile."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links; a rename would replace an existing file
        if os.path.lexists(path):
            return False
        temporary.rename(path)
    return True


def _remove(remove: Callable[[], None]) -> None:
    with suppress(OSError):  # it was not made, or another program has put a file into the folder
        remove()
