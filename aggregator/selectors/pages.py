"""One page of a long list, by position and not by number: rows that come or go shift nothing."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from django.db.models import Model, Q, QuerySet

from aggregator.selectors.spans import utc

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")
Shape = TypeVar("Shape")


class BadCursorError(ValueError):
    """A cursor that this list did not give out."""


@dataclass(frozen=True, slots=True)
class Order:
    """A total order of rows.

    Attributes:
        fields: attribute names, `-` before those that fall; together they are unique.
        position: the tuple type of a row's values of these fields.
    """

    fields: tuple[str, ...]
    position: object

    def position_of(self, row: Model) -> tuple[object, ...]:
        """A row's place in the order."""
        return tuple(getattr(row, field.lstrip("-")) for field in self.fields)

    def decoder(self) -> msgspec.json.Decoder[tuple[bool, tuple[object, ...]]]:
        """What reads the inside of a cursor: its way and its position."""
        return msgspec.json.Decoder(tuple[bool, self.position])  # type: ignore[name-defined]  # a type made when the program runs

    def reversed(self) -> tuple[str, ...]:
        """The fields of the opposite order.

        >>> Order(("-started_at", "id"), tuple).reversed()
        ('started_at', '-id')
        """
        return tuple(field[1:] if field.startswith("-") else f"-{field}" for field in self.fields)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows, and the way to read from there."""

    position: tuple[object, ...]
    backwards: bool = False

    def text(self) -> str:
        """The cursor as a URL-safe word.

        >>> Cursor(("claude",)).text()
        'W2ZhbHNlLFsiY2xhdWRlIl1d'
        """
        raw = msgspec.json.encode((self.backwards, self.position))
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(text: str, order: Order) -> Cursor:
    """The cursor that a word stands for.

    >>> read_cursor("W2ZhbHNlLFsiY2xhdWRlIl1d", Order(("slug",), tuple[str]))
    Cursor(position=('claude',), backwards=False)

    Raises:
        BadCursorError: when it is not a cursor of a list in this order.
    """
    decoder = order.decoder()
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        backwards, position = decoder.decode(raw)
        return Cursor(tuple(map(_comparable, position)), backwards)
    except (binascii.Error, ValueError) as error:
        message = "Not a cursor of this list."
        raise BadCursorError(message) from error


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some rows of a list, and where it goes on."""

    items: list[Item]
    next: Cursor | None = None
    previous: Cursor | None = None

    def map(self, change: Callable[[list[Item]], list[Shape]]) -> "Page[Shape]":
        """The same page with its items turned, all at once, into something else."""
        return Page(change(self.items), self.next, self.previous)


def cut(rows: QuerySet[Row], order: Order, size: int, cursor: Cursor | None = None) -> Page[Row]:
    """The page of at most `size` rows at a cursor, from the start without one. One query."""
    if cursor is None:
        found = list(rows.order_by(*order.fields)[: size + 1])
        return Page(found[:size], _after(found[:size], order) if len(found) > size else None)
    fields = order.reversed() if cursor.backwards else order.fields
    beyond = rows.filter(_beyond(fields, cursor.position)).order_by(*fields)
    found = list(beyond[: size + 1])
    more, found = len(found) > size, found[:size]
    if cursor.backwards:
        found.reverse()
        return Page(found, _after(found, order), _before(found, order) if more else None)
    return Page(found, _after(found, order) if more else None, _before(found, order))


def _comparable(value: object) -> object:
    return utc(value) if isinstance(value, datetime) else value


def _after(rows: list[Row], order: Order) -> Cursor | None:
    return Cursor(order.position_of(rows[-1])) if rows else None


def _before(rows: list[Row], order: Order) -> Cursor | None:
    return Cursor(order.position_of(rows[0]), backwards=True) if rows else None


def _beyond(fields: tuple[str, ...], position: tuple[object, ...]) -> Q:
    """Rows strictly after a position; the first field's own bound lets its index be used."""
    later, equal = Q(pk__in=()), Q()
    for field, value in zip(fields, position, strict=True):
        later |= equal & _comparison(field, value, "")
        equal &= Q(**{field.lstrip("-"): value})
    return _comparison(fields[0], position[0], "e") & later


def _comparison(field: str, value: object, or_equal: str) -> Q:
    way = "lt" if field.startswith("-") else "gt"
    return Q(**{f"{field.lstrip('-')}__{way}{or_equal}": value})
