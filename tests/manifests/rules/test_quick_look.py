"""The quick look says "surely nothing" only of what the closer looks find nothing in."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.manifests.rules.lint import unfinished_texts
from assistant_sync.manifests.rules.lossy_values import lossy_within, reserved_keys
from assistant_sync.manifests.rules.quick_look import is_clean_document, is_clean_text, is_clean_yaml
from assistant_sync.manifests.yaml12.errors import YamlError
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.redaction import credential_paths, forget_sent, mask_sent

PIECES = st.sampled_from(
    [
        "TODO: x", "TO", "DO", "FIXME(", "FIX", "ME", "XXX", "<<<<<<< HEAD", "<<<<<<<", "=======", ">>>>>>> b", "\n",
        " ", "sk-", "aaaaaaaaaaaaaaaaaaaa", "Bearer", "-----BEGIN", "PRIVATE KEY-----", "https://u:p@host", "it's", '"',
        "\\", "\\u0000", "\0", "password", "hunter2", "plain words", "é", "123456789012345678901", "1e400", ".nan",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=6).map("".join)
RESERVED = ["created_by", "thread_id", "__pregel_x", "checkpoint_id", "langgraph_auth_user", "assistant_sync"]
KEYS = st.sampled_from(["prompt", "api_key", "password", "model", "tokens", "k", *RESERVED]) | TEXTS
VALUES = st.recursive(
    TEXTS | st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


MAPPINGS = st.dictionaries(st.sampled_from([*RESERVED, "graph_id", "k"]), st.sampled_from(["system", "x"]), max_size=2)


def objections(document: Any) -> list[Any]:
    """What the closer looks say of a document."""
    source: Any = type("Source", (), {"fields": {"context": document}, "included": {}})
    return [*credential_paths(document), *unfinished_texts(source, None), *lossy_within({"context": document})]  # type: ignore[arg-type]  # no includes


@pytest.mark.parametrize("style", [None, "'", '"', "|", ">"])
@given(document=st.dictionaries(KEYS, VALUES, max_size=4), width=st.integers(4, 120))
def test_nothing_is_found_in_what_is_clean(style: str | None, document: dict[str, Any], width: int) -> None:
    text = yaml.safe_dump(document, allow_unicode=True, default_style=style, width=width)
    try:
        (parsed,) = parse_documents(text)
    except YamlError:
        return
    if is_clean_yaml(text) and is_clean_document(parsed):
        assert objections(parsed.value) == []


@given(
    st.fixed_dictionaries(
        {"graph_id": st.just("a")},
        optional=dict.fromkeys(["context", "metadata"], MAPPINGS)
        | {"config": st.fixed_dictionaries({}, optional=dict.fromkeys(["configurable", "metadata"], MAPPINGS))},
    )
)
def test_no_key_is_reserved_in_a_document_that_is_clean(manifest: dict[str, Any]) -> None:
    (parsed,) = parse_documents(yaml.safe_dump(manifest))
    if is_clean_document(parsed):
        assert reserved_keys(manifest) == []


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ("context: {%s: x}", "__pregel_x"),
        ("config: {configurable: {%s: x}}", "checkpoint_id"),
        ("config: {metadata: {%s: x}}", "run_id"),
        ("metadata: {%s: x}", "thread_id"),
        ("metadata: {%s: system}", "created_by"),
    ],
)
def test_a_document_with_a_reserved_key_is_not_clean(place: str, key: str) -> None:
    (parsed,) = parse_documents(f"graph_id: agent\n{place % key}\n")
    assert len(reserved_keys(parsed.value)) == 1
    assert not is_clean_document(parsed)


def test_plain_files_are_clean() -> None:
    text = "graph_id: agent\ncontext:\n  system_prompt: |\n    Be kind.\n  temperature: 0.2\n  tools: [a, b]\n"
    (parsed,) = parse_documents(text)
    assert is_clean_yaml(text)
    assert is_clean_document(parsed)
    assert objections(parsed.value) == []


@pytest.mark.parametrize(
    "text",
    [
        "a: TODO\n", "a: FIXME\n", "a: XXX\n", "a: |\n  <<<<<<< HEAD\n", 'a: "\\u0000"\n', 'a: "T\\x4fDO"\n',
        "a: sk-aaaaaaaaaaaaaaaaaaaaaaaa\n", "a: postgres://user:pw@host/db\n", "password: hunter2\n", "a: .inf\n",
        "a: 9007199254740993\n", "a: 1e300\n", "a: [{b: {token: xyz12345}}]\n",
    ],
)  # fmt: skip
def test_what_may_be_wrong_is_looked_at_closely(text: str) -> None:
    (parsed,) = parse_documents(text)
    assert not (is_clean_yaml(text) and is_clean_document(parsed))


@given(TEXTS)
def test_nothing_is_found_in_an_included_text_that_is_clean(text: str) -> None:
    if is_clean_text(text):
        assert text.strip()
        assert objections({"prompt": text}) == []


@pytest.mark.parametrize("text", ["", " \n", "TODO: x", "sk-aaaaaaaaaaaaaaaaaaaaaaaa", "a\0b", "\\u0000"])
def test_an_included_text_that_may_be_wrong_is_looked_at_closely(text: str) -> None:
    assert not is_clean_text(text)


def test_a_secret_that_was_sent_is_looked_for_as_well() -> None:
    text = "a: correct horse\ncorrect-horse-battery: 1\n"
    (parsed,) = parse_documents(text)
    assert is_clean_yaml(text)
    assert is_clean_document(parsed)
    mask_sent(["correct horse", "horse-battery"])
    try:
        assert not is_clean_yaml(text)
        assert not is_clean_document(parsed)
    finally:
        forget_sent()
