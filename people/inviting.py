"""Inviting colleagues: who is asked in has a user without a password, and gets a link to choose one.

A letter draws its link when it is sent, so no queue stores it. Where mail is not set up no letter is written: whoever invites is
shown the links, once.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Team, User
from audit import trail
from core import organisation
from core.secret_digest import digest_of
from mailing import outbox
from mailing.mail import Mail, is_set_up, mailbox, one_line
from mailing.models import Letter
from people.acts import hold_administrators, team_snapshot
from people.models import ColleagueInvitation
from people.pasted import Pasted

INVITATION = "people.invitation"  # the kind of letter
BYTES = 24  # 192 random bits, 32 characters

type Link = tuple[User, str]  # a colleague, and the address that lets them in


@dataclass(frozen=True, slots=True)
class Terms:
    """What all who are invited at once get."""

    role: str
    language: str = ""
    team: Team | None = None
    is_lead: bool = False


def known(emails: Sequence[str]) -> dict[str, User]:
    """Those of the addresses, in lower case, that somebody here has already. One statement."""
    return {user.email.lower(): user for user in User.objects.filter(email__in=emails)}


@transaction.atomic
def invite(people: Sequence[Pasted], terms: Terms, *, by: User) -> list[Link]:
    """Add the colleagues and ask them in; the links to hand on where mail is not set up, else none.

    The number of statements does not grow with the people. Raises ValidationError when one of the addresses has come here meanwhile.
    """
    users = [
        User(
            email=one.email, name=one.name, role=terms.role, language=terms.language, password=make_password(None), is_active=True
        )
        for one in people
    ]
    try:
        with transaction.atomic():
            users = User.objects.bulk_create(users)
    except IntegrityError as error:
        raise ValidationError(
            _("Someone else has just added one of these people. Look at the list again."), code="taken"
        ) from error
    content = {"role": terms.role, "language": terms.language, "is_active": True}
    trail.record_many(
        [trail.Change("user.created", user, None, content | {"email": user.email, "name": user.name}) for user in users], by=by
    )
    if terms.team:
        _join(terms.team, users, is_lead=terms.is_lead, by=by)
    return _ask(users, by=by)


@transaction.atomic
def invite_again(person: User, *, by: User) -> str:
    """Ask somebody who has no password yet once more: the former link opens nothing any more. The link where mail is not set up.

    Raises ValidationError for somebody who does not wait for one.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.state != User.State.INVITED:
        raise ValidationError(_("%(name)s needs no invitation any more.") % {"name": person}, code="no_need")
    links = _ask([person], by=by)
    return links[0][1] if links else ""


@transaction.atomic
def withdraw(person: User, *, by: User) -> None:
    """Take an invitation back: the link opens nothing, and the person may not sign in. Raises ValidationError when it is too late."""
    hold_administrators()
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.state != User.State.INVITED:
        raise ValidationError(_("%(name)s needs no invitation any more.") % {"name": person}, code="no_need")
    ColleagueInvitation.objects.filter(user=person).delete()
    User.objects.filter(pk=person.pk).update(is_active=False, version=F("version") + 1)
    trail.record("user.invitation_withdrawn", person, by=by, before={"is_active": True}, after={"is_active": False})


def invitation_with(token: str, *, lock: bool = False) -> ColleagueInvitation | None:
    """The invitation that this token still opens. One statement."""
    found = ColleagueInvitation.objects.select_related("user", "invited_by").filter(token_hash=digest_of(token))
    if lock:
        found = found.select_for_update(of=("self",))
    invitation = found.first()
    return invitation if invitation and invitation.is_usable else None


def issue_link(invitation: ColleagueInvitation) -> str:
    """A new link, as an address, in the place of the former one. It is returned only here: the database has a hash of its secret."""
    token = secrets.token_urlsafe(BYTES)
    ColleagueInvitation.objects.filter(pk=invitation.pk).update(token_hash=digest_of(token))
    return settings.BASE_URL + reverse("people:welcome", args=[token])


def letter_of(invitation: ColleagueInvitation) -> Letter | None:
    """The newest letter of the invitation. One statement."""
    return Letter.objects.about(INVITATION, invitation.pk).order_by("-pk").first()


def write_invitation(letter: Letter) -> Mail | None:
    """The letter with a link of its own; None when somebody came in, or was asked again, meanwhile."""
    found = ColleagueInvitation.objects.select_related("user", "invited_by").filter(pk=letter.subject_id).first()
    if found is None or not found.is_usable or letter.key != _key(found):
        return None
    return compose(found, issue_link(found))


def compose(invitation: ColleagueInvitation, link: str) -> Mail:
    """The letter in the language of the colleague, else in that of the organisation."""
    person, asker = invitation.user, invitation.invited_by
    with translation.override(person.language or organisation.language()):
        context = {
            "person": person,
            "asker": asker,
            "organisation": organisation.name(),
            "link": link,
            "expires_on": timezone.localtime(invitation.expires_at, organisation.time_zone()).date(),
        }
        subject = one_line(_("You are invited to Standing"))
        text = render_to_string("people/email/invitation.txt", context).strip() + "\n"
    reply_to = [mailbox(asker.name, asker.email)] if asker else []
    return Mail(
        subject, text, None, [mailbox(person.name, person.email)], reply_to=reply_to, headers={"Auto-Submitted": "auto-generated"}
    )


def _ask(users: list[User], *, by: User) -> list[Link]:
    """Write a letter to each, or draw a link for each where mail is not set up."""
    expires_at = timezone.now() + ColleagueInvitation.HOLDS
    before = {one.user_id: one for one in ColleagueInvitation.objects.filter(user__in=users)}
    asked = [
        ColleagueInvitation(
            user=user, invited_by=by, expires_at=expires_at, letters=before[user.pk].letters + 1 if user.pk in before else 1
        )
        for user in users
    ]
    tokens = {user.pk: secrets.token_urlsafe(BYTES) for user in users} if not is_set_up() else {}
    for one in asked:
        one.token_hash = digest_of(tokens[one.user_id]) if tokens else ""
    fields = ["invited_by", "expires_at", "letters", "token_hash"]
    ColleagueInvitation.objects.bulk_create(asked, update_conflicts=True, unique_fields=["user"], update_fields=fields)
    trail.record_many([trail.Change("user.invited", user) for user in users], by=by)
    if tokens:
        return [(user, settings.BASE_URL + reverse("people:welcome", args=[tokens[user.pk]])) for user in users]
    stored = ColleagueInvitation.objects.filter(user__in=users)
    outbox.post_many(INVITATION, {_key(one): one.pk for one in stored})
    return []


def _key(invitation: ColleagueInvitation) -> str:
    return f"{INVITATION}:{invitation.pk}:{invitation.letters}"


def _join(team: Team, users: list[User], *, is_lead: bool, by: User) -> None:
    team = Team.objects.select_for_update().get(pk=team.pk)
    before = team_snapshot(team)
    team.members.add(*users)
    if is_lead:
        team.leads.add(*users)
    Team.objects.filter(pk=team.pk).update(version=F("version") + 1)
    old, new = trail.difference(before, team_snapshot(team))
    trail.record("team.changed", team, by=by, before=old, after=new)


def invitation_settled(letter: Letter) -> None:
    """Nothing follows from the outcome: the page of the person tells it from the letter itself (`letter_of`)."""
