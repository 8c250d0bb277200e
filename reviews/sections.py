"""The parts of a review, for page, PDF and slides alike: each is a small function from facts to a section.

A part that comes later, such as notes of meetings, is one more function in `SECTIONS`, and a place for it in `reviews.sheet`.
The key of a section is the name of its placeholder in a template of slides.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.field_definitions import Shown
from accounts.fields import ACCOUNT_FIELDS
from accounts.models import Contact
from assessments.words import in_a_row
from hierarchy.words import quoted
from plans.models import Action
from plans.words import due_words
from portfolio.pages.customer_view import must_be_asked
from portfolio.pages.people import PersonCard, missing_roles
from reviews.changes import changes_of
from reviews.measuring import Paragraph
from reviews.reading import ReviewFacts

NEXT = 5  # next steps at most
SOON = 180  # days: a renewal within them is a next step
ROLES = tuple(Contact.BuyingRole.values)


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One line of a section: what it begins with in bold, its text, and what is said beside it."""

    text: str
    lead: str = ""
    aside: str = ""
    is_late: bool = False

    @property
    def paragraph(self) -> Paragraph:
        """The line as one text, as slides have it and as it is measured."""
        lead = f"{self.lead}:" if self.lead else ""
        aside = f"({self.aside})" if self.aside else ""
        return Paragraph(" ".join(filter(None, (lead, self.text, aside))), lead=len(lead))


@dataclass(frozen=True, slots=True)
class ReviewSection:
    key: str
    title: str
    lines: tuple[ReviewLine, ...]
    empty: str  # what stands there without a line


def charter(facts: ReviewFacts) -> ReviewSection:
    return _of_sheet(facts, "charter", _("No charter yet: what do we want to be for this customer?"))


def strengths(facts: ReviewFacts) -> ReviewSection:
    return _of_sheet(facts, "strengths")


def vulnerabilities(facts: ReviewFacts) -> ReviewSection:
    return _of_sheet(facts, "vulnerabilities")


def trends(facts: ReviewFacts) -> ReviewSection:
    return _of_sheet(facts, "trends")


def opportunities(facts: ReviewFacts) -> ReviewSection:
    return _of_sheet(facts, "opportunities")


def changes(facts: ReviewFacts) -> ReviewSection:
    title = _("Since the last review")
    if facts.base is not None:
        title = _("Since the review of %(day)s") % {"day": date_format(facts.base.held_on, "j M Y")}
    lines = tuple(ReviewLine(text) for text in changes_of(facts))
    empty = _("Nothing has changed.") if facts.base else _("No earlier review is marked, so there is nothing to compare with.")
    return ReviewSection("changes", title, lines, empty)


def plan(facts: ReviewFacts) -> ReviewSection:
    """The open actions, the first due first, with how many are done."""
    steps = [f"{one.from_rank} → {one.to_rank}" for one in facts.open_plans]
    title = _("Plan %(steps)s") % {"steps": ", ".join(steps)} if steps else _("Plan")
    every = [action for one in facts.open_plans for action in one.actions.all()]
    done = sum(action.done_on is not None for action in every)
    if done:
        title += " · " + _("%(done)s of %(all)s done") % {"done": done, "all": len(every)}
    lines = tuple(_action_line(facts, action) for action in facts.pending)
    empty = _("Every action of the plan is done.") if every else _("No plan is open.")
    return ReviewSection("plan", title, lines, empty)


def people(facts: ReviewFacts) -> ReviewSection:
    """Those who are there, by buying role, with the last contact in a named round; then the roles that nobody has."""
    there = sorted((one for one in facts.people if one.active), key=lambda one: (ROLES.index(one.buying_role), -one.influence))
    lines = [
        ReviewLine(
            f"{person.name}, {person.title}" if person.title else person.name,
            str(person.get_buying_role_display()).capitalize(),
            last_contact(person) if facts.named else "",
        )
        for person in there
    ]
    return ReviewSection("people", _("People by role"), tuple(lines), _("Nobody is known yet."))


def quotes(facts: ReviewFacts) -> ReviewSection:
    """What their people wrote in the latest named round, in their own words."""
    lines = tuple(ReviewLine(quoted(one.text), "", one.who) for one in facts.quotes)
    return ReviewSection("quotes", _("In their words"), lines, _("No words of theirs that may be shown here."))


def next_steps(facts: ReviewFacts) -> ReviewSection:
    lines = [*_work(facts), *_asking(facts), *_renewal(facts)]
    return ReviewSection("next_steps", _("Next steps"), tuple(lines[:NEXT]), _("Agree the next step in this meeting."))


ACCOUNT_SHEET = (charter, strengths, vulnerabilities, trends, opportunities)
SECTIONS: tuple[Callable[[ReviewFacts], ReviewSection], ...] = (
    charter,
    changes,
    plan,
    people,
    strengths,
    vulnerabilities,
    trends,
    opportunities,
    next_steps,
    quotes,
)


def last_contact(person: Contact) -> str:
    """What they last said, or when they were last asked, in named rounds; empty where neither is known."""
    heard_on, asked_at, says = person.heard_on, person.asked_at, person.says  # type: ignore[attr-defined]
    if heard_on:
        heard = {"level": says, "month": date_format(heard_on, "M Y")}
        return (_("said %(level)s in %(month)s") if says else _("heard in %(month)s")) % heard
    return _("asked in %(month)s") % {"month": date_format(localtime(asked_at), "M Y")} if asked_at else ""


def _of_sheet(facts: ReviewFacts, name: str, empty: str = "") -> ReviewSection:
    """A text of the account sheet, a line for each of its lines."""
    listed = ACCOUNT_FIELDS[name]
    assert listed.shown is Shown.SHEET  # noqa: S101 everybody who sees the account may read it
    lines = tuple(ReviewLine(text.strip(" -–•*\t")) for text in getattr(facts.account, name).splitlines())
    title = str(listed.label)
    return ReviewSection(
        name, title[:1].upper() + title[1:], tuple(one for one in lines if one.text), empty or _("Not noted yet.")
    )


def _action_line(facts: ReviewFacts, action: Action) -> ReviewLine:
    """An action with the day it is due, and with its owner where that is not the owner of the account."""
    who = "" if action.owner_id == facts.account.owner_id else str(action.owner)
    return ReviewLine(action.title, due_words(action, facts.today), who, action.due_on < facts.today)


def _work(facts: ReviewFacts) -> list[ReviewLine]:
    """The action that is due first, and what is missing of target and plan."""
    account, pending = facts.account, facts.pending
    found = [_action_line(facts, action) for action in pending[:1]]
    if account.level is None:
        return [*found, ReviewLine(_("Assess the account."))]
    if facts.target is None:
        found.append(ReviewLine(_("Set a target.")))
    if not pending and account.level < 5 and not any(one.from_rank == account.level for one in facts.open_plans):
        steps = {"low": account.level, "high": account.level + 1}
        found.append(ReviewLine(_("Start the plan for the step from %(low)s to %(high)s.") % steps))
    return found


def _asking(facts: ReviewFacts) -> list[ReviewLine]:
    """Whom to ask, and which buying roles nobody is known in."""
    account, found = facts.account, []
    if must_be_asked(account, facts.today):
        heard = account.last_heard_on
        found.append(
            ReviewLine(
                _("Ask the customer: they were last heard in %(month)s.") % {"month": date_format(heard, "F Y")}
                if heard
                else _("Ask the customer: their own word is still missing.")
            )
        )
    missing = missing_roles([PersonCard(person) for person in facts.people])
    if missing and facts.people:
        found.append(ReviewLine(_("Find out who they are: %(roles)s.") % {"roles": in_a_row(missing)}))
    return found


def _renewal(facts: ReviewFacts) -> list[ReviewLine]:
    on = facts.account.renewal_on
    if on is None or not 0 <= (on - facts.today).days <= SOON:
        return []
    return [ReviewLine(_("The contract is up for renewal on %(day)s.") % {"day": date_format(on, "j F Y")})]
