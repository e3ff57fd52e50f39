"""Jobs on comments, too."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Words for people, and more choices."""

    dependencies: ClassVar = [
        ("reports", "0019_act_words"),
    ]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="moderationjob",
            name="act",
            field=models.CharField(
                choices=[
                    ("reject", "rejecting reports"),
                    ("restore", "restoring reports"),
                    ("release", "showing comments"),
                    ("remove", "removing comments"),
                    ("hold", "holding comments"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="moderationjob",
            name="after",
            field=models.UUIDField(help_text="The last one looked at.", null=True),
        ),
        migrations.AlterField(
            model_name="moderationjob",
            name="selection",
            field=models.JSONField(
                help_text="Which: a `reports.selection.Selection`, or held comments."
            ),
        ),
        migrations.AlterField(
            model_name="moderationjob",
            name="total",
            field=models.PositiveIntegerField(
                help_text="How many it is about, when it was asked for."
            ),
        ),
    ]
