"""Mail against a real SMTP server: what goes over the wire, and what each answer leads to."""

import ssl
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from services.messaging.delivery import DeliveryFailed, DeliveryRefused, Message
from services.messaging.mail import (
    MailSender,
    SmtpServer,
    compose,
    parse_mail_from,
    parse_smtp_url,
)
from tests.messaging.smtp_server import (
    Mailbox,
    server_context,
    silent_server,
    smtp_server,
    trusting_context,
)
from tests.messaging.support import START, Outbox, run, running, until

FROM = parse_mail_from("Agora <no-reply@agora.example>")
MESSAGE = Message(
    message_id="<4711@agora.example>",
    to="ann@example.com",
    created_at=START,
    subject="Grüße",
    text="Guten Tag, 安\n.\nEnde",
    html="<p>Guten Tag, 安</p>",
)


def sender_for(port, scheme="smtp", login="", timeout_seconds=5.0):
    return MailSender(
        parse_smtp_url(f"{scheme}://{login}127.0.0.1:{port}"),
        FROM,
        timeout_seconds=timeout_seconds,
        tls_context=trusting_context(),
    )


def test_a_mail_arrives_as_it_was_written():
    async def scenario():
        async with smtp_server(Mailbox()) as mailbox:
            await sender_for(mailbox.port).send(MESSAGE)
        assert mailbox.senders == ["no-reply@agora.example"]
        assert mailbox.recipients == ["ann@example.com"]
        (mail,) = mailbox.mails
        assert mail["From"] == "Agora <no-reply@agora.example>"
        assert mail["To"] == "ann@example.com"
        assert mail["Subject"] == "Grüße"
        assert mail["Date"] == "Sat, 18 Jan 2025 10:00:00 +0000"
        assert mail["Message-ID"] == "<4711@agora.example>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail.get_content_type() == "multipart/alternative"
        text, html = mail.iter_parts()
        assert text.get_content_type() == "text/plain"
        assert text.get_content().splitlines() == ["Guten Tag, 安", ".", "Ende"]
        assert html.get_content_type() == "text/html"
        assert html.get_content().splitlines() == ["<p>Guten Tag, 安</p>"]

    run(scenario())


def test_each_attempt_sends_the_same_bytes_in_seven_bits_and_short_lines():
    content = compose(MESSAGE, FROM)
    assert compose(MESSAGE, FROM) == content
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 78


def test_the_longest_addresses_and_ids_come_through_whole():
    domain = f"{'d' * 60}.{'e' * 60}.{'f' * 58}.com"
    longest = Message(
        message_id=f"<{'0' * 32}@{domain}>",
        to=f"{'a' * 64}@{domain}",
        created_at=START,
        subject="验" * 200,
        text="x" * 2000,
    )
    mail = message_from_bytes(compose(longest, FROM), policy=default)
    assert mail["To"] == longest.to
    assert mail["Message-ID"] == longest.message_id
    assert mail["Subject"] == longest.subject
    assert mail.get_content().strip() == longest.text


def test_a_text_alone_is_a_plain_mail():
    plain = Message(message_id="<1@a.b>", to="a@b.cd", created_at=START, subject="s", text="t")
    assert b"Content-Type: text/plain" in compose(plain, FROM)
    assert b"multipart" not in compose(plain, FROM)


@pytest.mark.parametrize("scheme", ["smtp", "smtp+starttls"])
def test_starttls_is_used_when_offered_and_the_login_goes_through_it(scheme):
    async def scenario():
        mailbox = Mailbox()
        options = {"authenticator": mailbox.authenticate, "auth_required": True}
        async with smtp_server(mailbox, tls_context=server_context(), **options):
            await sender_for(mailbox.port, scheme, "agora%40b.cd:p%40ss%2Fword@").send(MESSAGE)
        assert mailbox.encrypted == [True]
        assert mailbox.logins == [(b"agora@b.cd", b"p@ss/word")]
        assert mailbox.recipients == ["ann@example.com"]

    run(scenario())


def test_smtps_is_encrypted_from_the_start():
    async def scenario():
        async with smtp_server(Mailbox(), implicit_tls=True) as mailbox:
            await sender_for(mailbox.port, "smtps").send(MESSAGE)
        assert mailbox.recipients == ["ann@example.com"]

    run(scenario())


def test_without_starttls_only_the_scheme_that_insists_on_it_fails():
    async def scenario():
        async with smtp_server(Mailbox()) as mailbox:
            with pytest.raises(DeliveryFailed, match="STARTTLS extension not supported"):
                await sender_for(mailbox.port, "smtp+starttls").send(MESSAGE)
            assert mailbox.mails == []
            await sender_for(mailbox.port, "smtp").send(MESSAGE)
        assert mailbox.encrypted == [False]

    run(scenario())


@pytest.mark.parametrize(
    ("scheme", "implicit_tls"), [("smtp", False), ("smtp+starttls", False), ("smtps", True)]
)
def test_a_certificate_nobody_vouches_for_is_not_trusted(scheme, implicit_tls):
    async def scenario():
        options = {"implicit_tls": True} if implicit_tls else {"tls_context": server_context()}
        async with smtp_server(Mailbox(), **options) as mailbox:
            server = parse_smtp_url(f"{scheme}://127.0.0.1:{mailbox.port}")
            with pytest.raises(DeliveryFailed, match="CERTIFICATE_VERIFY_FAILED"):
                await MailSender(server, FROM, tls_context=ssl.create_default_context()).send(
                    MESSAGE
                )
        assert mailbox.mails == []

    run(scenario())


def test_a_wrong_password_is_worth_another_attempt_since_someone_will_correct_it():
    async def scenario():
        mailbox = Mailbox()
        options = {"authenticator": mailbox.authenticate, "auth_required": True}
        async with smtp_server(mailbox, tls_context=server_context(), **options):
            with pytest.raises(DeliveryFailed, match="535") as failure:
                await sender_for(mailbox.port, login="agora:wrong@").send(MESSAGE)
        assert "wrong" not in str(failure.value)
        assert mailbox.mails == []

    run(scenario())


@pytest.mark.parametrize(
    ("answers", "outcome", "reason"),
    [
        (
            {"rcpt_answers": ["450 4.2.1 mailbox busy"]},
            DeliveryFailed,
            "the mail server refused the recipient: 450 4.2.1 mailbox busy",
        ),
        (
            {"rcpt_answers": ["550 5.1.1 no such mailbox"]},
            DeliveryRefused,
            "the mail server refused the recipient: 550 5.1.1 no such mailbox",
        ),
        (
            {"data_answers": ["451 4.3.0 try again"]},
            DeliveryFailed,
            "the mail server refused the mail: 451 4.3.0 try again",
        ),
        (
            {"data_answers": ["554 5.6.0 not wanted"]},
            DeliveryRefused,
            "the mail server refused the mail: 554 5.6.0 not wanted",
        ),
    ],
)
def test_4yz_may_pass_later_and_5yz_is_final(answers, outcome, reason):
    async def scenario():
        async with smtp_server(Mailbox(**answers)) as mailbox:
            with pytest.raises(outcome) as raised:
                await sender_for(mailbox.port).send(MESSAGE)
        assert str(raised.value) == reason
        assert mailbox.mails == []

    run(scenario())


def test_a_server_that_hangs_after_the_mail_is_left_in_time():
    async def scenario():
        async with smtp_server(Mailbox(data_answers=["hang"])) as mailbox:
            with pytest.raises(DeliveryFailed) as failure:
                await sender_for(mailbox.port, timeout_seconds=0.1).send(MESSAGE)
        assert str(failure.value) == "the mail server did not take the mail within 0.1 s"

    run(scenario())


def test_a_server_that_never_speaks_is_left_in_time():
    async def scenario():
        async with silent_server() as port:
            with pytest.raises(DeliveryFailed) as failure:
                await sender_for(port, timeout_seconds=0.1).send(MESSAGE)
        assert str(failure.value) == "the mail server did not take the mail within 0.1 s"

    run(scenario())


def test_a_mail_once_taken_is_delivered_however_the_connection_ends():
    async def scenario():
        async with smtp_server(Mailbox(drops_at_quit=True)) as mailbox:
            await sender_for(mailbox.port).send(MESSAGE)
        assert mailbox.recipients == ["ann@example.com"]

    run(scenario())


def test_a_port_nobody_listens_on_is_a_failed_attempt():
    async def scenario():
        async with smtp_server(Mailbox()) as mailbox:
            pass
        with pytest.raises(DeliveryFailed, match="the mail server is not usable: Error connecting"):
            await sender_for(mailbox.port).send(MESSAGE)

    run(scenario())


def test_a_connection_cut_after_the_mail_sends_it_again_under_the_same_message_id():
    async def scenario():
        async with smtp_server(Mailbox(data_answers=["cut"])) as mailbox:
            outbox = Outbox(mail=sender_for(mailbox.port))
            message_id = await outbox.mail()
            async with running(outbox):
                await outbox.reaches(message_id, attempts=1)
                outbox.clock.advance(seconds=5)
                await outbox.reaches(message_id, status="sent", attempts=2)
        assert len(mailbox.mails) == 2
        assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1

    run(scenario())


def test_from_the_outbox_to_the_mailbox_over_a_busy_server():
    async def scenario():
        async with smtp_server(Mailbox(rcpt_answers=["451 busy"])) as mailbox:
            outbox = Outbox(mail=sender_for(mailbox.port))
            first, second = await outbox.mail(text="first"), await outbox.mail(text="second")
            async with running(outbox):
                failed = await outbox.reaches(first, attempts=1)
                assert failed.last_error == "the mail server refused the recipient: 451 busy"
                outbox.clock.advance(seconds=5)
                await outbox.reaches(first, status="sent")
                await outbox.reaches(second, status="sent")
            refused = await outbox.mail(text="third")
            mailbox.rcpt_answers.append("550 gone")
            fourth = await outbox.mail(text="fourth")

            async def settled():
                outbox.clock.advance(milliseconds=1)
                return (await outbox.entry(fourth)).status == "sent"

            outbox = Outbox(
                database=outbox.database, clock=outbox.clock, mail=sender_for(mailbox.port)
            )
            async with running(outbox):
                await until(settled)
                await outbox.reaches(refused, status="dead")
        texts = [mail.get_content().strip() for mail in mailbox.mails]
        assert texts == ["first", "second", "fourth"]

    run(scenario())


def test_a_server_that_hangs_is_tried_again_later():
    async def scenario():
        async with smtp_server(Mailbox(data_answers=["hang"])) as mailbox:
            outbox = Outbox(mail=sender_for(mailbox.port, timeout_seconds=0.1))
            message_id = await outbox.mail()
            async with running(outbox):
                entry = await outbox.reaches(message_id, attempts=1)
        assert entry.status == "pending"
        assert entry.next_attempt_at == START + timedelta(seconds=5)

    run(scenario())


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", SmtpServer("mail.example.com", 25, "opportunistic")),
        ("smtp://h.example:2525/", SmtpServer("h.example", 2525, "opportunistic")),
        ("smtp+starttls://h.example", SmtpServer("h.example", 587, "starttls")),
        ("smtps://u:p%3A%40@[::1]", SmtpServer("::1", 465, "tls", "u", "p:@")),
    ],
)
def test_a_server_is_named_by_a_url(url, server):
    assert parse_smtp_url(url) == server


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "mail.example.com:25",
            "--smtp-url must begin with smtp://, smtp+starttls:// or smtps://.",
        ),
        ("http://h", "--smtp-url must begin with smtp://, smtp+starttls:// or smtps://."),
        ("smtp://:25", "--smtp-url names no host: write smtp://user:password@host:port."),
        ("smtp://h:port", "--smtp-url can't be read: Port could not be cast to integer value"),
        ("smtp://h:99999", "--smtp-url can't be read: Port out of range 0-65535."),
        ("smtp://u@h", "--smtp-url needs a user and a password, or neither."),
        ("smtp://u:pa/ss@h", "--smtp-url can't be read: Port could not be cast"),
        ("smtp://h/path", "--smtp-url must end after the port; write / ? # in a password as "),
    ],
)
def test_a_bad_url_is_refused_with_what_to_change(url, message):
    with pytest.raises(ValueError) as refusal:
        parse_smtp_url(url)
    assert str(refusal.value).startswith(message)


def test_the_password_is_not_shown_with_the_server():
    assert repr(parse_smtp_url("smtp://user:secret@h:25")) == "SmtpServer(h:25, opportunistic)"


@pytest.mark.parametrize(
    "text", ["", "Agora", "Agora <no reply>", "a@b.cd\r\nBcc: e@b.cd", "A\nB <a@b.cd>"]
)
def test_a_bad_sender_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"^--mail-from must be an address, as in Agora <no-reply"):
        parse_mail_from(text)
