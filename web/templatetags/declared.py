"""What operators declared of a Service, for its page."""

from django import template
from django.utils import timezone

from aggregator import declarations
from reports.models import Service

register = template.Library()


@register.inclusion_tag("web/declared.html")
def declared(service: Service) -> dict[str, object]:
    """What holds now: work, a surge, or that nothing is raised (one query)."""
    return {"declared": declarations.in_force(service.pk, timezone.now())}
