from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import StateApps

NAMES = ("Moderator", "Operator", "Administrator")


def make(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Make the groups that are not there."""
    """Make the groups that are not there."""
    group = apps.get_model("auth", "Group")
    for name in NAMES:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    """The groups alone: their rights exist only after all migrations; `prepare` gives them."""

    dependencies: ClassVar = [("auth", "0012_alter_user_first_name_max_length")]
    # Backwards they stay: somebody may be in them.
    operations: ClassVar[list[Operation]] = [migrations.RunPython(make, migrations.RunPython.noop)]
