"""Acts over thousands of Reports or comments, in the background, by any number of workers.

`start` and `undo` write a ModerationJob and return at once; `work`, called by a tick, does batches
until none is left. A batch's changes, its progress and its place are one transaction under the
job's row lock, so a kill costs one batch and two workers never do the same one.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet

from reports import comment_batches, moderation, trail
from reports.models import Burst, HeldBecause, ModerationEntry, ModerationJob, Report
from reports.models.moderation import Act, BurstState, JobState
from reports.moderation import sightings_of
from reports.selection import Selection
from reports.trail import Doing, NotUndoableError, UndoneAlreadyError

log = structlog.get_logger(__name__)

BATCH = 5_000
WORK_SECONDS = 60
# Their ids are kept with the act.
MOST_RESTORED = 20_000
MICROSECOND = timedelta(microseconds=1)
UNENDED = (JobState.WAITING, JobState.RUNNING)


class TooManyError(Exception):
    """More Reports than are restored without naming the act that rejected them."""


def start(selection: Selection, doing: Doing, *, burst: Burst | None = None) -> ModerationJob:
    """Have the selected Reports rejected. Opens a transaction.

    Args:
        selection: which; what comes in after `doing.now` is not meant, even if it says so.
        doing: who, why, when.
        burst: the flag that this settles.
    """
    chosen = selection.among(Report.objects.filter(rejected_at=None, received_at__lte=doing.now))
    kept: dict[str, object] = {"selection": selection.as_json()}
    with transaction.atomic():
        if burst is not None:
            kept["burst"] = burst.pk
            Burst.objects.filter(pk=burst.pk).update(state=BurstState.REJECTED)
        return _job(Act.REJECT, doing, kept, chosen.count())


def restore(selection: Selection, doing: Doing) -> ModerationJob:
    """Have the selected Reports counted again that are rejected. Opens a transaction.

    Which ones they are is written down, so that undoing it takes out these and no others.

    Raises:
        TooManyError: for more than `MOST_RESTORED`; undo the act that rejected them.
    """
    chosen = selection.among(Report.objects.exclude(rejected_at=None))
    ids = list(chosen.values_list("id", flat=True)[: MOST_RESTORED + 1])
    if len(ids) > MOST_RESTORED:
        raise TooManyError
    kept: dict[str, object] = {"selection": Selection(ids=ids).as_json(), "of": str(selection)}
    return _job(Act.RESTORE, doing, kept, len(ids))


def decide_held(act: Act, because: str, doing: Doing) -> ModerationJob:
    """Have all held comments shown (`RELEASE`) or removed (`REMOVE`). Opens a transaction.

    Args:
        act: which of the two.
        because: only those held for this reason; "" for all.
        doing: who, why, when; what comes in later is not meant.
    """
    kept: dict[str, object] = {"held": {"because": because, "until": doing.now.isoformat()}}
    return _job(act, doing, kept, comment_batches.held(because, doing.now).count())


def undo(entry: ModerationEntry, doing: Doing) -> ModerationJob:
    """Have done again what an act undid, or undone what it did. Opens a transaction.

    Raises:
        NotUndoableError: when it was no act of this module.
        UndoneAlreadyError: when it was undone before, or is being undone.
    """
    if not entry.before.keys() & {"selection", "held"}:
        raise NotUndoableError
    with transaction.atomic():
        ModerationEntry.objects.select_for_update().get(pk=entry.pk)
        pending = ModerationJob.objects.filter(undoes=entry, state__in=UNENDED)
        if pending.exists() or entry.undone_by.exists():
            raise UndoneAlreadyError
        act = _reverse(entry)
        if "burst" in entry.before and act == Act.REJECT:
            _reopen(int(entry.before["burst"]), act)
        return _job(act, doing, entry.before, _number(entry), undoes=entry)


def cancel(job_id: int, doing: Doing) -> None:
    """Stop after the batch under way; what was done stays, and its entry can be undone.

    Opens a transaction.
    """
    with transaction.atomic():
        job = ModerationJob.objects.select_for_update().get(pk=job_id)
        if job.state in UNENDED:
            _end(job, JobState.CANCELLED, doing.now)


def work(now: datetime, clock: Callable[[], float] = time.monotonic) -> int:
    """Do batches until none is left, or for a minute; how many. Opens a transaction for each."""
    deadline = clock() + WORK_SECONDS
    batches = 0
    while clock() < deadline and work_one(now):
        batches += 1
    return batches


@transaction.atomic
def work_one(now: datetime) -> bool:
    """Do one batch of the oldest job that nobody works on; False when there is none."""
    job = (
        ModerationJob.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(state__in=UNENDED)
        .order_by("id")
        .first()
    )
    if job is None:
        return False
    ids, changed = comment_batches.do(job, BATCH) if _is_on_comments(job) else _do(job)
    job.state = JobState.RUNNING
    job.seen += len(ids)
    job.changed += changed
    job.after = ids[-1] if ids else job.after
    if len(ids) < BATCH:
        _end(job, JobState.DONE, now)
    job.save()
    log.info("moderation.batch_done", job=job.pk, seen=job.seen, total=job.total)
    return True


def is_busy() -> bool:
    """Whether a job waits or is under way, so that the Reports are not yet as they will be."""
    return ModerationJob.objects.filter(state__in=UNENDED).exists()


def _do(job: ModerationJob) -> tuple[Sequence[UUID], int]:
    """Do a job's next Reports; their ids in order, and how many were changed."""
    moderation.take_turn()
    sightings = sightings_of(_rest(job).order_by("id")[:BATCH])
    changed = len(sightings)
    if job.act == Act.REJECT:
        moderation.change(sightings, rejected_at=job.at)
    elif sightings:
        changed = moderation.bring_back(sightings)
    return [one.id for one in sightings], changed


def selection_of(job: ModerationJob) -> Selection:
    """Which Reports a job is about."""
    return Selection.of_json(job.selection["selection"])


def _job(
    act: Act,
    doing: Doing,
    kept: dict[str, object],
    total: int,
    undoes: ModerationEntry | None = None,
) -> ModerationJob:
    return ModerationJob.objects.create(
        act=act,
        selection=kept,
        undoes=undoes,
        by=doing.by,
        reason=doing.reason,
        at=_own_instant(doing.now),
        total=total,
    )


def _own_instant(now: datetime) -> datetime:
    """An instant that no other job has, though several begin at once: their rows carry it."""
    while ModerationJob.objects.filter(at=now).exists():
        now += MICROSECOND
    return now


def _rest(job: ModerationJob) -> QuerySet[Report]:
    reports = Report.objects.all()
    if isinstance(job.after, UUID):
        reports = reports.filter(id__gt=job.after)
    if job.act == Act.REJECT:
        return selection_of(job).among(reports.filter(rejected_at=None, received_at__lte=job.at))
    if job.undoes is None:
        return selection_of(job).among(reports.exclude(rejected_at=None))
    # Reports carry the instant of the act that rejected them, to the microsecond.
    return reports.filter(rejected_at=job.undoes.at)


def _end(job: ModerationJob, state: JobState, now: datetime) -> None:
    job.state, job.ended_at = state, now
    if "burst" in job.selection and job.act == Act.RESTORE:
        # Not before: half of its Reports would be taken for all of them by the next look.
        _reopen(int(job.selection["burst"]), Act.RESTORE)
    subject = _subject(job)
    job.entry = trail.write(
        Act(job.act),
        f"entry {job.undoes_id}: {subject}" if job.undoes else subject,
        Doing(job.by, job.reason, job.at),
        reports=0 if _is_on_comments(job) else job.changed,
        before=job.selection,
        undoes=job.undoes,
    )
    job.save()


def _number(entry: ModerationEntry) -> int:
    """How many an act changed."""
    if "held" in entry.before:
        return comment_batches.decided(entry.at).count()
    return entry.reports


def _is_on_comments(job: ModerationJob) -> bool:
    return "held" in job.selection


def _subject(job: ModerationJob) -> str:
    if _is_on_comments(job):
        because = job.selection["held"]["because"]
        of_kind = f" because: {HeldBecause(because).label}" if because else ""
        return f"{job.changed:,} comments that were held{of_kind}"
    return str(job.selection.get("of") or selection_of(job))


def _reverse(entry: ModerationEntry) -> Act:
    """What undoes an act: the other of two, or for comments what they were before."""
    if "held" in entry.before:
        return Act(entry.undoes.act) if entry.undoes else Act.HOLD
    return Act.RESTORE if entry.act == Act.REJECT else Act.REJECT


def _reopen(burst_id: int, act: Act) -> None:
    """What becomes of a burst when its rejection is undone, or that in turn."""
    burst = Burst.objects.select_for_update().filter(pk=burst_id).first()
    if burst is None:
        return
    others = Burst.objects.filter(service=burst.service_id, kind=burst.kind, state=BurstState.OPEN)
    if act == Act.REJECT:
        burst.state = BurstState.REJECTED
    else:
        burst.state = BurstState.DISMISSED if others.exists() else BurstState.OPEN
    burst.save(update_fields=["state"])
