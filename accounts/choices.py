"""What the filters of the list offer: only what occurs among the accounts that a person may see.

Kept until something changes, since it is made of all those accounts.
"""

from dataclasses import dataclass

from accounts.kept import kept, scope_of
from accounts.models import Account, Tag, Team, User
from audit import days

MOST_OWNERS = 200  # more than that are typed, not picked from a list
MOST_TAGS = 500


@dataclass(frozen=True, slots=True)
class Choices:
    """Each with what stands in the address first."""

    owners: tuple[tuple[int, str], ...] | None  # None: too many to pick from
    teams: tuple[tuple[int, str], ...]
    segments: tuple[str, ...]
    countries: tuple[str, ...]
    tags: tuple[tuple[int, str], ...]


def choices_for(user: User, *, state: int | None = None) -> Choices:
    """No statement when at hand for whoever knows the state of the data, else four."""
    return kept("choices of the list", scope_of(user), days.today(), make=lambda: _choices(user), state=state)


def _choices(user: User) -> Choices:
    visible = Account.objects.visible_to(user, teams_first=True).order_by()
    owners = User.objects.filter(pk__in=visible.values("owner")).order_by("name", "pk")
    shown = [(person.pk, str(person)) for person in owners.only("name", "email")[: MOST_OWNERS + 1]]
    tagged = Account.tags.through.objects.all()
    if not user.sees_all_accounts:
        tagged = tagged.filter(account__in=visible)
    places = list(visible.values_list("segment", "country").distinct())
    return Choices(
        owners=tuple(shown) if len(shown) <= MOST_OWNERS else None,
        teams=tuple(Team.objects.filter(pk__in=visible.values("team")).values_list("pk", "name")),
        segments=tuple(sorted({segment for segment, _country in places} - {""})),
        countries=tuple(sorted({country for _segment, country in places} - {""})),
        tags=tuple(Tag.objects.filter(pk__in=tagged.values("tag")).values_list("pk", "name")[:MOST_TAGS]),
    )
