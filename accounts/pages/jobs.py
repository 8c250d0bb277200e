"""The page of all jobs of a person: imports, changes of many accounts, and what rooms above register as a kind of job."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import CharField, Value
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.permissions import SignedInRequest, may_add_accounts
from core.job_runner import JobKind, kinds
from core.jobs import Job

PAGE = 25


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job, and the addresses that cancel it and take it back; "" where this cannot be done."""

    job: Job
    label: str
    cancel_url: str = ""
    undo_url: str = ""


@login_required
@never_cache
@require_safe
def jobs(request: SignedInRequest) -> HttpResponse:
    """One's own jobs, the newest first. Polled while one on the page is under way."""
    page = Paginator(_keys(request.user), PAGE).get_page(request.GET.get("page"))
    rows = _rows(list(page), may_act=may_add_accounts(request.user))
    context = {"section": "settings", "page": page, "rows": rows, "is_under_way": any(row.job.is_under_way for row in rows)}
    part = "#jobs" if request.htmx and not request.htmx.history_restore_request else ""
    response = render(request, f"accounts/jobs.html{part}", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _keys(user: User) -> Any:
    """Model and id of each job, the newest first: one statement, whatever the number of kinds."""
    first, *others = (
        kind.model.objects.visible_to(user)
        .order_by()
        .annotate(model=Value(kind.model._meta.label_lower, output_field=CharField()))
        .values_list("model", "pk", "started_at")
        for kind in kinds()
    )
    return first.union(*others, all=True).order_by("-started_at", "model", "-id")


def _rows(keys: list[tuple[str, int, Any]], *, may_act: bool) -> list[JobRow]:
    """One statement for each kind."""
    pks = defaultdict(list)
    for model, pk, _started_at in keys:
        pks[model].append(pk)
    found = {
        (kind.model._meta.label_lower, job.pk): _row(job, kind, may_act=may_act)
        for kind in kinds()
        for job in kind.model.objects.filter(pk__in=pks[kind.model._meta.label_lower]).defer(*kind.long_columns)
    }
    return [found[model, pk] for model, pk, _started_at in keys if (model, pk) in found]


def _row(job: Job, kind: JobKind[Any], *, may_act: bool) -> JobRow:
    cancel = may_act and kind.cancel_url and job.may_be_cancelled
    undo = may_act and kind.undo_url and job.may_be_undone
    return JobRow(
        job,
        str(kind.label),
        cancel_url=reverse(kind.cancel_url, args=[job.pk]) if cancel else "",
        undo_url=reverse(kind.undo_url, args=[job.pk]) if undo else "",
    )
