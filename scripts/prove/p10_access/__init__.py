"""P10: no caller gets at what is not for it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from tornado.httpclient import HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from config.bootstrap import SECRET_FILE, bootstrap
from config.settings import Settings
from handlers.routes import ROUTES
from scripts.prove.history import History
from scripts.prove.p10_access.callers import CALLERS
from scripts.prove.p10_access.matrix import Cells, Matrix, unlisted
from scripts.prove.p10_access.things import Call
from scripts.prove.promise import Promise, Proof, Run
from scripts.server_process import Process, start_server


def caller_of(
    client: SimpleAsyncHTTPClient,
    base_url: str,
    history: History,
    seen: Callable[[bytes], object] = bytes,
) -> Call:
    """Sends requests to a server; `seen` is told the content of each answer."""

    async def call(method: str, path: str, body: Any, token: str | None) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        request = HTTPRequest(
            base_url + path,
            method=method,
            body=None if method == "GET" else msgspec.json.encode(body),
            headers=headers,
            allow_nonstandard_methods=True,
            follow_redirects=False,
        )
        entry = history.sent(method, {"path": path, "token": token and token[-8:]})
        response = await client.fetch(request, raise_error=False)
        entry.answered(response.code)
        seen(response.body)
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        answer = msgspec.json.decode(response.body) if is_json and response.body else None
        return response.code, answer

    return call


async def _try_all(server: Process, data_dir: Path, history: History) -> Cells:
    settings = Settings(data_dir=data_dir, bcrypt_cost=4)
    secret = (data_dir / SECRET_FILE).read_text().strip()
    agora = await bootstrap(replace(settings, jwt_secret=secret), senders={})
    client = SimpleAsyncHTTPClient(force_instance=True)
    try:
        return await Matrix(agora, caller_of(client, server.base_url, history)).run(ROUTES)
    finally:
        client.close()
        await agora.close()


def _prove(run: Run) -> Proof:
    data_dir = run.directory / "data"
    proof, history = Proof(), History(run.directory / "history.jsonl")
    proof.blame_each(unlisted(ROUTES))
    with start_server(data_dir, run.directory / "server.log", "--bcrypt-cost=4") as server:
        server.wait_until_healthy()
        cells = asyncio.run(_try_all(server, data_dir, history))
    history.close()
    proof.blame_each(cells.wrong)
    proof.figure = (
        f"{cells.routes} routes at {cells.paths} paths x {len(CALLERS)} callers, with "
        f"{cells.things} things of somebody else: {cells.cells:,} cells ({cells.refused:,} "
        f"refusals, each of which left the store as it was), {proof.broken} wrong"
    )
    return proof


P10 = Promise("P10", "There is no privilege escalation.", _prove)
