"""What the staff set while the site runs."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A table."""

    dependencies: ClassVar = [
        ("reports", "0015_service_suggestion"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="SiteSetting",
            fields=[
                ("key", models.TextField(primary_key=True, serialize=False)),
                ("value", models.JSONField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "key__in",
                                [
                                    "name",
                                    "logo",
                                    "languages",
                                    "countries",
                                    "dedupe_window_minutes",
                                    "report_retention_days",
                                    "minute_retention_days",
                                ],
                            )
                        ),
                        name="reports_sitesetting_known",
                    )
                ],
            },
        ),
    ]
