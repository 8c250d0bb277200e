"""Invitations when accounts or contacts are merged, and when a contact goes to another account."""

from typing import Any

from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.acts.merge_parts import AccountPair, ContactPart, Ids, Noted, People
from assessments.models import Assessment, Response
from audit import trail
from surveys.models import Invitation, SurveyLink

NAMED = 5  # people whom a sentence names


def _drop_second(people: People) -> dict[int, Noted]:
    """Where both were invited to a round, delete one invitation: not the one that was answered, else that of the merged contact.

    Its links die with it. Four statements at most.
    """
    rows = list(Invitation.objects.filter(contact__in={*people, *people.values()}).order_by("pk"))
    by_place = {(one.contact_id, one.assessment_id): one for one in rows}
    both = [(merged, one, other) for merged, kept in people.items() for one in rows
            if one.contact_id == merged and (other := by_place.get((kept, one.assessment_id)))]  # fmt: skip
    if not both:
        return {}
    rounds = {one.assessment_id for _merged, one, _other in both}
    begun = set(Response.objects.filter(assessment__in=rounds, contact__in=people).values_list("contact", "assessment"))
    noted: dict[int, Noted] = {}
    gone: Ids = []
    for merged, theirs, ours in both:
        answered = theirs.state == Invitation.State.ANSWERED or (
            ours.state != Invitation.State.ANSWERED and (merged, theirs.assessment_id) in begun
        )
        second = ours if answered else theirs
        gone.append(second.pk)
        noted.setdefault(merged, {"invitations": []})["invitations"].append(trail.snapshot(second))
    Invitation.objects.filter(pk__in=gone).delete()
    return noted


def _invite_again(noted: dict[int, Noted]) -> None:
    """Make the deleted invitations anew, without links: who has not answered is sent one again."""
    rows = []
    there = set(Assessment.objects.filter(
        pk__in={one["assessment"] for told in noted.values() for one in told["invitations"]}
    ).values_list("pk", flat=True))  # fmt: skip
    for told in noted.values():
        for values in told["invitations"]:
            if values["assessment"] in there:
                rows.append(_made_anew(values))
    taken = set(Invitation.objects.filter(assessment__in=there).values_list("assessment", "contact"))
    Invitation.objects.bulk_create(row for row in rows if (row.assessment_id, row.contact_id) not in taken)


def _made_anew(values: dict[str, Any]) -> Invitation:
    invitation = Invitation()
    for field in Invitation._meta.concrete_fields:
        if field.name in values:
            setattr(invitation, field.attname, field.to_python(values[field.name]))
    return invitation


def withdraw_all(contact_id: int) -> list[trail.Change]:
    """Withdraw the invitations of a contact to open rounds that were not answered: their links die. The events to record.

    Three statements at most.
    """
    waiting = Invitation.objects.filter(contact=contact_id, assessment__state=Assessment.State.OPEN)
    waiting = waiting.exclude(state__in=[Invitation.State.ANSWERED, Invitation.State.REVOKED])
    invitations = list(waiting.select_for_update(of=("self",)).select_related("assessment").order_by("pk"))
    if not invitations:
        return []
    pks = [one.pk for one in invitations]
    Invitation.objects.filter(pk__in=pks).update(state=Invitation.State.REVOKED, trouble="")
    SurveyLink.objects.filter(invitation__in=pks).delete()
    withdrawn = {"state": Invitation.State.REVOKED}
    return [trail.Change("invitation.withdrawn", one, {"state": one.state}, withdrawn) for one in invitations]


def invitations_elsewhere(pair: AccountPair) -> list[str]:
    """People of one of the accounts who were invited to a round of the other one, since these were one."""
    asked = Invitation.objects.filter(assessment__account__in=[pair.kept.pk, pair.merged.pk])
    astray = asked.exclude(contact__account=F("assessment__account")).order_by("assessment__held_on", "contact__name")
    told = _("%(name)s was asked in the assessment of %(day)s, which would go to the other account.")
    return [
        told % {"name": name or _("Erased person"), "day": date_format(day, "j M Y")}
        for name, day in astray.values_list("contact__name", "assessment__held_on")[:NAMED]
    ]


INVITATIONS = ContactPart(Invitation, "contact", prepare=_drop_second, restore=_invite_again)
