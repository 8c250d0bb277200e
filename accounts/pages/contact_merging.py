"""Pages of contacts: make one of two who are the same person, note that somebody went to another account, take that back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.acts.contact_merging import merge_contacts, mergers_into, undo_contact_merger
from accounts.acts.contact_moving import move_contact, undo_move
from accounts.fields import CONTACT_FIELDS
from accounts.filters import AccountListFilter
from accounts.forms import form_classes, form_widgets
from accounts.merge_fields import contact_fields
from accounts.merge_preview import by_need, choices_of
from accounts.models import Account, Contact
from accounts.permissions import SignedInRequest, account_for
from core.form_keys import sent_once
from core.forms import posted_number, status_of, typed_id
from core.versions import StaleEdit

FOUND = 20  # accounts that the finder shows


class ContactMoveForm(forms.ModelForm):
    """What is known of the contact at the other account; the rest stays, or goes along by itself."""

    class Meta:
        model = Contact
        fields = ["email", "title", "phone", "buying_role"]
        field_classes = form_classes(CONTACT_FIELDS[name] for name in ("email", "title", "phone"))
        widgets = form_widgets(CONTACT_FIELDS[name] for name in ("email", "title", "phone"))
        labels = {"email": gettext_lazy("new e-mail address")}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: SignedInRequest, pk: int, contact_pk: int) -> HttpResponse:
    """Choose the other contact of the account, see both beside each other, and merge that one into this one."""
    account = account_for(request.user, pk, to="contact.change")
    kept = get_object_or_404(account.contacts.filter(erased_on=None), pk=contact_pk)
    others = account.contacts.filter(erased_on=None).exclude(pk=kept.pk)
    context: dict[str, Any] = {"section": "accounts", "account": account, "kept": kept}
    asked = (request.POST if request.method == "POST" else request.GET).get("with", "")
    if request.method != "POST" and not asked:
        return render(request, "accounts/contact_merge_find.html", context | {"others": others.order_by("name", "pk")})
    merged = others.filter(pk=typed_id(asked) or 0).first()
    if merged is None:
        if request.method != "POST":
            raise Http404
        messages.info(request, _("This other contact is no longer there."))  # also the second of two clicks
        return redirect(account.people_url)
    status, typed = 200, None
    if request.method == "POST":
        typed = request.POST.dict()
        seen = posted_number(request, "version") or -1, posted_number(request, "other_version") or -1
        try:
            merge_contacts(kept, merged, by=request.user, seen=seen, choices=choices_of(typed))
        except StaleEdit:
            status, context = 409, context | {"is_stale": True}
            kept.refresh_from_db()
            merged.refresh_from_db()
        except ValidationError as error:
            status, context = 422, context | {"reasons": error.messages}
        else:
            messages.success(request, _("%(name)s is one person now. It can be taken back for 30 days.") % {"name": kept})
            return redirect(account.people_url)
    to_choose, filled, staying = by_need(contact_fields(kept, merged), typed)
    context |= {"merged": merged, "to_choose": to_choose, "filled": filled, "staying": staying}
    return render(request, "accounts/contact_merge.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def move(request: SignedInRequest, pk: int, contact_pk: int) -> HttpResponse:
    """Note that the contact works at another account now: find it, say what is known of them there."""
    account = account_for(request.user, pk, to="contact.change")
    contact = get_object_or_404(account.contacts.filter(erased_on=None), pk=contact_pk)
    sent = request.POST if request.method == "POST" else request.GET
    to = _destination(request, sent.get("to", ""), account)
    context: dict[str, Any] = {"section": "accounts", "account": account, "contact": contact, "to": to}
    if to is None:
        text = request.GET.get("q", "")[:100].strip()
        found = _found(request, text, account) if text else None
        return render(request, "accounts/contact_move_find.html", context | {"q": text, "found": found, "most": FOUND})
    form = ContactMoveForm(request.POST if request.method == "POST" else None, initial={"buying_role": contact.buying_role})
    context |= {"form": form, "version": contact.version}
    form.instance.account, form.instance.name = to, contact.name
    if form.is_valid():
        try:
            move_contact(contact, to, by=request.user, seen=posted_number(request) or -1, **form.cleaned_data)
        except StaleEdit as stale:
            return render(
                request, "accounts/contact_move.html", context | {"is_stale": True, "version": stale.current.version}, status=409
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("%(name)s is a contact of %(account)s now.") % {"name": contact.name, "account": to})
            return redirect(to.people_url)
    return render(request, "accounts/contact_move.html", context, status=status_of(form))


@login_required
@require_POST
def undo(request: SignedInRequest, pk: int, contact_pk: int) -> HttpResponse:
    """Take back that the contact came from another account, or that another contact was merged into this one."""
    account = account_for(request.user, pk, to="contact.change")
    contact = account.contacts.filter(erased_on=None, pk=contact_pk).first()
    if contact is None:  # the second of two clicks: the contact is gone with what was taken back
        messages.info(request, _("This contact is no longer there."))
        return redirect(account.people_url)
    try:
        if event_pk := posted_number(request, "merger"):
            event = next((one for one in mergers_into(contact) if one.pk == event_pk), None)
            if event is None:
                raise ValidationError(_("This was taken back already."))
            undo_contact_merger(contact, by=request.user, event=event)
        else:
            former = contact.former
            if former is not None:
                account_for(request.user, former.account_id, to="contact.change")
            undo_move(contact, by=request.user, seen=posted_number(request) or -1)
    except StaleEdit:
        messages.warning(request, _("Somebody changed this contact since you opened the page. Look again, then decide."))
        return redirect("accounts:contact_edit", account.pk, contact.pk)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
        return redirect("accounts:contact_edit", account.pk, contact.pk)
    messages.success(request, _("Taken back: %(name)s is as before.") % {"name": contact.name})
    return redirect(account.people_url)


def _destination(request: SignedInRequest, asked: str, account: Account) -> Account | None:
    """The account that the contact went to. Raises Http404 for one that the user may not see, PermissionDenied."""
    if not asked:
        return None
    to = account_for(request.user, typed_id(asked) or 0, to="contact.change")
    if to.is_merged or to.pk == account.pk:
        raise Http404
    return to


def _found(request: SignedInRequest, text: str, account: Account) -> list[Account]:
    mine = Account.objects.changeable_by(request.user).unmerged().exclude(pk=account.pk)
    narrowed = AccountListFilter({"q": text}, user=request.user, queryset=mine)
    return list(narrowed.qs.select_related("owner", "team").order_by("name", "pk")[:FOUND])
