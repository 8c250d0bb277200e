"""The template context of the list of actions, in a fixed number of statements."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from core import days
from plans.models import Action

SHOWN = 8  # of each group, while all are on the page
PAGE = 25  # of one group alone

GROUPS = {group.name.lower(): group for group in Action.Group}


@dataclass(frozen=True, slots=True)
class ActionGroup:
    """One group of the list, with the actions of it that are shown."""

    name: str  # as in the address
    title: str
    count: int
    actions: list[Action]
    alone: bool

    @property
    def more(self) -> bool:
        return self.count > len(self.actions)

    @property
    def is_overdue(self) -> bool:
        return self.name == Action.Group.OVERDUE.name.lower()

    @property
    def is_folded(self) -> bool:
        """Whether the group is shown closed: done actions are, until somebody opens them."""
        return self.name == Action.Group.DONE.name.lower() and not self.alone


def actions_context(user: User, query: QueryDict) -> dict[str, Any]:
    """The context of `plans/actions.html`: the user's own actions, or those of all accounts the user sees.

    `tab` is mine or team; `who` narrows the team's to one owner; `group` shows one group alone, in pages.
    At most four statements.
    """
    only_reads = user.role == User.Role.VIEWER  # and so owns none
    tab = "team" if only_reads or query.get("tab") == "team" else "mine"
    today = days.today()
    listed = Action.objects.visible_to(user).grouped(today)
    people: list[User] = []
    who = None
    if tab == "mine":
        listed = listed.filter(owner=user)
    else:
        people = list(User.objects.filter(pk__in=listed.order_by().values("owner")).order_by("name", "pk"))
        who = next((person for person in people if str(person.pk) == query.get("who")), None)
        listed = listed.filter(owner=who) if who else listed
    counts = dict(listed.order_by().values_list("group").annotate(count=Count("pk")))
    alone = GROUPS.get(query.get("group", ""))
    page = _page(listed, alone, query.get("page")) if alone else None
    return {
        "section": "actions",
        "tab": tab,
        "only_reads": only_reads,
        "people": people,
        "who": who,
        "narrowed": bool(who or alone),
        "alone": alone.name.lower() if alone else "",
        "page": page,
        "groups": _groups(counts, list(page) if page else _first_of_each(listed), alone),
        "summary": _summary(counts),
    }


def _page(listed: QuerySet, group: Action.Group, number: str | None) -> Page:
    return Paginator(_with_all(listed.filter(group=group)), PAGE).get_page(number)


def _first_of_each(listed: QuerySet) -> list[Action]:
    place = Window(RowNumber(), partition_by=F("group"), order_by=[*Action.IN_GROUP])
    return list(_with_all(listed.annotate(place=place).filter(place__lte=SHOWN)))


def _with_all(actions: Any) -> QuerySet:  # with annotations, of which the type of the queryset does not know
    return actions.with_comment_count().select_related("plan__account", "play", "owner")


def _groups(counts: dict[int, int], actions: list[Any], alone: Action.Group | None) -> list[ActionGroup]:
    """The groups that are not empty; each of `actions` has the `group` that `grouped` adds."""
    return [
        ActionGroup(
            name,
            str(group.label),
            counts[group],
            [action for action in actions if action.group == group],
            alone is not None,
        )
        for name, group in GROUPS.items()
        if (alone is None or group == alone) and counts.get(group)
    ]


def _summary(counts: dict[int, int]) -> str:
    """How many actions are overdue or due in the next 7 days, in words."""
    late, week = counts.get(Action.Group.OVERDUE, 0), counts.get(Action.Group.WEEK, 0)
    if late and week:
        return _("%(late)s overdue, %(week)s due in the next 7 days") % {"late": late, "week": week}
    if late:
        return _("%(late)s overdue, nothing else due in the next 7 days") % {"late": late}
    if week:
        return _("nothing overdue, %(week)s due in the next 7 days") % {"week": week}
    return _("nothing overdue, nothing due in the next 7 days")
