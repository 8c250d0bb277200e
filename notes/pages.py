"""Pages of the notes of an account: read and write them, change one, delete one and take that back."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Account
from accounts.permissions import SignedInRequest, account_for
from accounts.tabs import whole_accounts
from audit.models import Event
from core.form_keys import sent_once
from core.forms import conflict_page, posted_number, redirect_within, status_of
from core.undo import offer_undo
from core.versions import StaleEdit
from notes import acts
from notes.context import notes_context
from notes.forms import NoteForm
from notes.mentions import mark_read
from notes.models import Note, NoteMention


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def notes(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whoever sees the account reads its notes; whoever may change it writes them."""
    writes = request.method == "POST"
    account = account_for(request.user, pk, to="note.write" if writes else None, accounts=whole_accounts())
    context = notes_context(account, request.user, number=request.GET.get("page"), alone=request.GET.get("note"))
    if not context["may_write"]:
        return render(request, "notes/notes.html", context)
    form = NoteForm(request.POST or None, instance=Note(account=account, author=request.user))
    if form.is_valid():
        try:
            note = acts.add_note(account, by=request.user, **_typed(form))
        except ValidationError as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Note of %(day)s stored.") % {"day": _day(note)})
            return redirect("notes:list", account.pk)
    return render(request, "notes/notes.html", context | {"form": form}, status=status_of(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, pk: int, note_pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="note.write")
    note = _note(account, note_pk)
    form = NoteForm(request.POST or None, instance=copy(note))
    context = {"section": "accounts", "account": account, "note": note, "form": form}
    if form.is_valid():
        people = {"contacts": form.cleaned_data["contacts"], "tell": form.cleaned_data["tell"]}
        try:
            acts.change_note(form.instance, by=request.user, seen=form.seen_version, **people)
        except StaleEdit as stale:
            return conflict_page(request, "notes/edit.html", context, stale)
        except ValidationError as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Note of %(day)s changed.") % {"day": _day(form.instance)})
            return redirect(f"{reverse('notes:list', args=[account.pk])}#note-{note.pk}")
    return render(request, "notes/edit.html", context, status=status_of(form))


@login_required
@require_POST
def delete(request: SignedInRequest, pk: int, note_pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="note.write")
    note = _note(account, note_pk)
    try:
        event = acts.delete_note(note, by=request.user, seen=posted_number(request))
    except StaleEdit:
        form = NoteForm(instance=note)
        told = _("Someone changed this note since you opened the page, so it was not deleted. This is how it reads now.")
        context = {"section": "accounts", "account": account, "note": note, "form": form, "problem": told}
        return render(request, "notes/edit.html", context, status=409)
    undo = reverse("notes:restore", args=[account.pk, event.pk])
    offer_undo(request, _("Note of %(day)s deleted.") % {"day": _day(note)}, undo)
    return redirect("notes:list", account.pk)


@login_required
@require_POST
def restore(request: SignedInRequest, pk: int, event_pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="note.write")
    event = get_object_or_404(Event, pk=event_pk, account_id=account.pk, act="note.deleted")
    try:
        note = acts.restore_note(event, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Note of %(day)s is back.") % {"day": _day(note)})
    return redirect("notes:list", account.pk)


@login_required
@require_POST
def mention_read(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a mention from one's own desk."""
    mark_read(get_object_or_404(NoteMention, pk=pk, user=request.user))
    return redirect_within(request, request.POST.get("next", ""), reverse("portfolio:dashboard"))


def _note(account: Account, pk: int) -> Note:
    return get_object_or_404(account.dated_notes.whole(), pk=pk)


def _typed(form: NoteForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("held_on", "kind", "text", "contacts", "tell")}


def _refuse(form: NoteForm, error: ValidationError) -> None:
    by_field = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for field, errors in by_field.items():
        form.add_error(field if field in form.fields else None, errors)


def _day(note: Note) -> str:
    return date_format(note.held_on, "j F Y")
