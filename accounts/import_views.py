"""The pages of an import: upload, columns, check, report. Each works without JavaScript."""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.import_forms import ColumnsForm, UploadForm, options_of
from accounts.import_models import ImportJob
from accounts.importing.check import check as check_table
from accounts.importing.jobs import apply_job, choose_columns, mapping_of, start_job, table_of
from accounts.importing.plan import Outcome
from accounts.permissions import SignedInRequest, may_add_accounts

SHOWN_PROBLEMS = 200
SHOWN_ROWS = 25


def importers_only(view):
    """Signed in, and someone who may add accounts; else to the sign-in page, or 403."""

    @login_required
    @wraps(view)
    def gated(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.is_authenticated or not may_add_accounts(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return gated


@importers_only
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedInRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        job = start_job(request.user, form.cleaned_data["file"].name, form.content)
        return redirect("accounts:import_columns", job.pk)
    context = {"section": "accounts", "step": 1, "form": form}
    return render(request, "accounts/import.html", context, status=422 if form.errors else 200)


@importers_only
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: SignedInRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    if job.state == ImportJob.State.APPLIED:
        return redirect("accounts:import_report", job.pk)
    table = table_of(job)
    form = ColumnsForm(
        request.POST or None,
        table=table,
        mapping=mapping_of(job, table),
        user=request.user,
        initial=job.options,
    )
    if form.is_valid():
        choose_columns(job, form.mapping(), form.stored_options())
        return redirect("accounts:import_check", job.pk)
    context = {"section": "accounts", "step": 2, "job": job, "table": table, "form": form}
    return render(request, "accounts/import_columns.html", context, status=422 if form.errors else 200)


@importers_only
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: SignedInRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    if job.state == ImportJob.State.APPLIED:
        return redirect("accounts:import_report", job.pk)
    if not job.columns:
        return redirect("accounts:import_columns", job.pk)
    options = options_of(request.user, job.options)
    if request.method == "POST":
        job = apply_job(job.pk, options, skip_rejected=request.POST.get("skip") == "yes")
        if job.state == ImportJob.State.APPLIED:
            return redirect("accounts:import_report", job.pk)
    table = table_of(job)
    plan = check_table(table, mapping_of(job, table), options)
    problems, updated, created = plan.problems, plan.of(Outcome.UPDATED), plan.of(Outcome.CREATED)
    counts = plan.counts
    context = {
        "section": "accounts",
        "step": 3,
        "job": job,
        "counts": counts,
        "importable": counts[Outcome.CREATED] + counts[Outcome.UPDATED],
        "problems": problems[:SHOWN_PROBLEMS],
        "more_problems": max(0, len(problems) - SHOWN_PROBLEMS),
        "updated": updated[:SHOWN_ROWS],
        "more_updated": max(0, len(updated) - SHOWN_ROWS),
        "created": created[:SHOWN_ROWS],
        "more_created": max(0, len(created) - SHOWN_ROWS),
    }
    # A post that gets here wrote nothing: a row is rejected that was in order when the page was made.
    return render(request, "accounts/import_check.html", context, status=422 if request.method == "POST" else 200)


@importers_only
@require_safe
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    if job.state != ImportJob.State.APPLIED:
        return redirect("accounts:import_columns", job.pk)
    context = {"section": "accounts", "step": 4, "job": job, "report": job.report}
    return render(request, "accounts/import_report.html", context)


def _job(request: SignedInRequest, pk: int) -> ImportJob:
    return get_object_or_404(ImportJob.objects.of(request.user), pk=pk)
