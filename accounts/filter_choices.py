"""The choices of filters: only values that occur among the accounts that a person may see.

They are read from all those accounts, and cached until something changes.
"""

from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from accounts.models import Account, Tag, Team, User
from accounts.permissions import scope_of
from audit.figure_cache import cached_figures
from core import days
from core.choice_order import Offered, offered

MOST_OWNERS = 200  # more than that are typed, not picked from a list
MOST_TAGS = 500


def choices_for(user: User, *, archived: bool, state: int | None = None) -> Offered:
    """No statement when cached for this `state` of the data; else two, and one for the teams of a person who does not see all.

    The one rule for archived accounts: a page that can show them (`AccountFilter.archived`) offers their values too; a page
    that counts active accounts alone offers only values of those, or a choice would lead to nothing.
    """
    return cached_figures("choices", scope_of(user), days.today(), archived, make=lambda: _choices(user, archived), state=state)


def tags_for(user: User, *, state: int | None = None) -> tuple[tuple[int, str], ...]:
    """The first `MOST_TAGS` tags of the accounts that `user` may see, archived ones too. One statement, none when cached."""
    return cached_figures("tags", scope_of(user), days.today(), make=lambda: _tags(user), state=state)


def _choices(user: User, archived: bool) -> Offered:
    accounts = Account.objects.visible_to(user, teams_first=True).order_by()
    if not archived:
        accounts = accounts.active()
    # Two small answers: one statement would give a row for nearly every other account.
    places = list(accounts.values_list("segment", "country").distinct())
    people = User.objects.filter(pk__in=accounts.values("owner")).order_by()
    teams = Team.objects.filter(pk__in=accounts.values("team")).order_by()
    called = Coalesce(NullIf("name", Value("")), "email", output_field=CharField())  # as `User.__str__` says
    parts: list[QuerySet[Any, Any]] = [teams.values_list("pk", "name", Value(0))]
    if archived:
        parts.append(_tags_of(user).order_by().values_list("pk", "name", Value(2)))
    named = list(people.values_list("pk", called, Value(1)).union(*parts, all=True).order_by())
    return offered(
        segments=[segment for segment, _country in places],
        teams=[(pk, name) for pk, name, kind in named if kind == 0],
        countries=[country for _segment, country in places],
        owners=[(pk, name) for pk, name, kind in named if kind == 1],
        tags=[(pk, name) for pk, name, kind in named if kind == 2][:MOST_TAGS],
    )


def _tags(user: User) -> tuple[tuple[int, str], ...]:
    return tuple(_tags_of(user).values_list("pk", "name")[:MOST_TAGS])


def _tags_of(user: User) -> QuerySet[Tag]:
    tagged = Account.tags.through.objects.all()
    if not user.sees_all_accounts:
        tagged = tagged.filter(account__in=Account.objects.visible_to(user, teams_first=True).order_by())
    return Tag.objects.filter(pk__in=tagged.values("tag"))
