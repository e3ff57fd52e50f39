"""The addresses that programs ask: faces, feeds, badges, files."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v2/", include("web.faces")),
    path("services/<slug:slug>/api/v2/", include("web.faces")),
]
