"""Whose accounts the dashboard shows, and the mentions of its reader.

Mine, those of one of my teams, or all that I see: what the address says, else what was chosen last, else mine. The lists that
the figures lead to get the same filter, so that they hold what the figure counted.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import CharField, Exists, F, OuterRef, Q, StringAgg, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.filters import query_of
from accounts.models import Account, Team, User
from accounts.permissions import scope_of
from accounts.querysets import AccountQuerySet
from audit.models import Event
from notes.models import NoteMention
from plans.models import ActionPlan, CommentMention

MINE, ALL = "mine", "all"
COOKIE = "whose"  # remembers the choice in this browser
KEPT = 365 * 24 * 3600  # seconds
SHOWN = 5  # mentions


@dataclass(frozen=True, slots=True)
class DeskTeam:
    pk: int
    name: str
    led: bool
    has_accounts: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """What the dashboard has to know of its reader before all else. `state` is the version of the data."""

    state: int
    owns: bool  # an active account
    plans: bool  # has an action plan, or an account with one
    is_mentioned: bool  # in a text that is not marked as read
    teams: tuple[DeskTeam, ...]


@dataclass(frozen=True, slots=True)
class Whose:
    """A choice of the switch: `key` in the address, and the filters that lists have for it."""

    key: str
    label: str
    filters: tuple[tuple[str, int], ...] = ()

    @property
    def query(self) -> str:
        """The filters as the end of an address that has others."""
        return f"&{query_of(dict(self.filters))}" if self.filters else ""

    @property
    def only(self) -> str:
        """The filters as the end of an address that has no others."""
        return f"?{query_of(dict(self.filters))}" if self.filters else ""

    @property
    def address(self) -> str:
        return f"{reverse('portfolio:dashboard')}?whose={self.key}"

    def of(self, accounts: AccountQuerySet) -> AccountQuerySet:
        return accounts.filter(**dict(self.filters))

    def scope_for(self, user: User) -> str:
        """The part of a cache key that says which accounts these are."""
        return f"user {user.pk} {self.key}" if self.filters else scope_of(user)


def desk_of(user: User) -> Desk:
    """One statement. It also stores the teams that the user leads, which `may` asks for."""
    member, lead = (people.objects.filter(user=user.pk) for people in (Team.members.through, Team.leads.through))
    teams = Team.objects.filter(Q(pk__in=member.values("team")) | Q(pk__in=lead.values("team")))
    line = JSONObject(
        pk="pk", name="name", led=Exists(lead.filter(team=OuterRef("pk"))),
        has_accounts=Exists(Account.objects.active().filter(team=OuterRef("pk"))),
    )  # fmt: skip
    lines = teams.order_by().annotate(everyone=Value(1), line=Cast(line, TextField())).values("everyone")
    unread = [model.objects.unread_by(user) for model in (NoteMention, CommentMention)]
    newest = Event.objects.order_by("-pk").values("pk")[:1]
    plans = ActionPlan.objects.filter(Q(owner=user.pk) | Q(account__owner=user.pk))
    state, owns, planned, noted, commented, found = User.objects.values_list(
        Coalesce(Subquery(newest), 0),
        Exists(Account.objects.active().filter(owner=user.pk)),
        Exists(plans),
        *(Exists(rows) for rows in unread),
        Subquery(lines.annotate(lines=StringAgg("line", Value("\n"))).values("lines")),
    ).get(pk=user.pk)
    rows = sorted((json.loads(line) for line in (found or "").split("\n") if line), key=lambda row: row["name"])
    told = tuple(DeskTeam(row["pk"], row["name"], bool(row["led"]), bool(row["has_accounts"])) for row in rows)
    user.led_team_ids = frozenset(team.pk for team in told if team.led)
    return Desk(state, owns, planned, noted or commented, told)


def choices_of(desk: Desk, user: User) -> list[Whose]:
    """What the switch offers: mine for who owns accounts, each team of theirs that has some, and all."""
    mine = [Whose(MINE, _("Mine"), (("owner", user.pk),))] if desk.owns else []
    teams = [team for team in desk.teams if team.has_accounts]
    named = [
        Whose(
            f"team-{team.pk}",
            _("My team's") if len(teams) == 1 else _("Team %(names)s") % {"names": team.name},
            (("team", team.pk),),
        )
        for team in teams
    ]
    return [*mine, *named, Whose(ALL, _("All"))]


def chosen_of(choices: Sequence[Whose], request: HttpRequest) -> Whose:
    """What the address says, else what was chosen last, else the first: mine, or all for who owns none and is in no team."""
    by_key = {choice.key: choice for choice in choices}
    for asked in (request.GET.get("whose", ""), request.COOKIES.get(COOKIE, "")):
        if asked in by_key:
            return by_key[asked]
    return by_key.get(MINE) or by_key[ALL]


def remember(response: HttpResponse, request: HttpRequest, chosen: Whose) -> None:
    """Keep the choice in this browser, once the address says it."""
    if request.GET.get("whose") == chosen.key != request.COOKIES.get(COOKIE):
        response.set_cookie(
            COOKIE, chosen.key, max_age=KEPT, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )  # fmt: skip


def scope_words(desk: Desk, chosen: Whose, user: User) -> str:
    """Whose accounts these are, in words."""
    if chosen.key == MINE:
        return _("My accounts")
    if chosen.filters:
        ((_name, pk),) = chosen.filters
        return _("Team %(names)s") % {"names": next(team.name for team in desk.teams if team.pk == pk)}
    if user.sees_all_accounts:
        return _("All accounts")
    names = ", ".join(team.name for team in desk.teams)
    return _("Team %(names)s") % {"names": names} if names else _("My accounts")


@dataclass(frozen=True, slots=True)
class MentionLine:
    """A text that mentions the reader."""

    text: str
    author: str
    account: str
    at: datetime
    url: str
    read_url: str  # takes it from the desk


def mentions_of(user: User) -> list[MentionLine]:
    """The newest that are not marked as read, at accounts that the user sees. One statement."""
    visible = Account.objects.visible_to(user)
    notes = _rows(NoteMention.objects.unread_by(user).filter(note__account__in=visible), "note", "note__account", Value(0))
    comments = _rows(
        CommentMention.objects.unread_by(user).filter(comment__action__plan__account__in=visible),
        "comment", "comment__action__plan__account", F("comment__action"),
    )  # fmt: skip
    newest = notes.union(comments, all=True).order_by("-at", "-mention")[:SHOWN]
    return [_line(row) for row in newest]


def _rows(mentions: Any, about: str, account: str, action: Any) -> Any:
    return mentions.order_by().values(
        mention=F("pk"),
        kind=Value(about, output_field=CharField()),
        about_pk=F(f"{about}__pk"),
        action_pk=action,
        account_pk=F(f"{account}__pk"),
        account_name=F(f"{account}__name"),
        author_name=F(f"{about}__author__name"),
        at=F(f"{about}__written_at"),
        body=F(f"{about}__text"),
    )


def _line(row: dict[str, Any]) -> MentionLine:
    if row["kind"] == "note":
        url = f"{reverse('notes:list', args=[row['account_pk']])}?note={row['about_pk']}"
        read = reverse("notes:mention_read", args=[row["mention"]])
    else:
        url = f"{reverse('plans:action', args=[row['action_pk']])}#comment-{row['about_pk']}"
        read = reverse("plans:mention_read", args=[row["mention"]])
    return MentionLine(row["body"], row["author_name"], row["account_name"], row["at"], url, read)
