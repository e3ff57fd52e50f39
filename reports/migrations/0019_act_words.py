"""Acts on listed words."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """More choices of an act."""

    dependencies: ClassVar = [
        ("reports", "0018_trail_is_kept"),
    ]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="moderationentry",
            name="act",
            field=models.CharField(
                choices=[
                    ("reject", "rejected reports"),
                    ("restore", "restored reports"),
                    ("hold", "held comments"),
                    ("release", "released comments"),
                    ("remove", "removed comments"),
                    ("dismiss", "dismissed a burst"),
                    ("ban", "banned a sender"),
                    ("unban", "lifted a ban"),
                    ("confirm", "confirmed an outage"),
                    ("retract", "retracted an outage"),
                    ("end", "ended an outage"),
                    ("open", "opened an outage"),
                    ("annotate", "annotated an outage"),
                    ("join", "joined two outages"),
                    ("split", "split an outage"),
                    ("explain", "named an outage's cause"),
                    ("declare", "declared something of a service"),
                    ("lift", "ended a declaration"),
                    ("tune", "changed a sensitivity"),
                    ("list", "listed words"),
                    ("unlist", "took words off the list"),
                    ("undo", "undid"),
                    ("edit", "changed the catalogue"),
                    ("logo", "changed a logo"),
                    ("accept", "accepted a suggestion"),
                    ("decline", "declined a suggestion"),
                    ("set", "changed a setting"),
                    ("make_key", "made an API key"),
                    ("revoke_key", "revoked an API key"),
                    ("staff", "changed a person of the staff"),
                    ("forget", "deleted what is kept of a sender"),
                    ("export", "exported data"),
                ],
                max_length=12,
            ),
        ),
    ]
