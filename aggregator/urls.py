"""The read side of the API, subscriptions, and its description."""

from django.urls import URLPattern, path
from drf_spectacular.views import SpectacularAPIView

from aggregator.api.catalogue import CategoriesView, RegionsView, ServicesView, ServiceView
from aggregator.api.official import LeadsView, OfficialView
from aggregator.api.outages import OutagesView, OutageView
from aggregator.api.services import KinView, PlacesView, ProblemsView, SeriesView
from aggregator.api.subscriptions import (
    SecretView,
    SubscriptionsView,
    SubscriptionView,
    TestView,
)

urlpatterns: list[URLPattern] = [
    path("services", ServicesView.as_view()),
    path("services/<slug:slug>", ServiceView.as_view()),
    path("services/<slug:slug>/series", SeriesView.as_view()),
    path("services/<slug:slug>/regions", PlacesView.as_view()),
    path("services/<slug:slug>/problem-types", ProblemsView.as_view()),
    path("services/<slug:slug>/together", KinView.as_view()),
    path("services/<slug:slug>/official", OfficialView.as_view()),
    path("official", LeadsView.as_view()),
    path("outages", OutagesView.as_view()),
    path("outages/<int:outage_id>", OutageView.as_view(), name="api-outage"),
    path("regions", RegionsView.as_view()),
    path("categories", CategoriesView.as_view()),
    path("subscriptions", SubscriptionsView.as_view()),
    path("subscriptions/<int:subscription_id>", SubscriptionView.as_view()),
    path("subscriptions/<int:subscription_id>/test", TestView.as_view()),
    path("subscriptions/<int:subscription_id>/secret", SecretView.as_view()),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
]
