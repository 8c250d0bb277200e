"""Pages of accounts: create, change and archive an account."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.acts.changing import change_account, create_account, set_archived
from accounts.forms import AccountForm
from accounts.permissions import SignedInRequest, account_for, may, may_add_accounts
from core.form_keys import sent_once
from core.forms import changed_words, conflict_page, posted_number, status_of
from core.undo import offer_undo
from core.versions import StaleEdit


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def new(request: SignedInRequest) -> HttpResponse:
    if not may_add_accounts(request.user):
        raise PermissionDenied
    form = AccountForm(request.POST or None, user=request.user, initial={"name": request.GET.get("name", "")[:200]})
    alike, seen = [], [int(pk) for pk in request.POST.get("seen", "").split("-") if pk.isdecimal() and len(pk) < 19]
    if form.is_valid() and not (alike := form.look_alikes(seen)):
        try:
            account = create_account(form, by=request.user)
        except (IntegrityError, ValidationError) as error:
            form.refuse(error)
        else:
            messages.success(request, _("%(account)s is here. Assess it next: how do they see us?") % {"account": account})
            return redirect(account)
    context = {"section": "accounts", "form": form, "title": _("New account"), "alike": alike}
    context["twice"] = [account for account, _why in alike if may(request.user, "account.merge", account)]
    context["seen"] = "-".join(str(pk) for pk in [*seen, *(account.pk for account, _why in alike)])
    return render(request, "accounts/edit.html", context, status=422 if alike else status_of(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="account.change")
    form = AccountForm(request.POST or None, user=request.user, instance=account)
    context = {"section": "accounts", "form": form, "account": account, "title": _("Edit %(account)s") % {"account": account}}
    if form.is_valid():
        try:
            change_account(form, by=request.user)
        except StaleEdit as stale:
            return conflict_page(request, "accounts/edit.html", context, stale)
        except (IntegrityError, ValidationError) as error:
            form.refuse(error)
        else:
            messages.success(request, changed_words(form, account))
            return redirect(account)
    return render(request, "accounts/edit.html", context, status=status_of(form))


@login_required
@require_POST
def archive(request: SignedInRequest, pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="account.archive")
    archived = request.POST.get("archived") != "no"
    try:
        set_archived(account, by=request.user, seen=posted_number(request), archived=archived)
    except ValidationError as error:  # only the source system of the account may do that
        messages.warning(request, " ".join(error.messages))
        return redirect(account)
    except StaleEdit as stale:
        form = AccountForm(user=request.user, instance=stale.current)
        title = _("Edit %(account)s") % {"account": account}
        context = {"section": "accounts", "form": form, "account": stale.current, "title": title, "moved_on": True}
        return render(request, "accounts/edit.html", context, status=409)
    told = (
        _("%(account)s is archived. It keeps its history.") if archived else _("%(account)s is back among the active accounts.")
    )
    url, back = reverse("accounts:archive", args=[account.pk]), "no" if archived else "yes"
    offer_undo(request, told % {"account": account}, url, version=account.version, archived=back)
    return redirect(account)
