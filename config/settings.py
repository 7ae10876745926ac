"""Every setting of the server, one row each: name, type, default, help.

A setting is given as `--name=value` or as the variable `AGORA_NAME`; the option
wins. `--help`, the README's table and the check at start come from these rows.
"""

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

from config import parsers


class SettingError(Exception):
    """A setting is unknown or can't be used; the message says which and what it takes."""


_DATA_DIR = Path("data")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _row(parse: Callable[[str], Any], default: Any, text: str) -> Any:
    return field(default=default, metadata={"parse": parse, "help": text})


def _written_row(parse: Callable[[str], Any], default: str, text: str) -> Any:
    """A row whose default is written as a person would type it."""
    metadata = {"parse": parse, "help": text, "shown_default": default}
    return field(default_factory=lambda: parse(default), metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """What the server runs with. `Settings.load` reads it from options and variables."""

    port: tuple[int, ...] = _row(
        parsers.ports, (8000,), "port or ports to listen on, e.g. 5000,8000,8080"
    )
    address: str = _row(
        parsers.address, "localhost", "address to listen on; 0.0.0.0 for every interface"
    )
    data_dir: Path = _row(Path, _DATA_DIR, "directory of the embedded store and the secret")
    storage: str = _row(parsers.storage, "embedded", "embedded, memory or mongodb://...")
    allow_standalone: bool = _row(
        parsers.boolean,
        False,
        "accept a MongoDB without a replica set, and so without transactions",
    )
    public_url: str = _row(parsers.base_url, "http://localhost:8000", "base of the links in mails")
    jwt_secret: str = _row(
        parsers.secret,
        "",
        "signs access tokens, at least 32 bytes; made and kept in data-dir if absent",
    )
    smtp_url: str = _row(
        parsers.text, "", "mail server, smtp://user:pass@host:port; none: mail is held"
    )
    mail_from: str = _row(parsers.text, "agora@localhost", "sender address of mails")
    sms_url: str = _row(
        lambda value: parsers.http_url(value) if value else "",
        "",
        'webhook that gets {"to","body"} for each SMS; none: SMS are held',
    )
    google_client_id: str = _row(
        parsers.text, "", "who this server is to Google; none: there is no sign-in by Google"
    )
    google_client_secret: str = _row(parsers.text, "", "the secret that goes with google-client-id")
    google_auth_url: str = _row(
        parsers.http_url,
        "https://accounts.google.com/o/oauth2/auth",
        "where people agree to sign in by Google",
    )
    google_token_url: str = _row(
        parsers.http_url,
        "https://oauth2.googleapis.com/token",
        "where Google takes authorization codes",
    )
    google_userinfo_url: str = _row(
        parsers.http_url,
        "https://openidconnect.googleapis.com/v1/userinfo",
        "where Google tells who signed in",
    )
    log_format: str = _row(
        parsers.one_of("text", "json"), "text", "log lines for people or for programs"
    )
    log_level: str = _row(
        parsers.one_of("debug", "info", "warning", "error"), "info", "least level that is logged"
    )
    max_connections: int = _row(parsers.positive, 1000, "connections open at once, over all ports")
    max_connections_per_address: int = _row(
        parsers.positive, 256, "connections open at once from one address"
    )
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = _row(
        parsers.proxies,
        (),
        "addresses and networks, separated by commas, whose X-Forwarded-For says who the client is",
    )
    cors_origins: tuple[str, ...] = _row(
        parsers.origins,
        (),
        "origins, separated by commas, whose pages may call the API in a browser; * for all",
    )
    metrics: tuple[IPv4Network | IPv6Network, ...] = _written_row(
        parsers.readers,
        "127.0.0.1,::1",
        "addresses and networks, separated by commas, that may read /metrics; off: nobody, and "
        "nothing is measured",
    )
    bcrypt_cost: int = _row(parsers.bcrypt_cost, 12, "work factor of password hashes")
    tax_rates: Mapping[str, Decimal] = _written_row(
        parsers.tax_rates, "{}", "tax in percent by country-state or country; 8.75 elsewhere"
    )
    shipping_methods: Mapping[str, int] = _written_row(
        parsers.shipping_methods,
        '{"ship_standard": 0, "ship_express": 1500}',
        "shipping in minor units by method; ship_standard unless an order names another",
    )
    lms_managers_mail: tuple[str, ...] = _row(
        parsers.mail_addresses,
        (),
        "addresses, separated by commas, told of each submission that awaits review",
    )

    dev_clock: bool = _row(
        parsers.boolean, False, "let developers on this machine move the server's time"
    )

    @property
    def is_loopback_only(self) -> bool:
        """Whether the server can be reached from this machine alone."""
        return self.address in _LOOPBACK

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
