"""Read a text file of the repository: UTF-8, of limited size."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.limits import MAX_FILE_BYTES

if TYPE_CHECKING:
    from assistant_sync.repository.tree import Tree

_LFS_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\r?\n(?:ext-[^\n]*\n)*oid sha256:[0-9a-f]{64}\r?\nsize \d+\r?\n?"
)
"""The format: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md."""


class NotUtf8(RepositoryError):
    """A file is not UTF-8 text.

    Attributes:
        line: Of the first byte that is not, from 1.
        column: Likewise, in characters.
        problem: What is wrong, fit to follow the file's name.
    """

    def __init__(self, file: str, data: bytes, start: int) -> None:
        before = data[:start].decode(errors="replace")
        self.line = before.count("\n") + 1
        self.column = len(before) - before.rfind("\n")
        encoding = next((name for mark, name in _OTHER_MARKS if data.startswith(mark)), None)
        what = f"it is {encoding}" if encoding else f"byte 0x{data[start]:02X}"
        self.problem = f"is not UTF-8 text ({what}); save it as UTF-8"
        super().__init__(f"{file}:{self.line}:{self.column} {self.problem}")


_OTHER_MARKS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
"""Byte order marks of other encodings."""


def read_text(tree: Tree, file: str) -> str:
    """Read a text file.

    Args:
        tree: The repository.
        file: Relative to its top.

    Returns:
        The text as it is written, without a leading byte order mark.

    Raises:
        RepositoryError: It cannot be read, must not be read, is too large, or is not UTF-8. The message starts with
            the file's path.
    """
    return decode(tree.read(file, limit=MAX_FILE_BYTES), file)


def decode(data: bytes, file: str) -> str:
    """Decode the bytes of a file.

    Args:
        data: The content of the file.
        file: The file's name for messages.

    Returns:
        The text without a leading byte order mark.

    Raises:
        RepositoryError: It is not UTF-8, or the pointer that Git LFS commits in place of a file.
    """
    if _LFS_POINTER.fullmatch(data):
        raise RepositoryError(
            f"{file} is a Git LFS pointer in place of its content; `git lfs pull`, in CI check out with `lfs: true`"
        )
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NotUtf8(file, data, error.start) from error
    return text.removeprefix("\ufeff")
