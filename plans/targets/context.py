"""The template context of the target page, in a fixed number of statements."""

from copy import copy
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from accounts.models import Account
from core import days
from hierarchy.models import Level
from plans import words
from plans.models import Target
from plans.targets.forms import TargetForm
from plans.targets.standing import standing_of
from plans.trajectory import Milestone, Trajectory


@dataclass(frozen=True, slots=True)
class TargetPreview:
    """Milestones and pace of a target that is not stored yet."""

    milestones: tuple[Milestone, ...]
    pace: str


class TargetPage:
    """The page of one account: its active target, the form to set or revise it, and the earlier ones."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.levels = {level.rank: level for level in Level.objects.filter(edition__state="published")}
        self.active = self._active()

    def form(self, data: QueryDict | None = None) -> TargetForm:
        # Who typed into a page without a target sent version 0: a second click of theirs is no revision,
        # whatever is stored now.
        revising = self.active is not None and (not data or data.get("version") not in {None, "", "0"})
        names = {rank: level.name for rank, level in self.levels.items()}
        instance = copy(self.active) if self.active else Target(account=self.account)
        return TargetForm(data, level_names=names, revising=revising, instance=instance)

    def reread(self) -> None:
        """The target as it is stored now, after someone else changed it."""
        self.active = self._active()

    def context(self, form: TargetForm, *, previewed: bool = False) -> dict[str, Any]:
        """The context of `plans/target.html`; two statements, and one where the forecast is not cached."""
        today = days.today()
        way = self.active.trajectory if self.active else None
        standing = standing_of(self.account, self.active, self.account.assessments.closed().in_time(), today)
        return {
            "section": "accounts",
            "account": self.account,
            "form": form,
            "levels": self.levels,
            "target": self.active,
            "start": words.baseline_sentence(self.account.position, self._basis()),
            "way": words.trajectory_sentence(way, self.active.basis, today) if way and self.active else "",
            "milestones": way.milestones() if way else (),
            "status": standing.status,
            "status_sentence": standing.sentence,
            "outlook": standing.outlook_words,
            "earlier": self.account.targets.exclude(superseded_on=None).select_related("set_by"),
            "previewed": previewed,
            "preview": self._preview(form) if previewed else None,
        }

    def _active(self) -> Target | None:
        return self.account.targets.active().select_related("set_by").first()

    def _basis(self) -> str:
        return Target.Basis.CUSTOMER if self.account.customer_level else Target.Basis.TEAM

    def _preview(self, form: TargetForm) -> TargetPreview | None:
        """None while the level or the date is missing or wrong, or the account has no level to start from."""
        form.full_clean()
        level, due_on = form.cleaned_data.get("level"), form.cleaned_data.get("due_on")
        if level is None or due_on is None or self.account.position is None:
            return None
        way = Trajectory(days.today(), self.account.position, due_on, level)
        return TargetPreview(way.milestones(), words.pace_sentence(way))
