"""Accounts and contacts as the API takes and gives them; their fields are those of `accounts/fields.py`."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field as ApiField
from pydantic import create_model

from accounts.contact_words import INFLUENCE_NAMES
from accounts.field_definitions import ListedField
from accounts.field_kinds import OWNER, PARENT, STATE, TAGS, TEAM, Person, State
from accounts.fields import ACCOUNT, CONTACT
from accounts.models import Account, Contact, User
from core.api import Body, Line

__all__ = ["Person", "State"]

Status = Literal["on_track", "at_risk", "off_track", "reached", "no_target", "too_early"]

INFLUENCES = {name: number for number, name in INFLUENCE_NAMES.items()}
FIGURES = (
    "customer_level", "customer_position", "team_level", "team_position", "gap", "told_to_us", "last_heard_on", "target_level",
    "target_due_on", "target_chance",
)  # fmt: skip
#: Names of accounts that stand in the API otherwise than their columns do.
OTHERWISE = (OWNER, TEAM, PARENT, TAGS, STATE)


def takes[T: Body](fields: Iterable[ListedField]) -> Callable[[type[T]], type[T]]:
    """A class decorator: the body has these fields, too, each as its kind is sent."""

    def with_fields(body: type[T]) -> type[T]:
        wanted = {field.name: (field.kind.takes, ApiField(**_told(field))) for field in fields}
        return _extended(body, wanted)

    return with_fields


def _told(field: ListedField) -> dict[str, Any]:
    """The default of a field, and what the description of the API says of it."""
    return {**field.kind.api_default, **({"description": field.api_note} if field.api_note else {})}


def gives[T: Schema](fields: Iterable[ListedField]) -> Callable[[type[T]], type[T]]:
    """A class decorator: the answer has these fields, too, each as its kind is given."""
    return lambda answer: _extended(answer, {field.name: field.kind.gives for field in fields})


def _extended[T: Schema](base: type[T], wanted: dict[str, Any]) -> type[T]:
    made: type[T] = create_model(base.__name__, __base__=base, __module__=base.__module__, __doc__=base.__doc__, **wanted)
    return made


SENT = [field for field in ACCOUNT if field.kind is not STATE and field.name != "name"]
GIVEN = [field for field in ACCOUNT if field.kind is not STATE]


@takes(SENT)
class AccountFields(Body):
    pass


class AccountIn(AccountFields):
    name: Annotated[Line, ApiField(min_length=1)]


class AccountChange(AccountFields):
    # What is not sent has no default: it stays as it is.
    name: Annotated[Line, ApiField(min_length=1)] = ApiField(default_factory=str)
    state: State = ApiField(default_factory=lambda: "active")


class AccountSync(AccountFields):
    """What another system knows of an account; its source and external id stand in the address."""

    name: Annotated[Line, ApiField(min_length=1)]
    source: None = None
    external_id: None = None
    state: State = ApiField(default_factory=lambda: "active")


@gives(GIVEN)
class AccountHead(Schema):
    id: int


class AccountOut(AccountHead):
    state: State
    merged_into: int | None
    revenue_in_reporting_currency: Annotated[
        float | None, ApiField(description="Null without a revenue, and without an exchange rate for its currency.")
    ]
    customer_level: int | None
    customer_position: float | None
    team_level: int | None
    team_position: float | None
    gap: int | None
    told_to_us: Annotated[bool, ApiField(description="Whether some of the answers behind the customer's level were told to us.")]
    last_heard_on: date | None
    target_level: int | None
    target_due_on: date | None
    target_chance: Annotated[
        float | None, ApiField(description="The probability that the target is reached; null without a forecast.")
    ]
    status: Status
    version: int


class AccountList(Schema):
    items: list[AccountOut]
    next: str | None


@takes(field for field in CONTACT if field.name != "name")
class ContactIn(Body):
    name: Annotated[Line, ApiField(min_length=1, max_length=120)]


@gives(CONTACT)
class ContactHead(Schema):
    id: int
    account: int


class ContactOut(ContactHead):
    version: int


class ContactList(Schema):
    items: list[ContactOut]
    next: str | None


def accounts_shown(accounts: Sequence[Account], user: User) -> list[dict[str, Any]]:
    """Two statements, whatever the number; owner and team are loaded already. A parent that one may not see is not told, nor is the
    account that this one was merged into.
    """
    parents = {pk for account in accounts for pk in (account.parent_id, account.merged_into_id) if pk}
    seen = set(Account.objects.visible_to(user).filter(pk__in=parents).values_list("pk", flat=True)) if parents else set()
    through = Account.tags.through.objects.filter(account__in=[account.pk for account in accounts])
    tags: dict[int, list[str]] = {}
    for pk, name in through.order_by("tag__name").values_list("account_id", "tag__name"):
        tags.setdefault(pk, []).append(name)
    return [
        _plain(account, (field for field in ACCOUNT if field.kind not in OTHERWISE))
        | {
            "id": account.pk,
            "owner": account.owner.email,
            "team": account.team.name if account.team else None,
            "parent": account.parent_id if account.parent_id in seen else None,
            "merged_into": account.merged_into_id if account.merged_into_id in seen else None,
            "tags": tags.get(account.pk, []),
            "state": account.status,
            "status": account.target_status,
            "revenue_in_reporting_currency": account.worth,
            "version": account.version,
        }
        | {name: getattr(account, name) for name in FIGURES}
        for account in accounts
    ]


def contact_shown(contact: Contact) -> dict[str, Any]:
    return _plain(contact, CONTACT) | {
        "id": contact.pk,
        "account": contact.account_id,
        "version": contact.version,
    }


def _plain(obj: Account | Contact, fields: Iterable[ListedField]) -> dict[str, Any]:
    """The values of the columns; an empty text is none."""
    values = {field.name: getattr(obj, field.on_model.attname) for field in fields}
    return {name: None if value == "" else value for name, value in values.items()}
