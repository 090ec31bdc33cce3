from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant_sync.errors import Denied, UnknownName
from assistant_sync.model.project import Target
from assistant_sync.transport import resolve_endpoint

URL = "https://acme.example/prefix"


ELSEWHERE = "https://other.example"


def target(**fields: Any) -> Target:
    return Target(**{"name": "production", "url": URL} | fields)


def full_target() -> Target:
    return target(
        api_key_env="PROD_KEY",
        headers={"X-Tenant": "blue"},
        headers_env={"X-Gate": "GATE"},
        ca_file=Path("/ca"),
        cert_file=Path("/cert"),
        key_file=Path("/key"),
    )


ENVIRON = {"PROD_KEY": "prod", "GATE": "pass", "LANGSMITH_API_KEY": "default", "OTHER_KEY": "other"}


@pytest.mark.parametrize("url", ["https://ACME.example:443/elsewhere/", URL])
def test_another_url_of_the_targets_origin_keeps_everything(url: str) -> None:
    endpoint = resolve_endpoint(full_target(), ENVIRON, url=url)
    assert dict(endpoint.headers) == {"x-tenant": "blue", "x-gate": "pass", "x-api-key": "prod"}
    assert (endpoint.cert_file, endpoint.key_file, endpoint.is_stripped) == (Path("/cert"), Path("/key"), False)


@pytest.mark.parametrize("url", [ELSEWHERE, "https://acme.example:8443/prefix", "https://acme.example.evil.example"])
def test_another_origin_gets_no_key_no_header_and_no_client_certificate(url: str) -> None:
    endpoint = resolve_endpoint(full_target(), ENVIRON, url=url)
    assert dict(endpoint.headers) == {}
    assert (endpoint.cert_file, endpoint.key_file, endpoint.key_source) == (None, None, None)
    assert endpoint.is_stripped


def test_another_origin_does_not_need_the_targets_variables() -> None:
    assert resolve_endpoint(full_target(), {}, url=ELSEWHERE).url == ELSEWHERE


def test_another_origin_gets_the_key_that_the_command_line_names_and_nothing_else() -> None:
    endpoint = resolve_endpoint(full_target(), ENVIRON, url=ELSEWHERE, api_key_env="OTHER_KEY")
    assert dict(endpoint.headers) == {"x-api-key": "other"}
    assert not endpoint.is_stripped


@pytest.mark.parametrize("url", ["http://acme.example", "http://10.0.0.1:2024", "http://localhost.example"])
def test_plain_http_to_another_machine_is_refused_with_or_without_a_key(url: str) -> None:
    with pytest.raises(Denied, match="plain http to another machine: anyone on the network path could read"):
        resolve_endpoint(target(url=url), {})
    with pytest.raises(Denied, match="plain http to another machine: anyone on the network path could read"):
        resolve_endpoint(target(), ENVIRON, url=url)


def test_plain_http_is_allowed_to_the_own_origin_of_a_target_that_allows_it() -> None:
    own = target(url="http://agents:8123", allow_http=True)
    assert resolve_endpoint(own, ENVIRON).url == "http://agents:8123"
    assert resolve_endpoint(own, {}, url="http://agents:8123/prefix").url == "http://agents:8123/prefix"
    with pytest.raises(Denied, match="plain http to another machine"):
        resolve_endpoint(own, {}, url="http://elsewhere:8123")


@pytest.mark.parametrize("url", ["http://127.0.0.1:2024", "http://[::1]:2024", "http://localhost:2024"])
def test_plain_http_on_this_machine_is_fine(url: str) -> None:
    assert resolve_endpoint(target(), {}, url=url).url == url


def test_a_url_that_is_none_is_a_usage_error_that_does_not_repeat_it() -> None:
    with pytest.raises(UnknownName, match="holds a user name or password") as caught:
        resolve_endpoint(target(), {}, url="https://me:hunter2@acme.example")
    assert caught.value.exit_code == 64
    assert "hunter2" not in str(caught.value)


def test_credentials_are_not_in_the_representation() -> None:
    endpoint = resolve_endpoint(full_target(), ENVIRON | {"PROD_KEY": "hunter2"})
    assert "hunter2" not in repr(endpoint)
