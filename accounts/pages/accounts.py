"""Pages about accounts and contacts: the list, and making and changing them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.acts.changing import change_account, change_profile, create_account, save_contact, set_archived
from accounts.filters import AccountListFilter, sort_of
from accounts.forms import AccountForm, ContactForm, SettingsForm
from accounts.models import Account, Contact, User
from accounts.permissions import SignedInRequest, account_for, may_add_accounts
from core.form_keys import sent_once
from core.forms import conflict_page, posted_number, status_of
from core.paging import page_of
from core.versions import StaleEdit

PAGE = 25
PAGING = ("page", "after", "before")


@login_required
@require_safe
def account_list(request: SignedInRequest) -> HttpResponse:
    visible = Account.objects.visible_to(request.user, teams_first=True)
    narrowed = AccountListFilter(request.GET, user=request.user, queryset=visible)
    sort = sort_of(request.GET.get("sort"))
    count = narrowed.count()
    place = {name: request.GET.get(name, "") for name in ("after", "before")}
    # Back wants the whole page, not the part that the history holds.
    part = "#rows" if request.htmx and not request.htmx.history_restore_request else ""
    if not part:
        narrowed.offer_choices()
    context = {
        "section": "accounts",
        "filter": narrowed,
        "page": page_of(narrowed.qs.select_related("owner"), narrowed.order(sort), count=count, size=PAGE, **place),
        "count": count,
        "sort": str(sort),
        "may_add": may_add_accounts(request.user),
        "filters": without(request, "sort", *PAGING),  # the same accounts elsewhere
        "shown": without(request, *PAGING),  # in the same order, too
    }
    response = render(request, f"accounts/list.html{part}", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


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
    context["seen"] = "-".join(str(pk) for pk in [*seen, *(account.pk for account, _why in alike)])
    return render(request, "accounts/edit.html", context, status=422 if alike else status_of(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="account.change")
    form = AccountForm(request.POST or None, user=request.user, instance=account)
    context = {"section": "accounts", "form": form, "account": account, "title": _("Change %(account)s") % {"account": account}}
    if form.is_valid():
        try:
            change_account(form, by=request.user)
        except StaleEdit as stale:
            return conflict_page(request, "accounts/edit.html", context, stale)
        except (IntegrityError, ValidationError) as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect(account)
    return render(request, "accounts/edit.html", context, status=status_of(form))


@login_required
@require_POST
def archive(request: SignedInRequest, pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="account.archive")
    archived = request.POST.get("archived") != "no"
    try:
        set_archived(account, by=request.user, seen=posted_number(request), archived=archived)
    except ValidationError as error:  # the account's own system decides that
        messages.warning(request, " ".join(error.messages))
        return redirect(account)
    except StaleEdit as stale:
        form = AccountForm(user=request.user, instance=stale.current)
        title = _("Change %(account)s") % {"account": account}
        context = {"section": "accounts", "form": form, "account": stale.current, "title": title, "moved_on": True}
        return render(request, "accounts/edit.html", context, status=409)
    messages.success(request, _("Archived: it keeps its history.") if archived else _("Back among the active accounts."))
    return redirect(account)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def contact_new(request: SignedInRequest, pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="contact.change")
    return _contact(request, account, Contact(account=account), _("New contact at %(account)s") % {"account": account})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contact_edit(request: SignedInRequest, pk: int, contact_pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="contact.change")
    contact = get_object_or_404(account.contacts.filter(erased_on=None), pk=contact_pk)
    return _contact(request, account, contact, _("Change %(contact)s") % {"contact": contact})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: SignedInRequest) -> HttpResponse:
    person = User.objects.get(pk=request.user.pk)  # the bar goes on showing what is stored
    form = SettingsForm(request.POST or None, instance=person)
    context = {"section": "settings", "form": form}
    if form.is_valid():
        try:
            change_profile(form, by=request.user)
        except StaleEdit as stale:
            return conflict_page(request, "accounts/settings.html", context, stale)
        with translation.override(person.language or translation.get_language()):
            messages.success(request, _("Saved."))
        return redirect("accounts:settings")
    return render(request, "accounts/settings.html", context, status=status_of(form))


def _contact(request: SignedInRequest, account: Account, contact: Contact, title: str) -> HttpResponse:
    form = ContactForm(request.POST or None, account=account, instance=contact)
    context = {"section": "accounts", "form": form, "account": account, "title": title}
    if form.is_valid():
        try:
            save_contact(form, by=request.user)
        except StaleEdit as stale:
            return conflict_page(request, "accounts/contact.html", context, stale)
        except (IntegrityError, ValidationError) as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{account.get_absolute_url()}#people")
    return render(request, "accounts/contact.html", context, status=status_of(form))


def without(request: SignedInRequest, *names: str) -> str:
    """The query of the address without these, and without what is empty."""
    query = request.GET.copy()
    for name, values in request.GET.lists():
        query.setlist(name, [value for value in values if value and name not in names])
    return query.urlencode()
