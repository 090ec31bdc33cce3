"""Read a text file of the repository: UTF-8, of bounded size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError

if TYPE_CHECKING:
    from assistant_sync.repository.trees import Tree

LARGEST_FILE = 2**20
"""The most bytes of a manifest, of the project file, or of an included text."""


def read_text(tree: Tree, file: str) -> str:
    """Read a text file.

    Args:
        tree: The repository.
        file: Relative to its top.

    Returns:
        The text as it stands, without a leading byte order mark.

    Raises:
        RepositoryError: It cannot be read or must not, is too large, or is not UTF-8; starts with the file's path.
    """
    return decoded(tree.read(file, limit=LARGEST_FILE), file)


def decoded(data: bytes, file: str) -> str:
    """Decode the bytes of a file.

    Args:
        data: What the file holds.
        file: What messages call it.

    Returns:
        The text without a leading byte order mark.

    Raises:
        RepositoryError: It is not UTF-8.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise RepositoryError(f"{file} is not UTF-8 text: see the byte at offset {error.start}") from error
    return text.removeprefix("\ufeff")
