"""E-mail: plain text and the same as simple HTML."""

import smtplib
from dataclasses import dataclass
from email.utils import parseaddr

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext

from aggregator.channels.message import Delivered, GaveUp, Message, Outcome, Retry

PERMANENT = 500  # replies from here on will not change by themselves (RFC 5321, 4.2.1)


@dataclass(frozen=True, slots=True)
class EmailChannel:
    """Sends by Django's mail settings.

    Attributes:
        sender: the From address; its domain also makes the Message-ID.
        site_name: named in the mail's last line.
    """

    sender: str
    site_name: str

    def send(self, message: Message) -> Outcome:
        """Hand one mail to the mail server."""
        try:
            self.compose(message).send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            refused = f"the recipient was refused (SMTP {min(codes)})"
            return GaveUp(refused) if min(codes) >= PERMANENT else Retry(refused)
        except smtplib.SMTPResponseException as error:
            return Retry(f"SMTP {error.smtp_code}")
        except (smtplib.SMTPException, OSError) as error:
            return Retry(f"no mail server ({type(error).__name__})")
        return Delivered()

    def compose(self, message: Message) -> EmailMultiAlternatives:
        """The mail; a repeat has the same Message-ID."""
        words = {"message": message, "headline": headline(message), "site_name": self.site_name}
        mail = EmailMultiAlternatives(
            subject=headline(message),
            body=render_to_string("aggregator/alert.txt", words),
            from_email=self.sender,
            to=[message.target],
            headers={
                "Message-ID": f"<{message.id}@{_domain(self.sender)}>",
                "Date": message.at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
                "Auto-Submitted": "auto-generated",
            },
        )
        mail.attach_alternative(render_to_string("aggregator/alert.html", words), "text/html")
        return mail


def headline(message: Message) -> str:
    """What moved, in one line."""
    words = {
        "opened": gettext("{service}: possible outage"),
        "confirmed": gettext("{service}: outage confirmed"),
        "scope_changed": gettext("{service}: outage in other places"),
        "closed": gettext("{service}: outage over"),
        "reopened": gettext("{service}: outage again"),
        "retracted": gettext("{service}: false alarm"),
    }
    kind = message.event.kind
    if kind == "opened" and message.event.to_state == "confirmed":
        kind = "confirmed"
    name = " ".join(message.service_name.split())
    return words[kind].format(service=name)


def _domain(address: str) -> str:
    return parseaddr(address)[1].rpartition("@")[2] or "localhost"
