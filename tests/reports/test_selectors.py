"""What the aggregator asks of the Report table."""

from datetime import timedelta

import pytest

from reports import partitions
from reports.models import Report, Service
from reports.selectors import breadth
from tests.factories import make_report
from tests.reports.drafting import NOON

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def _day(db: None) -> None:
    partitions.ensure("reports_report", NOON.date(), NOON.date())


def test_breadth_counts_each_network_once_on_every_level(claude: Service) -> None:
    make_report(at=NOON, region="US-CA", sender="alice")
    make_report(at=NOON, region="US-CA", sender="alice")
    make_report(at=NOON, region="US-NY", sender="alice")
    make_report(at=NOON, region="US", sender="bob")
    make_report(at=NOON, region="DE", sender="carol")
    make_report(at=NOON, sender="dave")
    assert breadth(claude.pk, NOON, NOON + QUARTER) == {
        "": 4,
        "US": 2,
        "US-CA": 1,
        "US-NY": 1,
        "DE": 1,
    }


def test_breadth_leaves_out_other_services_rejected_reports_and_other_times(
    claude: Service,
) -> None:
    make_report("noise", at=NOON)
    make_report(at=NOON - timedelta(microseconds=1))
    make_report(at=NOON + QUARTER)
    rejected = make_report(at=NOON)
    Report.objects.filter(id=rejected.id).update(rejected_at=NOON)
    assert breadth(claude.pk, NOON, NOON + QUARTER) == {}
