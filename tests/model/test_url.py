from __future__ import annotations

import string

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.url import is_loopback, normalise_url, origin


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:2024",
        "https://acme.us.langgraph.app",
        "https://acme.example/prefix/v1",
        "http://[::1]:2024",
        "https://agents_1.internal:8443",
    ],
)
def test_a_normalised_url_stays_as_it_is(url: str) -> None:
    assert normalise_url(url) == url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (" https://Acme.Example/ \n", "https://acme.example"),
        ("HTTPS://acme.example:443//", "https://acme.example"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:443", "http://localhost:443"),
        ("https://acme.example:", "https://acme.example"),
        ("https://acme.example/Prefix/", "https://acme.example/Prefix"),
        ("https://acme.example/größe", "https://acme.example/gr%C3%B6%C3%9Fe"),
        ("https://acme.example/gr%C3%B6", "https://acme.example/gr%C3%B6"),
        ("http://[0:0:0:0:0:0:0:1]:2024", "http://[::1]:2024"),
    ],
)
def test_spellings_of_one_url_become_equal(text: str, url: str) -> None:
    assert normalise_url(text) == url


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must start with https://"),
        ("localhost:2024", "must start with https://"),
        ("acme.example/prefix", "must start with https://"),
        ("ftp://acme.example", "must start with https://"),
        ("https:acme.example", "must start with https://"),
        ("https://", "must start with https://"),
        ("https://:443", "no host"),
        ("https://user:hunter2@acme.example", "user name or password"),
        ("https://hunter2@acme.example", "user name or password"),
        ("https://@acme.example", "user name or password"),
        ("https://acme.example?key=hunter2", "query or fragment"),
        ("https://acme.example/?", "query or fragment"),
        ("https://acme.example/#", "query or fragment"),
        ("https://acme.example:port", "cannot be read"),
        ("https://acme.example:99999", "cannot be read"),
        ("https://acme.example:0", "port 0"),
        ("https://[::1", "cannot be read"),
        ("https://[::1]x", "cannot be read"),
        ("https://[fe80::1%25eth0]", "cannot be read"),
        ("https://acme.ex\nample", "control character"),
        ("https://acme .example", "blank"),
        ("https://acme.example\\@evil.example", "backslash"),
        ("https://größe.example", "xn--"),
        ("https://acme..example", "cannot be a host's name"),
        ("https://acme%2eexample", "cannot be a host's name"),
        ("https://acme.example/../admin", "in its path"),
        ("https://acme.example/./v1", "in its path"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_repeating_it(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        normalise_url(text)
    assert "hunter2" not in str(caught.value)


@given(st.text(alphabet=string.printable + "äß€\u2028\ud800", max_size=40).map(lambda rest: "https://" + rest))
def test_normalising_any_text_gives_a_stable_url_or_a_value_error(text: str) -> None:
    try:
        url = normalise_url(text)
    except ValueError as error:
        assert str(error).startswith("the URL ")  # noqa: PT017 - most texts are good ones
    else:
        assert normalise_url(url) == url
        assert url.isascii()
        assert httpx.URL(url).host == httpx.URL(origin(url)).host


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://acme.example", "https://acme.example"),
        ("https://acme.example:8443/a/b", "https://acme.example:8443"),
        ("http://[::1]:2024/a", "http://[::1]:2024"),
    ],
)
def test_the_origin_is_scheme_host_and_port(url: str, expected: str) -> None:
    assert origin(url) == expected


@pytest.mark.parametrize("host", ["127.0.0.1:2024", "127.9.9.9", "localhost", "[::1]:2024", "[::ffff:127.0.0.1]"])
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(normalise_url(f"http://{host}/prefix"))


@pytest.mark.parametrize(
    "host",
    [
        "localhost.example",
        "127.0.0.1.example",
        "128.0.0.1",
        "10.0.0.1",
        "agents.localhost",
        "[::2]",
        "2130706433",
    ],
)
def test_every_other_host_is_not_loopback(host: str) -> None:
    assert not is_loopback(normalise_url(f"http://{host}"))


@pytest.mark.parametrize(("host", "instead"), [("0.0.0.0", "127.0.0.1"), ("[::]", "[::1]"), ("[0::0]", "[::1]")])  # noqa: S104 - nothing binds to it
def test_the_address_that_servers_listen_on_is_none_to_connect_to(host: str, instead: str) -> None:
    with pytest.raises(ValueError, match="servers listen on") as caught:
        normalise_url(f"http://{host}:2024")
    assert str(caught.value).endswith(f"write {instead}")
