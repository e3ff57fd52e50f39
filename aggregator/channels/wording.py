"""What is said of a message to people, in the language that is active."""

from datetime import timedelta

from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from aggregator.channels.message import TEST, Message, News
from aggregator.spoken import lead_words

# So many places and services are named in one line.
MOST_NAMED = 3
LONGEST_LINE = 200
LONGEST_NAME = 80


def headline(message: Message) -> str:
    """What moved, in one line."""
    if not message.together:
        return moved(message)
    names = list(dict.fromkeys(_plain(news.service_name) for news in message.together))
    shown = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
    count = len(message.together)
    line = ngettext("{count} outage: {names}", "{count} outages: {names}", count)
    return Truncator(line.format(count=count, names=shown)).chars(LONGEST_LINE)


def moved(news: Message | News) -> str:
    """What one move is, in one line."""
    event = news.event
    words = {
        "opened": gettext("{service}: possible outage"),
        "confirmed": gettext("{service}: outage confirmed"),
        "scope_changed": gettext("{service}: outage in other places"),
        "closed": gettext("{service}: outage over"),
        "reopened": gettext("{service}: outage again"),
        "retracted": gettext("{service}: false alarm"),
        "affected": gettext("{service}: probably affected by {cause}"),
        "corrected": gettext("{service}: outage corrected"),
        TEST: gettext("Test: alerts about {service} arrive here"),
    }
    kind = event.kind
    if kind == "opened" and event.to_state == "confirmed":
        kind = "confirmed"
    # What moderators do beyond these is told by its state.
    line = words.get(kind) or gettext("{service}: news of an outage")
    return line.format(service=_plain(news.service_name), cause=_plain(news.cause_name))


def particulars(message: Message | News) -> str:
    """One sentence about an Outage: its numbers, or why there are none to tell."""
    if message.event.kind == TEST:
        return gettext("There is no outage; somebody asked to try this subscription.")
    if message.event.kind == "retracted":
        return gettext("There was no outage after all.")
    return gettext(
        "Reports in the worst quarter of an hour: {peak}; about {expected} were expected."
    ).format(peak=message.outage.peak_count, expected=round(message.outage.expected_at_peak))


def asides(message: Message | News) -> list[str]:
    """Further sentences about an Outage: what explains it, and what its vendor says."""
    cause = _plain(message.cause_name)
    is_explained = (
        cause and message.event.to_state == "possible" and message.event.kind != "affected"
    )
    words = [
        gettext("Probably affected by {cause}.").format(cause=cause) if is_explained else "",
        vendor_words(message),
    ]
    return [line for line in words if line]


def vendor_words(message: Message | News) -> str:
    """What the vendor's own page says of an Outage, and who was first; empty: nothing is known."""
    told = message.outage.official
    if told is None:
        silent = message.is_unmentioned
        return gettext("Their own status page does not mention it.") if silent else ""
    name = Truncator(_plain(told.name)).chars(LONGEST_NAME)
    if told.lead_minutes is None:
        return gettext("Their own status page: {name}.").format(name=name)
    lead = lead_words(timedelta(minutes=told.lead_minutes))
    return gettext("Their own status page: {name}, {lead}.").format(name=name, lead=lead)


def description(message: Message) -> str:
    """A paragraph about an Outage: a moderator's words or its numbers, and what is said beside."""
    return " ".join([message.event.reason or particulars(message), *asides(message)])


def where(places: tuple[str, ...]) -> str:
    """The places in one line."""
    if not places:
        return gettext("worldwide")
    return ", ".join(places[:MOST_NAMED]) + (", …" if len(places) > MOST_NAMED else "")


def lines(message: Message) -> list[str]:
    """The message as short plain lines, for chats and small screens."""
    if not message.together:
        return [
            particulars(message),
            *asides(message),
            gettext("Where: {places}").format(places=where(message.places)),
        ]
    return [f"{moved(news)} ({where(news.places)})" for news in message.together]


def _plain(name: str) -> str:
    return " ".join(name.split())
