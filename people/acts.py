"""The acts on colleagues and teams: each is one transaction and records events in the trail."""

from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Account, Team, User
from audit import trail
from core.versions import StaleEdit, VersionedForm
from people.models import ColleagueInvitation

PERSON_FIELDS = ("email", "name", "role", "language", "is_active")


def team_snapshot(team: Team) -> dict[str, Any]:
    """What the trail stores of a team. Two statements."""
    members, leads = (sorted(some.values_list("pk", flat=True)) for some in (team.members, team.leads))
    return {"name": team.name, "members": members, "leads": leads}


def hold_administrators() -> None:
    """Lock the administrators: of two who demote each other at once the second waits, and then sees what the first did."""
    list(User.objects.administrators().order_by("pk").select_for_update().values_list("pk"))


def check_an_administrator_stays() -> None:
    """Raise ValidationError when nobody is left who may administer and can sign in. Call it after `hold_administrators`."""
    if not User.objects.administrators().in_state(User.State.ACTIVE).exists():
        raise ValidationError(
            _("This is the last administrator who can sign in. Make someone else an administrator first."),
            code="last_administrator",
        )


@transaction.atomic
def change_person(form: VersionedForm, *, by: User) -> User:
    """Store name, address, role and language of a valid form. Raises StaleEdit, and ValidationError for an address that is taken
    or when no administrator would be left.
    """
    person: User = form.instance
    hold_administrators()
    stored = User.objects.get(pk=person.pk)
    before = trail.snapshot(stored, *PERSON_FIELDS)
    try:
        with transaction.atomic():
            person.save_version(form.seen_version, form.edited_fields())
    except IntegrityError as error:
        raise ValidationError({"email": _("Someone with this e-mail address is here already.")}, code="taken") from error
    if stored.is_administrator and not person.is_administrator:
        check_an_administrator_stays()
    if stored.email != person.email:
        # allauth has its own table of addresses: the former one must not work for signing in any more.
        EmailAddress.objects.filter(user=person).exclude(email=person.email).delete()
        ColleagueInvitation.objects.filter(user=person).update(token_hash="")  # its letter went to the former address
    old, new = trail.difference(before, trail.snapshot(person, *PERSON_FIELDS))
    if new:
        trail.record("user.changed", person, by=by, before=old, after=new)
    return person


@transaction.atomic
def set_active(person: User, *, active: bool, by: User, seen: int) -> User:
    """Let a colleague in again, or let them in no more: their sessions end, and an invitation is withdrawn.

    Raises StaleEdit, and ValidationError for the last administrator. What is so already stays so.
    """
    hold_administrators()
    stored = User.objects.select_for_update().get(pk=person.pk)
    if stored.is_active == active:
        return stored
    if stored.version != seen:
        raise StaleEdit(stored)
    was_administrator = stored.is_administrator
    stored.is_active = active
    stored.sessions_ended = F("sessions_ended") + (0 if active else 1)
    stored.save_version(seen, ["is_active", "sessions_ended"])
    stored.refresh_from_db()
    if was_administrator:
        check_an_administrator_stays()
    if not active:
        ColleagueInvitation.objects.filter(user=stored).delete()
    trail.record(
        "user.enabled" if active else "user.disabled",
        stored,
        by=by,
        before={"is_active": not active},
        after={"is_active": active},
    )
    return stored


@transaction.atomic
def create_team(name: str, *, by: User) -> Team:
    """Raises ValidationError for a name that another team has."""
    team = Team(name=name.strip())
    team.full_clean()
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as error:
        raise ValidationError({"name": _("Another team has this name.")}, code="taken") from error
    trail.record("team.created", team, by=by, after={"name": team.name, "members": [], "leads": []})
    return team


@transaction.atomic
def rename_team(form: VersionedForm, *, by: User) -> Team:
    """Store the name of a valid form. Raises StaleEdit, and ValidationError for a name that another team has."""
    team: Team = form.instance
    before = Team.objects.get(pk=team.pk).name
    try:
        with transaction.atomic():
            team.save_version(form.seen_version, ["name"])
    except IntegrityError as error:
        raise ValidationError({"name": _("Another team has this name.")}, code="taken") from error
    if before != team.name:
        trail.record("team.changed", team, by=by, before={"name": before}, after={"name": team.name})
    return team


@transaction.atomic
def set_membership(team: Team, person: User, *, by: User, member: bool, lead: bool) -> None:
    """Put a colleague in a team, or take them out; `lead` says whether they lead it. What is so already is no event."""
    team = Team.objects.select_for_update().get(pk=team.pk)
    before = team_snapshot(team)
    (team.members.add if member else team.members.remove)(person)
    (team.leads.add if lead else team.leads.remove)(person)
    old, new = trail.difference(before, team_snapshot(team))
    if new:
        Team.objects.filter(pk=team.pk).update(version=F("version") + 1)
        trail.record("team.changed", team, by=by, before=old, after=new)


@transaction.atomic
def move(person: User, *, source: Team, target: Team, by: User) -> None:
    """Take a colleague from one team to another, of which they become a member. Their accounts stay where they are."""
    list(Team.objects.select_for_update().filter(pk__in=[source.pk, target.pk]).order_by("pk").values_list("pk"))
    if source.pk == target.pk:
        return
    set_membership(source, person, by=by, member=False, lead=False)
    leads_there = target.leads.filter(pk=person.pk).exists()
    set_membership(target, person, by=by, member=True, lead=leads_there)


@transaction.atomic
def remove_team(team: Team, *, by: User) -> None:
    """Remove a team without people and accounts. Raises ValidationError for another one."""
    team = Team.objects.select_for_update().get(pk=team.pk)
    before = team_snapshot(team)
    if before["members"] or before["leads"]:
        raise ValidationError(_("People are in this team: move them first."), code="not_empty")
    if Account.objects.filter(team=team).exists():
        raise ValidationError(_("Accounts are in this team, archived ones too: give them another team first."), code="not_empty")
    trail.record("team.deleted", team, by=by, before=before)
    try:
        with transaction.atomic():
            team.delete()
    except IntegrityError as error:
        raise ValidationError(
            _("Accounts are in this team, archived ones too: give them another team first."), code="not_empty"
        ) from error
