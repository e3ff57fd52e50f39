"""The addresses by which people subscribe, and keep hold of it."""

from django.urls import URLPattern, path

from web.pages.manage import subscription, unsubscribe, unsubscribed
from web.pages.subscribe import confirm, sent, subscribe, subscribe_browser, worker

urlpatterns: list[URLPattern] = [
    path("subscribe/", subscribe, name="subscribe"),
    path("subscribe/browser", subscribe_browser, name="subscribe-browser"),
    path("subscribe/sent/", sent, name="subscribe-sent"),
    path("subscribe/confirm/<str:token>/", confirm, name="subscribe-confirm"),
    path("subscriptions/<str:token>/", subscription, name="subscription"),
    path("unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
    path("unsubscribed/", unsubscribed, name="unsubscribed"),
    path("worker.js", worker, name="worker"),
]
