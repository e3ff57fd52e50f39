"""E-mail to a real mail server."""

import email
import email.message
import socket
from collections.abc import Iterator
from dataclasses import replace
from email import policy

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django.fixtures import Settings

from aggregator.channels.email import EmailChannel
from aggregator.channels.message import Delivered, GaveUp, Message, Outcome, Retry
from aggregator.channels.wording import headline, lines
from tests.aggregator.test_webhook import EVENT, OUTAGE, make_message

CHANNEL = EmailChannel(sender="Outcry <alerts@outcry.example>", site_name="Outcry")


class Mailbox:
    """What a mail server keeps, and what it answers to the recipient's name."""

    def __init__(self) -> None:
        """Empty, and accepting."""
        self.mails: list[email.message.EmailMessage] = []
        self.reply = "250 OK"

    async def handle_RCPT(  # noqa: N802 - the server's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Accept the recipient or not."""
        envelope.rcpt_tos.append(address)
        return self.reply

    async def handle_DATA(  # noqa: N802 - the server's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail."""
        content = envelope.original_content or b""
        self.mails.append(email.message_from_bytes(content, policy=policy.default))
        return "250 kept"


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """A mail server on a free port of this machine, named in the settings."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield mailbox
    controller.stop()


def send(message: Message) -> Outcome:
    """Send to Ann."""
    return CHANNEL.send(replace(message, target="ann@mail.example"))


def test_a_mail_says_the_same_in_text_and_html(mailbox: Mailbox) -> None:
    message = make_message()
    assert send(message) == Delivered()
    [mail] = mailbox.mails
    assert mail["subject"] == "Claude: outage confirmed"
    assert mail["to"] == "ann@mail.example"
    assert mail["from"] == "Outcry <alerts@outcry.example>"
    assert mail["auto-submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        text = body.get_content()
        assert "Reports in the worst quarter of an hour: 532; about 12 were expected." in text
        assert "United States, Germany" in text
        assert "2026-03-18 14:02 UTC" in text
        assert "https://outcry.example/outages/7/" in text


def test_a_repeated_mail_has_the_same_id(mailbox: Mailbox) -> None:
    message = make_message()
    send(message)
    send(message)
    ids = [mail["message-id"] for mail in mailbox.mails]
    assert ids == [f"<{message.id}@outcry.example>"] * 2


def test_a_line_break_in_a_name_makes_no_header(mailbox: Mailbox) -> None:
    assert send(replace(make_message(), service_name="Claude\nBcc: eve@x")) == Delivered()
    assert mailbox.mails[0]["subject"] == "Claude Bcc: eve@x: outage confirmed"
    assert mailbox.mails[0]["bcc"] is None


def test_words_are_escaped_in_html_and_plain_in_text() -> None:
    mail = CHANNEL.compose(replace(make_message(), service_name="Ben & <b>Jerry</b>"))
    assert "Ben &amp; &lt;b&gt;" in str(mail.alternatives[0][0])
    assert "Ben & <b>" in mail.body


def test_a_refused_recipient_is_not_tried_again(mailbox: Mailbox) -> None:
    mailbox.reply = "550 no such user"
    assert send(make_message()) == GaveUp("the recipient was refused (SMTP 550)")


def test_a_full_mailbox_is_tried_again(mailbox: Mailbox) -> None:
    mailbox.reply = "452 mailbox full"
    assert send(make_message()) == Retry("the recipient was refused (SMTP 452)")


def test_a_missing_server_is_tried_again(mailbox: Mailbox, settings: Settings) -> None:
    settings.EMAIL_PORT = 1
    assert send(make_message()) == Retry("no mail server (ConnectionRefusedError)")


@pytest.mark.parametrize(
    ("kind", "to_state", "expected"),
    [
        ("opened", "possible", "Claude: possible outage"),
        ("opened", "confirmed", "Claude: outage confirmed"),
        ("scope_changed", "confirmed", "Claude: outage in other places"),
        ("closed", "over", "Claude: outage over"),
        ("reopened", "possible", "Claude: outage again"),
        ("retracted", "retracted", "Claude: false alarm"),
    ],
)
def test_headline_says_what_moved(kind: str, to_state: str, expected: str) -> None:
    event = msgspec.structs.replace(EVENT, kind=kind, to_state=to_state)
    assert headline(replace(make_message(), event=event)) == expected


def test_a_retraction_speaks_of_no_reports() -> None:
    event = msgspec.structs.replace(EVENT, kind="retracted", reason="A test of ours.")
    text = CHANNEL.compose(replace(make_message(), event=event)).body
    assert "There was no outage after all.\nA test of ours.\n" in text
    assert "expected" not in text


def test_the_end_says_until_when() -> None:
    outage = msgspec.structs.replace(OUTAGE, ended_at=OUTAGE.started_at.replace(hour=15))
    text = CHANNEL.compose(replace(make_message(), outage=outage, places=())).body
    assert "Where: worldwide\nSince: 2026-03-18 14:02 UTC\nUntil: 2026-03-18 15:02 UTC\n" in text


def test_mails_and_chats_say_in_a_line_what_the_vendor_says() -> None:
    silent = replace(make_message(), is_unmentioned=True)
    mail = CHANNEL.compose(silent)
    line = "Their own status page does not mention it."
    assert f"were expected.\n{line}\n" in mail.body
    assert f"<p>{line}</p>" in str(mail.alternatives[0][0])
    assert line in lines(silent)
    assert CHANNEL.compose(make_message()).body.count("status page") == 0
