"""Mail by SMTP: where the server is, what a mail looks like, what its answers mean."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from typing import Literal, NoReturn
from urllib.parse import unquote, urlsplit

import aiosmtplib

from services.errors import Invalid
from services.messaging.addresses import parse_email
from services.messaging.delivery import DeliveryFailed, DeliveryRefused, Message

Security = Literal["opportunistic", "starttls", "tls"]

_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("opportunistic", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}

# Seven bits only, so that a server without 8BITMIME (RFC 6152) takes it too.
_POLICY = SMTP_POLICY.clone(cte_type="7bit")

_QUIT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The server that takes our mail, and how to reach and convince it."""

    host: str
    port: int
    security: Security
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"SmtpServer({self.host}:{self.port}, {self.security})"


def parse_smtp_url(url: str) -> SmtpServer:
    """Read `smtp://user:password@host:port`; user and password are percent-encoded.

    `smtp` uses STARTTLS when the server offers it, `smtp+starttls` insists on it,
    `smtps` speaks TLS from the start. Raises `ValueError` saying what to change.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"--smtp-url can't be read: {error}.") from None
    if parts.scheme not in _SCHEMES:
        raise ValueError("--smtp-url must begin with smtp://, smtp+starttls:// or smtps://.")
    if not parts.hostname:
        raise ValueError("--smtp-url names no host: write smtp://user:password@host:port.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(
            "--smtp-url must end after the port; write / ? # in a password as %2F %3F %23."
        )
    if bool(parts.username) != bool(parts.password):
        raise ValueError("--smtp-url needs a user and a password, or neither.")
    security, default_port = _SCHEMES[parts.scheme]
    return SmtpServer(
        host=parts.hostname,
        port=port or default_port,
        security=security,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def parse_mail_from(text: str) -> Address:
    """Read the sender, `name@host` or `Agora <name@host>`; `ValueError` says what to change."""
    # A line break would be lost in reading, together with what follows it.
    name, address = parseaddr(text) if text.isprintable() else ("", "")
    try:
        return Address(display_name=name, addr_spec=parse_email(address))
    except (Invalid, ValueError) as error:
        raise ValueError(
            f"--mail-from must be an address, as in Agora <no-reply@example.com>: {error}"
        ) from None


def compose(message: Message, sender: Address) -> bytes:
    """The mail on the wire, the same bytes at each attempt.

    Text first and HTML as its alternative (RFC 2046, section 5.1.4); marked as
    written by a machine, so that nobody's holiday notice answers (RFC 3834, section 5).
    """
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender
    mail["To"] = Address(addr_spec=message.to)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    if message.html is not None:
        mail.add_alternative(message.html, subtype="html")
        # As unpredictable as the message id, and unlike a random one the same next time.
        mail.set_boundary(f"=_{message.message_id.strip('<>').partition('@')[0]}")
    return mail.as_bytes()


class MailSender:
    """Sends each mail over a connection of its own.

    `timeout_seconds` bounds the whole conversation. Certificates are verified
    against the system's authorities (`SSL_CERT_FILE` names others), also when
    STARTTLS is merely offered.
    """

    def __init__(
        self,
        server: SmtpServer,
        sender: Address,
        *,
        timeout_seconds: float = 20.0,
        tls_context: ssl.SSLContext | None = None,
    ):
        self._server = server
        self._sender = sender
        self._timeout_seconds = timeout_seconds
        self._tls_context = tls_context or ssl.create_default_context()

    async def send(self, message: Message) -> None:
        """Hand the mail to the server; see `Sender`."""
        content = compose(message, self._sender)
        smtp = self._client()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await smtp.connect()
                await _transfer(smtp, self._sender.addr_spec, message.to, content)
            # The mail is theirs by now. A bad farewell must not send it again.
            with suppress(aiosmtplib.SMTPException, OSError):
                await smtp.quit(timeout=_QUIT_SECONDS)
        except TimeoutError:
            raise DeliveryFailed(
                f"the mail server did not take the mail within {self._timeout_seconds:g} s"
            ) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(f"the mail server is not usable: {_describe(error)}") from error
        finally:
            smtp.close()

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.security == "tls",
            start_tls={"opportunistic": None, "starttls": True, "tls": False}[server.security],
            tls_context=self._tls_context,
            timeout=self._timeout_seconds,
            # Said in EHLO. The library would ask the DNS for ours, in a thread.
            local_hostname=self._sender.domain,
        )


async def _transfer(smtp: aiosmtplib.SMTP, sender: str, to: str, content: bytes) -> None:
    """One mail transaction (RFC 5321, section 3.3).

    Only what the server says of this recipient and this content is final (5yz,
    section 4.2.1). A refused login or sender is a fault of the settings, which
    someone will mend.
    """
    try:
        await smtp.sendmail(sender, [to], content)
    except aiosmtplib.SMTPRecipientsRefused as refused:
        _raise_by_code(refused.recipients[0], "the recipient")
    except aiosmtplib.SMTPDataError as refused:
        _raise_by_code(refused, "the mail")


def _raise_by_code(response: aiosmtplib.SMTPResponseException, what: str) -> NoReturn:
    reason = f"the mail server refused {what}: {_describe(response)}"
    if 500 <= response.code <= 599:
        raise DeliveryRefused(reason) from response
    raise DeliveryFailed(reason) from response


def _describe(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    return str(error) or type(error).__name__
