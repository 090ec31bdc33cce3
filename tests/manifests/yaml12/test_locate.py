from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from assistant_sync.manifests.yaml12.locate import YamlLocator
from assistant_sync.manifests.yaml12.parser import parse_documents

if TYPE_CHECKING:
    from assistant_sync.model.values import Path

TEXT = """\
# a comment
key: a
context:
  tools: [one, {name: two}]
  text: |
    block
---
base: &base {m: 1, n: {o: 2}}
more: &more
  p: 3
own:
  <<: [*base, *more]
  "<<": 5
  n: 3
same: *more
"""


def locate(text: str, document: int, path: Path, *, key: bool = False) -> tuple[int, int]:
    return YamlLocator(text).place(document, path, key=key)


@pytest.fixture(params=["libyaml", "pure Python"], autouse=True)
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", request.param == "libyaml")


@pytest.mark.parametrize(
    ("document", "path", "at_value", "at_key"),
    [
        (0, (), (2, 1), (2, 1)),
        (0, ("key",), (2, 6), (2, 1)),
        (0, ("context",), (4, 3), (3, 1)),
        (0, ("context", "tools", 0), (4, 11), (4, 11)),
        (0, ("context", "tools", 1, "name"), (4, 23), (4, 17)),
        (0, ("context", "text"), (5, 9), (5, 3)),
        (1, ("own", "n"), (14, 6), (14, 3)),
        (1, ("own", "<<"), (13, 9), (13, 3)),
        (1, ("own", "m"), (8, 17), (8, 14)),
        (1, ("own", "p"), (10, 6), (10, 3)),
        (1, ("same", "p"), (10, 6), (10, 3)),
    ],
)
def test_a_value_and_its_key_have_their_places(
    document: int, path: Path, at_value: tuple[int, int], at_key: tuple[int, int]
) -> None:
    assert locate(TEXT, document, path) == at_value
    assert locate(TEXT, document, path, key=True) == at_key


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("missing",), (2, 1)),
        (("context", "missing", "deeper"), (4, 3)),
        (("context", "tools", 7), (4, 10)),
        (("context", "tools", "name"), (4, 10)),
        (("key", "deeper"), (2, 6)),
        ((0,), (2, 1)),
    ],
)
def test_what_does_not_exist_is_placed_at_the_nearest_that_does(path: Path, place: tuple[int, int]) -> None:
    assert locate(TEXT, 0, path) == place


def test_a_document_that_does_not_exist_has_no_place() -> None:
    assert locate(TEXT, 2, ()) == (0, 0)


def test_a_text_that_became_invalid_has_no_places() -> None:
    assert locate("a: [", 0, ("a",)) == (0, 0)
    assert locate("\ud800", 0, ()) == (0, 0)


def test_a_key_as_it_is_escaped_in_the_text_is_found() -> None:
    assert locate('{"\\u0061": 1}', 0, ("a",)) == (1, 12)


def test_an_empty_document_has_the_place_that_the_parser_reports() -> None:
    text = "---\n---\na: 1\n"
    assert [document.line for document in parse_documents(text)][1] == locate(text, 1, ())[0] == 3


def test_of_several_merged_mappings_the_first_that_has_the_key_counts() -> None:
    text = "- &x {m: 1}\n- &y {m: 2, n: 2}\n- &z {<<: *y, n: 3}\n- {<<: [*x, *z, *y]}\n"
    assert locate(text, 0, (3, "m")) == (1, 10)
    assert locate(text, 0, (3, "n")) == (3, 18)


def test_many_merges_of_merges_are_searched_in_no_time() -> None:
    levels = "".join(f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}]}}\n" for n in range(1, 60))
    assert YamlLocator("m0: &m0 {a: 1}\n" + levels).place(0, ("m59", "missing")) == (60, 6)
    assert YamlLocator("m0: &m0 {a: 1}\n" + levels).place(0, ("m59", "a")) == (1, 13)
