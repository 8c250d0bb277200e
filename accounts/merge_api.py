"""Mergers of accounts and of contacts, and moves of contacts, in the API."""

from typing import Annotated

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Status
from pydantic import Field

from accounts.acts.contact_merging import merge_contacts
from accounts.acts.contact_moving import move_contact
from accounts.acts.merging import merge_accounts, undo_merger
from accounts.api import PathId
from accounts.api_shapes import AccountOut, ContactOut, accounts_shown, contact_shown
from accounts.field_kinds import BuyingRole
from accounts.fields import SHEET
from accounts.merge_fields import KEPT, MERGED
from accounts.models import Account, Contact
from accounts.permissions import SignedInRequest, account_for
from core.api import Body, Line, WholeId, seen_version, stale, tag_of, tagged, wrong
from core.mail_addresses import fault_of

router = Router(tags=["accounts"])

Etag = Annotated[Line, Field(min_length=1, description="The ETag that GET gave of the other one.")]
Names = Annotated[list[Line], Field(max_length=60)]


class OtherAccount(Body):
    account: Annotated[WholeId, Field(description="The account that is merged into the one of the address, or taken out of it.")]
    etag: Etag


class AccountMerger(OtherAccount):
    take: Annotated[
        Names, Field(default_factory=list, description="Fields whose value comes from the other account, where both have one.")
    ]
    keep: Annotated[
        Names, Field(default_factory=list, description="Texts of the sheet that stay; the others of both are put together.")
    ]
    same_people: Annotated[
        list[WholeId] | None,
        Field(
            None,
            max_length=1000,
            description="Contacts of the other account who are the person with their e-mail address here. Left out: those who "
            "have the same name as well.",
        ),
    ]


class ContactMerger(Body):
    contact: Annotated[WholeId, Field(description="The contact that is merged into the one of the address.")]
    etag: Etag
    take: Annotated[Names, Field(default_factory=list, description="Fields whose value comes from the other contact.")]


class ContactMove(Body):
    account: Annotated[WholeId, Field(description="Where they work now.")]
    email: Annotated[Line, Field("", max_length=254)]
    title: Annotated[Line, Field("", max_length=120)]
    phone: Annotated[Line, Field("", max_length=60)]
    buying_role: Annotated[BuyingRole | None, Field(None, description="Left out: as it was at the former account.")]


@router.post("/accounts/{id}/merge", response=AccountOut, url_name="account_merge")
def merge_account(request: SignedInRequest, response: HttpResponse, id: PathId, body: AccountMerger) -> Status:
    """Merge another account into this one: its people, assessments, targets, plans, tags and the accounts below it come here.

    Empty fields are filled from the other account. That one is archived, with `merged_into`, and its external id leads here. 422
    with the reasons where it cannot be done, such as an open assessment of both.
    """
    kept = account_for(request.user, id, to="account.merge")
    merged = account_for(request.user, body.account, to="account.merge")
    seen = seen_version(request, kept), _seen(body.etag, merged)
    choices = {name: KEPT for name in body.keep if name in SHEET} | dict.fromkeys(body.take, MERGED)
    merge_accounts(kept, merged, by=request.user, seen=seen, choices=choices, same_people=body.same_people)
    return _account(request, response, kept.pk)


@router.post("/accounts/{id}/unmerge", response=AccountOut, url_name="account_unmerge")
def unmerge_account(request: SignedInRequest, response: HttpResponse, id: PathId, body: OtherAccount) -> Status:
    """Take back, within 30 days, that another account was merged into this one: what came from it goes back there.

    What was changed since stays as it is. 422 with the reasons where that does not fit together. The answer is the other account.
    """
    kept = account_for(request.user, id, to="account.merge")
    merged = account_for(request.user, body.account, to="account.merge")
    if merged.merged_into_id != kept.pk:
        raise wrong("account", _("That account is not merged into this one."))
    undo_merger(merged, by=request.user, seen=(seen_version(request, kept), _seen(body.etag, merged)))
    return _account(request, response, merged.pk)


@router.get("/contacts/{id}", response=ContactOut, url_name="contact")
def get_contact(request: SignedInRequest, response: HttpResponse, id: PathId) -> Status:
    """One contact of an account that you see."""
    visible = Contact.objects.filter(account__in=Account.objects.visible_to(request.user), erased_on=None)
    return _contact(response, get_object_or_404(visible, pk=id))


@router.post("/contacts/{id}/merge", response=ContactOut, url_name="contact_merge")
def merge_contact(request: SignedInRequest, response: HttpResponse, id: PathId, body: ContactMerger) -> Status:
    """Merge another contact of the same account, who is the same person, into this one: answers and invitations come along."""
    kept = _to_change(request, id)
    merged = get_object_or_404(Contact, pk=body.contact, account=kept.account_id, erased_on=None)
    seen = seen_version(request, kept), _seen(body.etag, merged)
    merge_contacts(kept, merged, by=request.user, seen=seen, choices=dict.fromkeys(body.take, MERGED))
    return _contact(response, Contact.objects.get(pk=kept.pk))


@router.post("/contacts/{id}/move", response={201: ContactOut}, url_name="contact_move")
def move_a_contact(request: SignedInRequest, response: HttpResponse, id: PathId, body: ContactMove) -> Status:
    """Note that a contact works at another account now; the answer is the new contact there.

    The answers stay at the former account, where they are `active: false` from now on. Name, language and `do_not_ask` come along.
    """
    contact = _to_change(request, id)
    to = account_for(request.user, body.account, to="contact.change")
    if body.email and (fault := fault_of(body.email)):
        raise wrong("email", _(fault) % {"text": body.email})
    sent = body.dict(exclude={"account"})
    sent["buying_role"] = sent["buying_role"] or ""
    new = move_contact(contact, to, by=request.user, seen=seen_version(request, contact), **sent)
    return _contact(response, new, status=201)


def _to_change(request: SignedInRequest, pk: int) -> Contact:
    """The contact, of an account that the caller may change. Raises Http404, PermissionDenied."""
    contact = get_object_or_404(Contact, pk=pk, erased_on=None)
    account_for(request.user, contact.account_id, to="contact.change")
    return contact


def _seen(etag: str, other: Account | Contact) -> int:
    """The version of the other one, which the caller names as they would in `If-Match`. Raises ApiProblem 412."""
    if etag.strip() not in {"*", tag_of(other)}:
        raise stale()
    return other.version


def _account(request: SignedInRequest, response: HttpResponse, pk: int) -> Status:
    account = Account.objects.select_related("owner", "team").get(pk=pk)
    tagged(response, account)
    return Status(200, accounts_shown([account], request.user)[0])


def _contact(response: HttpResponse, contact: Contact, *, status: int = 200) -> Status:
    tagged(response, contact)
    return Status(status, contact_shown(contact))
