"""A row a Minute of how the site was doing."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table."""

    dependencies: ClassVar = [("config", "0001_roles")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="SiteMinute",
            fields=[
                (
                    "minute",
                    models.DateTimeField(help_text="UTC.", primary_key=True, serialize=False),
                ),
                (
                    "counting_lag",
                    models.FloatField(
                        help_text="Seconds; empty before the first count.", null=True
                    ),
                ),
                (
                    "evaluation_lag",
                    models.FloatField(
                        help_text="Seconds since the end of the last Minute evaluated.", null=True
                    ),
                ),
                ("uncounted", models.PositiveIntegerField(help_text="Reports not counted yet.")),
                ("alerts_pending", models.PositiveIntegerField()),
            ],
        )
    ]
