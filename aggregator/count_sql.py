"""The statements that add to the tables of counts, recount them and compare them."""

from psycopg import sql

from aggregator.steps import SOCIAL, STEPS, Step

TABLES = (*STEPS, SOCIAL)

_FRESH = sql.SQL("""
    SELECT service_id, region_id, problem_type_id,
        date_bin('1 minute', received_at, 'epoch') AS start, channel = 'social' AS is_social,
        count(*)::integer AS count
    FROM reports_report
    WHERE transaction >= %(first)s AND transaction < %(upper)s AND rejected_at IS NULL
    GROUP BY 1, 2, 3, 4, 5
""")
_ADDED = sql.SQL("""
    INSERT INTO {table} AS kept (service_id, region_id, problem_type_id, start, count)
    SELECT service_id, region_id, problem_type_id, date_bin({width}, start, 'epoch'), sum(count)
    FROM fresh WHERE is_social = {is_social} GROUP BY 1, 2, 3, 4 ORDER BY 1, 4
    ON CONFLICT (service_id, start, region_id, problem_type_id)
    DO UPDATE SET count = kept.count + excluded.count
""")
ADD = sql.SQL(
    "WITH fresh AS MATERIALIZED ({fresh}), minutes AS ({minutes}), quarters AS ({quarters}),"
    " hours AS ({hours}), posts AS ({posts}) SELECT coalesce(sum(count), 0), min(start) FROM fresh"
).format(
    fresh=_FRESH,
    **{
        name: _ADDED.format(
            table=sql.Identifier(step.table),
            width=sql.Literal(step.width),
            is_social=sql.Literal(step is SOCIAL),
        )
        for name, step in zip(("minutes", "quarters", "hours", "posts"), TABLES, strict=True)
    },
)

_SPAN = "span.service_id = {0}.service_id AND {0}.{1} >= span.start AND {0}.{1} < span.stop"
# What the spans name, and once more as constants, by which whole partitions are left aside.
_WITHIN = f"{_SPAN} AND {{0}}.{{1}} >= %(first)s AND {{0}}.{{1}} < %(last)s"
_FROM_REPORTS = """
    SELECT r.service_id, r.region_id, r.problem_type_id,
        date_bin('1 minute', r.received_at, 'epoch') AS start, count(*)::integer AS count
    FROM reports_report r JOIN span ON {within}
    WHERE r.rejected_at IS NULL AND r.transaction < %(before)s
        AND (r.channel = 'social') = {is_social}
    GROUP BY 1, 2, 3, 4
"""
_FROM_FINER = sql.SQL("""
    SELECT f.service_id, f.region_id, f.problem_type_id,
        date_bin({width}, f.start, 'epoch') AS start, sum(f.count)::integer AS count
    FROM {finer} f JOIN span ON {within}
    GROUP BY 1, 2, 3, 4
""")
# The tables `span` and `truth`: which counts, and what they must be.
_TRUTH = sql.SQL("""
WITH span AS MATERIALIZED (
    SELECT service_id, start, start + make_interval(secs => %(width)s) AS stop
    FROM unnest(%(services)s::bigint[], %(starts)s::timestamptz[]) AS s (service_id, start)
), truth AS MATERIALIZED ({source})
""")
_SAME_KEY = """truth.service_id = kept.service_id AND truth.start = kept.start
    AND truth.region_id = kept.region_id
    AND coalesce(truth.problem_type_id, 0) = coalesce(kept.problem_type_id, 0)"""
# Rows that are right already are left alone: a conflict alone would write to each of them.
_RECOUNT = sql.SQL("""{truth},
removed AS (
    DELETE FROM {table} kept USING span
    WHERE {within} AND NOT EXISTS (SELECT FROM truth WHERE {same_key})
    RETURNING kept.start
), written AS (
    INSERT INTO {table} AS wrong (service_id, region_id, problem_type_id, start, count)
    SELECT truth.* FROM truth LEFT JOIN {table} kept
        ON {same_key} AND kept.start >= %(first)s AND kept.start < %(last)s
    WHERE kept.count IS DISTINCT FROM truth.count ORDER BY truth.service_id, truth.start
    ON CONFLICT (service_id, start, region_id, problem_type_id)
    DO UPDATE SET count = excluded.count
    RETURNING wrong.start
)
SELECT count(*), min(start) FROM (SELECT * FROM removed UNION ALL SELECT * FROM written) AS changed
""")


_COMPARE = sql.SQL("""{truth}
SELECT coalesce(kept.start, truth.start), service.slug, coalesce(kept.region_id, truth.region_id),
    problem_type.slug, coalesce(kept.count, 0), coalesce(truth.count, 0), count(*) OVER ()
FROM (SELECT kept.* FROM {table} kept JOIN span ON {within}) AS kept
    FULL JOIN truth ON {same_key}
    JOIN reports_service service ON service.id = coalesce(kept.service_id, truth.service_id)
    LEFT JOIN reports_problemtype problem_type
        ON problem_type.id = coalesce(kept.problem_type_id, truth.problem_type_id)
WHERE kept.count IS DISTINCT FROM truth.count AND NOT EXISTS (
    SELECT FROM reports_stalebucket stale WHERE {is_minute}
        AND stale.service_id = coalesce(kept.service_id, truth.service_id)
        AND stale.minute = coalesce(kept.start, truth.start))
ORDER BY 1, 2, 3, 4 LIMIT %(limit)s
""")


def recount(step: Step) -> sql.Composed:
    """Sets the counts of a step within the given spans; gives their number and the earliest."""
    return _statement(_RECOUNT, step)


def compare(step: Step) -> sql.Composed:
    """Selects the counts of a step, within the given spans, that are not what they must be."""
    return _statement(_COMPARE, step)


def _statement(template: sql.SQL, step: Step) -> sql.Composed:
    """One of the statements above for one table of counts."""
    source = sql.SQL(_FROM_REPORTS).format(
        within=sql.SQL(_WITHIN.format("r", "received_at")), is_social=sql.Literal(step is SOCIAL)
    )
    if not step.is_of_reports:
        source = _FROM_FINER.format(
            width=sql.Literal(step.width),
            finer=sql.Identifier(STEPS[STEPS.index(step) - 1].table),
            within=sql.SQL(_WITHIN.format("f", "start")),
        )
    return template.format(
        truth=_TRUTH.format(source=source),
        table=sql.Identifier(step.table),
        within=sql.SQL(_WITHIN.format("kept", "start")),
        same_key=sql.SQL(_SAME_KEY),
        is_minute=sql.Literal(step.is_of_reports),
    )
