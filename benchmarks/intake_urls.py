"""The real addresses, and beside them the empty view that intake is compared with."""

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class EmptyView(APIView):
    """What every view of the framework costs: it reads nothing and answers a constant."""

    def post(self, _request: Request) -> Response:
        """Answer at once."""
        return Response({"ok": True})

    get = post


urlpatterns = [
    path("empty", EmptyView.as_view()),
    path("", include("config.urls")),
]
