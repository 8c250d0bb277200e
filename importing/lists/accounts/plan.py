"""What a row of a list of accounts changes: compared with the account that is stored."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts import field_kinds as kinds
from accounts import owned_fields
from accounts.fields import ACCOUNT_FIELDS, CURRENCY_OF, in_tables
from accounts.models import Account, Contact, Team, User
from core import organisation
from core.text_values import shortened
from importing.list_work import Difference, Outcome, Values
from importing.mapping import FIELDS
from importing.models import ImportRow
from importing.owner_lookup import Directory, Options
from importing.rows import MAX_TAGS
from importing.unknown_values import UnknownValue

#: What a file says of columns of the account itself that need no lookup.
OWN_COLUMNS = tuple(field.name for field in in_tables() if field.kind not in {kinds.OWNER, kinds.TEAM, kinds.PARENT, kinds.TAGS})
#: A file says nothing of the role in buying: the model's most modest assumption, to be corrected by hand.
NEW_CONTACT = {"buying_role": Contact.BuyingRole.USER}


@dataclass(slots=True)
class PlannedAccount:
    """A row with what it changes; `given` are the values of the file."""

    row: ImportRow
    given: Values
    account: Account | None = None  # the stored one, with owner, team, tags and contacts
    columns: dict[str, Any] = field(default_factory=dict)  # what to store in the account's own columns
    parent: int | None = None  # the id of the parent that it gets
    new_tags: list[str] = field(default_factory=list)
    contact: Contact | None = None  # the stored person of whom the row speaks
    contact_columns: dict[str, Any] = field(default_factory=dict)

    @property
    def changes_account(self) -> bool:
        return bool(self.columns or self.parent or self.new_tags)

    @property
    def outcome(self) -> Outcome:
        if self.row.problems:
            return Outcome.REJECTED
        if self.account is None:
            return Outcome.CREATED
        # A parent that the same file makes has no id before it is stored.
        differs = self.changes_account or self.contact_columns or self.row.above
        return Outcome.UPDATED if differs else Outcome.UNCHANGED


def stored_accounts(ids: set[int], *, lock: bool) -> dict[int, Account]:
    """The accounts with owner, team, tags and contacts; three statements, with `lock` four."""
    if not ids:
        return {}
    accounts = Account.objects.filter(pk__in=ids).order_by("pk")
    if lock:
        accounts = accounts.select_for_update(of=("self",))
        list(Contact.objects.select_for_update().filter(account__in=ids).order_by("pk").values_list("pk"))
    return {one.pk: one for one in accounts.select_related("owner", "team").prefetch_related("tags", "contacts")}


class Planner:
    """Plans rows one by one; what is needed of the whole is read once."""

    def __init__(self, options: Options, reject: Callable[[ImportRow, str, str], None], *, restores: bool) -> None:
        """`reject` adds a problem to a row. With `restores` archived accounts of which a row speaks become active."""
        self.options, self.reject, self.restores = options, reject, restores
        self.directory = Directory(options)
        self.owned = owned_fields.rules()
        self.unknown: list[tuple[str, str]] = []

    def plan(self, planned: PlannedAccount) -> PlannedAccount:
        """Find out what the row changes; problems are added to the row, values that nobody knows to `unknown`."""
        self._resolve_people(planned)
        if not planned.row.problems:
            _plan_contact(planned)
            self._plan_account(planned)
        return planned

    def _resolve_people(self, planned: PlannedAccount) -> None:
        given, account = planned.given, planned.account
        resolvers: tuple[tuple[str, Callable[[str, Account | None], User | Team | None]], ...] = (
            ("owner", self.directory.owner), ("team", self.directory.team),
        )  # fmt: skip
        for name, resolve in resolvers:
            if name not in given:
                continue
            try:
                found = resolve(given[name], account)
                if found is not None:  # a person said to do as if the file named none
                    planned.columns[name] = found
            except UnknownValue as unknown:
                if self.options.asks:
                    self.unknown.append((unknown.field, unknown.text))
                else:
                    self.reject(planned.row, name, str(unknown))
            except ValueError as error:
                self.reject(planned.row, name, str(error))
        if account is not None or planned.row.problems:
            return
        owner = planned.columns.get("owner") or self.options.owner
        if owner is None:
            self.reject(planned.row, "owner", _("Nobody is named to own this account."))
            return
        planned.columns["owner"] = owner
        if "team" not in planned.columns:
            planned.columns["team"] = self.directory.team_for(owner)

    def _plan_account(self, planned: PlannedAccount) -> None:
        given, account = planned.given, planned.account
        for amount, currency in CURRENCY_OF.items():
            if amount in given and currency not in given and self.options.currency:
                given[currency] = self.options.currency
        stated = {name: given[name] for name in OWN_COLUMNS if name in given} | planned.columns
        if account is None:
            planned.columns = dict.fromkeys(CURRENCY_OF.values(), organisation.reporting_currency()) | stated
            planned.new_tags = given.get("tags", [])
            return
        if account.is_archived and self.restores:
            stated.setdefault("status", Account.Status.ACTIVE)
        planned.columns = {name: value for name, value in stated.items() if not _same(name, getattr(account, name), value)}
        if planned.parent == account.parent_id:
            planned.parent = None
        present = {tag.name.casefold(): tag.name for tag in account.tags.all()}
        planned.new_tags = [name for name in given.get("tags", []) if name.casefold() not in present]
        if len(present) + len(planned.new_tags) > MAX_TAGS:
            self.reject(planned.row, "tags", _("At most %(most)s tags.") % {"most": MAX_TAGS})
        moves = planned.parent or planned.row.above
        changes = {*planned.columns, *(["parent"] if moves else []), *(["tags"] if planned.new_tags else [])}
        for name in owned_fields.out_of_bounds(account, changes, given.get("source", ""), self.owned):
            reason = _("%(source)s owns this field. Change it there, or name %(source)s as the source in this row.")
            self.reject(planned.row, name, reason % {"source": account.source})


def _plan_contact(planned: PlannedAccount) -> None:
    """Find the person whom the row names, by e-mail address, else by name; or plan to make them."""
    given = planned.given
    name, email = given.get("contact_name"), given.get("contact_email", "")
    if not name:
        return
    people = list(planned.account.contacts.all()) if planned.account else []
    same_email = [person for person in people if email and person.email.casefold() == email.casefold()]
    same_name = [person for person in people if person.name.casefold() == name.casefold()]
    planned.contact = next(iter(same_email or same_name), None)
    stated = {"name": name, "email": email, "title": given.get("contact_title", "")}
    if planned.contact is None:
        planned.contact_columns = stated
        return
    if name == email or same_email:  # the address may be that of several people: the name that is stored says more
        del stated["name"]
    planned.contact_columns = {
        column: value for column, value in stated.items() if value and getattr(planned.contact, column) != value
    }


def differences(planned: PlannedAccount, parents: dict[int, str]) -> list[Difference]:
    """What the row changes, for people. `parents` are the names of accounts that whoever imports may see."""
    account = planned.account
    if account is None:
        return []
    found = [
        Difference(_label(name), _shown(account, name), _shown(Account(**{name: value}), name))
        for name, value in planned.columns.items()
    ]
    if planned.parent:
        found.append(Difference(_label("parent"), parents.get(account.parent_id or 0, ""), parents.get(planned.parent, "")))
    elif planned.row.above:
        found.append(Difference(_label("parent"), parents.get(account.parent_id or 0, ""), str(planned.given.get("parent", ""))))
    if planned.new_tags:
        before = [tag.name for tag in account.tags.all()]
        found.append(Difference(_label("tags"), ", ".join(before), ", ".join([*before, *planned.new_tags])))
    found += [
        Difference(_label(f"contact_{name}"), getattr(planned.contact, name) if planned.contact else "", value)
        for name, value in planned.contact_columns.items()
        if value
    ]
    return found


def _same(name: str, stored: Any, given: Any) -> bool:
    if ACCOUNT_FIELDS[name].kind is kinds.WEBSITE:  # a file without http:// or https:// says nothing about which
        return stored == given or stored == given.replace("https://", "http://", 1)
    return stored == given


def _label(name: str) -> str:
    return str(FIELDS[name].label)


def _shown(account: Account, name: str) -> str:
    if name == "status":
        return str(account.get_status_display())
    value = getattr(account, name)
    return "" if value is None or value == "" else shortened(ACCOUNT_FIELDS[name].kind.shown(value), 120)


def shown_new(one: PlannedAccount) -> dict[str, Any]:
    """Of a row that makes an account, what the template shows."""
    columns: Values = one.columns
    revenue = columns.get("revenue")
    texts = {name: str(columns.get(name) or "") for name in ("external_id", "segment", "currency", "owner", "team")}
    return texts | {"name": one.given.get("name", ""), "revenue": None if revenue is None else str(revenue)}
