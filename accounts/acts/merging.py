"""Merge one account into another, and take that back.

All that hangs on the account goes along (`merge_parts`). The account itself stays in the archive, marked with the one that it
was merged into: its external id leads there (`accounts.external_ids`). One event of the trail, at the account that is kept,
holds what undoing needs: ids of the rows that moved, and former values.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts import derived
from accounts.acts.changing import hold_parents
from accounts.acts.contact_merging import Versions, can_be_taken_back, too_late
from accounts.acts.merge_parts import AccountPair, Merger, account_parts, contradictions_of, tell
from accounts.acts.merging_people import give_people_back, move_people
from accounts.forms import MAX_TAGS
from accounts.merge_fields import Choices, account_fields, chosen_values
from accounts.models import Account, Tag, User
from accounts.permissions import may
from audit import trail
from audit.models import Event
from core.versions import StaleEdit

MERGED, MERGED_AWAY = "account.merged", "account.merged_away"  # events at the account that is kept, and at the other
IDENTITY = ("source", "external_id")


class MergedAlready(ValidationError):
    """The second of two clicks: the account was merged into that one before."""


def obstacles_to(pair: AccountPair) -> list[str]:
    """Why these two cannot be merged as they are now, in sentences. A fixed number of statements."""
    kept, merged = pair.kept, pair.merged
    if kept.pk == merged.pk:
        return [_("An account cannot be merged into itself.")]
    for one in (kept, merged):
        if one.is_merged:
            return [_("%(account)s was merged into another account already.") % {"account": one}]
    found = []
    if kept.is_archived:
        found.append(_("%(account)s is archived. Take it back first, or keep the other one.") % {"account": kept})
    if (tags := len(_tag_names(kept, merged))) > MAX_TAGS:
        told = _("Together they have %(n)s tags, and at most %(most)s are possible. Take some off first.")
        found.append(told % {"n": tags, "most": MAX_TAGS})
    return found + [reason for part in account_parts() for reason in part.obstacles(pair)]


@transaction.atomic
def merge_accounts(
    kept: Account, merged: Account, *, by: User, seen: Versions, choices: Choices, same_people: Collection[int] | None = None
) -> Account:
    """Merge `merged` into `kept`, which gets the fields of `choices`.

    `same_people` are contacts of `merged` who are united with the contact of `kept` that has their e-mail address; None: those
    who have the same name as well. Others with such an address come without it. Raises StaleEdit when either account changed
    since the versions `seen` (0: not checked), MergedAlready, ValidationError with the reasons, PermissionDenied.
    """
    pair = _locked(kept.pk, merged.pk, by)
    kept, merged = pair.kept, pair.merged
    if merged.merged_into_id == kept.pk:
        raise MergedAlready(_("%(account)s was merged into this account already.") % {"account": merged}, code="merged")
    for account, version in zip((kept, merged), seen, strict=True):
        if version not in {0, account.version}:
            raise StaleEdit(account)
    if reasons := obstacles_to(pair):
        raise ValidationError(reasons, code="obstacle")
    before = _snapshots(pair)
    fields, tags = account_fields(kept, merged, by), _tag_names(kept)
    undo: dict[str, Any] = {"merged": {"status": merged.status, "parent": merged.parent_id}}

    people, person_changes = move_people(pair, same_people)
    undo |= people
    undo["noted"] = {part.name: noted for part in account_parts() if (noted := part.prepare(pair))}
    undo["moved"] = {part.name: ids for part in account_parts() if (ids := part.move(pair))}
    undo["former"] = list(merged.merged.order_by("pk").values_list("pk", flat=True))
    Account.objects.filter(pk__in=undo["former"]).update(merged_into=kept, version=F("version") + 1)

    values = chosen_values(fields, choices, kept, merged)
    children = _move_children(pair, values)
    undo["children"] = [change.obj.pk for change in children]
    _store_fields(pair, values)
    undo["tags"] = _add_tags(pair)
    derived.refresh([kept.pk, merged.pk])
    tell(Merger(kept.pk, merged.pk))

    now = _snapshots(pair)
    old, new = trail.difference(before[kept.pk], now[kept.pk])
    if undo["tags"]:
        old, new = old | {"tags": sorted(tags)}, new | {"tags": sorted([*tags, *undo["tags"]])}
    counted = {name: len(ids) for name, ids in undo["moved"].items()} | {"accounts.contact.account": len(undo["contacts"])}
    away, gone = trail.difference(before[merged.pk], now[merged.pk])
    changes = [
        *person_changes,
        *children,
        trail.Change("account.merged_away", merged, away, gone | {"merged_into": kept.pk}),
        trail.Change("account.merged", kept, old, new | {"merged_account": merged.pk, "moved": counted, "undo": undo}),
    ]
    trail.record_many(changes, by=by)
    return kept


def merger_of(merged: Account) -> Event | None:
    """The event by which the account was merged into the one that it is merged into now. One statement."""
    if merged.merged_into_id is None:
        return None
    events = Event.objects.filter(object_type=merged._meta.label_lower, object_id=merged.merged_into_id, act=MERGED)
    return next((event for event in events.order_by("-pk") if (event.after or {}).get("merged_account") == merged.pk), None)


def merged_with(account_id: int) -> list[Account]:
    """The account, and those with which it is or was merged: their rows and events may name the same people. Two statements."""
    events = Event.objects.filter(object_type=Account._meta.label_lower, object_id=account_id, act__in=[MERGED, MERGED_AWAY])
    others = {
        (after or {}).get(name) for after in events.values_list("after", flat=True) for name in ("merged_account", "merged_into")
    }
    former = Q(merged_into=account_id) | Q(pk__in=[pk for pk in others if pk]) | Q(pk=account_id)
    return list(Account.objects.filter(former).order_by("pk"))


def undo_merger(merged: Account, *, by: User, seen: Versions) -> Account:
    """Give back to `merged` what went along with it, and to the other account the values that it had, as far as they are as
    the merger left them.

    What was added since stays where it is. Raises ValidationError with the reasons where that does not fit together, or it is
    too late; StaleEdit, PermissionDenied.
    """
    try:
        with transaction.atomic():
            return _undo(merged, by=by, seen=seen)
    except IntegrityError as error:
        raise ValidationError(
            _("This can no longer be taken back: something that was added since stands in the place of what would come back."),
            code="taken",
        ) from error


def _undo(merged: Account, *, by: User, seen: Versions) -> Account:
    merged = Account.objects.get(pk=merged.pk)
    if merged.merged_into_id is None:
        raise ValidationError(_("This was taken back already."), code="done")
    event = merger_of(merged)
    if event is None:
        told = _("%(account)s went along when another account was merged into %(into)s. Take that back first.")
        raise ValidationError(told % {"account": merged, "into": merged.merged_into}, code="order")
    if not can_be_taken_back(event):
        raise ValidationError(too_late(), code="late")
    pair = _locked(merged.merged_into_id, merged.pk, by)
    kept, merged = pair.kept, pair.merged
    if merged.merged_into_id != kept.pk:
        raise ValidationError(_("This was taken back already."), code="done")
    for account, version in zip((kept, merged), seen, strict=True):
        if version not in {0, account.version}:
            raise StaleEdit(account)
    undo, before = (event.after or {})["undo"], _snapshots(pair)
    tags = _tag_names(kept)

    person_changes = give_people_back(pair, undo, event)
    for part in account_parts():
        part.give_back(undo["moved"].get(part.name, []), pair)
        if part.name in undo["noted"]:
            part.restore(undo["noted"][part.name], pair)
    back = list(kept.children.filter(pk__in=undo["children"]).values_list("pk", flat=True))
    Account.objects.filter(pk__in=back).update(parent=merged, version=F("version") + 1)
    Account.objects.filter(pk__in=undo["former"], merged_into=kept).update(merged_into=merged, version=F("version") + 1)
    _restore_fields(pair, event, undo)
    gone = _remove_tags(kept, undo["tags"])
    reasons = contradictions_of(pair)
    if reasons:
        raise ValidationError([_("This can no longer be taken back."), *reasons], code="contradiction")
    for account in (kept, merged):
        account.clean()
    derived.refresh([kept.pk, merged.pk])
    tell(Merger(kept.pk, merged.pk, is_undone=True))

    now = _snapshots(pair)
    old, new = trail.difference(before[kept.pk], now[kept.pk])
    if gone:
        old, new = old | {"tags": sorted(tags)}, new | {"tags": sorted(set(tags) - set(gone))}
    children = [Account(pk=pk) for pk in back]
    away, there = trail.difference(before[merged.pk], now[merged.pk])
    changes = [
        *person_changes,
        *(trail.Change("account.changed", child, {"parent": kept.pk}, {"parent": merged.pk}) for child in children),
        trail.Change("account.taken_out", merged, away | {"merged_into": kept.pk}, there | {"merged_into": None}),
        trail.Change("account.taken_apart", kept, old, new | {"merged_account": merged.pk}),
    ]
    trail.record_many(changes, by=by)
    return merged


def _locked(kept_pk: int, merged_pk: int, by: User) -> AccountPair:
    """Lock what the acts of all rooms lock, in their order: rounds and plans, then the accounts by id.

    So two people who merge the same accounts at once, each the other way round, do it one after the other.
    """
    hold_parents()
    pks = sorted({kept_pk, merged_pk})
    for part in account_parts():
        part.lock(pks)
    rows = Account.objects.select_for_update(of=("self",)).select_related("owner", "team", "parent").filter(pk__in=pks)
    found = {account.pk: account for account in rows.order_by("pk")}
    if not all(may(by, "account.merge", account) for account in found.values()):
        raise PermissionDenied
    return AccountPair(found[kept_pk], found[merged_pk])


def _snapshots(pair: AccountPair) -> dict[int, dict[str, Any]]:
    """What the trail tells of both: the fields that people edit, the state and the parent."""
    names = [
        field.name for field in Account._meta.concrete_fields if field.editable and not field.generated and field.name != "id"
    ]
    return {one.pk: trail.snapshot(one, *names) for one in (pair.kept, pair.merged)}


def _move_children(pair: AccountPair, values: dict[str, Any]) -> list[trail.Change]:
    """Put the accounts below the merged one below the kept one; sets the parent of both in `values` and on the merged one.

    Where the kept one stands below the merged one it takes that one's place, so no circle is made.
    """
    kept, merged = pair.kept, pair.merged
    if kept.pk in merged.descendant_ids():
        values["parent"] = merged.parent
    elif values.get("parent") and values["parent"].pk in {kept.pk, *kept.descendant_ids()}:
        values.pop("parent")
    children = list(merged.children.exclude(pk=kept.pk).order_by("pk").values_list("pk", flat=True))
    Account.objects.filter(pk__in=children).update(parent=kept, version=F("version") + 1)
    merged.parent = None
    return [
        trail.Change("account.changed", Account(pk=pk), {"parent": merged.pk}, {"parent": kept.pk}) for pk in children
    ]  # fmt: skip


def _store_fields(pair: AccountPair, values: dict[str, Any]) -> None:
    kept, merged = pair.kept, pair.merged
    if swapped := bool(values.keys() & set(IDENTITY)):
        _swap_ids(kept, merged)
    for name, value in values.items():
        if name not in IDENTITY:
            setattr(kept, name, value)
    merged.status, merged.merged_into = Account.Status.ARCHIVED, kept
    ids = [*IDENTITY] if swapped else []
    merged.save_version(merged.version, ["status", "merged_into", "parent", *ids])
    kept.save_version(kept.version, sorted({*values, *ids}))


def _swap_ids(one: Account, other: Account) -> None:
    """Exchange source and external id, which no two accounts may share at any moment; the caller stores them."""
    Account.objects.filter(pk__in=[one.pk, other.pk]).update(source="", external_id="")
    for name in IDENTITY:
        ours, theirs = getattr(one, name), getattr(other, name)
        setattr(one, name, theirs)
        setattr(other, name, ours)


def _restore_fields(pair: AccountPair, event: Event, undo: Mapping[str, Any]) -> None:
    """Give both accounts the values of before, where they are as the merger left them."""
    kept, merged = pair.kept, pair.merged
    before, after = event.before or {}, event.after or {}
    columns = {field.name: field for field in Account._meta.concrete_fields}
    as_left = [name for name in after if name in columns and name in before and trail.as_stored(kept, name) == after[name]]
    swapped = "external_id" in after or "source" in after
    changed: list[str] = []
    if swapped and all(name in as_left for name in IDENTITY if name in after):
        _swap_ids(kept, merged)
        changed += IDENTITY
    present = _still_there(before, as_left)
    for name in as_left:
        field = columns[name]
        if name in IDENTITY or not present(name):
            continue
        setattr(kept, field.attname, field.to_python(before[name]))
        changed.append(name)
    merged.status, merged.merged_into = undo["merged"]["status"], None
    parent = undo["merged"]["parent"]
    merged.parent = Account.objects.filter(pk=parent).first() if parent else None
    ids = [*IDENTITY] if set(IDENTITY) & set(changed) else []
    merged.save_version(merged.version, ["status", "merged_into", "parent", *ids])
    kept.save_version(kept.version, sorted(set(changed)))
    kept.refresh_from_db()


def _still_there(before: Mapping[str, Any], names: Iterable[str]) -> Any:
    """Tells whether the owner, team or parent that the account had before still exists. A statement for each of them."""
    gone = set()
    for name in names:
        field = Account._meta.get_field(name)
        if field.is_relation and before[name] is not None:
            model: Any = field.related_model
            if not model._base_manager.filter(pk=before[name]).exists():
                gone.add(name)
    return lambda name: name not in gone


def _tag_names(*accounts: Account) -> set[str]:
    return set(Tag.objects.filter(accounts__in=[account.pk for account in accounts]).values_list("name", flat=True))


def _add_tags(pair: AccountPair) -> list[str]:
    """Give the kept account the tags of the other one, which keeps them; the names of those that are new. Three statements."""
    through = Account.tags.through.objects
    have = set(through.filter(account=pair.kept.pk).values_list("tag", flat=True))
    new = dict(through.filter(account=pair.merged.pk).exclude(tag__in=have).values_list("tag", "tag__name"))
    through.bulk_create(Account.tags.through(account_id=pair.kept.pk, tag_id=pk) for pk in new)
    return sorted(new.values())


def _remove_tags(kept: Account, names: Collection[str]) -> list[str]:
    rows = Account.tags.through.objects.filter(account=kept.pk, tag__name__in=list(names))
    found = sorted(rows.values_list("tag__name", flat=True))
    rows.delete()
    return found
