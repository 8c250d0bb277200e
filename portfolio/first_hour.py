"""The checklist of the first hour: it ticks itself, and stays until all is done or somebody closes it.

Administrators prepare the organisation, so their list is one for all of them; everybody else who adds accounts has their own.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account, User
from accounts.permissions import may_add_accounts
from audit import trail
from core import days, organisation
from core.models import Organisation
from surveys.models import Invitation

if TYPE_CHECKING:
    from portfolio.queries import Overview


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    text: str
    done: bool
    acts: tuple[tuple[str, str], ...] = ()  # labels and addresses; the first is what to do


@dataclass(frozen=True, slots=True)
class Checklist:
    steps: tuple[Step, ...]

    @property
    def is_done(self) -> bool:
        return all(step.done for step in self.steps)

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if not step.done), None)


def is_over(user: User) -> bool:
    """Whether the checklist that `user` would see is closed, or there is none for them. No statement while the organisation is at hand."""
    if user.is_administrator:
        about = organisation.stored()
        return bool(about and about.first_hour_over_on)
    return bool(user.first_hour_over_on) or not may_add_accounts(user)


def checklist_of(user: User, overview: "Overview", *, plans: bool) -> Checklist | None:
    """What is left to do, None when nothing is or the list is closed. One statement, and that for administrators only.

    `overview` is that of the accounts that the dashboard shows to `user`, `plans` whether they have an action plan.
    """
    if is_over(user):
        return None
    found = of_administrators(user) if user.is_administrator else _own(overview, plans=plans)
    return None if found.is_done else found


def of_administrators(user: User) -> Checklist:
    """The steps that prepare the organisation. One statement."""
    about = organisation.stored()
    there: dict[str, bool] = (
        User.objects.filter(pk=user.pk)
        .values(
            has_colleagues=Exists(User.objects.exclude(pk=user.pk)),
            has_accounts=Exists(Account.objects.all()),
            has_asked=Exists(Invitation.objects.all()),
        )
        .get()
    )
    return Checklist(
        (
            Step(
                _("Let mail go out"),
                _("Invitations, questions to customers and reminders are letters. Send yourself a test."),
                bool(about and about.mail_worked_at),
                ((_("Set up mail"), reverse("people:mail")),),
            ),
            Step(
                _("Invite your colleagues"),
                _("Paste their addresses: each gets a letter with a link. Teams decide who sees which accounts."),
                there["has_colleagues"],
                ((_("Invite colleagues"), reverse("people:invite")), (_("Teams"), reverse("people:teams"))),
            ),
            Step(
                _("Bring in the customer list"),
                _("As your CRM exports it, unchanged. You see every row before anything is stored."),
                there["has_accounts"],
                ((_("Import a list"), reverse("importing:upload")), (_("Or add one by hand"), reverse("accounts:new"))),
            ),
            Step(
                _("Ask the first customer"),
                _("Open an account, add the people there, and ask them: five minutes on a phone."),
                there["has_asked"],
                ((_("Choose an account"), reverse("accounts:list")),),
            ),
        )
    )


def _own(overview: "Overview", *, plans: bool) -> Checklist:
    """The steps of who looks after accounts, by the figures of the dashboard."""
    accounts = overview.ladder.accounts
    assessed = accounts > overview.ladder.not_assessed.accounts
    return Checklist(
        (
            Step(
                _("Bring in your customer list"),
                _("As your CRM exports it, unchanged. You see every row before anything is stored."),
                accounts > 0,
                ((_("Import a list"), reverse("importing:upload")), (_("Or add one by hand"), reverse("accounts:new"))),
            ),
            Step(
                _("Assess one account"),
                _("Twenty statements, five minutes: how would this customer answer? Better still, ask them."),
                assessed,
                ((_("Choose an account"), reverse("accounts:list")),) if accounts else (),
            ),
            Step(
                _("Set a target"),
                _("Where do you want to stand within three years?"),
                bool(accounts and overview.figures.targets),
                ((_("Choose an account"), reverse("accounts:list")),) if accounts else (),
            ),
            Step(
                _("Pick a play"),
                _("The playbook turns the next step into dated actions."),
                plans,
                ((_("Read the five levels first"), reverse("hierarchy:levels")),),
            ),
        )
    )


@transaction.atomic
def close_checklist(user: User) -> None:
    """Show the checklist no more: the administrators' to all of them, another one to its reader."""
    today = days.today()
    if not user.is_administrator:
        User.objects.filter(pk=user.pk, first_hour_over_on=None).update(first_hour_over_on=today)
        return
    about = organisation.ensured()
    if about.first_hour_over_on is None:
        Organisation.objects.filter(pk=about.pk).update(first_hour_over_on=today)
        trail.record("organisation.first_hour_over", about, by=user)
    organisation.forget()
