"""Fields of an account that the system it comes from owns: the one place where this is decided.

An administrator says for each source which fields are owned. Whoever is not that source leaves them as they are: pages, changes
of many accounts, `PATCH` of the API, and files that do not name the source. The source itself writes them by
`PUT /accounts/by-external-id/…` or with a file whose rows name it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.fields import ACCOUNT_FIELDS, OWNABLE
from accounts.models.account import Account
from accounts.models.crm_source import CrmSource
from accounts.models.people import User
from audit import trail

IDENTITY = ("external_id", "source")  # owned with every rule: by them the system finds its account again


@dataclass(frozen=True, slots=True)
class Owned:
    """What a system owns of an account; `names` are fields of the account, `rule` what was chosen. False when it is nothing."""

    source: str = ""
    names: frozenset[str] = frozenset()
    rule: tuple[str, ...] = ()
    since: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.names)

    @property
    def labels(self) -> list[str]:
        return labels_of(self.rule)


NOTHING = Owned()
type Rules = Mapping[str, Owned]


def rules() -> Rules:
    """What each system owns. One statement; there are few."""
    return {rule.key: _owned(rule) for rule in CrmSource.objects.all()}


def owned_of(account: Account, known: Rules | None = None) -> Owned:
    """What is owned of this account. One statement where the account has a source and the rules are not `known`."""
    if not account.source:
        return NOTHING
    return owned_by(account.source, rules() if known is None else known)


def owned_by(source: str, known: Rules) -> Owned:
    """What is owned of the accounts that come from there ("" for nowhere)."""
    return known.get(source.casefold(), NOTHING)


def out_of_bounds(account: Account, names: Iterable[str], source: str, known: Rules) -> list[str]:
    """Those of `names` that a file may not change, whose row says that it comes from `source` ("" for nothing said)."""
    owned = owned_of(account, known)
    if source and source.casefold() == account.source.casefold():
        return []
    return [name for name in sorted(names) if name in owned.names]


def refusal(owned: Owned) -> str:
    return _("%(source)s owns this field: it stays as it is here. Change it in %(source)s.") % {"source": owned.source}


def check_may_archive(account: Account) -> None:
    """Raises ValidationError when the account's system says whether it is archived."""
    if "status" in (owned := owned_of(account)).names:
        told = _("%(source)s says whether this account is archived: change it there.")
        raise ValidationError(told % {"source": owned.source}, code="owned")


def labels_of(rule: Iterable[str]) -> list[str]:
    """In the order of the pages."""
    chosen = set(rule)
    return [label for name, label in choices() if name in chosen]


def choices() -> list[tuple[str, str]]:
    """What can be owned, each with its words."""
    owned = (ACCOUNT_FIELDS[name] for name in OWNABLE)
    return [(field.name, str(field.owned_as or field.label)) for field in owned]


def sources_in_use() -> dict[str, int]:
    """How many accounts come from each source, archived ones too. One statement."""
    counted = Account.objects.exclude(source="").order_by("source").values_list("source").annotate(Count("pk"))
    return dict(counted)


@transaction.atomic
def decide(form: Any, *, by: User) -> CrmSource:
    """Store what `form` (a `CrmSourceForm`) says a system owns. Raises StaleEdit, and IntegrityError for a second rule."""
    rule = form.instance
    rule.key, rule.owned = rule.source.casefold(), [name for name in OWNABLE if name in rule.owned]
    if rule.pk is None:
        rule.save()
        trail.record("crm_source.made", rule, by=by, after=trail.snapshot(rule, "source", "owned"))
        return rule
    before = trail.snapshot(CrmSource.objects.get(pk=rule.pk), "source", "owned")
    old, new = trail.difference(before, trail.snapshot(rule, "source", "owned"))
    rule.since = timezone.now() if new else rule.since
    rule.save_version(form.seen_version, ["owned", "since"])
    if new:
        trail.record("crm_source.changed", rule, by=by, before=old, after=new)
    return rule


@transaction.atomic
def remove(rule: CrmSource, *, by: User, seen: int) -> None:
    """Everything can be changed here again. Raises StaleEdit."""
    before = trail.snapshot(rule, "source", "owned")
    rule.save_version(seen, [])
    trail.record("crm_source.removed", rule, by=by, before=before)
    rule.delete()


def _owned(rule: CrmSource) -> Owned:
    names = {name for chosen in rule.owned for name in OWNABLE.get(chosen, ())}
    return Owned(rule.source, frozenset({*IDENTITY, *names}), tuple(rule.owned), rule.since)
