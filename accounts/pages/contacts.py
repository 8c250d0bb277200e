"""Pages of contacts: create and change a contact of an account."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.acts.changing import save_contact
from accounts.acts.contact_merging import mergers_into
from accounts.acts.contact_moving import move_of
from accounts.forms import ContactForm
from accounts.models import Account, Contact
from accounts.permissions import SignedInRequest, account_for, may
from core.form_keys import sent_once
from core.forms import changed_words, conflict_page, status_of
from core.versions import StaleEdit


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def new(request: SignedInRequest, pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="contact.change")
    return _form_page(request, account, Contact(account=account), _("New contact at %(account)s") % {"account": account})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, pk: int, contact_pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="contact.change")
    contact = get_object_or_404(account.contacts.filter(erased_on=None), pk=contact_pk)
    return _form_page(request, account, contact, _("Edit %(contact)s") % {"contact": contact})


def _places(request: SignedInRequest, contact: Contact) -> dict[str, Any]:
    """Where the contact came from, and who was merged into them, with what can be taken back. Four statements at most."""
    if contact.pk is None:
        return {}
    visible = Account.objects.visible_to(request.user)
    former = Contact.objects.select_related("account").filter(later=contact, account__in=visible).first()
    may_undo = former is not None and may(request.user, "contact.change", former.account) and move_of(former, contact) is not None
    return {"former": former, "move_can_be_undone": may_undo, "mergers": mergers_into(contact)}


def _form_page(request: SignedInRequest, account: Account, contact: Contact, title: str) -> HttpResponse:
    form = ContactForm(request.POST or None, account=account, instance=contact)
    context = {"section": "accounts", "form": form, "account": account, "title": title} | _places(request, contact)
    if form.is_valid():
        try:
            save_contact(form, by=request.user)
        except StaleEdit as stale:
            return conflict_page(request, "accounts/contact.html", context, stale)
        except (IntegrityError, ValidationError) as error:
            form.refuse(error)
        else:
            is_new = "version" not in form.initial
            added = _("%(contact)s is now a contact of %(account)s") % {"contact": contact, "account": account}
            messages.success(request, added if is_new else changed_words(form, contact))
            return redirect(account.people_url)
    return render(request, "accounts/contact.html", context, status=status_of(form))
