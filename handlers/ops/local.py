"""Which requests come from this machine: what developers and operators alone may see."""

from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest

# What proxies add, each of them some; a proxy on this machine has a loopback address itself.
_FORWARDED = ("X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip", "X-Forwarded-Host")
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


def is_local(request: HTTPServerRequest) -> bool:
    """Whether who asks is a program on this machine, or a page that one of its servers made.

    Not by the address alone, which others can borrow: a proxy here has it, and so has a
    browser here that shows a page from elsewhere. The latter gives itself away by the
    page's name: as Host, where that name was made to resolve to 127.0.0.1 (DNS rebinding),
    or as Origin.
    """
    headers = request.headers
    return (
        is_loopback_address(request.remote_ip or "")
        and _is_loopback_host(request.host)
        and not any(name in headers for name in _FORWARDED)
        and _is_loopback_origin(headers.get("Origin"))
    )


def is_relayed(request: HTTPServerRequest) -> bool:
    """Whether the address of who asks is that of a proxy which is not trusted."""
    # Tornado declares less of a connection than it has.
    connection: Any = request.connection
    peer = connection.context.remote_ip
    # What a trusted proxy brings has the address that the proxy told (client_address.py).
    return request.remote_ip == peer and any(name in request.headers for name in _FORWARDED)


def is_loopback_address(text: str) -> bool:
    """Whether an address is of this machine alone; text that is none is not."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _is_loopback_host(host: str) -> bool:
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.lower() in _LOOPBACK_NAMES


def _is_loopback_origin(origin: str | None) -> bool:
    if origin is None:
        return True
    try:
        return _is_loopback_host(urlsplit(origin).netloc)
    except ValueError:  # brackets around what is no IPv6 address
        return False
