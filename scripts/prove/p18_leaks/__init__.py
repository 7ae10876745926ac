"""P18: no secret leaks into the log, into answers, or into the store."""

import asyncio

from tornado.simple_httpclient import SimpleAsyncHTTPClient

from config.bootstrap import SECRET_FILE, bootstrap
from config.settings import Settings
from handlers.routes import ROUTES
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient
from scripts.prove.p10_access import caller_of
from scripts.prove.p10_access.matrix import Matrix
from scripts.prove.p18_leaks.lives import Life
from scripts.prove.p18_leaks.looking import (
    collect_hashes,
    look_at_answers,
    look_at_documents,
    look_at_files,
    look_at_log,
)
from scripts.prove.p18_leaks.secrets import Answers, Secrets
from scripts.prove.promise import Promise, Proof, Run
from scripts.server_process import Process, start_server

_SMTP_PASSWORD, _CLIENT_SECRET = "smtp-secret-of-a-proof", "google-secret-of-a-proof"
#: Nobody listens there: messages stay where they are, and what went wrong is logged.
_UNREACHABLE = "127.0.0.1:9"
_SETTINGS = (
    "--bcrypt-cost=4",
    "--log-level=debug",
    f"--smtp-url=smtp://user:{_SMTP_PASSWORD}@{_UNREACHABLE}",
    f"--sms-url=http://{_UNREACHABLE}/sms",
    "--google-client-id=a-client",
    f"--google-client-secret={_CLIENT_SECRET}",
    f"--google-token-url=http://{_UNREACHABLE}/token",
)

#: What waits to go out is what the outbox page is there to show, to this machine.
_LOOKED_AT = [route for route in ROUTES if route.path != "/dev/outbox"]


async def _live(server: Process, run: Run, secrets: Secrets, proof: Proof) -> int:
    """Do everything that has to do with secrets; then how many bytes of answers are clean."""
    data_dir, history = run.directory / "data", History(run.directory / "history.jsonl")
    key = (data_dir / SECRET_FILE).read_text().strip()
    secrets.settings |= {key, _SMTP_PASSWORD, _CLIENT_SECRET}
    settings = Settings(data_dir=data_dir, bcrypt_cost=4, jwt_secret=key)
    agora = await bootstrap(settings, senders={})
    answers, client = Answers(secrets), SimpleAsyncHTTPClient(force_instance=True)
    try:
        async with HttpClient(server.port) as own:
            life = Life(own, agora, answers, secrets, history)
            for number in range(run.pick(quick=3, full=100)):
                await life.by_email(number)
                await life.by_phone(number)
            await life.badly()
        if run.is_full:
            call = caller_of(client, server.base_url, history, answers.add)
            await Matrix(agora, call).run(_LOOKED_AT)
        await collect_hashes(agora.storage, secrets)
        await look_at_documents(agora.storage, secrets, proof)
    finally:
        client.close()
        history.close()
        await agora.close()
    return look_at_answers(answers, secrets, proof)


def _prove(run: Run) -> Proof:
    data_dir, log = run.directory / "data", run.directory / "server.log"
    proof, secrets = Proof(), Secrets()
    with start_server(data_dir, log, *_SETTINGS) as server:
        server.wait_until_healthy()
        looked = asyncio.run(_live(server, run, secrets, proof))
        # While it runs, for the file beside the store that holds what was written last.
        looked += look_at_files(data_dir, SECRET_FILE, secrets, proof)
    looked += look_at_log(log, secrets, proof)
    looked += look_at_files(data_dir, SECRET_FILE, secrets, proof)
    kinds = (
        f"{len(secrets.passwords)} passwords, {len(secrets.issued)} tokens, "
        f"{len(secrets.mailed)} codes and links, {len(secrets.hashes)} hashes, "
        f"{len(secrets.settings)} settings"
    )
    proof.figure = (
        f"{proof.broken} hits in {looked / 1e6:.1f} MB of log (at debug), answers and store, "
        f"of {kinds}"
    )
    proof.limits.append("`/dev/outbox` shows what waits to go out, to this machine alone")
    return proof


P18 = Promise("P18", "No secret leaks.", _prove)
