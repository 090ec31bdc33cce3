from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.redaction import mask_values

SECRET = "sk-" + "a1b2" * 8


@pytest.mark.parametrize("document", [{}, {"context": {"model": "openai", "max_tokens": 5}}, "text", None, [1, True]])
def test_a_document_without_credentials_stays_the_same(document: Any) -> None:
    assert mask_values(document) == (document, ())


def test_a_value_is_masked_by_its_name_and_by_its_content() -> None:
    document: Any = {"context": {"api_token": "s3cr3tvalue", "note": f"Use {SECRET}.", "tools": [{"x": SECRET}, 1]}}
    masked, paths = mask_values(document)
    assert masked == {"context": {"api_token": "(masked)", "note": "(masked)", "tools": [{"x": "(masked)"}, 1]}}
    assert paths == (("context", "api_token"), ("context", "note"), ("context", "tools", 0, "x"))


def test_of_a_text_only_the_lines_that_hold_one_are_masked() -> None:
    masked, _ = mask_values({"context": {"system_prompt": f"Be kind.\nUse {SECRET}.\nBe brief.\n"}})
    assert masked == {"context": {"system_prompt": "Be kind.\n(masked)\nBe brief.\n"}}


def test_a_text_below_the_name_of_a_credential_is_masked_whole() -> None:
    for text in ("line one\nhunter2\n", f"hunter2\n{SECRET}\n"):
        assert mask_values({"password": text})[0] == {"password": "(masked)"}


def test_a_key_that_is_a_credential_is_masked_with_its_value() -> None:
    masked, paths = mask_values({"context": {SECRET: "x"}})
    assert masked == {"context": {"(masked)": "(masked)"}}
    assert paths == (("context", "(masked)"),)


def test_what_was_declared_harmless_is_shown() -> None:
    document: Any = {"context": {"api_token": "s3cr3tvalue"}}
    assert mask_values(document, [("context", "api_token")]) == (document, ())
