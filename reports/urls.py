"""The write side of the API."""

from django.urls import path

from reports.api.bulk import BulkView
from reports.api.single import ReportView

urlpatterns = [
    path("reports", ReportView.as_view(), name="reports"),
    path("reports/bulk", BulkView.as_view(), name="reports-bulk"),
]
