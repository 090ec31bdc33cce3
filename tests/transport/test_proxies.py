"""Which proxy leads to a deployment, with every form of NO_PROXY."""

from __future__ import annotations

import pytest

from assistant_sync.transport.proxies import proxy_for

PROXY = "http://proxy.example:3128"


def through(url: str, no: str) -> bool:
    return proxy_for(url, {"https": PROXY, "http": PROXY, "no": no}) == PROXY


def test_without_a_proxy_there_is_none() -> None:
    assert proxy_for("https://acme.example", {}) is None
    assert proxy_for("https://acme.example", {"http": PROXY}) is None
    assert proxy_for("https://acme.example", {"https": ""}) is None


def test_a_proxy_is_that_of_the_scheme_or_that_of_all() -> None:
    assert proxy_for("https://acme.example", {"https": PROXY, "all": "http://other"}) == PROXY
    assert proxy_for("http://acme.example", {"https": PROXY, "all": "http://other"}) == "http://other"


def test_a_proxy_without_a_scheme_is_asked_over_http() -> None:
    assert proxy_for("https://acme.example", {"https": "proxy.example:3128"}) == PROXY


@pytest.mark.parametrize(
    ("host", "no", "is_excepted"),
    [
        ("acme.example", "", False),
        ("acme.example", "*", True),
        ("acme.example", "acme.example", True),
        ("ACME.example", "acme.EXAMPLE", True),
        ("acme.example", "example", True),
        ("acme.example", ".example", True),
        ("notexample", "example", False),
        ("acme.example", "cme.example", False),
        ("acme.example", "other, acme.example ,", True),
        ("acme.example", "https://acme.example", True),
        ("acme.example", "acme.example:443", True),
        ("acme.example", "acme.example:8443", False),
        ("acme.example:8443", "acme.example:8443", True),
        ("acme.example", "acme.example:x", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.0/8", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("10.1.2.3", "10.0.0.0/99", False),
        ("10.1.2.3", ".2.3", False),
        ("[fd07:b51a:cc66:f0::1]", "fd07:b51a:cc66:f0::/64", True),
        ("[fd07:b51a:cc66:f0::1]", "[fd07:b51a:cc66:f0::]/64", True),
        ("[fd07:b51a:cc66:f1::1]", "fd07:b51a:cc66:f0::/64", False),
        ("[fd07::1]", "fd07::1", True),
        ("[fd07::1]", "[fd07::1]", True),
        ("[fd07::1]", "FD07:0:0::1", True),
        ("[fd07::1]", "[fd07::1]:443", True),
        ("[fd07::1]", "[fd07::1]:80", False),
        ("acme.example", "fd07:b51a:cc66:f0::/64", False),
        ("acme.example", "::1,[::1],10.0.0.0/8", False),
    ],
)
def test_what_no_proxy_excepts(host: str, no: str, is_excepted: bool) -> None:
    assert through(f"https://{host}", no) is not is_excepted
