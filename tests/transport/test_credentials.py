from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.errors import Denied
from assistant_sync.model.project import Auth, Target
from assistant_sync.redaction import redact_text
from assistant_sync.transport import resolve_endpoint
from assistant_sync.transport.credentials import DEFAULT_KEY_VARIABLES

URL = "https://acme.example/prefix"


def target(**fields: Any) -> Target:
    return Target(**{"name": "production", "url": URL} | fields)


def test_a_plain_target_without_any_key_sends_no_header() -> None:
    endpoint = resolve_endpoint(target(), {})
    assert (endpoint.url, dict(endpoint.headers), endpoint.key_source) == (URL, {}, None)


@pytest.mark.parametrize(
    ("named", "argument", "expected"),
    [
        (None, None, "LANGGRAPH_API_KEY"),
        ("TARGET_KEY", None, "TARGET_KEY"),
        (None, "GIVEN_KEY", "GIVEN_KEY"),
        ("TARGET_KEY", "GIVEN_KEY", "GIVEN_KEY"),
    ],
)
def test_the_key_of_the_command_line_wins_over_the_targets_and_that_over_the_default_ones(
    named: str | None, argument: str | None, expected: str
) -> None:
    names = ("LANGGRAPH_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY", "TARGET_KEY", "GIVEN_KEY")
    environ = {name: f"key of {name}" for name in names}
    endpoint = resolve_endpoint(target(api_key_env=named), environ, api_key_env=argument)
    assert dict(endpoint.headers) == {"x-api-key": f"key of {expected}"}
    assert endpoint.key_source == expected


def test_default_variables_are_tried_in_the_platforms_order_and_blank_ones_passed_over() -> None:
    environ = {"LANGGRAPH_API_KEY": " ", "LANGCHAIN_API_KEY": "three", "LANGSMITH_API_KEY": "two"}
    assert resolve_endpoint(target(), environ).key_source == "LANGSMITH_API_KEY"
    del environ["LANGSMITH_API_KEY"]
    assert resolve_endpoint(target(), environ).key_source == "LANGCHAIN_API_KEY"


@pytest.mark.parametrize("value", [None, "", "  ", '""', " '' "])
@pytest.mark.parametrize("by_argument", [False, True], ids=["target", "argument"])
def test_a_named_variable_without_a_value_is_an_error_and_no_fallback(value: str | None, *, by_argument: bool) -> None:
    environ = {"LANGSMITH_API_KEY": "hunter2"} | ({} if value is None else {"PROD_KEY": value})
    named = target(api_key_env=None if by_argument else "PROD_KEY")
    with pytest.raises(Denied, match="PROD_KEY, which is not set or is blank") as caught:
        resolve_endpoint(named, environ, api_key_env="PROD_KEY" if by_argument else None)
    assert caught.value.exit_code == 4
    assert not caught.value.sent


@pytest.mark.parametrize("value", ["hunter2", " hunter2\n", '"hunter2"', " 'hunter2' ", "' hunter2 '"])
def test_blanks_and_quotes_around_a_key_are_dropped(value: str) -> None:
    assert resolve_endpoint(target(), {"LANGSMITH_API_KEY": value}).headers["x-api-key"] == "hunter2"


@pytest.mark.parametrize(
    "value", ["hunter2\nX-Evil: 1", "hunter2\r", "hünter2", "hunter2\x00x", "hunter2\x7f", "“hunter2”"]
)
def test_a_key_that_is_no_header_is_refused_without_showing_it(value: str) -> None:
    environ = {"LANGSMITH_API_KEY": value + "x"}
    with pytest.raises(Denied, match="LANGSMITH_API_KEY cannot be sent") as caught:
        resolve_endpoint(target(), environ)
    assert "nter2" not in f"{caught.value} {caught.value.hint}"


def test_headers_come_from_the_file_and_from_the_environment() -> None:
    given = target(headers={"X-Tenant": "blue"}, headers_env={"X-Gate": "GATE"})
    endpoint = resolve_endpoint(given, {"GATE": " pass\n"})
    assert dict(endpoint.headers) == {"x-tenant": "blue", "x-gate": "pass"}
    assert endpoint.key_source is None


def test_a_header_whose_variable_is_not_set_is_refused() -> None:
    with pytest.raises(Denied, match="X-Gate is read from the environment variable GATE"):
        resolve_endpoint(target(headers_env={"X-Gate": "GATE"}), {})


@pytest.mark.parametrize("headers", [{"X Gate": "a"}, {"": "a"}, {"X-Gate": "a\nb"}, {"X-Gäte": "a"}, {"X-Gate": ""}])
def test_a_header_that_cannot_be_sent_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Denied, match="target production: "):
        resolve_endpoint(target(headers=headers), {})


def test_a_key_among_the_targets_headers_wins_over_the_default_variables_but_not_over_a_named_one() -> None:
    given = target(headers_env={"X-Api-Key": "GATE"})
    environ = {"GATE": "of the header", "LANGSMITH_API_KEY": "default", "PROD_KEY": "named"}
    endpoint = resolve_endpoint(given, environ)
    assert (endpoint.headers["x-api-key"], endpoint.key_source) == ("of the header", "GATE")
    endpoint = resolve_endpoint(given, environ, api_key_env="PROD_KEY")
    assert (endpoint.headers["x-api-key"], endpoint.key_source) == ("named", "PROD_KEY")


# What must not be printed, and what a message calls it


def test_keys_and_headers_of_variables_are_masked_and_others_are_not() -> None:
    environ = {"KEY": "plain-key-of-ours", "GATE": "gate-secret-of-ours"}
    resolve_endpoint(
        target(api_key_env="KEY", headers={"X-Tenant-Id": "tenant-of-ours", "Authorization": "Bearer in-the-file-1"},
               headers_env={"X-Gate": "GATE"}),
        environ,
    )  # fmt: skip
    said = "plain-key-of-ours gate-secret-of-ours tenant-of-ours in-the-file-1"
    assert redact_text(said) == "(masked) (masked) tenant-of-ours (masked)"


@pytest.mark.parametrize(
    ("named", "credential"),
    [
        ({}, None),
        ({"headers": {"X-Tenant-Id": "t"}}, None),
        ({"api_key_env": "KEY"}, "the API key from KEY"),
        ({"headers_env": {"Authorization": "KEY"}}, "the header Authorization from KEY"),
        ({"headers": {"Authorization": "Bearer x"}}, "the header Authorization"),
        ({"headers_env": {"X-Gate": "KEY"}}, "the header X-Gate from KEY"),
        ({"headers_env": {"X-Gate": "KEY", "Cookie": "KEY"}}, "the header Cookie from KEY"),
        ({"api_key_env": "KEY", "headers_env": {"Authorization": "KEY"}},
         "the API key from KEY and the header Authorization from KEY"),
        ({"headers_env": {"X-Api-Key": "KEY"}}, "the API key from KEY"),
    ],
)  # fmt: skip
def test_what_authenticates_has_a_name(named: dict[str, Any], credential: str | None) -> None:
    assert resolve_endpoint(target(**named), {"KEY": "k"}).credential == credential


# No key at all


def test_auth_none_sends_no_key_that_a_variable_holds_for_something_else() -> None:
    environ = dict.fromkeys(DEFAULT_KEY_VARIABLES, "lsv2_pt_tracing") | {"DEPLOY_AUTH": "Bearer good"}
    own = target(auth=Auth.NONE, headers_env={"Authorization": "DEPLOY_AUTH"})
    endpoint = resolve_endpoint(own, environ)
    assert dict(endpoint.headers) == {"authorization": "Bearer good"}
    assert (endpoint.key_source, endpoint.sends_key) == (None, False)


def test_a_key_that_the_command_line_names_is_sent_even_so() -> None:
    endpoint = resolve_endpoint(target(auth=Auth.NONE), {"KEY": "k1"}, api_key_env="KEY")
    assert dict(endpoint.headers) == {"x-api-key": "k1"}
