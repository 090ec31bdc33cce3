from __future__ import annotations

import pytest

from assistant_sync.manifests.diagnostics import Diagnostic, SourceRef
from assistant_sync.manifests.left_out import without_keys
from assistant_sync.manifests.overlays import Overlay
from assistant_sync.manifests.rules.build import Draft
from assistant_sync.manifests.sources import Source

TWO = "assistants/two.yaml"


def source(file: str, document: int = 0) -> Source:
    return Source(file, document, {}, is_alone=True, may_include=False)


DRAFTS = [
    Draft(source("a.yaml"), "a"),
    Draft(source(TWO, 0), "b"),
    Draft(source(TWO, 1), "c"),
    Draft(source(TWO, 2), None),
]
OVERLAYS = [Overlay(sources=(("a", source("overlays/a.yaml")), ("a", source("overlays/again.yaml"))))]


def left(keys: set[str], *refs: SourceRef) -> list[SourceRef]:
    found = without_keys([Diagnostic(ref, "wrong") for ref in refs], keys, DRAFTS, OVERLAYS)
    return [one.ref for one in found]


def test_everything_stays_if_no_key_is_left_out() -> None:
    refs = [SourceRef("a.yaml", 0), SourceRef(TWO), SourceRef("assistant-sync.yaml", 0)]
    assert left(set(), *refs) == refs


@pytest.mark.parametrize(
    "ref",
    [
        SourceRef("a.yaml", 0, ("name",)),
        SourceRef("a.yaml"),
        SourceRef("overlays/a.yaml", 0),
        SourceRef("overlays/again.yaml", 0),
    ],
)
def test_what_belongs_to_manifest_or_overlay_of_a_key_goes_with_it(ref: SourceRef) -> None:
    assert left({"a"}, ref) == []
    assert left({"b", "c"}, ref) == [ref]


def test_of_a_file_with_several_keys_each_document_counts_by_itself_and_the_file_for_all() -> None:
    refs = [SourceRef(TWO, 0), SourceRef(TWO, 1)]
    assert left({"b"}, *refs) == [refs[1]]
    assert left({"b", "c"}, SourceRef(TWO)) == [SourceRef(TWO)], "it has a document without a key"


@pytest.mark.parametrize("ref", [SourceRef("assistant-sync.yaml", 0), SourceRef("broken.yaml"), SourceRef(TWO, 2)])
def test_what_belongs_to_no_key_always_stays(ref: SourceRef) -> None:
    assert left({"a", "b", "c"}, ref) == [ref]
