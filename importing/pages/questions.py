"""What an import asks beside its columns: what values mean that nobody knows, and in which row the column names stand."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import SignedInRequest
from importing.jobs import choose_names as choose_names_row
from importing.jobs import content_of
from importing.kinds import kind_of
from importing.models import ImportJob
from importing.pages.imports import begin_check, importers_only
from importing.questions import QuestionsForm, keep_answers, to_ask
from importing.reading.table import UnreadableFile, read_table


@importers_only
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: SignedInRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    if not job.may_be_started:
        return redirect("importing:report", job.pk)
    if not job.columns:
        return redirect("importing:columns", job.pk)
    asked = to_ask(job)
    if not asked:
        return redirect("importing:check", job.pk)
    kind = kind_of(job)
    sent = request.POST if request.method == "POST" else None
    form = QuestionsForm(sent, questions=asked, user=request.user, options=kind.options(request.user, job.options))
    if form.is_valid():
        kept = keep_answers(job, form.answers(), job.headers)
        return begin_check(request, job) if kept else redirect("importing:report", job.pk)
    context = {"section": "accounts", "step": 3, "job": job, "form": form, "kind": kind}
    return render(request, "importing/questions.html", context, status=422 if form.errors else 200)


@importers_only
@require_POST
def choose_names(request: SignedInRequest, pk: int) -> HttpResponse:
    """Read the file anew with the column names in another row; what was chosen for its columns is chosen anew."""
    row = request.POST.get("row", "")
    with transaction.atomic():
        job = get_object_or_404(
            ImportJob.objects.visible_to(request.user).select_for_update(of=("self",)).select_related("user"), pk=pk
        )
        if not job.may_be_started:
            return redirect("importing:report", job.pk)
        if row.isdecimal() and len(row) < 8:
            try:
                table = read_table(content_of(job), names_in_row=int(row))
            except UnreadableFile as error:
                messages.error(request, str(error))
                return redirect("importing:columns", job.pk)
            choose_names_row(job, int(row), table)
        else:
            messages.error(request, _("Say in which row the column names stand."))
    return redirect("importing:columns", job.pk)


def _job(request: SignedInRequest, pk: int) -> ImportJob:
    mine = ImportJob.objects.visible_to(request.user).select_related("user")
    return get_object_or_404(mine, pk=pk)
