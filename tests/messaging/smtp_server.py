"""A real SMTP server on a loopback port, which does as the test says."""

import asyncio
import ssl
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

DATA = Path(__file__).parent / "data"


def trusting_context() -> ssl.SSLContext:
    """A client's context that trusts the test certificate, and verifies as always."""
    return ssl.create_default_context(cafile=DATA / "localhost.pem")


def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(DATA / "localhost.pem", DATA / "localhost.key")
    return context


class Mailbox:
    """The server's side: what arrived, over what, and the answers still to give.

    `rcpt_answers` and `data_answers` are taken from the front; OK when empty.
    `data_answers` may hold `"cut"`: take the mail, then drop the connection; or
    `"hang"`. `drops_at_quit`: there is no farewell.
    """

    def __init__(self, rcpt_answers=(), data_answers=(), *, drops_at_quit=False):
        self.drops_at_quit = drops_at_quit
        self.rcpt_answers = list(rcpt_answers)
        self.data_answers = list(data_answers)
        self.recipients: list[str] = []
        self.senders: list[str] = []
        self.mails = []
        self.encrypted: list[bool] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.cuts = 0
        self.port = 0

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802 - aiosmtpd's name
        answer = self.rcpt_answers.pop(0) if self.rcpt_answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        answer = self.data_answers.pop(0) if self.data_answers else "250 OK"
        if answer == "hang":
            await asyncio.Event().wait()
        if answer == "cut" or answer.startswith("250"):
            self.senders.append(envelope.mail_from)
            self.recipients += envelope.rcpt_tos
            self.mails.append(message_from_bytes(envelope.content, policy=default))
            self.encrypted.append(session.ssl is not None)
        if answer == "cut":
            self.cuts += 1
            server.transport.abort()
        return answer

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.drops_at_quit:
            server.transport.abort()
        return "221 Bye"

    def authenticate(self, server, session, envelope, mechanism, auth_data):
        self.logins.append((auth_data.login, auth_data.password))
        return AuthResult(success=auth_data.password == b"p@ss/word", handled=False)


@asynccontextmanager
async def smtp_server(mailbox: Mailbox, *, implicit_tls=False, **options):
    """Serve `mailbox` inside the block; `options` are those of `aiosmtpd.smtp.SMTP`."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, hostname="localhost", loop=loop, **options),
        "127.0.0.1",
        0,
        ssl=server_context() if implicit_tls else None,
    )
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def silent_server():
    """A port that takes connections and never says a word."""
    connections = []

    async def hold(reader, writer):
        connections.append(writer)

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in connections:
            writer.close()
        await server.wait_closed()
