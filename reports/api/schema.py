"""The write API as OpenAPI describes it. Nothing here runs when a Report comes in."""

from typing import Any

from rest_framework import serializers

from reports.intake import LONGEST_COMMENT, LONGEST_SLUG


class ReportPosition(serializers.Serializer[None]):
    """Degrees WGS 84. Used to find the region, then forgotten."""

    lat = serializers.FloatField(min_value=-90, max_value=90)
    lon = serializers.FloatField(min_value=-180, max_value=180)


class ReportRequest(serializers.Serializer[None]):
    """One report. The place is `region`, else `position`, else what the network or language say."""

    service = serializers.SlugField(max_length=LONGEST_SLUG, help_text="The service's slug.")
    problem_type = serializers.SlugField(
        required=False, allow_null=True, help_text="One of the service's problem types."
    )
    region = serializers.CharField(
        required=False, allow_null=True, help_text="ISO 3166 code or name: US-CA, DE, Bavaria."
    )
    position = ReportPosition(required=False, allow_null=True)
    comment = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=LONGEST_COMMENT
    )


class Receipt(serializers.Serializer[None]):
    """The stored report, or the earlier one that it repeats."""

    id = serializers.UUIDField()
    service = serializers.SlugField()
    region = serializers.CharField(allow_null=True, help_text="Null when no place is known.")
    received_at = serializers.DateTimeField()


class BulkLine(ReportRequest):
    """One line of a bulk request."""

    reporter = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="Your own opaque name for the person; hashed. Without it, all lines that leave "
        "it out count as one reporter.",
    )
    network = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="Your own opaque name for the person's network; hashed.",
    )


class Problem(serializers.Serializer[None]):
    """What went wrong (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With `errors`, a name that serializers use for something of their own."""
        errors = serializers.DictField(
            child=serializers.CharField(), required=False, help_text="What is wrong, by field."
        )
        return {**super().get_fields(), "errors": errors}


class BulkAnswer(serializers.Serializer[None]):
    """The answer to one line, itself on one line (NDJSON)."""

    line = serializers.IntegerField(min_value=1)
    status = serializers.IntegerField()
    id = serializers.UUIDField(required=False)
    problem = Problem(required=False)


def problems(*codes: int) -> dict[tuple[int, str], type[Problem]]:
    """The problem document as the answer of each of these statuses."""
    return {(code, "application/problem+json"): Problem for code in codes}
