from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.model.change import FieldChange, Op
from assistant_sync.planning.redaction import MASK, redact, redact_text
from tests.builders import changed

# Put together so that no scanner of repositories takes them for real ones.
SECRETS = [
    "sk-" + "a1B2" * 8,
    "sk-proj-" + "a1B2" * 8,
    "lsv2_pt_" + "0a1b" * 8,
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "a1B2" * 8,
    "AKIA" + "ABCD1234" * 2,
    "xoxb-" + "1234567890-abc",
    "AIza" + "a1B2c" * 7,
    "eyJhbGciOi" + "JIUzI1.eyJzdWIiOiIx" + "MjM0.abc",
    "Bearer " + "a1b2c3d4" * 3,
    "-----BEGIN RSA " + "PRIVATE KEY-----",
    "postgresql://app:" + "hunter2@db.internal/x",
]


def test_an_ordinary_change_stays_as_it_is() -> None:
    field = changed("context.model_name", "openai", "anthropic")
    assert redact([field]) == (field,)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_credential_is_masked_on_either_side_and_inside_a_prompt(secret: str) -> None:
    sides: list[tuple[Any, Any]] = [
        (secret, "x"),
        ("x", secret),
        ("x", f"Use {secret} for calls."),
        (None, [{"k": secret}]),
    ]
    for before, after in sides:
        (field,) = redact([changed("context.prompt", before, after)])
        assert (field.before, field.after, field.sensitive) == (None, None, True)


@pytest.mark.parametrize(
    "name",
    ["api_key", "apiKey", "OPENAI_API_KEY", "x-api-key", "password", "db_password", "secret", "client_secret",
     "clientSecret", "auth_token", "accessToken", "token", "github_token", "Authorization", "private_key",
     "credentials", "connection_string"],
)  # fmt: skip
def test_a_name_of_a_credential_masks_what_it_holds(name: str) -> None:
    (field,) = redact([changed(("context", name), "something", "else")])
    assert field.sensitive
    (field,) = redact([changed(("context", "tools"), None, [{"auth": {name: "something"}}])])
    assert field.sensitive


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_tokens", 100), ("max_tokens", "100"), ("token_limit", 5), ("tokenizer", "cl100k"), ("secretary", "Ann"),
     ("api_key_env", "PROD_KEY"), ("password_hint_url", "https://example.org"), ("token", 5), ("keyboard", "qwerty"),
     ("monkey", "x"), ("password", ""), ("api_key", None), ("authors", "Ann")],
)  # fmt: skip
def test_what_only_sounds_like_a_credential_is_shown(name: str, value: Any) -> None:
    field = FieldChange(("context", name), Op.ADDED, None, value)
    assert redact([field]) == (field,)


def test_a_credential_in_a_path_or_a_sentence_is_masked_in_place() -> None:
    (field,) = redact([changed(("context", SECRETS[0]), "a", "b")])
    assert field.path == ("context", MASK)
    assert redact_text(f"refused: {SECRETS[0]} is wrong") == f"refused: {MASK} is wrong"
