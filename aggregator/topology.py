"""What exists, in the detector's words: Services, the Region tree, who depends on whom."""

from dataclasses import dataclass, replace

from aggregator.detection import Topology
from reports.models import Region, Service, ServiceDependency


@dataclass(frozen=True, slots=True)
class Plan:
    """A Topology with the way from the tables' keys to its indices.

    Services stand in the order of their keys, so that a new one never moves an old one.
    """

    topology: Topology
    service_index: dict[int, int]
    region_index: dict[str, int]
    service_keys: dict[str, int]


def around(plan: Plan, slug: str) -> Plan:
    """The part of a plan that tells of one Service: itself, and what it depends on."""
    whole = plan.topology
    at = whole.services.index(slug)
    kept = [at, *sorted({parent for child, parent in whole.dependencies if child == at} - {at})]
    slugs = tuple(whole.services[index] for index in kept)
    keys = {plan.service_keys[name]: number for number, name in enumerate(slugs)}
    links = tuple((0, number) for number in range(1, len(kept)))
    part = replace(whole, services=slugs, dependencies=links)
    return Plan(part, keys, plan.region_index, {name: plan.service_keys[name] for name in slugs})


def read() -> Plan:
    """The plan of all Services (retired ones too: they have a history) and Regions, two queries."""
    services = list(Service.objects.order_by("pk").values_list("pk", "slug"))
    regions = list(Region.objects.order_by("code").values_list("code", "parent_id", "time_zone"))
    service_index = {key: index for index, (key, _) in enumerate(services)}
    region_index = {code: index for index, (code, _, _) in enumerate(regions)}
    links = ServiceDependency.objects.order_by("pk").values_list("service_id", "depends_on_id")
    topology = Topology(
        services=tuple(slug for _, slug in services),
        regions=tuple(code for code, _, _ in regions),
        # The world's parent is nobody.
        parents=tuple(region_index.get(parent, -1) for _, parent, _ in regions),
        zones=tuple(zone for _, _, zone in regions),
        dependencies=tuple((service_index[one], service_index[other]) for one, other in links),
    )
    return Plan(topology, service_index, region_index, {slug: key for key, slug in services})
