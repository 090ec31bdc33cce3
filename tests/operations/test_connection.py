from __future__ import annotations

from pathlib import Path

import pytest

from assistant_sync.errors import Denied
from assistant_sync.model.project import Target
from assistant_sync.operations.connection import endpoint_of
from assistant_sync.operations.workspace import Settings

KEYED = Target("production", "https://acme.example", api_key_env="ONE")
KEYS = {"ONE": "first", "TWO": "second", "THREE": "third"}


@pytest.mark.parametrize(
    ("settings_name", "argument", "key"),
    [(None, None, "first"), ("TWO", None, "second"), ("TWO", "THREE", "third")],
    ids=["of the target", "of the settings", "of the caller"],
)
def test_the_key_is_the_one_that_was_named_last(settings_name: str | None, argument: str | None, key: str) -> None:
    asked = Settings(environ=KEYS, folder=Path(), api_key_env=settings_name)
    endpoint = endpoint_of(asked, KEYED, api_key_env=argument)
    assert (endpoint.url, endpoint.headers["x-api-key"]) == ("https://acme.example", key)


def test_another_url_gets_no_key_of_the_targets() -> None:
    endpoint = endpoint_of(Settings(environ=KEYS, folder=Path(), url="https://other.example"), KEYED)
    assert (endpoint.url, dict(endpoint.headers)) == ("https://other.example", {})


def test_a_key_that_is_named_and_not_set_is_an_error() -> None:
    with pytest.raises(Denied, match="ONE"):
        endpoint_of(Settings(environ={}, folder=Path()), KEYED)
