"""Every setting of the server, one row each: name, type, default, help.

A setting is given as `--name=value` or as the variable `AGORA_NAME`; the option
wins. `--help`, the README's table and the check at start come from these rows.
"""

import difflib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from services.messaging.addresses import InvalidEmail, parse_email


class SettingError(Exception):
    """A setting is unknown or can't be used; the message says which and what it takes."""


_DATA_DIR = Path("data")
_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_METHOD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MAX_SHIPPING_MINOR = 10**12
_TAX_PLACES = 6


def _text(value: str) -> str:
    return value


def _boolean(value: str) -> bool:
    lowered = value.strip().lower()
    if lowered in ("true", "yes", "on", "1"):
        return True
    if lowered in ("false", "no", "off", "0"):
        return False
    raise ValueError("true or false")


def _positive(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) == 0:
        raise ValueError("a whole number from 1")
    return int(value)


def _ports(value: str) -> tuple[int, ...]:
    parts = [part.strip() for part in value.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,5}", part) and int(part) < 65536 for part in parts):
        raise ValueError("port numbers from 0 to 65535, separated by commas")
    ports = tuple(int(part) for part in parts)
    if len({port for port in ports if port}) != len([port for port in ports if port]):
        raise ValueError("each port once")
    return ports


def _address(value: str) -> str:
    # Empty, as a variable easily is, would mean every interface to the system.
    if not value.strip():
        raise ValueError("a host name or address; 0.0.0.0 for every interface")
    return value.strip()


def _http_url(value: str) -> str:
    if not _is_http_url(value):
        raise ValueError("an http:// or https:// address")
    return value.rstrip("/")


def _is_http_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:  # brackets around what is no IPv6 address
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _storage(value: str) -> str:
    if value in ("embedded", "memory") or value.startswith(("mongodb://", "mongodb+srv://")):
        return value
    raise ValueError("embedded, memory or mongodb://HOST/DATABASE?replicaSet=NAME")


def _secret(value: str) -> str:
    if len(value.encode()) < 32:
        raise ValueError("at least 32 bytes")
    return value


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(" or ".join(choices))
        return value

    return parse


def _bcrypt_cost(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", value) or not 4 <= int(value) <= 16:
        raise ValueError("a whole number from 4 to 16")
    return int(value)


def _tax_rates(value: str) -> Mapping[str, Decimal]:
    rates = _json_object(value, dict[str, Decimal], _PLACE)
    if rates is None or not all(_is_percentage(rate) for rate in rates.values()):
        raise ValueError(
            "a JSON object of percentages from 0 to 100 by country or country-state, "
            'e.g. {"US-OR": 0, "DE": 19}'
        )
    return rates


def _is_percentage(rate: Decimal) -> bool:
    return rate.is_finite() and 0 <= rate <= 100 and rate == round(rate, _TAX_PLACES)


def _shipping_methods(value: str) -> Mapping[str, int]:
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


def _mail_addresses(value: str) -> tuple[str, ...]:
    try:
        return tuple(parse_email(part) for part in value.split(",") if part.strip())
    except InvalidEmail:
        raise ValueError("mail addresses, separated by commas") from None


def _row(parse: Callable[[str], Any], default: Any, text: str) -> Any:
    return field(default=default, metadata={"parse": parse, "help": text})


def _json_row(parse: Callable[[str], Any], default: str, text: str) -> Any:
    """A row whose default is written as the JSON that a person would type."""
    metadata = {"parse": parse, "help": text, "shown_default": default}
    return field(default_factory=lambda: parse(default), metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """What the server runs with. `Settings.load` reads it from options and variables."""

    port: tuple[int, ...] = _row(_ports, (8000,), "port or ports to listen on, e.g. 5000,8000,8080")
    address: str = _row(_address, "localhost", "address to listen on; 0.0.0.0 for every interface")
    data_dir: Path = _row(Path, _DATA_DIR, "directory of the embedded store and the secret")
    storage: str = _row(_storage, "embedded", "embedded, memory or mongodb://...")
    allow_standalone: bool = _row(
        _boolean, False, "accept a MongoDB without a replica set, and so without transactions"
    )
    public_url: str = _row(_http_url, "http://localhost:8000", "base of the links in mails")
    jwt_secret: str = _row(
        _secret, "", "signs access tokens, at least 32 bytes; made and kept in data-dir if absent"
    )
    smtp_url: str = _row(_text, "", "mail server, smtp://user:pass@host:port; none: mail is held")
    mail_from: str = _row(_text, "agora@localhost", "sender address of mails")
    sms_url: str = _row(
        lambda value: _http_url(value) if value else "",
        "",
        'webhook that gets {"to","body"} for each SMS; none: SMS are held',
    )
    google_client_id: str = _row(
        _text, "", "who this server is to Google; none: there is no sign-in by Google"
    )
    google_client_secret: str = _row(_text, "", "the secret that goes with google-client-id")
    google_auth_url: str = _row(
        _http_url,
        "https://accounts.google.com/o/oauth2/auth",
        "where people agree to sign in by Google",
    )
    google_token_url: str = _row(
        _http_url, "https://oauth2.googleapis.com/token", "where Google takes authorization codes"
    )
    google_userinfo_url: str = _row(
        _http_url,
        "https://openidconnect.googleapis.com/v1/userinfo",
        "where Google tells who signed in",
    )
    log_format: str = _row(_one_of("text", "json"), "text", "log lines for people or for programs")
    log_level: str = _row(
        _one_of("debug", "info", "warning", "error"), "info", "least level that is logged"
    )
    max_connections: int = _row(_positive, 1000, "connections open at once, over all ports")
    max_connections_per_address: int = _row(
        _positive, 256, "connections open at once from one address"
    )
    bcrypt_cost: int = _row(_bcrypt_cost, 12, "work factor of password hashes")
    tax_rates: Mapping[str, Decimal] = _json_row(
        _tax_rates, "{}", "tax in percent by country-state or country; 8.75 elsewhere"
    )
    shipping_methods: Mapping[str, int] = _json_row(
        _shipping_methods,
        '{"ship_standard": 0, "ship_express": 1500}',
        "shipping in minor units by method; ship_standard unless an order names another",
    )
    lms_managers_mail: tuple[str, ...] = _row(
        _mail_addresses,
        (),
        "addresses, separated by commas, told of each submission that awaits review",
    )

    @classmethod
    def load(
        cls, arguments: Sequence[str] = (), environment: Mapping[str, str] = os.environ
    ) -> "Settings":
        """Read `--name=value` options and AGORA_NAME variables.

        Raises SettingError on an unknown name or a value that does not fit.
        """
        given = {**_from_environment(environment), **_from_options(arguments)}
        values = {}
        for name, (text, source) in given.items():
            row = ROWS[name]
            try:
                values[name] = row.metadata["parse"](text)
            except ValueError as problem:
                raise SettingError(f"{source}: it takes {problem}.") from None
        return cls(**values)


ROWS = {row.name: row for row in fields(Settings)}


def option_name(name: str) -> str:
    """The option of a setting: `data_dir` is `--data-dir`."""
    return "--" + name.replace("_", "-")


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    given = {}
    for variable, text in environment.items():
        if not variable.startswith("AGORA_"):
            continue
        name = variable.removeprefix("AGORA_").lower()
        if name not in ROWS:
            raise SettingError(f"Unknown setting {variable}.{_suggestion(name)}")
        given[name] = (text, variable)
    return given


def _from_options(arguments: Sequence[str]) -> dict[str, tuple[str, str]]:
    given = {}
    for argument in arguments:
        option, equals, text = argument.partition("=")
        name = option.removeprefix("--").replace("-", "_")
        if not option.startswith("--") or name not in ROWS:
            raise SettingError(f"Unknown option {option}.{_suggestion(name)}")
        if not equals and not isinstance(ROWS[name].default, bool):
            raise SettingError(f"{option} needs a value: {option}=VALUE.")
        given[name] = (text if equals else "true", option)
    return given


def _suggestion(name: str) -> str:
    close = difflib.get_close_matches(name, ROWS, n=1)
    return f" Did you mean {option_name(close[0])}?" if close else " --help lists them."


def shown_default(name: str) -> str:
    """A setting's default as a person would type it."""
    if "shown_default" in ROWS[name].metadata:
        return str(ROWS[name].metadata["shown_default"])
    default = ROWS[name].default
    if default is MISSING or default == "":
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(str(part) for part in default)
    return str(default)


def help_text() -> str:
    """What `python server.py --help` prints."""
    lines = ["Usage: python server.py [--name=value ...]   (or AGORA_NAME=value)", ""]
    for name, row in ROWS.items():
        default = shown_default(name)
        shown = f" [{default}]" if default else ""
        lines.append(f"  {option_name(name):<32}{row.metadata['help']}{shown}")
    return "\n".join(lines)
