"""How the text of a setting becomes its value, one function each.

Each raises ValueError, which says in a few words what the setting takes: the rows
of config/settings.py turn that into the message that stops the start.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import urlsplit

import msgspec

from services.messaging.addresses import InvalidEmail, parse_email

_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_METHOD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?")
_USUAL_PORTS = {"http": ":80", "https": ":443"}
_MAX_SHIPPING_MINOR = 10**12
_TAX_PLACES = 6


def text(value: str) -> str:
    return value


def boolean(value: str) -> bool:
    lowered = value.strip().lower()
    if lowered in ("true", "yes", "on", "1"):
        return True
    if lowered in ("false", "no", "off", "0"):
        return False
    raise ValueError("true or false")


def positive(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) == 0:
        raise ValueError("a whole number from 1")
    return int(value)


def ports(value: str) -> tuple[int, ...]:
    parts = [part.strip() for part in value.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,5}", part) and int(part) < 65536 for part in parts):
        raise ValueError("port numbers from 0 to 65535, separated by commas")
    numbers = tuple(int(part) for part in parts)
    given = [number for number in numbers if number]
    if len(set(given)) != len(given):
        raise ValueError("each port once")
    return numbers


def address(value: str) -> str:
    # Empty, as a variable easily is, would mean every interface to the system.
    if not value.strip():
        raise ValueError("a host name or address; 0.0.0.0 for every interface")
    return value.strip()


def networks(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError as problem:
        raise ValueError(f"addresses and networks, separated by commas ({problem})") from None


def readers(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return () if value.strip().lower() == "off" else networks(value)


def proxies(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    given = networks(value)
    # Whoever is a proxy says who the client is.
    if any(network.prefixlen == 0 for network in given):
        raise ValueError("the addresses of your proxies; everybody is not one")
    return given


def origins(value: str) -> tuple[str, ...]:
    given = tuple(part.strip().lower() for part in value.split(",") if part.strip())
    if given == ("*",) or all(_is_origin(origin) for origin in given):
        return given
    raise ValueError("origins as browsers send them, e.g. https://app.example.com, or * for all")


def _is_origin(text: str) -> bool:
    # Browsers leave out the port that goes with the scheme: with it, nothing would ever match.
    scheme, _, _ = text.partition(":")
    is_usual_port = text.endswith(_USUAL_PORTS.get(scheme, "/"))
    return bool(_ORIGIN.fullmatch(text)) and not is_usual_port


def http_url(value: str) -> str:
    if not _is_http_url(value):
        raise ValueError("an http:// or https:// address")
    return value


def base_url(value: str) -> str:
    # Paths come behind it, with a slash of their own.
    return http_url(value).rstrip("/")


def _is_http_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:  # brackets around what is no IPv6 address, or a port past the last
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0


def storage(value: str) -> str:
    if value in ("embedded", "memory") or value.startswith(("mongodb://", "mongodb+srv://")):
        return value
    raise ValueError("embedded, memory or mongodb://HOST/DATABASE?replicaSet=NAME")


def secret(value: str) -> str:
    if len(value.encode()) < 32:
        raise ValueError("at least 32 bytes")
    return value


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(" or ".join(choices))
        return value

    return parse


def bcrypt_cost(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", value) or not 4 <= int(value) <= 16:
        raise ValueError("a whole number from 4 to 16")
    return int(value)


def tax_rates(value: str) -> Mapping[str, Decimal]:
    rates = _json_object(value, dict[str, Decimal], _PLACE)
    if rates is None or not all(_is_percentage(rate) for rate in rates.values()):
        raise ValueError(
            "a JSON object of percentages from 0 to 100 by country or country-state, "
            'e.g. {"US-OR": 0, "DE": 19}'
        )
    return rates


def _is_percentage(rate: Decimal) -> bool:
    return rate.is_finite() and 0 <= rate <= 100 and rate == round(rate, _TAX_PLACES)


def shipping_methods(value: str) -> Mapping[str, int]:
    methods = _json_object(value, dict[str, int], _METHOD)
    if not methods or not all(0 <= price <= _MAX_SHIPPING_MINOR for price in methods.values()):
        raise ValueError(
            "a JSON object of prices in whole minor units by method, "
            'e.g. {"ship_standard": 0, "ship_express": 1500}'
        )
    return methods


def _json_object(value: str, kind: Any, name: re.Pattern[str]) -> Any:
    """The object with names of this form and values of its type, or None if it is another."""
    try:
        given = msgspec.json.decode(value, type=kind)
    except (msgspec.MsgspecError, UnicodeError):
        return None
    return given if all(name.fullmatch(key) for key in given) else None


def mail_addresses(value: str) -> tuple[str, ...]:
    try:
        return tuple(parse_email(part) for part in value.split(",") if part.strip())
    except InvalidEmail:
        raise ValueError("mail addresses, separated by commas") from None
