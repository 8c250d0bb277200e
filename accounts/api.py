"""Accounts and contacts in the API."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Path, Query, Router, Status
from pydantic import Field

from accounts.acts.changing import change_account, create_account, save_contact, set_archived
from accounts.api_forms import AccountBody, ContactBody, checked
from accounts.api_shapes import (
    INFLUENCES,
    AccountChange,
    AccountIn,
    AccountList,
    AccountOut,
    AccountSync,
    ContactIn,
    ContactList,
    ContactOut,
    State,
    accounts_shown,
    contact_shown,
)
from accounts.api_shapes import Status as TargetStatus
from accounts.external_ids import account_by_external_id
from accounts.filters import AccountListFilter
from accounts.models import Account, Team, User
from accounts.permissions import SignedInRequest, account_for, may_add_accounts
from accounts.search import person_called
from core.api import Id, Paging, page_of, refused, seen_version, stale, tagged, wrong

router = Router(tags=["accounts"])
PathId = Annotated[Id, Path()]


SEARCH_NOTE = "Words of the name, the external id or the city, or of the name or e-mail address of a contact; in any order."


LEVEL_NOTE = "The customer's level; `ours` for accounts of which only you have a view, `none` for those without any."


class AccountQuery(Paging):
    q: Annotated[str, Field("", max_length=100, description=SEARCH_NOTE)]
    owner: Annotated[str, Field("", max_length=200, description="An e-mail address or id.")]
    team: Annotated[str, Field("", max_length=120, description="The name or id of a team.")]
    segment: Annotated[str, Field("", max_length=120)]
    level: Annotated[Literal["", "1", "2", "3", "4", "5", "ours", "none"], Field("", description=LEVEL_NOTE)]
    status: Annotated[Literal[""] | TargetStatus, Field("")]
    state: Annotated[State, Field("active")]


class ContactQuery(Paging):
    q: Annotated[str, Field("", max_length=100, description="Words of the name or the e-mail address, in any order.")]


@router.get("/accounts", response=AccountList, url_name="accounts")
def list_accounts(request: SignedInRequest, query: Query[AccountQuery]) -> dict[str, Any]:
    """The accounts that you see, by id; archived ones with `state=archived`."""
    user = request.user
    told = query.dict(exclude={"limit", "cursor"})
    if told["team"] and not told["team"].isdecimal():
        told["team"] = str(Team.objects.filter(name__iexact=told["team"]).values_list("pk", flat=True).first() or 0)
    narrowed = AccountListFilter(told, user=user, queryset=Account.objects.visible_to(user, teams_first=True))
    rows = narrowed.qs.select_related("owner", "team")
    return page_of(rows, query, lambda found: accounts_shown(found, user))


@router.post("/accounts", response={201: AccountOut}, url_name="accounts")
def add_account(request: SignedInRequest, response: HttpResponse, body: AccountIn) -> Status:
    """A new account. Without `owner` it is yours, without `team` of your first team."""
    account = _created(request.user, body.dict(exclude_unset=True))
    return _written(request.user, account.pk, response, status=201)


@router.get("/accounts/{id}", response=AccountOut, url_name="account")
def get_account(request: SignedInRequest, response: HttpResponse, id: PathId) -> Status:
    """One account, with where it stands."""
    return _shown(account_for(request.user, id), request.user, response)


@router.patch("/accounts/{id}", response=AccountOut, url_name="account")
def change(request: SignedInRequest, response: HttpResponse, id: PathId, body: AccountChange) -> Status:
    """Change what is sent, and nothing else. What the account's CRM owns is refused: 422 with its fields."""
    account = account_for(request.user, id, to="account.change")
    seen_version(request, account)
    sent = body.dict(exclude_unset=True)
    with transaction.atomic():
        state = sent.pop("state", account.status)
        if sent:
            account = _changed(request.user, account, sent)
        set_archived(account, by=request.user, seen=account.version, archived=state == Account.Status.ARCHIVED)
    return _written(request.user, id, response)


@router.delete("/accounts/{id}", response={204: None}, url_name="account")
def delete(request: SignedInRequest, id: PathId) -> Status:
    """Archive the account: it leaves the lists and keeps its history. PATCH `{"state": "active"}` takes it back."""
    account = account_for(request.user, id, to="account.archive")
    set_archived(account, by=request.user, seen=seen_version(request, account), archived=True)
    return Status(204, None)


@router.get("/accounts/by-external-id/{source}/{external_id}", response=AccountOut, url_name="account_by_external_id")
def find(
    request: SignedInRequest,
    response: HttpResponse,
    source: Annotated[str, Path(min_length=1, max_length=60, description="The system that the id comes from; `-` for none.")],
    external_id: Annotated[str, Path(min_length=1, max_length=120)],
) -> Status:
    """The account that another system knows by this id. That of a merged account leads to the one that it was merged into."""
    pk = account_by_external_id("" if source == "-" else source, external_id)
    return _shown(account_for(request.user, pk or 0), request.user, response)


@router.put(
    "/accounts/by-external-id/{source}/{external_id}",
    response={200: AccountOut, 201: AccountOut},
    url_name="account_by_external_id",
)
def sync(
    request: SignedInRequest,
    response: HttpResponse,
    source: Annotated[str, Path(min_length=1, max_length=60, description="The system that the id comes from; `-` for none.")],
    external_id: Annotated[str, Path(min_length=1, max_length=120)],
    body: AccountSync,
) -> Status:
    """Make the account that another system knows by this id, or change what is sent of it, also what that system owns.

    The id of an account that was merged into another one leads to that one, and archives it not. Of several calls at once one makes it, and the others change it one after the other. `If-Match` may be sent and is then
    kept to: 412 where the account has another version, or is not there.
    """
    where = {"source": "" if source == "-" else source, "external_id": external_id}
    sent = body.dict(exclude_unset=True, exclude={"source", "external_id"})
    state = sent.pop("state", None)
    with transaction.atomic():
        account, made = _found_or_made(request, where, sent)
        by_source = account.source.casefold() == where["source"].casefold()
        archived = state == Account.Status.ARCHIVED
        if archived and (account.source, account.external_id) != (where["source"], external_id):
            raise wrong("state", _former_id(account))
        if not made:
            account = _changed(request.user, account, sent, by_source=by_source)
        if state:
            set_archived(account, by=request.user, seen=account.version, archived=archived, by_source=by_source)
    return _written(request.user, account.pk, response, status=201 if made else 200)


@router.get("/accounts/{id}/contacts", response=ContactList, url_name="contacts")
def list_contacts(request: SignedInRequest, id: PathId, query: Query[ContactQuery]) -> dict[str, Any]:
    """The people of an account, active or not."""
    rows = account_for(request.user, id).contacts.filter(person_called(query.q), erased_on=None)
    return page_of(rows, query, lambda found: [contact_shown(contact) for contact in found])


@router.post("/accounts/{id}/contacts", response={201: ContactOut}, url_name="contacts")
def add_contact(request: SignedInRequest, response: HttpResponse, id: PathId, body: ContactIn) -> Status:
    """A new contact of an account."""
    account = account_for(request.user, id, to="contact.change")
    sent = body.dict()
    sent["influence"] = INFLUENCES.get(sent["influence"], sent["influence"])
    form = checked(ContactBody(sent, account=account))
    try:
        contact = save_contact(form, by=request.user)
    except IntegrityError as error:
        form.refuse(error)
        raise refused(form) from error
    tagged(response, contact)
    return Status(201, contact_shown(contact))


def _found_or_made(request: SignedInRequest, where: dict[str, str], sent: dict[str, Any]) -> tuple[Account, bool]:
    """The account with this external id, locked until the end of the transaction, and whether it was made now."""
    found = _found(request, where)
    if found:
        return found, False
    if "If-Match" in request.headers:
        raise stale()
    if not may_add_accounts(request.user):
        raise PermissionDenied
    form = checked(AccountBody(sent | where, user=request.user, by_source=True))
    try:
        return create_account(form, by=request.user), True
    except (IntegrityError, ValidationError) as error:
        if found := _found(request, where):  # another call was faster
            return found, False
        form.refuse(error)
        raise refused(form) from error


def _found(request: SignedInRequest, where: dict[str, str]) -> Account | None:
    """The account that the id leads to; when it was merged into another one meanwhile, that one."""
    leads_to = account_by_external_id(**where)
    seen = Account.objects.visible_to(request.user).filter(pk=leads_to or 0)
    pk = seen.select_for_update().values_list("pk", flat=True).first()
    if pk is None:
        return None
    account = account_for(request.user, pk, to="account.change")
    if "If-Match" in request.headers:
        seen_version(request, account)
    return account


def _former_id(account: Account) -> str:
    told = _("This id is a former one: its account was merged into account %(id)s. Archive that one by its own id.")
    return told % {"id": account.pk}


def _created(user: User, sent: dict[str, Any]) -> Account:
    if not may_add_accounts(user):
        raise PermissionDenied
    form = checked(AccountBody(sent, user=user))
    return _stored(form, lambda: create_account(form, by=user))


def _changed(user: User, account: Account, sent: dict[str, Any], *, by_source: bool = False) -> Account:
    form = checked(AccountBody(sent, user=user, instance=account, by_source=by_source))
    return _stored(form, lambda: change_account(form, by=user))


def _stored(form: AccountBody, act: Callable[..., Account]) -> Account:
    try:
        return act()
    except (IntegrityError, ValidationError) as error:
        form.refuse(error)
        raise refused(form) from error


def _written(user: User, pk: int, response: HttpResponse, *, status: int = 200) -> Status:
    """As it is stored now, also where the call gave it to others and put it out of sight: 404 would say that nothing was done."""
    return _shown(Account.objects.select_related("owner", "team").get(pk=pk), user, response, status=status)


def _shown(account: Account, user: User, response: HttpResponse, *, status: int = 200) -> Status:
    tagged(response, account)
    return Status(status, accounts_shown([account], user)[0])
