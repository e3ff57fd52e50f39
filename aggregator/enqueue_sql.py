"""The statement that writes the Alerts of a move: who is told, and when each of them."""

# Told are people, not rows: of several Subscriptions of one mail address, chat or browser one is
# told, the one that heard of the Outage before. Each webhook is an endpoint of its own.
#
# That an Outage is probably another's effect is told to those who follow its Service, too, who
# otherwise hear of confirmed Outages only; not to those who were told so with an earlier move.
#
# `wall` is the clock on the subscriber's wall. From it comes when they want to be told: at once,
# at the next full hour, at eight in the morning; an instant one that had its fill in this hour at
# the next full hour. What then falls into quiet hours waits for their end.
ENQUEUE = """
WITH RECURSIVE above AS (
    SELECT code, parent_id FROM reports_region WHERE code = ANY(%(scope)s)
    UNION
    SELECT region.code, region.parent_id
    FROM reports_region region JOIN above ON region.code = above.parent_id
), below AS (
    SELECT code FROM reports_region WHERE code = ANY(%(scope)s)
    UNION
    SELECT region.code FROM reports_region region JOIN below ON region.parent_id = below.code
), touched AS (
    SELECT code FROM above UNION SELECT code FROM below
), told AS (
    SELECT DISTINCT ON (alert.subscription_id) alert.subscription_id, event.kind
    FROM aggregator_alert alert JOIN aggregator_outageevent event ON event.id = alert.event_id
    WHERE event.outage_id = %(outage)s AND event.id < %(event)s
    ORDER BY alert.subscription_id, event.id DESC
), explained AS (
    SELECT alert.subscription_id
    FROM aggregator_alert alert JOIN aggregator_outageevent event ON event.id = alert.event_id
    WHERE event.outage_id = %(outage)s AND event.id < %(event)s AND event.cause_id IS NOT NULL
), chosen AS (
    SELECT DISTINCT ON (
        subscription.channel, subscription.target,
        CASE WHEN subscription.channel = 'webhook' THEN subscription.id END
    ) subscription.*
    FROM aggregator_subscription subscription
    LEFT JOIN told ON told.subscription_id = subscription.id
    WHERE subscription.is_active AND (
        told.kind IS NOT NULL AND %(follows)s AND told.kind <> ALL(%(silent_after)s)
        OR NOT %(ends)s
        AND (subscription.service_id IS NULL OR subscription.service_id = %(service)s)
        AND (subscription.category_id IS NULL OR subscription.category_id = %(category)s)
        AND (subscription.region_id IS NULL OR subscription.region_id IN (SELECT code FROM touched))
        AND (
            subscription.least_state = 'possible' OR %(is_confirmed)s
            OR %(explains)s AND subscription.service_id = %(service)s
        )
    )
    ORDER BY subscription.channel, subscription.target,
        CASE WHEN subscription.channel = 'webhook' THEN subscription.id END,
        told.kind IS NULL, subscription.id
), planned AS (
    SELECT chosen.id, chosen.time_zone, chosen.quiet_from, chosen.quiet_until, wall.at AS wall,
        CASE
        WHEN chosen.cadence = 'daily' THEN
            date_trunc('day', wall.at - interval '8 hours') + interval '32 hours'
        WHEN chosen.cadence = 'hourly' OR (
            SELECT count(*) FROM aggregator_alert alert
            WHERE alert.subscription_id = chosen.id AND NOT alert.is_gathered
                AND alert.created_at > CURRENT_TIMESTAMP - interval '1 hour'
        ) >= chosen.hourly_cap THEN
            date_trunc('hour', wall.at) + interval '1 hour'
        ELSE wall.at
        END AS wanted
    FROM chosen CROSS JOIN LATERAL (SELECT %(at)s AT TIME ZONE chosen.time_zone AS at) wall
    WHERE NOT (%(explains)s AND chosen.id IN (SELECT subscription_id FROM explained))
), timed AS (
    SELECT planned.id, planned.time_zone, planned.wall,
        CASE
        WHEN quiet_from < quiet_until AND wanted::time >= quiet_from AND wanted::time < quiet_until
            OR quiet_from > quiet_until AND wanted::time < quiet_until
            THEN date_trunc('day', wanted) + quiet_until
        WHEN quiet_from > quiet_until AND wanted::time >= quiet_from
            THEN date_trunc('day', wanted) + interval '1 day' + quiet_until
        ELSE wanted
        END AS wanted
    FROM planned
)
INSERT INTO aggregator_alert (
    id, event_id, subscription_id, state, created_at, due_at, attempts, last_error, tries,
    is_gathered
)
SELECT uuidv7(), %(event)s, timed.id, 'pending', CURRENT_TIMESTAMP,
    CASE WHEN wanted = wall THEN %(at)s ELSE wanted AT TIME ZONE time_zone END,
    0, '', '[]', wanted <> wall
FROM timed
ON CONFLICT (event_id, subscription_id) DO NOTHING
"""
