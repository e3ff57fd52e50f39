"""A catalogue as the YAML that `reports.catalogue_file` reads: for exports, and to check edits.

What reading gives back equals what was written, but for the order of services. Pure.
"""

from collections import Counter
from collections.abc import Iterable

import yaml

from reports.catalogue_file import Catalogue, ProblemTypeEntry, ServiceEntry

LINE_WIDTH = 100
Types = tuple[ProblemTypeEntry, ...]


def write(catalogue: Catalogue) -> str:
    """The YAML of a catalogue; what most services of a category have in common is written once.

    >>> from reports.catalogue_file import parse, read
    >>> parse(write(read())) == read()
    True
    """
    shared = {
        category.slug: _shared(one for one in catalogue.services if one.category == category.slug)
        for category in catalogue.categories
    }
    document = {
        "categories": {
            one.slug: {"name": one.name, **_types(shared[one.slug])} for one in catalogue.categories
        },
        "services": {
            one.slug: _service(one, shared.get(one.category, ())) for one in catalogue.services
        },
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=LINE_WIDTH)


def _shared(services: Iterable[ServiceEntry]) -> Types:
    """The problem types most services list; none where a service has none, as it would get them."""
    counted = Counter(one.problem_types for one in services)
    return counted.most_common(1)[0][0] if counted and () not in counted else ()


def _service(one: ServiceEntry, shared: Types) -> dict[str, object]:
    status = {"kind": one.official_kind or "none", "url": one.official_url}
    optional: dict[str, object] = {
        "homepage": one.homepage,
        "status": status if one.official_url else None,
        "aliases": list(one.aliases),
        **({} if one.problem_types == shared else _types(one.problem_types)),
        "depends_on": list(one.depends_on),
        "hidden": one.hidden,
    }
    kept = {key: value for key, value in optional.items() if value}
    return {"name": one.name, "category": one.category, **kept}


def _types(types: Types) -> dict[str, object]:
    return {"problem_types": {kind.slug: kind.name for kind in types}} if types else {}
