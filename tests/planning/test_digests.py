from __future__ import annotations

import hashlib

from hypothesis import example, given
from hypothesis import strategies as st

from assistant_sync.model.change import Action
from assistant_sync.planning.digests import change_digest, keep_digest, plan_digest
from tests.builders import TARGET, URL, make_create, make_keep, make_update

BEYOND = 2**60
"""RFC 8785 cannot express it; somebody else may have stored it."""


def test_a_plan_that_keeps_everything_has_the_digest_of_an_empty_one() -> None:
    assert plan_digest(TARGET, URL, [make_keep("a"), make_keep("b")]) == plan_digest(TARGET, URL, [])


def test_a_digest_is_that_of_canonical_json_and_stays_the_same_for_ever() -> None:
    """Saved plans are compared with it, those of earlier releases, too."""
    written = hashlib.sha256(b'["update","1",[{"a":[true,null],"b":1}]]').hexdigest()
    assert change_digest(Action.UPDATE, "1", {"b": 1, "a": [True, None]}) == f"sha256:{written}"
    written = hashlib.sha256(f'["{TARGET}","{URL}",["sha256:x"]]'.encode()).hexdigest()
    assert plan_digest(TARGET, URL, [make_create(digest="sha256:x")]) == f"sha256:{written}"
    written = hashlib.sha256(f'["update","1",[{{"a":{BEYOND},"b":1}}]]'.encode()).hexdigest()
    assert change_digest(Action.UPDATE, "1", {"b": 1, "a": BEYOND}) == f"sha256:{written}"


def test_numbers_that_are_written_otherwise_are_the_same_change() -> None:
    assert change_digest(Action.UPDATE, "1", {"n": 1}) == change_digest(Action.UPDATE, "1", {"n": 1.0})


def test_changes_of_different_kinds_and_in_another_order_differ() -> None:
    assert change_digest(Action.UPDATE, "1", 2) != change_digest(Action.ADOPT, "1", 2)
    one, other = make_create("a"), make_update("b")
    assert plan_digest(TARGET, URL, [one, other]) != plan_digest(TARGET, URL, [other, one])


def test_values_that_canonical_json_cannot_express_have_a_digest_too_whatever_the_order_of_their_keys() -> None:
    base = change_digest(Action.UPDATE, "1", {"a": BEYOND, "b": 1})
    assert base.startswith("sha256:")
    assert base == change_digest(Action.UPDATE, "1", {"b": 1, "a": BEYOND})
    assert base != change_digest(Action.UPDATE, "1", {"a": BEYOND + 1, "b": 1})
    assert base != change_digest(Action.UPDATE, "1", {"a": BEYOND, "b": 2})


@given(
    assistant_id=st.uuids().map(str) | st.text(st.characters(max_codepoint=127)) | st.text(),
    version=st.integers(-(2**70), 2**70),
)
@example("an id with \ud800", 1)
@example("00000000-0000-4000-8000-000000000000", 2**60)
@example('\x00\x08\x1f\x7f"\\/', 2**70)
def test_the_digest_of_what_is_kept_is_that_of_any_other_change(assistant_id: str, version: int) -> None:
    assert keep_digest(assistant_id, version) == change_digest(Action.KEEP, assistant_id, version)
