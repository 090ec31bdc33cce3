from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.change import FieldChange, Op
from assistant_sync.redaction import (
    MASK,
    credential_paths,
    forget_sent,
    mask_sent,
    redact,
    redact_text,
    shapes,
    without_parts,
)
from tests.builders import changed, masked
from tests.corpus import HARMLESS, PROMPTS, PROMPTS_WITH_A_SECRET, SECRET
from tests.strategies import json_objects

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
    "sk-" + "a1B2" * 4,
    *(f"{kind}_{mode}_" + "a1B2" * 3 for kind in ("sk", "rk", "pk") for mode in ("live", "test")),
    "lsv2_sk_" + "0a1b" * 8,
    "ls__" + "0a1b" * 4,
    *(f"gh{kind}_" + "a1B2" * 9 for kind in "ousr"),
    "glpat-" + "a1B2" * 5,
    "ASIA" + "ABCD1234" * 2,
    "ya29." + "a1B2" * 6,
    "hf_" + "a1B2" * 8,
    "gsk_" + "a1B2" * 8,
    "tvly-" + "a1B2" * 6,
    "pplx-" + "a1B2" * 8,
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
        assert field == masked("context.prompt")


@pytest.mark.parametrize(
    "name",
    ["api_key", "apiKey", "OPENAI_API_KEY", "x-api-key", "password", "db_password", "secret", "client_secret",
     "clientSecret", "auth_token", "accessToken", "token", "github_token", "Authorization", "private_key",
     "credentials", "connection_string", "oauth2Token", "access_key", "secretKey", "secretkey", "signing_key",
     "encryption_keys", "bearertoken", "passwd", "pwd", "passphrase", "bearer", "dsn", "cookie",
     "cookies", "set-cookie",
     *(f"{kind}_tokens" for kind in ("access", "auth", "refresh", "id", "session", "api", "bot", "bearer"))],
)  # fmt: skip
def test_a_name_of_a_credential_masks_what_it_holds(name: str) -> None:
    (field,) = redact([changed(("context", name), "hunter2", "else")])
    assert field.sensitive
    (field,) = redact([changed(("context", "tools"), None, [{"auth": {name: "hunter2"}}])])
    assert field.sensitive


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_tokens", 100), ("max_tokens", "100"), ("token_limit", 5), ("tokenizer", "cl100k"), ("secretary", "Ann"),
     ("api_key_env", "PROD_KEY"), ("password_hint_url", "https://example.org"), ("token", 5), ("keyboard", "qwerty"),
     ("monkey", "x"), ("password", ""), ("api_key", None), ("authors", "Ann"),
     *((f"api_key_{end}", "x") for end in ("env", "name", "ref", "path", "file", "id", "limit", "count", "budget",
                                           "ttl", "url", "uri", "type"))],
)  # fmt: skip
def test_what_only_sounds_like_a_credential_is_shown(name: str, value: Any) -> None:
    field = FieldChange(("context", name), Op.ADDED, None, value)
    assert redact([field]) == (field,)


def test_what_is_masked_stays_masked() -> None:
    once = redact([changed("context.api_key", "a1b2c3", "b"), changed(("context", SECRETS[0]), "a", SECRETS[1])])
    assert once == (masked("context.api_key"), masked(("context", MASK)))
    assert redact(once) == once


def test_a_harmless_object_is_shown_whole() -> None:
    field = changed("context.tool", {"name": "search", "tags": ["a", {"n": 1}], "x": None}, {"name": "find"})
    assert redact([field]) == (field,)


def test_a_credential_in_a_path_or_a_sentence_is_masked_in_place() -> None:
    (field,) = redact([changed(("context", SECRETS[0]), "a", "b")])
    assert field == changed(("context", MASK), "a", "b")
    assert redact_text(f"refused: {SECRETS[0]} is wrong") == "refused: (masked) is wrong"


@pytest.mark.parametrize("secret", SECRETS)
def test_a_credential_that_is_a_key_inside_a_value_masks_the_value(secret: str) -> None:
    assert redact([changed("context.tool", {secret: 1}, "x")]) == (masked("context.tool"),)


def test_a_harmless_document_has_no_paths() -> None:
    document: Any = {"context": {"model": "openai", "n": 1, "x": None, "api_key": "", "tools": ["a", {"token": 5}]}}
    assert credential_paths(document) == ()


@pytest.mark.parametrize("secret", SECRETS)
def test_each_credential_of_a_document_has_its_path(secret: str) -> None:
    document: Any = {"context": {"l": ["x", f"Use {secret}."], "password": {"of": "swordfish"}}, secret: {"a": secret}}
    assert credential_paths(document) == (("context", "l", 1), ("context", "password"), (secret,))
    assert credential_paths(secret) == ((),)


def test_a_parameter_of_a_json_schema_only_sounds_like_a_credential() -> None:
    schema: Any = {"type": "object", "properties": {"api_key": {"type": "string"}, "token": {"default": SECRETS[0]}}}
    assert credential_paths({"schema": schema}) == (("schema", "properties", "token", "default"),)
    assert credential_paths({"properties": {"api_key": "hunter2"}}) == (("properties", "api_key"),)
    assert credential_paths({"tools": [{"schema": schema}]}) == (
        ("tools", 0, "schema", "properties", "token", "default"),
    )  # fmt: skip
    (field,) = redact([changed(("context", "properties", "api_key", "default"), "hunter2", "text")])
    assert field.sensitive


@pytest.mark.parametrize(
    "text",
    ["internationalization", "ask-for-the-manager-in-charge", "Names that begin with eyJ", "the bearer of good news",
     "-----BEGIN CERTIFICATE-----", "https://example.org/@ann", "write to ann@example.org or see https://example.org"],
)  # fmt: skip
def test_a_text_that_needs_a_closer_look_and_holds_no_credential_is_shown(text: str) -> None:
    assert credential_paths({"context": {"prompt": text, "more": [text]}}) == ()
    field = changed("context.prompt", text, {"more": [text]})
    assert redact([field]) == (field,)


@given(json_objects(), st.sampled_from(["token", "apiKey", "x"]), st.sampled_from([*SECRETS, "text", "", 1]))
def test_whatever_has_a_path_is_masked(document: dict[str, Any], name: str, value: Any) -> None:
    document = {**document, "inner": [{name: value}]}
    for path in credential_paths(document):
        inner: Any = document
        for step in path:
            inner = inner[step]
        (field,) = redact([FieldChange(path, Op.ADDED, None, inner)])
        assert field.sensitive or MASK in "".join(map(str, field.path))


@given(st.from_regex(shapes._CONTENT))  # noqa: SLF001, RUF100 - the rule itself
def test_no_shape_of_a_credential_is_missed_by_the_quick_look(text: str) -> None:
    assert shapes.matches(text)


@pytest.mark.parametrize(
    "text",
    ["eyJ" + "a" * 8 + ".eyJ" + "b" * 8 + ".", "Bearer " + "a.b/c+d~" * 2, "bearer " + "a.b/c+d~" * 2,
     "-----BEGIN " + "PRIVATE KEY", "ab://:d@", "xoxb-" + "1" * 10],
)  # fmt: skip
def test_the_shortest_of_each_shape_is_masked(text: str) -> None:
    assert MASK in redact_text(text)
    assert credential_paths(text) == ((),)


# What was sent


def test_a_secret_that_was_sent_is_masked_wherever_it_stands() -> None:
    secret = "plain-key-of-ours-42"
    assert redact_text(f"bad key {secret}") == f"bad key {secret}"
    mask_sent([secret])
    assert redact_text(f"bad key {secret}, {secret}!") == "bad key (masked), (masked)!"
    field = FieldChange(("context", "a"), Op.CHANGED, {"deep": [f"x {secret}"]}, "new")
    assert redact([field]) == (FieldChange(("context", "a"), Op.CHANGED, None, None, sensitive=True),)
    (masked,) = redact([FieldChange(("context", secret), Op.ADDED, None, 1)])
    assert masked.path == ("context", "(masked)")
    assert credential_paths({"a": {secret: 1}}) == (("a", secret),)


def test_of_an_authorisation_header_the_token_alone_is_masked_too() -> None:
    mask_sent(["Bearer expired-token-0987654321"])
    assert redact_text("Invalid token: expired-token-0987654321") == "Invalid token: (masked)"
    assert redact_text("got 'Bearer expired-token-0987654321'") == "got '(masked)'"


def test_a_key_that_holds_a_secret_is_seen_although_it_was_looked_at_before() -> None:
    secret = "plain-key-of-ours-43"
    assert credential_paths({secret: "x"}) == ()
    mask_sent([secret])
    assert credential_paths({secret: "x"}) == ((secret,),)


@pytest.mark.parametrize("short", ["", "a", "key", "7 chars", "Basic a"])
def test_what_is_too_short_to_be_told_from_words_is_not_masked(short: str) -> None:
    mask_sent([short])
    assert redact_text("a key of 7 chars, Basic a") == "a key of 7 chars, Basic a"


# How often the alarms are right


def ids_of(values: list[Any]) -> list[str]:
    return [str(number) for number in range(len(values))]


@pytest.mark.parametrize("config", HARMLESS, ids=ids_of(HARMLESS))
def test_no_alarm_by_name_is_false(config: dict[str, Any]) -> None:
    assert credential_paths({"context": config}) == ()
    fields = [FieldChange(("context", name), Op.ADDED, None, value) for name, value in config.items()]
    assert redact(fields) == tuple(fields), "what is harmless is not masked either"


@pytest.mark.parametrize("config", SECRET, ids=ids_of(SECRET))
def test_no_credential_of_a_configuration_is_missed(config: dict[str, Any]) -> None:
    assert len(credential_paths({"context": config})) == 1
    fields = [FieldChange(("context", name), Op.ADDED, None, value) for name, value in config.items()]
    assert any(field.sensitive for field in redact(fields))


@pytest.mark.parametrize("prompt", PROMPTS, ids=ids_of(PROMPTS))
def test_no_alarm_in_a_prompt_is_false(prompt: str) -> None:
    assert credential_paths(prompt) == ()
    assert redact_text(prompt) == prompt


@pytest.mark.parametrize("prompt", PROMPTS_WITH_A_SECRET, ids=ids_of(PROMPTS_WITH_A_SECRET))
def test_no_credential_of_a_prompt_is_missed(prompt: str) -> None:
    assert credential_paths(prompt) == ((),)
    assert MASK in redact_text(prompt)


# Of a long text, the lines


URL = "postgresql://app:" + "hunter2@db.internal/x"


def lines_of(before: str | None, after: str | None) -> tuple[Any, Any]:
    op = Op.CHANGED if before and after else Op.ADDED if after else Op.REMOVED
    (field,) = redact([FieldChange(("context", "prompt"), op, before, after)])
    assert not field.sensitive
    return field.before, field.after


def test_a_line_with_a_credential_hides_no_edit_of_another_line() -> None:
    before, after = f"Be kind.\nSee {URL}\n" + "x\n" * 9, f"Be brief.\nSee {URL}\n" + "x\n" * 9
    assert lines_of(before, after) == (
        "Be kind.\n(masked line)\n" + "x\n" * 9, "Be brief.\n(masked line)\n" + "x\n" * 9
    )  # fmt: skip


def test_a_credential_that_changes_shows_that_it_does() -> None:
    assert lines_of(f"a\n{URL}\n", f"a\n{URL}y\n") == ("a\n(masked line, before)\n", "a\n(masked line, after)\n")
    assert lines_of(None, f"a\n{URL}\n") == (None, "a\n(masked line, after)\n")
    assert lines_of(f"{URL}\nb", "c\nb") == ("(masked line, before)\nb", "c\nb")


def test_a_private_key_is_masked_to_its_end() -> None:
    key = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----"
    assert lines_of(None, f"a\n{key}\nb\n")[1] == "a\n" + "(masked line, after)\n" * 4 + "b\n"
    cut = key.partition("-----END")[0]
    assert "abcd" not in lines_of(None, f"a\n{cut}z\n")[1]
    assert redact_text(f"a\n{key}\nb") == f"a\n{MASK}\nb"


def test_a_secret_that_was_sent_is_masked_by_its_line() -> None:
    mask_sent(["plain-key-of-ours-44"])
    assert lines_of("a\nb", "a\nuse plain-key-of-ours-44\nb") == ("a\nb", "a\n(masked line, after)\nb")


def test_a_text_of_one_line_is_masked_whole() -> None:
    assert redact([changed("context.prompt", "x", f"see {URL}")]) == (masked("context.prompt"),)
    assert redact([changed("context.prompt", {"a": 1}, f"a\nsee {URL}")]) == (masked("context.prompt"),)


@given(st.lists(st.sampled_from([URL, "Be kind.", "", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"])))
def test_no_line_of_a_text_shows_a_credential(lines: list[str]) -> None:
    text = "\n".join(["", *lines])
    (field,) = redact([FieldChange(("context", "prompt"), Op.ADDED, None, text)])
    assert "hunter2" not in str(field.after)
    assert str(field.after).count("\n") == text.count("\n")


# What somebody has declared harmless


def test_a_literal_is_neither_reported_nor_masked() -> None:
    literals = [("context", "tools", 0, "token"), ("context", "prompt")]
    document: Any = {"context": {"tools": [{"token": "9f8e7d6c"}, {"token": "1a2b3c4d"}], "prompt": f"see {URL}"}}
    assert credential_paths(document, literals) == (("context", "tools", 1, "token"),)
    fields = (
        changed("context.prompt", "a", f"see {URL}"),
        FieldChange(("context", "tools", 0, "token"), Op.ADDED, None, "9f8e7d6c"),
    )
    assert redact(fields, literals) == fields
    (field,) = redact([FieldChange(("context", "tools"), Op.ADDED, None, [{"token": "9f8e7d6c"}])], literals)
    assert not field.sensitive
    (field,) = redact([FieldChange(("context", "tools"), Op.ADDED, None, document["context"]["tools"])], literals)
    assert field.sensitive, "the other one is still there"


def test_a_literal_counts_for_the_mirror_that_servers_make_of_it() -> None:
    field = FieldChange(("config", "configurable", "token"), Op.ADDED, None, "9f8e7d6c")
    assert redact([field], [("context", "token")]) == (field,)
    assert redact([field], [("context", "tok")]) != (field,)


def test_a_part_of_a_secret_in_a_short_text_is_masked() -> None:
    mask_sent(["lsv2_pt_made-up-secret-12345", "Bearer another-token-98765"])
    said = "bad key made-up-secret-12345, lsv2_pt_made-u, token-98765; Bearer token required, made-up"
    assert without_parts(said) == "bad key (masked), (masked), (masked); Bearer token required, made-up"
    assert without_parts("") == ""
    forget_sent()
    assert without_parts(said) == said


@given(st.text(max_size=40), st.integers(0, 18), st.integers(10, 28))
def test_no_ten_characters_of_a_secret_are_left(around: str, start: int, length: int) -> None:
    secret = "lsv2_pt_made-up-secret-12345"
    mask_sent([secret])
    masked_text = without_parts(around + secret[start : start + length] + around)
    assert not any(secret[at : at + 10] in masked_text for at in range(len(secret) - 9))
