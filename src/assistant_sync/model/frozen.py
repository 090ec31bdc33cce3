"""Frozen values: their classes are made in a fortieth of a dataclass's time, and they themselves in a tenth."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, TypeVar

import msgspec
from msgspec import field, structs

__all__ = ("Frozen", "field", "replace")

T = TypeVar("T")


class Frozen(msgspec.Struct, frozen=True):
    """A frozen value; ``replace`` makes another one of it.

    Attributes:
        unshown: The fields that its representation leaves out, because they are long or may hold secrets.
    """

    unshown: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        shown = [f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name not in self.unshown]
        return f"{type(self).__name__}({', '.join(shown)})"


def replace(value: T, /, **changes: Any) -> T:
    """Another value with some fields changed, of a ``Frozen`` class or of a frozen dataclass."""
    make: Any = structs.replace if isinstance(value, msgspec.Struct) else dataclasses.replace
    made: T = make(value, **changes)
    return made
