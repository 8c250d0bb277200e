"""Owner, team, segment and tags of an account, and role and influence of a contact, changed where they stand."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.acts.changing import change_account, save_contact
from accounts.forms import AccountForm, ContactForm
from accounts.models import Account, Contact
from accounts.permissions import SignedInRequest, account_for
from core.in_place import Edit, InPlaceField, check_field, edit_in_place

ACCOUNT_FIELDS = (
    InPlaceField(
        Account, "owner", gettext_lazy("owner"), "accounts:in_place", lambda account: [account.pk], lambda account: account.owner
    ),
    InPlaceField(
        Account, "team", gettext_lazy("team"), "accounts:in_place", lambda account: [account.pk], lambda account: account.team,
        gettext_lazy("no team"),
    ),
    InPlaceField(
        Account, "segment", gettext_lazy("segment"), "accounts:in_place", lambda account: [account.pk],
        lambda account: account.segment, gettext_lazy("no segment"),
    ),
    InPlaceField(
        Account, "tags", gettext_lazy("tags"), "accounts:in_place", lambda account: [account.pk],
        lambda account: ", ".join(tag.name for tag in account.tags.all()), gettext_lazy("no tags"),
    ),
)  # fmt: skip
CONTACT_FIELDS = (
    InPlaceField(
        Contact, "buying_role", gettext_lazy("buying role"), "accounts:contact_in_place",
        lambda contact: [contact.account_id, contact.pk], lambda contact: contact.get_buying_role_display(),
    ),
    InPlaceField(
        Contact, "influence", gettext_lazy("influence"), "accounts:contact_in_place",
        lambda contact: [contact.account_id, contact.pk], lambda contact: contact.get_influence_display(),
    ),
)  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: SignedInRequest, pk: int, field: str) -> HttpResponse:
    check_field(Account, field)
    found, user = account_for(request.user, pk, to="account.change"), request.user
    form = AccountForm(request.POST or None, user=user, instance=found)
    form.keep_only(field)

    def may_still() -> bool:
        return Account.objects.changeable_by(user).filter(pk=pk).exists()

    def elsewhere() -> str | None:
        return None if Account.objects.visible_to(user).filter(pk=pk).exists() else reverse("accounts:list")

    edit = Edit(
        form, lambda _form: change_account(form, by=user), lambda: _account_told(found, field), "accounts", found.get_absolute_url(),
        may_still, elsewhere,
    )  # fmt: skip
    return edit_in_place(request, found, field, edit)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: SignedInRequest, pk: int, contact_pk: int, field: str) -> HttpResponse:
    check_field(Contact, field)
    account = account_for(request.user, pk, to="contact.change")
    found = get_object_or_404(account.contacts.filter(erased_on=None), pk=contact_pk)
    form = ContactForm(request.POST or None, account=account, instance=found)
    form.keep_only(field)
    home = found.get_absolute_url()
    edit = Edit(form, lambda _form: save_contact(form, by=request.user), lambda: _contact_told(found, field), "accounts", home)
    return edit_in_place(request, found, field, edit)


def _account_told(account: Account, field: str) -> str:
    words = {"account": account, "owner": account.owner, "team": account.team, "segment": account.segment}
    if field == "owner":
        return _("%(owner)s now owns %(account)s") % words
    if field == "team":
        return (_("%(account)s is now of team %(team)s") if account.team else _("%(account)s is now of no team")) % words
    if field == "segment":
        told = _("Segment of %(account)s is now %(segment)s") if account.segment else _("%(account)s is now in no segment")
        return told % words
    tags = ", ".join(account.tags.order_by("name").values_list("name", flat=True))
    return (_("Tags of %(account)s are now %(tags)s") if tags else _("%(account)s has no tags now")) % (words | {"tags": tags})


def _contact_told(contact: Contact, field: str) -> str:
    words = {"contact": contact, "role": contact.get_buying_role_display(), "influence": contact.get_influence_display()}
    if field == "buying_role":
        return _("Buying role of %(contact)s is now %(role)s") % words
    return _("Influence of %(contact)s is now %(influence)s") % words
