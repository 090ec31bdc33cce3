"""Which proxy leads to a deployment: the environment's, with every form of NO_PROXY.

httpx takes no network of IPv6 addresses in NO_PROXY, and then stops every request.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit
from urllib.request import getproxies

if TYPE_CHECKING:
    from collections.abc import Mapping

_Address: TypeAlias = IPv4Address | IPv6Address

_DEFAULT_PORTS = {"http": 80, "https": 443}


def proxy_for(url: str, proxies: Mapping[str, str] | None = None) -> str | None:
    """The proxy that requests to a URL go through; None for none.

    Args:
        url: The deployment's, normalised.
        proxies: By scheme, ``all`` and ``no``; those of the environment and the system by default.
    """
    named = getproxies() if proxies is None else proxies
    parts = urlsplit(url)
    proxy = named.get(parts.scheme) or named.get("all")
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    if not proxy or _is_excepted(parts.hostname or "", port, named.get("no", "")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_excepted(host: str, port: int | None, exceptions: str) -> bool:
    address = _address(host)
    return any(_matches(entry.strip().lower(), host.lower(), address, port) for entry in exceptions.split(","))


def _matches(entry: str, host: str, address: _Address | None, port: int | None) -> bool:
    """Whether an entry of NO_PROXY names the host: ``*``, a name or its domain, an address, or a network.

    An entry with a port means that port alone; brackets around an IPv6 address are optional without one.
    """
    if entry == "*":
        return True
    entry = entry.partition("://")[2] or entry
    if address is not None and "/" in entry:
        return _is_in(address, entry)
    name, wanted = _split_port(entry)
    if not name or (wanted is not None and wanted != port):
        return False
    if address is not None:
        return _address(name) == address
    return host == name.lstrip(".") or host.endswith(f".{name.lstrip('.')}")


def _split_port(entry: str) -> tuple[str, int | None]:
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        digits = rest.removeprefix(":")
    elif entry.count(":") == 1:
        name, _, digits = entry.partition(":")
    else:
        return entry, None
    return name, int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= len("65535") else None


def _is_in(address: _Address, network: str) -> bool:
    try:
        return address in ip_network(network.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False


def _address(host: str) -> _Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None
