"""The catalogue in the back office: all of the staff see it, verbs change it for those who may."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from reports import admin_catalogue_file, catalogue_rows, catalogue_text
from reports.admin_catalogue_forms import CategoryForm, ServiceForm
from reports.back_office import ReadOnlyAdmin, VerbAdmin
from reports.models import Category, ProblemType, Service

CHANGES = "reports.change_service"


@admin.register(Service)
class ServiceAdmin(VerbAdmin[Service]):
    """What can be reported."""

    adds = "reports.add_service"
    changes = CHANGES
    form = ServiceForm
    list_display = ["name", "slug", "category", "official_kind", "is_active", "page"]
    list_select_related = ["category"]
    list_filter = ["is_active", "category", "official_kind"]
    search_fields = ["name", "slug", "aliases__name"]
    list_before_template = "admin/catalogue_links.html"
    fieldsets = (
        (None, {"fields": ("name", "slug", "category", "is_hidden")}),
        (_("What fails"), {"fields": ("problem_types", "depends_on", "aliases")}),
        (_("Elsewhere"), {"fields": ("homepage", "official_url", "official_kind")}),
        (_("Logo"), {"fields": ("picture", "no_picture")}),
        (_("Why"), {"fields": ("reason",)}),
    )
    _seen_only: ClassVar = [
        "name",
        "slug",
        "category",
        "is_active",
        "homepage",
        "official_url",
        "official_kind",
    ]

    def get_fieldsets(self, request: HttpRequest, _obj: Service | None = None) -> tuple[Any, ...]:
        """The form; for those who may not change it, the columns alone."""
        if self.has_change_permission(request):
            return self.fieldsets
        return ((None, {"fields": self._seen_only}),)

    def get_readonly_fields(self, _request: HttpRequest, obj: Service | None = None) -> list[str]:
        """History and links name a slug: it stays."""
        return ["slug"] if obj else []

    def get_urls(self) -> list[URLPattern]:
        """The lists', and those of whole catalogues."""
        site = self.admin_site
        return [
            path(
                "import/",
                site.admin_view(admin_catalogue_file.take_in),
                name="reports_catalogue_import",
            ),
            path("export/", site.admin_view(export), name="reports_catalogue_export"),
            *super().get_urls(),
        ]

    @admin.display(description=_("page"))
    def page(self, service: Service) -> SafeString:
        """Where to look at it as everybody will see it."""
        address = reverse("admin:service-preview", args=[service.slug])
        return format_html('<a href="{}">{}</a>', address, _("Look"))


@admin.register(ProblemType)
class ProblemTypeAdmin(ReadOnlyAdmin[ProblemType]):
    """What can be wrong with each Service; changed with the Service."""

    list_display = ["name", "service", "slug", "position", "is_active"]
    list_select_related = ["service"]
    search_fields = ["name", "service__name"]


@admin.register(Category)
class CategoryAdmin(VerbAdmin[Category]):
    """The shelves of the catalogue."""

    adds = "reports.add_category"
    changes = "reports.change_category"
    form = CategoryForm
    list_display = ["name", "slug", "position", "size"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        """With `size`, the number of Services on the site."""
        shown = Count("services", filter=Q(services__is_active=True))
        return super().get_queryset(request).annotate(size=shown)

    def get_readonly_fields(self, _request: HttpRequest, obj: Category | None = None) -> list[str]:
        """Links name a slug: it stays."""
        return ["slug"] if obj else []

    @admin.display(description=_("services"))
    def size(self, category: Category) -> int:
        """How many are on the site."""
        return int(category.size)  # type: ignore[attr-defined]  # annotated above


@permission_required("reports.view_service", raise_exception=True)
def export(_request: HttpRequest) -> HttpResponse:
    """The whole catalogue as the YAML that can be taken in again."""
    text = catalogue_text.write(catalogue_rows.current())
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="catalogue.yaml"'
    return response
