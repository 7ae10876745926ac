"""Options that every script shares: the server's own settings, and a storage opened by them."""

import argparse
import asyncio
import secrets
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from config.bootstrap import Agora, bootstrap
from config.settings import SettingError, Settings
from repositories.embedded import CannotOpenStore
from repositories.embedded.copying import existing
from repositories.errors import is_unavailable
from repositories.storage import StorageRefused
from services.errors import DomainError

OK, FAILED, UNUSABLE = 0, 1, 2
"""Exit codes: done; done and something is wrong, or refused; not even begun."""


def parser(description: str) -> argparse.ArgumentParser:
    """A parser for a script's own options; the server's settings are taken beside them."""
    return argparse.ArgumentParser(
        description=description,
        epilog="Also takes the server's settings, such as --storage=... and --data-dir=... "
        "(python server.py --help), or their AGORA_ variables. May run while the server runs.",
        allow_abbrev=False,
    )


def parse(
    options: argparse.ArgumentParser, arguments: Sequence[str]
) -> tuple[argparse.Namespace, Settings]:
    """The script's options and the server's settings. Exits with 2 on one that is unknown."""
    own, rest = options.parse_known_args(list(arguments))
    try:
        settings = Settings.load(rest)
    except SettingError as problem:
        options.error(str(problem))
    return own, settings


def run(
    work: Callable[[Agora], Awaitable[int]], settings: Settings, *, needs_store: bool = False
) -> int:
    """Open the storage, do the work, and let go; answers the exit code.

    With `needs_store` a data directory that has no store gets none: a mistyped one would be found
    in order.
    """
    if needs_store and settings.storage == "embedded":
        try:
            existing(settings.data_dir)
        except CannotOpenStore as problem:
            print(problem, file=sys.stderr)
            return UNUSABLE
    if not settings.jwt_secret:
        # Scripts sign no tokens, so they need not know the secret of the servers.
        settings = replace(settings, jwt_secret=secrets.token_hex(32))
    try:
        return asyncio.run(_run(work, settings))
    except (SettingError, StorageRefused) as problem:
        print(problem, file=sys.stderr)
        return UNUSABLE
    except DomainError as problem:
        print(problem.message, file=sys.stderr)
        return FAILED
    except Exception as problem:
        if not is_unavailable(problem):
            raise
        print(f"{problem} What was done before stays; run it again.", file=sys.stderr)
        return FAILED


async def _run(work: Callable[[Agora], Awaitable[int]], settings: Settings) -> int:
    agora = await bootstrap(settings, senders={})
    try:
        return await work(agora)
    finally:
        await agora.close()
