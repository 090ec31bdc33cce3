from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pytest

from assistant_sync.model.change import FieldChange, Op
from assistant_sync.model.frozen import Frozen, replace


class _Pair(Frozen, frozen=True):
    unshown: ClassVar = ("secret",)

    name: str
    secret: str = "hunter2"


def test_a_field_that_is_not_shown_is_in_no_representation() -> None:
    assert repr(_Pair("a")) == "_Pair(name='a')"
    assert "hunter2" not in repr([FieldChange(("context", "key"), Op.CHANGED, "hunter2", "hunter2")])


def test_replace_makes_another_dataclass_too() -> None:
    @dataclass(frozen=True)
    class Plain:
        name: str
        number: int = 1

    assert replace(Plain("a"), number=2) == Plain("a", 2)


def test_a_value_stays_as_it_is_and_replace_makes_another() -> None:
    one = _Pair("a")
    with pytest.raises(AttributeError):
        one.name = "b"  # type: ignore[misc] # it is frozen: that is the point
    assert replace(one, name="b") == _Pair("b")
    assert one == _Pair("a")
