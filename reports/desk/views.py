"""The queue's pages."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from reports import moderation_jobs, undoing, words
from reports.desk import burst_view, doings, finding, queue, requests
from reports.desk.flagged_bursts import FLAGGED_BURSTS, ban_networks
from reports.desk.kinds import ACCEPT, BAN, REJECT
from reports.models import Burst, ListedWord, ModerationEntry
from reports.models.moderation import BurstState
from reports.trail import Doing, NotUndoableError, UndoneAlreadyError

View = Callable[..., HttpResponse]

# Digits; the database's keys have more, but nobody has so many rows.
LONGEST_NUMBER = 15
SAY_WHY = "Say why first: everybody can read it in the trail."
ALL = "-all"
WORDS = {ACCEPT: "Accepted", REJECT: "Rejected", BAN: "Rejected and banned"}


@permission_required(requests.MAY_LOOK, raise_exception=True)
@require_http_methods(["GET", "POST"])
def queue_page(request: HttpRequest) -> HttpResponse:
    """Everything that waits, and what to do with it."""
    if request.method == "POST":
        _act(request)
        return HttpResponseRedirect(requests.back(request))
    kind = request.GET.get("kind", "")
    shown = queue.page(kind, _whole(request.GET.get("page", "")))
    context = {
        "title": "Queue",
        "page": shown,
        "kind": kind,
        "doings": doings.lately(request.user),
        "address": f"{reverse('admin:queue')}?{urlencode({'kind': kind})}",
        "waiting": sum(count for _kind, count in shown.numbers),
    }
    return requests.page(request, "admin/desk/queue.html", context)


@permission_required(requests.MAY_LOOK, raise_exception=True)
@require_http_methods(["GET", "POST"])
def burst_page(request: HttpRequest, burst_id: int) -> HttpResponse:
    """One burst, and what to do with the whole of it; posted to, it bans the burst's networks."""
    burst = get_object_or_404(Burst.objects.select_related("service"), pk=burst_id)
    if request.method == "POST":
        _ban_networks(request, burst)
        return HttpResponseRedirect(request.get_full_path())
    context = {
        "title": f"Burst of {burst.service.name}",
        "burst": burst,
        "view": burst_view.view(burst),
        "deeds": FLAGGED_BURSTS.deeds,
        "is_open": burst.state == BurstState.OPEN,
        "doings": doings.lately(request.user),
    }
    return requests.page(request, "admin/desk/burst.html", context)


@permission_required(requests.MAY_LOOK, raise_exception=True)
@require_http_methods(["GET", "POST"])
def find_page(request: HttpRequest) -> HttpResponse:
    """Reports by every condition; all that are found are rejected or restored by one act."""
    form, found = finding.FindForm(request.GET), None
    if request.method == "POST":
        _act_on_found(request, form)
        return HttpResponseRedirect(request.get_full_path())
    if form.is_valid():
        try:
            found = finding.find(form.selection(datetime.now(UTC)), form.cleaned_data["state"])
        except finding.TooMuchError:
            messages.error(request, "That takes too long. Name a service, or a shorter time.")
    context = {
        "title": "Reports",
        "find": form,
        "found": found,
        "may_act_on_found": found and found.number and form.is_narrow,
        "doings": doings.lately(request.user),
    }
    return requests.page(request, "admin/desk/find.html", context)


@permission_required(requests.MAY_LOOK, raise_exception=True)
@require_http_methods(["GET", "POST"])
def words_page(request: HttpRequest) -> HttpResponse:
    """The words that hold a comment."""
    if request.method == "POST":
        _act_on_words(request)
        return HttpResponseRedirect(request.get_full_path())
    context = {
        "title": "Listed words",
        "words": ListedWord.objects.select_related("added_by").order_by("word"),
        "longest": words.LONGEST,
        "doings": doings.lately(request.user),
    }
    return requests.page(request, "admin/desk/words.html", context)


@permission_required(requests.MAY_LOOK, raise_exception=True)
@require_safe
def doings_part(request: HttpRequest) -> HttpResponse:
    """The list of acts alone, which the pages ask for while a job runs."""
    return requests.page(request, "admin/desk/doings.html", {"doings": doings.lately(request.user)})


@permission_required(requests.MAY_LOOK, raise_exception=True)
@require_http_methods(["POST"])
def undo(request: HttpRequest) -> HttpResponse:
    """Undo an act, or stop a job, and go back to where it was asked."""
    doing, _sentence = requests.doing_of(request)
    if "job" in request.POST:
        moderation_jobs.cancel(_whole(request.POST["job"]), doing)
        messages.success(request, "Stopped. What was done so far can be undone.")
    else:
        key = _whole(request.POST.get("entry", ""))
        _undo(request, get_object_or_404(ModerationEntry, pk=key), doing)
    return HttpResponseRedirect(requests.back(request))


def _act(request: HttpRequest) -> None:
    """Do what a button says: to its own row, to those that are chosen, or to all of a kind."""
    doing, sentence = requests.doing_of(request)
    deed, _space, one = request.POST.get("do", "").partition(" ")
    names = [one] if one else request.POST.getlist("row")
    if deed.removesuffix(ALL) not in WORDS:
        raise BadRequest(deed)
    if not deed.startswith(ACCEPT) and not doing.reason:
        messages.error(request, SAY_WHY)
    elif not names:
        messages.warning(request, "Choose at least one row.")
    else:
        try:
            if deed.endswith(ALL):
                why = request.POST.get("held_because", "")
                queue.settle_all(deed.removesuffix(ALL), one, why, doing)
            else:
                _tell(request, deed, queue.settle(deed, names, doing, sentence), len(names))
        except queue.UnknownRowError as error:
            raise BadRequest from error
        except queue.NotAllowedError as error:
            raise PermissionDenied from error


def _ban_networks(request: HttpRequest, burst: Burst) -> None:
    doing, sentence = requests.doing_of(request)
    if not doing.reason:
        messages.error(request, SAY_WHY)
    elif ban_networks(burst, sentence.length, doing):
        messages.success(request, "Its networks are banned.")
    else:
        messages.warning(request, "Its reports have expired, and their networks with them.")


def _act_on_found(request: HttpRequest, form: finding.FindForm) -> None:
    """Have everything rejected or restored that a form finds."""
    doing, _sentence = requests.doing_of(request)
    if not form.is_valid() or not form.is_narrow:
        raise BadRequest
    selection = form.selection(doing.now)
    if not doing.reason:
        messages.error(request, SAY_WHY)
    elif request.POST.get("do") == "restore":
        try:
            moderation_jobs.restore(selection, doing)
        except moderation_jobs.TooManyError:
            messages.error(request, "Too many: undo the act that rejected them instead.")
    else:
        moderation_jobs.start(selection, doing)


def _act_on_words(request: HttpRequest) -> None:
    """List the words of a text, one a line, or take the chosen ones off."""
    doing, _sentence = requests.doing_of(request)
    adds = request.POST.get("do") == "add"
    if not doing.reason:
        messages.error(request, SAY_WHY)
        return
    try:
        if adds:
            entry = words.add(request.POST.get("words", "").splitlines(), doing)
        else:
            entry = words.remove(request.POST.getlist("word"), doing)
    except words.NothingNewError:
        messages.warning(request, "Nothing to list." if adds else "Choose at least one word.")
    else:
        messages.success(request, f"Done: {entry}.")


def _tell(request: HttpRequest, deed: str, settled: int, asked: int) -> None:
    if settled:
        messages.success(request, f"{WORDS[deed]}: {settled}.")
    if settled < asked:
        left = asked - settled
        messages.warning(
            request, f"Left as they are: {left}. Somebody was quicker, or it can't be."
        )


def _undo(request: HttpRequest, entry: ModerationEntry, doing: Doing) -> None:
    if undoing.is_undoable(entry) and not doings.may_undo(request.user, entry):
        raise PermissionDenied
    try:
        undoing.undo(entry, doing)
    except UndoneAlreadyError:
        messages.warning(request, "Somebody undid this before.")
    except NotUndoableError:
        messages.error(request, "This can't be undone any more: something came after it.")
    else:
        messages.success(request, f"Undone: {entry}.")


def _whole(text: str) -> int:
    """A number of an address or form; 0 for what is none.

    >>> _whole("12"), _whole("-3"), _whole("x"), _whole("9" * 30)
    (12, 0, 0, 0)
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 0


PAGES: tuple[tuple[str, View, str], ...] = (
    ("queue/", queue_page, "queue"),
    ("queue/burst/<int:burst_id>/", burst_page, "burst"),
    ("queue/reports/", find_page, "find-reports"),
    ("queue/words/", words_page, "words"),
    ("queue/doings/", doings_part, "queue-doings"),
    ("queue/undo/", undo, "queue-undo"),
)
"""Route, view and name of every page of the desk; the site of the back office takes them in."""
