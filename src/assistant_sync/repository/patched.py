"""A tree with other texts in some places, which no disk holds: what a tree will be once files are written."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.repository.files import is_hidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from assistant_sync.repository.checkout import NotCheckedOut
    from assistant_sync.repository.tree import Tracking, Tree


@dataclass(frozen=True, slots=True)
class PatchedTree:
    """A ``Tree``.

    Attributes:
        tree: What it is made from.
        texts: The bytes of files that are new or changed, by path relative to the top.
    """

    tree: Tree
    texts: Mapping[str, bytes]

    @property
    def git_is_missing(self) -> bool:
        """See ``Tree.git_is_missing``."""
        return self.tree.git_is_missing

    def relative(self, path: Path) -> str:
        """See ``Tree.relative``."""
        return self.tree.relative(path)

    def files(self, folder: str, suffixes: tuple[str, ...]) -> list[str]:
        """See ``Tree.files``."""
        prefix = "" if folder in ("", ".") else folder.rstrip("/") + "/"
        below = [path.removeprefix(prefix) for path in self.texts if path.startswith(prefix)]
        shown = [name for name in below if not any(map(is_hidden, name.split("/"))) and name.endswith(suffixes)]
        try:
            found = self.tree.files(folder, suffixes)
        except RepositoryError:
            if not below:
                raise
            found = []
        return sorted({*found, *(prefix + name for name in shown)})

    def names(self, folder: str) -> list[str]:
        """See ``Tree.names``."""
        here = "" if folder in ("", ".") else folder
        own = {posixpath.basename(path) for path in self.texts if posixpath.dirname(path) == here}
        return sorted({*self.tree.names(folder), *own})

    def read(self, path: str, *, limit: int) -> bytes:
        """See ``Tree.read``."""
        data = self.texts.get(posixpath.normpath(path))
        if data is None and self.texts:
            data = self.texts.get(self.tree.real_path(path))
        if data is None:
            return self.tree.read(path, limit=limit)
        if len(data) > limit:
            raise RepositoryError(f"{path} is larger than {limit // 2**20} MiB")
        return data

    def real_path(self, path: str) -> str:
        """See ``Tree.real_path``."""
        return self.tree.real_path(path)

    def tracking(self, paths: Iterable[str]) -> dict[str, Tracking]:
        """See ``Tree.tracking``; what will be written is left out."""
        return self.tree.tracking([path for path in paths if path not in self.texts])

    def not_checked_out(self, paths: Iterable[str], suffixes: tuple[str, ...]) -> dict[str, NotCheckedOut]:
        """See ``Tree.not_checked_out``."""
        return self.tree.not_checked_out(paths, suffixes)
