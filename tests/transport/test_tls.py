from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from assistant_sync.errors import Denied, Unreachable
from assistant_sync.model.frozen import replace
from assistant_sync.transport import Endpoint
from assistant_sync.transport.tls import tls_context
from tests.servers.loopback import Reply, loopback
from tests.transport.test_connection import over_the_network

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.loopback import Loopback

HTTPS = Endpoint("https://acme.example", {})


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("trust") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


@pytest.fixture(scope="module")
def client_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client certificate with its key in one file."""
    file = tmp_path_factory.mktemp("trust") / "client.pem"
    authority.issue_cert("robot@acme.example").private_key_and_cert_chain_pem.write_to_path(str(file))
    return file


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[Loopback]:
    """A TLS server of the private CA's."""
    with loopback(lambda _: Reply(), server_context(authority)) as running:
        yield running


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def strict_server(authority: trustme.CA, request: pytest.FixtureRequest) -> Iterator[Loopback]:
    """One that wants to see a client certificate of the same CA's."""
    context = server_context(authority)
    context.minimum_version = context.maximum_version = request.param
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    with loopback(lambda _: Reply(), context) as running:
        yield running


def test_plain_http_loads_no_authorities() -> None:
    assert tls_context(Endpoint("http://127.0.0.1:2024", {})).cert_store_stats()["x509_ca"] == 0
    assert tls_context(HTTPS).cert_store_stats()["x509_ca"] > 1


def test_a_private_ca_is_not_trusted_by_itself_and_the_hint_names_the_fields(server: Loopback) -> None:
    with pytest.raises(Unreachable, match="a certificate that is not trusted: ") as caught:
        over_the_network(Endpoint(server.url, {}))
    assert "ca_file" in (caught.value.hint or "")
    assert "attempts" not in caught.value.message
    assert not caught.value.sent
    assert server.asked == []


def test_a_private_ca_that_the_target_names_is_trusted(server: Loopback, ca_file: Path) -> None:
    over_the_network(Endpoint(server.url, {}, ca_file=ca_file))
    assert len(server.asked) == 1


def test_a_private_ca_is_trusted_in_addition_to_the_usual_ones(ca_file: Path) -> None:
    usual = tls_context(HTTPS).cert_store_stats()["x509_ca"]
    assert tls_context(replace(HTTPS, ca_file=ca_file)).cert_store_stats()["x509_ca"] == usual + 1


def test_a_private_ca_of_the_environment_is_trusted(
    server: Loopback, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    over_the_network(Endpoint(server.url, {}))
    assert len(server.asked) == 1


def test_a_certificate_for_another_host_is_refused(authority: trustme.CA, ca_file: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example").configure_cert(context)
    with (
        loopback(lambda _: Reply(), context) as running,
        pytest.raises(Unreachable, match="not trusted: IP address mismatch"),
    ):
        over_the_network(Endpoint(running.url, {}, ca_file=ca_file))


def test_a_client_certificate_is_shown(strict_server: Loopback, ca_file: Path, client_file: Path) -> None:
    over_the_network(Endpoint(strict_server.url, {}, ca_file=ca_file, cert_file=client_file))
    assert len(strict_server.asked) == 1


def test_a_server_that_misses_the_client_certificate_is_hinted_at(strict_server: Loopback, ca_file: Path) -> None:
    with pytest.raises((Denied, Unreachable)) as caught:
        over_the_network(Endpoint(strict_server.url, {}, ca_file=ca_file))
    assert "set the target's cert_file" in (caught.value.hint or "")
    assert strict_server.asked == []


def test_https_to_a_server_without_tls_is_reported(ca_file: Path) -> None:
    with loopback(lambda _: Reply()) as plain, pytest.raises(Unreachable, match="offers no usable TLS connection"):
        over_the_network(Endpoint(plain.url.replace("http:", "https:"), {}, ca_file=ca_file))


@pytest.mark.parametrize("content", [None, b"", b"not PEM"])
@pytest.mark.parametrize("field", ["ca_file", "cert_file", "SSL_CERT_FILE"])
def test_a_file_that_cannot_be_used_is_named(
    field: str, content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "some.pem"
    if content is not None:
        file.write_bytes(content)
    endpoint = HTTPS
    if field == "ca_file":
        endpoint = replace(HTTPS, ca_file=file)
    elif field == "cert_file":
        endpoint = replace(HTTPS, cert_file=file)
    else:
        monkeypatch.setenv(field, str(file))
    with pytest.raises(Denied, match=rf"{field}.*cannot be read: \w+") as caught:
        tls_context(endpoint)
    assert caught.value.exit_code == 4
    assert not caught.value.sent


def test_a_key_of_another_certificate_is_reported(authority: trustme.CA, client_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    authority.issue_cert("other@acme.example").private_key_pem.write_to_path(str(other))
    with pytest.raises(Denied, match=r"with key_file .*other\.pem cannot be read: key values mismatch"):
        tls_context(replace(HTTPS, cert_file=client_file, key_file=other))


def test_an_encrypted_key_is_reported_and_no_password_asked_for(client_file: Path, tmp_path: Path) -> None:
    encrypted = tmp_path / "encrypted.pem"
    key = serialization.load_pem_private_key(client_file.read_bytes(), None)
    encrypted.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"hunter2"),
        )
    )
    with pytest.raises(Denied, match="cannot be read") as caught:
        tls_context(replace(HTTPS, cert_file=client_file, key_file=encrypted))
    assert "not be encrypted" in (caught.value.hint or "")
