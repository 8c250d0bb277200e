"""The pages of an import: upload, columns, check, report. Each works without JavaScript."""

from collections.abc import Callable
from functools import wraps
from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.permissions import SignedInRequest, may_add_accounts
from core import job_runner
from core.form_keys import sent_once
from core.tables import csv_lines
from importing import undo, work
from importing.forms import UploadForm
from importing.jobs import choose_columns, kind_for, mapping_of, start_job, table_of, work_of
from importing.kinds import NotNow, kind_called, kind_of, kinds
from importing.models import ImportJob
from importing.rejected import rejected_csv
from importing.review import Review, problems_of
from importing.row_choices import choices_in, is_news, keep_choices
from importing.saved_mapping import remembered

SHOWN_IMPORTS = 50


def importers_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Signed in, and someone who may add accounts; else to the sign-in page, or 403."""

    @login_required
    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated or not may_add_accounts(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return gated


@importers_only
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedInRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        return _keep(request, form)
    context = {"section": "accounts", "step": 1, "form": form, "kinds": kinds()}
    return render(request, "importing/upload.html", context, status=422 if form.errors else 200)


@sent_once
def _keep(request: SignedInRequest, form: UploadForm) -> HttpResponse:
    """Once the file is read: that takes long, and nobody else is to wait for it."""
    kind = form.cleaned_data["kind"] or kind_for(request.user, form.table.headers).name
    file = form.cleaned_data["file"].name
    job = start_job(request.user, file, form.content, form.table, kind=kind)
    return redirect("importing:columns", job.pk)


@importers_only
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: SignedInRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    if not job.may_be_started:
        return redirect("importing:report", job.pk)
    table = table_of(job)
    kind = kind_called(request.POST.get("kind") or request.GET.get("kind", "")) or kind_of(job)
    chosen = mapping_of(job, table) if job.columns and kind.name == job.kind else None
    # A guess that was corrected once is not made again; who wants it nevertheless asks for it.
    known = None if chosen else remembered(request.user, table.headers, kind)
    by_guess = known is not None and "guess" in request.GET
    mapping = chosen or (None if by_guess else known) or kind.guess(table)
    form = kind.form(
        request.POST or None,
        table=table,
        mapping=mapping,
        user=request.user,
        kind=kind,
        decided=bool(chosen or known),
        initial=job.options,
    )
    if form.is_valid():
        choose_columns(job, table, form.mapping(), form.stored_options(), kind=kind)
        return begin_check(request, job)
    context = {"section": "accounts", "step": 2, "job": job, "table": table, "form": form, "kind": kind, "kinds": kinds()}
    context |= {"remembered": known is not None and not by_guess, "by_guess": by_guess}
    return render(request, "importing/columns.html", context, status=422 if form.errors else 200)


def begin_check(request: SignedInRequest, job: ImportJob) -> HttpResponse:
    """Begin the check, and lead to where the import then stands; to the columns where it cannot be checked as things are."""
    try:
        return redirect(work.begin_check(job))
    except NotNow as error:
        return _choose_again(request, job, error)


def _choose_again(request: SignedInRequest, job: ImportJob, error: NotNow) -> HttpResponse:
    messages.error(request, str(error))
    return redirect("importing:columns", job.pk)


@importers_only
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: SignedInRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    if not (job.may_be_started and job.columns and not job.questions):
        return redirect(job)
    context = {"section": "accounts", "step": 3, "job": job, "kind": kind_of(job)}
    try:
        if request.method == "POST" and (answer := _begin(request, job)):
            return answer
        if not job.is_checked:
            return render(request, "importing/unchecked.html", context)
        context["review"] = review = Review(work_of(job))
    except NotNow as error:
        return _choose_again(request, job, error)
    context["offers"] = review.offers.page(request.GET.get("look")) if review.offers else None
    # A post that gets here wrote nothing: a row is rejected that was in order when the page was made.
    return render(request, "importing/check.html", context, status=422 if request.method == "POST" else 200)


def _begin(request: SignedInRequest, job: ImportJob) -> HttpResponse | None:
    """Import it, or check it again; None where nothing could be done and the page tells why."""
    choices = choices_in(request.POST.dict())
    news = is_news(job, choices) and keep_choices(job, choices)
    if "again" in request.POST:
        return begin_check(request, job)
    if news or job.checked_at is None:  # what would be done now, nobody has looked at yet
        messages.warning(request, _("Nothing was imported yet: you chose anew. This is what the import would do now."))
        return begin_check(request, job)
    job = work.begin(job, skip_rejected=request.POST.get("skip") == "yes")
    return None if job.may_be_started else redirect("importing:report", job.pk)


@importers_only
@never_cache
@require_safe
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    """What became of it; polled while a worker has it."""
    job = _job(request, pk)
    if job.state == ImportJob.State.DRAFT or (job.questions and job.may_be_started):
        return HttpResponseClientRedirect(job.get_absolute_url()) if request.htmx else redirect(job)
    context = {"section": "accounts", "step": 4 if job.report else 3, "job": job, "report": job.report, "kind": kind_of(job)}
    context["problems"], context["more_problems"] = problems_of(job) if job.report else ([], 0)
    if job.undone_at:
        context["left_alone"] = undo.left_alone(job, request.user)
    part = "#progress" if request.htmx and not request.htmx.history_restore_request else ""
    response = render(request, f"importing/report.html{part}", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@importers_only
@require_safe
def rejected(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The rejected rows as a CSV file."""
    job = _job(request, pk)
    if not job.rows.filter(outcome="rejected").exists():
        messages.warning(request, _("There are no rejected rows, or they are no longer kept."))
        return redirect(job)
    headers = {"Content-Disposition": content_disposition_header(True, f"{PurePath(job.filename).stem} - rejected.csv")}
    return StreamingHttpResponse(rejected_csv(job), content_type="text/csv; charset=utf-8", headers=headers)


@importers_only
@require_safe
def sample(request: SignedInRequest, kind: str) -> HttpResponse:
    """A file of this kind as people may write it, to fill in."""
    found = kind_called(kind)
    if found is None:
        raise Http404
    headers = {"Content-Disposition": content_disposition_header(True, f"{kind}.csv")}
    return HttpResponse(b"".join(csv_lines(found.sample)), content_type="text/csv; charset=utf-8", headers=headers)


@importers_only
@never_cache
@require_safe
def imports(request: SignedInRequest) -> HttpResponse:
    """One's own imports, the newest first."""
    mine = ImportJob.objects.visible_to(request.user).defer(*work.ImportKind.long_columns)
    shown = [(job, kind_of(job).label) for job in mine[:SHOWN_IMPORTS]]
    context = {"section": "accounts", "jobs": shown}
    return render(request, "importing/list.html", context)


@importers_only
@require_POST
def go_on(request: SignedInRequest, pk: int) -> HttpResponse:
    """Store the other rows of an import that stopped halfway."""
    job = _job(request, pk)
    if job.may_go_on:
        work.begin(job, skip_rejected=True)
    return redirect("importing:report", job.pk)


@importers_only
@require_POST
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    if not job.cancel():
        messages.warning(request, _("It was done already. You can take it back."))
    return redirect("importing:report", job.pk)


@importers_only
@require_POST
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    if not (job.may_be_undone or job.is_taken_back):
        messages.warning(request, _("It can no longer be taken back."))
    if job.may_be_undone:  # of the command line: who takes it back answers for it
        ImportJob.objects.filter(pk=job.pk, user=None).update(user=request.user)
    job_runner.undo(job, by=request.user)
    return redirect("importing:report", job.pk)


def _job(request: SignedInRequest, pk: int) -> ImportJob:
    mine = ImportJob.objects.visible_to(request.user).select_related("user")
    return get_object_or_404(mine, pk=pk)
