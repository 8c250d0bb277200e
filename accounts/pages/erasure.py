"""Pages that export and erase the personal data of a contact."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.acts.erasure import contacts_of_same_person, erase_contact, export_contact
from accounts.forms import EraseForm
from accounts.permissions import SignedInRequest, account_for


@login_required
@require_POST
def export(request: SignedInRequest, pk: int, contact_pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="contact.export")
    contact = get_object_or_404(account.contacts.filter(erased_on=None), pk=contact_pk)
    response = JsonResponse(
        export_contact(contact, by=request.user),
        json_dumps_params={"indent": 2, "ensure_ascii": False},
        content_type="application/json; charset=utf-8",
    )
    # The file name does not name the person: it stays in folders and download histories.
    response["Content-Disposition"] = f'attachment; filename="contact-{contact.pk}.json"'
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: SignedInRequest, pk: int, contact_pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="contact.erase")
    contact = get_object_or_404(account.contacts, pk=contact_pk)
    if contact.erased_on:  # the second of two clicks
        messages.info(request, _("This person is erased already."))
        return redirect(account.people_url)
    form = EraseForm(request.POST if request.method == "POST" else None, contact=contact)
    if form.is_valid():
        erase_contact(contact, by=request.user)
        messages.success(request, _("The person is erased. What they answered still counts, without anyone's name."))
        return redirect(account.people_url)
    context = {
        "section": "accounts",
        "account": account,
        "contact": contact,
        "also_at": contacts_of_same_person(contact, request.user),
        "form": form,
    }
    return render(request, "accounts/erase.html", context, status=422 if form.is_bound else 200)
