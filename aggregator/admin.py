"""The back office of the aggregator: plain lists to look at, and a few named acts."""

from datetime import UTC, datetime

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from aggregator import (
    admin_outages,  # noqa: F401 - it registers its pages
    admin_sensitivity,  # noqa: F401 - it registers its pages
    alerting,
    subscriptions,
    trials,
)
from aggregator.models import Alert, Subscription
from reports.back_office import ReadOnlyAdmin


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin[Alert]):
    """What was to be told, and what came of it."""

    list_display = ("id", "event", "subscription", "state", "attempts", "due_at", "last_error")
    list_filter = ("state", "subscription__channel")
    list_select_related = ("event", "subscription")
    ordering = ("-created_at", "-id")
    actions = ("try_again", "send_again")

    @admin.action(description="Try again", permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        """Make the failed ones among the chosen due again."""
        ids = queryset.values_list("id", flat=True)
        count = alerting.try_again(ids, datetime.now(UTC))
        self.message_user(request, f"{count} alerts are due again.", messages.SUCCESS)

    @admin.action(description="Send again, with the same id", permissions=["retry"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        """Send once more those among the chosen that were sent or failed."""
        now = datetime.now(UTC)
        count = sum(alerting.replay(key, now) for key in queryset.values_list("id", flat=True))
        self.message_user(request, f"{count} alerts are sent once more.", messages.SUCCESS)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Those who may change Alerts may have them tried again."""
        return request.user.has_perm("aggregator.change_alert")


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin[Subscription]):
    """Who is told of what; secrets are not shown."""

    list_display = (
        "id",
        "channel",
        "shown_target",
        "service",
        "category",
        "region",
        "least_state",
        "cadence",
        "failures",
        "is_active",
    )
    list_filter = ("channel", "is_active", "least_state", "cadence", "by_operator")
    list_select_related = ("service", "category", "region")
    # Who knows an address finds it; nobody reads it here, nor what would let him use it.
    search_fields = ("=target",)
    exclude = ("target", "secret", "earlier_secret")
    readonly_fields = ("shown_target",)
    actions = ("end", "send_test", "begin_again")

    @admin.action(description="End", permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        """End the chosen ones."""
        reason = f"ended by {request.user.get_username()}"
        ids = queryset.values_list("id", flat=True)
        count = sum(subscriptions.deactivate(key, reason) for key in ids)
        self.message_user(request, f"{count} subscriptions ended.", messages.SUCCESS)

    @admin.action(description="Send a test", permissions=["end"])
    def send_test(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        """Have a test message sent to each of the chosen, at most one a minute."""
        now = datetime.now(UTC)
        count = sum(trials.ask(key, now) for key in queryset.values_list("id", flat=True))
        self.message_user(request, f"{count} tests are on their way.", messages.SUCCESS)

    @admin.action(description="Begin again", permissions=["end"])
    def begin_again(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        """Begin anew with those among the chosen that ended."""
        ids = queryset.values_list("id", flat=True)
        count = sum(subscriptions.resume(key) for key in ids)
        self.message_user(request, f"{count} subscriptions began again.", messages.SUCCESS)

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Those who may change Subscriptions may end them."""
        return request.user.has_perm("aggregator.change_subscription")
