"""The types of single values in answers and questions, with what the API's schema says of them."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

Instant = Annotated[datetime, Meta(tz=True, description="ISO 8601, UTC.")]
Slug = Annotated[str, Meta(pattern="^[-a-zA-Z0-9_]+$", max_length=80)]
RegionCode = Annotated[
    str,
    Meta(
        pattern="^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
        description="ISO 3166-1 alpha-2 or ISO 3166-2.",
        examples=["US-CA"],
    ),
]
Count = Annotated[
    int | None,
    Meta(description="Reports; null where `fewer_than` says that the exact number is private."),
]
FewerThan = Annotated[
    int | None,
    Meta(description="Set when the count is smaller than this and therefore not published."),
]
Expected = Annotated[float | None, Meta(description="Reports expected; null where unknown.")]
VerdictName = Literal["ok", "possible", "major", "unknown"]
RegionLevel = Literal["country", "subdivision"]
