"""Public notes beside Outages, and what an Outage was joined into."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """New tables and columns."""

    dependencies: ClassVar = [
        ("aggregator", "0008_open_data"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="outage",
            name="joined_into",
            field=models.ForeignKey(
                help_text="The Outage that this one turned out to be a part of.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="joined",
                to="aggregator.outage",
            ),
        ),
        migrations.CreateModel(
            name="OutageNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("text", models.TextField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="aggregator.outage",
                    ),
                ),
            ],
            options={
                "ordering": ["outage", "at", "id"],
            },
        ),
    ]
