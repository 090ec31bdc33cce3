"""Ids are known before anything is written, and never change."""

from __future__ import annotations

from uuid import NAMESPACE_OID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.identity import derived_id


def test_the_id_of_a_project_and_a_key_is_the_one_that_deployments_have() -> None:
    assert derived_id("acme", "support") == "ab143bc3-3804-5991-9bfb-a2bae13bc4f6"


@given(project=st.text(st.characters(codec="utf-8")), key=st.text(st.characters(codec="utf-8")))
def test_an_id_is_what_uuid5_makes_of_project_and_key(project: str, key: str) -> None:
    assert derived_id(project, key) == str(uuid5(uuid5(NAMESPACE_OID, "assistant-sync"), f"{project}/{key}"))
