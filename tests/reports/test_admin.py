"""The back office shows and changes nothing."""

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from reports.back_office import ReadOnlyAdmin
from reports.models import Report
from tests.factories import make_report

pytestmark = pytest.mark.django_db
PAGES = ["report", "problemtype", "region", "moderationentry"]
FORMS = {"apikey", "category", "service", "servicesuggestion"}


@pytest.fixture
def office() -> Client:
    """A superuser's browser."""
    client = Client()
    client.force_login(User.objects.create_superuser("maria"))
    return client


@pytest.mark.parametrize("page", PAGES)
def test_page_lists_and_offers_no_change(office: Client, page: str) -> None:
    make_report(at=datetime.now(UTC))
    response = office.get(f"/admin/reports/{page}/")
    assert response.status_code == 200
    assert "Add" not in response.content.decode().partition("object-tools")[2][:200]
    assert office.get(f"/admin/reports/{page}/add/").status_code == 403


def test_every_table_shown_is_read_only() -> None:
    ours = [model for model in admin.site._registry if model._meta.app_label == "reports"]
    assert {model._meta.model_name for model in ours} == {*PAGES, *FORMS}
    assert all(isinstance(admin.site._registry[model], ReadOnlyAdmin) for model in ours)


def test_report_page_finds_an_id_and_counts_no_rows(
    office: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    reports = [make_report(at=datetime.now(UTC)) for _ in range(20)]
    with django_assert_max_num_queries(4) as captured:
        office.get("/admin/reports/report/")
    assert not any("COUNT" in query["sql"] for query in captured.captured_queries)
    found = office.get("/admin/reports/report/", {"q": str(reports[3].id)})
    assert found.content.decode().count('class="action-checkbox"') <= 1
    assert office.get(f"/admin/reports/report/{reports[0].id}/change/").status_code == 200
    assert office.post(f"/admin/reports/report/{reports[0].id}/delete/").status_code == 403
    assert Report.objects.count() == 20
