"""When a declaration was ended before its time; what two rules say when they are broken."""

from typing import ClassVar

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """A column and two messages."""

    dependencies: ClassVar = [
        ("aggregator", "0018_refusal"),
        ("reports", "0017_outage_acts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="declaration",
            name="lifted_at",
            field=models.DateTimeField(
                help_text="When a person ended it before its time.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="declaration",
            name="made_at",
            field=models.DateTimeField(),
        ),
        migrations.AlterField(
            model_name="declaration",
            name="note",
            field=models.TextField(
                blank=True, help_text="For everybody to read, on the Service's page."
            ),
        ),
        migrations.AlterConstraint(
            model_name="declaration",
            name="aggregator_declaration_has_a_span",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="aggregator_declaration_has_a_span",
                violation_error_message="It must end later than it begins.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="outage",
            name="aggregator_outage_one_open",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("possible", "confirmed"))),
                fields=("service",),
                name="aggregator_outage_one_open",
                violation_error_message="This service has an outage that is not over.",
            ),
        ),
    ]
