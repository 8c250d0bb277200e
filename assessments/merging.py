"""Rounds and answers when accounts or contacts are merged."""

from collections.abc import Iterable

from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acts.merge_parts import AccountPair, AccountPart, ContactPart, People
from accounts.models import Contact
from assessments.models import Assessment, Response

NAMED = 5  # rounds that a sentence names


def lock_rounds(account_ids: Iterable[int]) -> None:
    """Lock the rounds of the accounts, so that nobody answers, invites or closes one meanwhile. One statement."""
    rounds = Assessment.objects.select_for_update(of=("self",)).filter(account__in=list(account_ids))
    list(rounds.order_by("pk").values_list("pk"))


def _both_open(pair: AccountPair) -> list[str]:
    both = [pair.kept.pk, pair.merged.pk]
    if Assessment.objects.open().filter(account__in=both).count() < 2:
        return []
    return [_("Both have an open assessment, and an account has one at a time. Close one of them first.")]


def _recorded_twice(pair: AccountPair) -> Q:
    """Past results of the merged account of days of which the kept one has a past result, too."""
    recorded = Q(origin=Assessment.Origin.RECORDED)
    days = Assessment.objects.filter(recorded, account=pair.kept.pk).values("held_on")
    return recorded & Q(held_on__in=days)


def _remarks(pair: AccountPair) -> list[str]:
    count = Assessment.objects.filter(_recorded_twice(pair), account=pair.merged.pk).count()
    if not count:
        return []
    told = ngettext(
        "%(n)s past result of a day that both have stays with the archived account: that of %(kept)s counts.",
        "%(n)s past results of days that both have stay with the archived account: those of %(kept)s count.",
        count,
    )
    return [told % {"n": count, "kept": pair.kept}]


def _both_answered(people: People) -> dict[int, list[str]]:
    """Contacts who began or gave answers in a round in which the other one did, too. Two statements."""
    given = Response.objects.filter(contact__in={*people, *people.values()}).order_by("assessment__held_on", "assessment_id")
    rounds: dict[int, dict[int, str]] = {}
    for contact, pk, held_on in given.values_list("contact", "assessment", "assessment__held_on"):
        rounds.setdefault(contact or 0, {})[pk] = date_format(held_on, "j M Y")
    found = {
        merged: [day for pk, day in rounds.get(merged, {}).items() if pk in rounds.get(kept, {})]
        for merged, kept in people.items()
    }
    names = dict(Contact.objects.filter(pk__in=[pk for pk, days in found.items() if days]).values_list("pk", "name"))
    told = _("Both answered as %(name)s (%(days)s), so they stay two people: a person answers an assessment once.")
    return {pk: [told % {"name": names[pk], "days": ", ".join(days[:NAMED])}] for pk, days in found.items() if days}


def answers_elsewhere(pair: AccountPair) -> list[str]:
    """People of one of the accounts who answered in a round of the other one, since these were one."""
    given = Response.objects.filter(assessment__account__in=[pair.kept.pk, pair.merged.pk], contact__isnull=False)
    astray = given.exclude(contact__account=F("assessment__account")).order_by("assessment__held_on", "contact__name")
    told = _("%(name)s answered the assessment of %(day)s, which would go to the other account.")
    return [
        told % {"name": name or _("Erased person"), "day": date_format(day, "j M Y")}
        for name, day in astray.values_list("contact__name", "assessment__held_on")[:NAMED]
    ]


ROUNDS = AccountPart(
    Assessment, "account", obstacles=_both_open, stays=_recorded_twice, remarks=_remarks, lock=lock_rounds
)  # fmt: skip
#: The version of a response stays: somebody may be answering at this moment.
RESPONSES = ContactPart(Response, "contact", obstacles=_both_answered, raises_version=False)
