"""Who a request is from, when proxies stand between."""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from tornado.httputil import HTTPHeaders

Network = IPv4Network | IPv6Network
_Address = IPv4Address | IPv6Address

# More proxies than any request passes; whoever sends a longer list made it up.
_MAX_HOPS = 32
_REMEMBERED = 1024
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?")
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")


class ClientAddresses:
    """Tells the address of a client; `trusted` are those of the proxies in front of the server.

    A proxy adds to the right of `X-Forwarded-For` whom it was asked by. What stands
    left of the rightmost address that is no proxy's is the client's own claim, and
    without a trusted proxy all of it is.
    """

    def __init__(self, trusted: Sequence[Network] = ()):
        self._trusted = tuple(trusted)
        # A proxy keeps its connections, and most requests come from the same few peers.
        self.is_proxy = lru_cache(_REMEMBERED)(self._is_proxy)

    def _is_proxy(self, peer: str) -> bool:
        """Whether a peer's connections bring other people's requests."""
        address = _read(peer.partition("%")[0])
        return address is not None and self._trusts(address)

    def find(self, peer: str, headers: HTTPHeaders) -> str:
        """The client of a request that came from `peer`.

        What can't be read ends the search: the last address that a trusted proxy told
        stands, as nobody who is trusted wrote what is left of it.
        """
        if not self._trusted or not self.is_proxy(peer):
            return peer
        client = peer
        hops = headers.get("X-Forwarded-For", "").rsplit(",", _MAX_HOPS)
        for hop in reversed(hops):
            address = _read(_without_port(hop.strip()))
            if address is None:
                break
            client = str(address)
            if not self._trusts(address):
                break
        return client

    def _trusts(self, address: _Address) -> bool:
        return any(address in network for network in self._trusted)


def _without_port(hop: str) -> str:
    """The address of `192.0.2.7:4711` and `[2001:db8::7]:4711`, as some proxies write them."""
    found = _BRACKETED.fullmatch(hop) or _WITH_PORT.fullmatch(hop)
    return found.group(1) if found else hop


def _read(text: str) -> _Address | None:
    """An address, IPv4 where it is one in the clothes of IPv6 (RFC 4291, section 2.5.5.2)."""
    # What follows `%` is the name of an interface, which can be any text.
    if "%" in text:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
