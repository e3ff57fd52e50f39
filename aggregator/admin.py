"""The back office of the aggregator: plain lists to look at, and a few named acts."""

from datetime import UTC, datetime

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from aggregator import alerting, subscriptions
from aggregator.models import Alert, Subscription
from reports.back_office import ReadOnlyAdmin


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin[Alert]):
    """What was to be told, and what came of it."""

    list_display = ("id", "event", "subscription", "state", "attempts", "due_at", "last_error")
    list_filter = ("state", "subscription__channel")
    list_select_related = ("event", "subscription")
    ordering = ("-created_at", "-id")
    actions = ("try_again",)

    @admin.action(description="Try again", permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        """Make the failed ones among the chosen due again."""
        ids = queryset.values_list("id", flat=True)
        count = alerting.try_again(ids, datetime.now(UTC))
        self.message_user(request, f"{count} alerts are due again.", messages.SUCCESS)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Those who may change Alerts may have them tried again."""
        return request.user.has_perm("aggregator.change_alert")


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin[Subscription]):
    """Who is told of what; secrets are not shown."""

    list_display = ("id", "channel", "target", "service", "region", "least_state", "is_active")
    list_filter = ("channel", "is_active", "least_state")
    list_select_related = ("service", "region")
    search_fields = ("target",)
    exclude = ("secret",)
    actions = ("end",)

    @admin.action(description="End", permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        """End the chosen ones."""
        reason = f"ended by {request.user.get_username()}"
        ids = queryset.values_list("id", flat=True)
        count = sum(subscriptions.deactivate(key, reason) for key in ids)
        self.message_user(request, f"{count} subscriptions ended.", messages.SUCCESS)

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Those who may change Subscriptions may end them."""
        return request.user.has_perm("aggregator.change_subscription")
