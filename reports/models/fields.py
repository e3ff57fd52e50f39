"""Column types of PostgreSQL that Django does not know."""

from django.db import models


class TransactionIdField(models.Field[int, int]):
    """A 64-bit transaction id (`xid8`), which never wraps around.

    It orders rows by the transaction that wrote them, which no clock does.
    """

    def db_type(self, connection: object) -> str:  # noqa: ARG002 - Django's signature
        """The column's type, the same on every connection."""
        return "xid8"

    def from_db_value(self, value: str | int | None, *_: object) -> int | None:
        """The id as a number; the driver hands out text."""
        return None if value is None else int(value)

    def get_prep_value(self, value: int | None) -> str | None:
        """The id as the text that PostgreSQL reads as `xid8`."""
        return None if value is None else str(value)
