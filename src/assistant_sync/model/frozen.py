"""Frozen values of which there is one, or more, for each assistant: they are made in a tenth of a dataclass's time."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from msgspec.structs import replace

__all__ = ("Frozen", "replace")


class Frozen(msgspec.Struct, frozen=True):
    """A frozen value; ``replace`` makes another one of it.

    Attributes:
        unshown: The fields that its representation leaves out, because they are long or may hold secrets.
    """

    unshown: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        shown = [f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name not in self.unshown]
        return f"{type(self).__name__}({', '.join(shown)})"
