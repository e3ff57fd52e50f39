"""The table of public posts' counts, which only SQL can make as the other tables of counts are."""

from django.db import migrations, models

TABLE = """
CREATE TABLE aggregator_socialcount (
    start timestamptz NOT NULL,
    service_id bigint NOT NULL,
    region_id varchar(6) NOT NULL,
    problem_type_id bigint,
    count integer NOT NULL,
    CONSTRAINT aggregator_socialcount_not_negative CHECK (count >= 0),
    CONSTRAINT aggregator_socialcount_key UNIQUE NULLS NOT DISTINCT
        (service_id, start, region_id, problem_type_id)
);
CREATE INDEX aggregator_socialcount_start ON aggregator_socialcount (start);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0011_place_recent"),
    ]

    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE aggregator_socialcount"),
        migrations.CreateModel(
            name="SocialCount",
            fields=[
                (
                    "start",
                    models.DateTimeField(
                        help_text="The first instant of the span, UTC.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("count", models.IntegerField()),
            ],
            options={
                "db_table": "aggregator_socialcount",
                "abstract": False,
                "managed": False,
            },
        ),
    ]
