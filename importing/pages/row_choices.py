"""What someone says of single rows, and of all of them: kept with the import, and shown in its check."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import SignedInRequest
from core.forms import redirect_within
from importing import work
from importing.jobs import work_of
from importing.kinds import NotNow
from importing.models import ImportJob
from importing.pages.imports import importers_only
from importing.row_choices import NEW, choices_in, keep_choices


@importers_only
@require_POST
def choose(request: SignedInRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(ImportJob.objects.visible_to(request.user).select_related("user"), pk=pk)
    if not (job.may_be_started and job.columns):
        return redirect(job)
    choices = choices_in(request.POST.dict())
    try:
        offers = work_of(job).offers() if "all" in request.POST else None
        if offers:
            choices |= {line: choice for line, choice in offers.sure.items() if choices.get(line, NEW) == NEW}
        restore = {"restore": True} if "restore" in request.POST else {}
        if not keep_choices(job, choices, **restore):
            return redirect("importing:report", job.pk)
        job = work.begin_check(job)
    except NotNow as error:
        messages.error(request, str(error))
        return redirect("importing:columns", job.pk)
    if job.is_under_way:
        return redirect(job)
    messages.success(request, _("Kept. This is what the import would do now."))
    page = request.POST.get("look", "")
    address = reverse("importing:check", args=[job.pk])
    return redirect_within(request, f"{address}?look={page}#alike" if page.isdecimal() and page != "1" else address, address)
