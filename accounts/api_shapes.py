"""Accounts and contacts as the API takes and gives them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from accounts.models import Account, Contact, User
from core.api import Body, Day, Line, Text, WholeId

Money = Annotated[float, Field(ge=0, lt=1e13, strict=True, allow_inf_nan=False)]
Status = Literal["on_track", "at_risk", "off_track", "reached", "no_target", "too_early"]
State = Literal["active", "archived"]
Person = Annotated[Line | WholeId, Field(description="An e-mail address, or the id of a person.")]
Influence = Annotated[int, Field(ge=1, le=3, strict=True)] | Literal["low", "medium", "high"]
BuyingRole = Literal["economic", "user", "technical", "coach"]

INFLUENCES = {"low": 1, "medium": 2, "high": 3}
SHEET = ("charter", "strengths", "vulnerabilities", "trends", "opportunities", "notes")
PLAIN = ("name", "source", "external_id", "segment", "country", "city", "website", "currency", *SHEET)


class AccountFields(Body):
    source: Line | None = None
    external_id: Line | None = None
    segment: Line | None = None
    country: Annotated[Line | None, Field(description="Two letters: ISO 3166.")] = None
    city: Line | None = None
    website: Line | None = None
    employees: Annotated[int, Field(ge=0, le=2_147_483_647, strict=True)] | None = None
    revenue: Annotated[Money | None, Field(description="What we sell to this customer in a year.")] = None
    currency: Annotated[Line, Field(description="Three letters: ISO 4217.")] = Field(default_factory=str)
    customer_since: Day | None = None
    owner: Person = Field(default_factory=str)
    team: Annotated[Line | WholeId | None, Field(description="The name of a team, or its id.")] = None
    parent: Annotated[WholeId | None, Field(description="The id of the account above.")] = None
    tags: Annotated[list[Annotated[Line, Field(pattern="^[^,]*$")]], Field(max_length=20)] = Field(default_factory=list)
    charter: Text | None = None
    strengths: Text | None = None
    vulnerabilities: Text | None = None
    trends: Text | None = None
    opportunities: Text | None = None
    notes: Text | None = None


class AccountIn(AccountFields):
    name: Annotated[Line, Field(min_length=1)]


class AccountChange(AccountFields):
    # What is not sent has no default: it stays as it is.
    name: Annotated[Line, Field(min_length=1)] = Field(default_factory=str)
    state: State = Field(default_factory=lambda: "active")


class AccountSync(AccountFields):
    """What another system knows of an account; its source and external id stand in the address."""

    name: Annotated[Line, Field(min_length=1)]
    source: None = None
    external_id: None = None
    state: State = Field(default_factory=lambda: "active")


class AccountOut(Schema):
    id: int
    name: str
    source: str | None
    external_id: str | None
    segment: str | None
    country: str | None
    city: str | None
    website: str | None
    employees: int | None
    revenue: float | None
    currency: str
    customer_since: date | None
    owner: str
    team: str | None
    parent: int | None
    tags: list[str]
    charter: str | None
    strengths: str | None
    vulnerabilities: str | None
    trends: str | None
    opportunities: str | None
    notes: str | None
    state: State
    level: int | None
    customer_level: int | None
    customer_position: float | None
    team_level: int | None
    team_position: float | None
    gap: int | None
    last_heard_on: date | None
    target_level: int | None
    target_due_on: date | None
    status: Status
    version: int


class AccountList(Schema):
    items: list[AccountOut]
    next: str | None


class ContactIn(Body):
    name: Annotated[Line, Field(min_length=1, max_length=120)]
    email: Line | None = None
    title: Line | None = None
    buying_role: BuyingRole
    influence: Influence = 2
    language: Literal["en", "nl"] | None = None
    reports_to: WholeId | None = None
    active: Annotated[bool, Field(strict=True)] = True
    do_not_ask: Annotated[bool, Field(strict=True)] = False


class ContactOut(Schema):
    id: int
    account: int
    name: str
    email: str | None
    title: str | None
    buying_role: BuyingRole
    influence: int
    language: str | None
    reports_to: int | None
    active: bool
    do_not_ask: bool
    version: int


class ContactList(Schema):
    items: list[ContactOut]
    next: str | None


def accounts_shown(accounts: Sequence[Account], user: User) -> list[dict[str, Any]]:
    """Two statements, whatever the number; owner and team are loaded already. A parent that one may not see is not told."""
    parents = {account.parent_id for account in accounts if account.parent_id}
    seen = set(Account.objects.visible_to(user).filter(pk__in=parents).values_list("pk", flat=True)) if parents else set()
    through = Account.tags.through.objects.filter(account__in=[account.pk for account in accounts])
    tags: dict[int, list[str]] = {}
    for pk, name in through.order_by("tag__name").values_list("account_id", "tag__name"):
        tags.setdefault(pk, []).append(name)
    return [
        {name: getattr(account, name) or None for name in PLAIN}
        | {
            "id": account.pk,
            "employees": account.employees,
            "revenue": account.revenue,
            "customer_since": account.customer_since,
            "owner": account.owner.email,
            "team": account.team.name if account.team else None,
            "parent": account.parent_id if account.parent_id in seen else None,
            "tags": tags.get(account.pk, []),
            "state": account.status,
            "status": account.target_status,
            "version": account.version,
        }
        | {name: getattr(account, name) for name in (
            "level", "customer_level", "customer_position", "team_level", "team_position", "gap", "last_heard_on",
            "target_level", "target_due_on",
        )}
        for account in accounts
    ]  # fmt: skip


def contact_shown(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.pk,
        "account": contact.account_id,
        "name": contact.name,
        "email": contact.email or None,
        "title": contact.title or None,
        "buying_role": contact.buying_role,
        "influence": contact.influence,
        "language": contact.language or None,
        "reports_to": contact.reports_to_id,
        "active": contact.active,
        "do_not_ask": contact.do_not_ask,
        "version": contact.version,
    }
