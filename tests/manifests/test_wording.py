from __future__ import annotations

import pytest

from assistant_sync.manifests.wording import dotted, shown, suggestion


def test_the_empty_path_is_empty() -> None:
    assert dotted(()) == ""


def test_indices_and_odd_keys_differ_from_keys() -> None:
    assert dotted(("context", "tools", 0, "a.b", "", "x-1")) == "context.tools[0].'a.b'.''.x-1"


def test_a_name_is_shown_on_one_line_and_cut() -> None:
    assert shown("a\n\x1b[1m") == r"'a\n\x1b[1m'"
    assert shown("x" * 61) == "'" + "x" * 60 + "...'"


def test_a_name_that_looks_like_a_credential_is_masked() -> None:
    secret = "ghp_" + "a1B2" * 9
    assert shown(f"{secret}!") == "'(masked)!'"
    assert dotted(("headers", secret)) == "headers.'(masked)'"


@pytest.mark.parametrize(("name", "end"), [("contxt", "; did you mean 'context'?"), ("zebra", "")])
def test_only_a_near_name_is_suggested(name: str, end: str) -> None:
    assert suggestion(name, ["context", "config"]) == end


def test_how_near_can_be_chosen() -> None:
    assert suggestion("conf", ["config"], cutoff=0.8) != ""
    assert suggestion("conf", ["config"], cutoff=0.9) == ""
