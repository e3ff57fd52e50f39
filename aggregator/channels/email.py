"""E-mail: plain text and the same as simple HTML, with one-click unsubscribe (RFC 8058)."""

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime, parseaddr
from zoneinfo import ZoneInfo

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from aggregator.channels.message import Delivered, GaveUp, Message, Outcome, Retry
from aggregator.channels.wording import asides, headline, moved, particulars, where

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
        return hand_over(self.compose(message))

    def compose(self, message: Message) -> EmailMultiAlternatives:
        """The mail, in the subscriber's language and time zone; a repeat has the same id."""
        with (
            translation.override(message.language),
            timezone.override(ZoneInfo(message.time_zone)),
        ):
            words = {
                "message": message,
                "headline": headline(message),
                "particulars": particulars(message),
                "asides": asides(message),
                "site_name": self.site_name,
                "told": [
                    (
                        moved(news),
                        " ".join([particulars(news), *asides(news)]),
                        where(news.places),
                        news.outage,
                    )
                    for news in message.together
                ],
            }
            headers = {
                "Message-ID": f"<{message.id}@{domain(self.sender)}>",
                "Date": format_datetime(message.at),
                **_leaving(message),
            }
            return mail_of(
                "aggregator/alert", words, (self.sender, message.target), headers=headers
            )


def mail_of(
    template: str,
    words: Mapping[str, object],
    between: tuple[str, str],
    *,
    headers: Mapping[str, str],
) -> EmailMultiAlternatives:
    """A mail from the templates `….txt` and `….html`, whose subject is `words["headline"]`.

    Args:
        template: its name, without the end.
        words: for both.
        between: sender and recipient.
        headers: beside those that every mail of ours has.
    """
    sender, recipient = between
    mail = EmailMultiAlternatives(
        subject=str(words["headline"]),
        body=render_to_string(f"{template}.txt", dict(words)),
        from_email=sender,
        to=[recipient],
        headers={"Auto-Submitted": "auto-generated", **headers},
    )
    mail.attach_alternative(render_to_string(f"{template}.html", dict(words)), "text/html")
    return mail


def hand_over(mail: EmailMultiAlternatives) -> Outcome:
    """Give a mail to the mail server."""
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        refused = f"the recipient was refused (SMTP {min(codes)})"
        return GaveUp(refused) if min(codes) >= PERMANENT else Retry(refused)
    except smtplib.SMTPResponseException as error:
        return Retry(f"SMTP {error.smtp_code}")
    except (smtplib.SMTPException, OSError) as error:
        return Retry(f"no mail server ({type(error).__name__})")
    return Delivered()


def domain(address: str) -> str:
    """The part behind the @.

    >>> domain("Outcry <alerts@outcry.example>")
    'outcry.example'
    """
    return parseaddr(address)[1].rpartition("@")[2] or "localhost"


def _leaving(message: Message) -> dict[str, str]:
    """The headers by which a mail program ends the Subscription with one click."""
    if not message.stop_url:
        return {}
    return {
        "List-Unsubscribe": f"<{message.stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
