"""What someone says of rows that look like accounts that are here: kept with the import, and shown in its check."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import SignedInRequest
from core.forms import redirect_within
from importing import preview
from importing.kinds import ACCOUNTS
from importing.look_alikes import NEW, choices_in, keep_choices
from importing.models import ImportJob
from importing.pages.imports import importers_only


@importers_only
@require_POST
def choose(request: SignedInRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(ImportJob.objects.visible_to(request.user).select_related("user"), pk=pk)
    if not (job.may_be_started and job.columns and job.kind == ACCOUNTS):
        return redirect(job)
    choices = choices_in(request.POST.dict())
    found = preview.seen(job) if "all" in request.POST else None
    if found and found.alike:
        choices |= {line: account for line, account in found.alike.sure.items() if choices.get(line, NEW) == NEW}
    if not keep_choices(job, choices):
        return redirect("importing:report", job.pk)
    if job.is_long:
        messages.success(request, _("Kept. When you have chosen for all of them, check the rows again."))
    else:
        messages.success(request, _("Kept. This is what the import would do now."))
    page = request.POST.get("look", "")
    address = reverse("importing:check", args=[job.pk])
    return redirect_within(request, f"{address}?look={page}#alike" if page.isdecimal() and page != "1" else address, address)
