"""What the clients need before they write: accounts, goods, and posts that all of them like."""

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from repositories.storage import open_storage
from scripts.crash.clients import COMMON_POSTS, NOBODY, account_of, common_post
from scripts.crash.goods import offer_goods
from scripts.crash.ledger import Ledger
from scripts.crash.operations import post_key
from scripts.server_process import Process, ServerFailed

_PASSWORD = "a password of the crash rounds"  # noqa: S105 - of accounts that live for minutes


def prepare(
    server: Process, data_dir: Path, accounts: Iterable[str], ledger: Ledger
) -> dict[str, str]:
    """Make the accounts, what they buy, and the common posts; answers tokens by account.

    Raises ServerFailed.
    """
    asyncio.run(_offer(data_dir))
    names = list(accounts)
    for account in names:
        credentials = {"phone_number": account, "password": _PASSWORD}
        status, content = server.call("POST", "/api/register/", credentials)
        if status != 201:
            raise ServerFailed(f"Registering was answered {status} {content!r}")
    tokens = sign_in(server, names)
    for number in range(COMMON_POSTS):
        _post(server, common_post(number), tokens[account_of(0)], ledger)
    return tokens


def sign_in(server: Process, accounts: Iterable[str]) -> dict[str, str]:
    """New access tokens by account. Raises ServerFailed."""
    return {account: server.sign_in(account, _PASSWORD) for account in accounts}


async def _offer(data_dir: Path) -> None:
    storage = await open_storage("embedded", data_dir)
    try:
        await offer_goods(storage)
    finally:
        await storage.close()


def _post(server: Process, text: str, token: str, ledger: Ledger) -> None:
    key = post_key(text)
    operation = ledger.begin("create_post", NOBODY, {key: ()}, time.monotonic())
    path = "/api/forum/create_post/"
    status, content = server.call("POST", path, {"content": text}, token=token)
    if status != 201:
        raise ServerFailed(f"Posting was answered {status} {content!r}")
    ledger.acknowledge(operation, status, time.monotonic())
    ledger.numbers[key] = msgspec.json.decode(content)["postid"]
