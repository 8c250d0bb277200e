"""The page that sets or revises the target of an account."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import SignedInRequest, account_for
from core.form_keys import sent_once
from core.forms import status_of
from core.versions import StaleEdit
from plans.forms import add_errors
from plans.targets.acts import set_target
from plans.targets.context import TargetPage


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def target(request: SignedInRequest, pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="target.set")
    page = TargetPage(account)
    form = page.form(request.POST or None)
    if "preview" in request.POST:
        context = page.context(form, previewed=True)
        return render(request, "plans/target.html", context, status=200 if context["preview"] else 422)
    if form.is_valid():
        try:
            set_target(account, by=request.user, seen=form.seen_version, **form.wish())
        except StaleEdit as stale:
            conflict = form.conflict(stale.current)
            form.renew_version(stale.current)
            page.reread()
            # Over a target that was not there before, storing is a revision: the form now asks why.
            context = page.context(page.form(form.data)) | {"conflict": conflict}
            return render(request, "plans/target.html", context, status=409)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            told = (
                _("Target revised: level %(level)s by %(day)s. The old one stays in history.")
                if form.revising
                else _("Target set: level %(level)s by %(day)s.")
            )
            aim = form.cleaned_data
            messages.success(request, told % {"level": aim["level"], "day": date_format(aim["due_on"], "j F Y")})
            return redirect(account)
    return render(request, "plans/target.html", page.context(form), status=status_of(form))
