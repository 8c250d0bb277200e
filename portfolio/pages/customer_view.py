"""The part of the account page about the customer's view: the level, how sure it is, why, and the next step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, User
from assessments import words
from assessments.measurement.agreement import age_word
from assessments.models import Assessment, Response
from assessments.rounds.explanation import Leads, leads_of
from assessments.rounds.their_words import in_words_alone
from portfolio.catalogue import LevelSummary
from surveys.models import Invitation


@dataclass(frozen=True, slots=True)
class NextStep:
    """The step up to the first level that is not held, and its plays."""

    low: int
    high: int
    plays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BothViews:
    """The customer's view and ours, with the words under the figures, for the first card."""

    theirs: int | None
    their_position: float | None
    their_words: str  # how many said it
    ours: int | None
    our_position: float | None
    our_words: str  # of when ours is, where it is of another day
    gap: str
    told: str  # how many of the answers were told to us


def rounds_of(account: Account, user: User) -> QuerySet[Assessment]:
    """The rounds of `account` in time, each with its edition, and whether `user` was asked, began and gave a view.

    `asked_them` tells whether anybody of the customer was invited.
    """
    own = Response.objects.filter(assessment=OuterRef("pk"), user=user.pk)
    rater = Assessment.raters.through.objects.filter(assessment=OuterRef("pk"), user=user.pk)
    invited = Invitation.objects.filter(assessment=OuterRef("pk")).exclude(state=Invitation.State.REVOKED)
    return (
        account.assessments.select_related("edition")
        .annotate(
            asks_me=Exists(rater),
            i_began=Exists(own.filter(submitted_at=None)),
            i_gave=Exists(own.exclude(submitted_at=None)),
            asked_them=Exists(invited),
            in_words=in_words_alone(OuterRef("pk")),
        )
        .in_time()
    )


def still_to_rate(open_round: Any) -> bool:
    """Whether the reader of `rounds_of` has to give a view first, as `assessments.rating.acts.rates_first` says."""
    return open_round is not None and (open_round.i_began or (open_round.asks_me and not open_round.i_gave))


def voice_context(
    account: Account, rounds: Sequence[Any], today: date, *, rungs: Mapping[int, LevelSummary], latest: Assessment | None
) -> dict[str, Any]:
    """The context of the head and the first cards; `latest` is the result that decides, `rungs` are the levels of its edition.

    One statement.
    """
    leads = leads_of(latest, {rank: rung.asked for rank, rung in rungs.items()}) if latest else Leads()
    stopped_at = leads.explanation.stopped_at if leads.explanation else None
    return {
        "latest": latest,
        "headline": words.level_sentence(account, rungs, silence=_silence(rounds), latest=latest),
        "stand": _stand(account, rounds, latest) if latest else None,
        "sureness": words.sureness(latest, today) if latest else None,
        "explanation": leads.explanation,
        "patterns": leads.patterns,
        "differences": leads.differences,
        "climb": step_to(stopped_at, rungs),
    }


def step_to(stopped_at: int | None, rungs: Mapping[int, LevelSummary]) -> NextStep | None:
    """The step that leads up to the level that stopped it; none for level 1, to which no step leads."""
    if stopped_at is None or stopped_at < 2 or stopped_at not in rungs:
        return None
    return NextStep(stopped_at - 1, stopped_at, rungs[stopped_at].plays)


def must_be_asked(account: Account, today: date) -> bool:
    """Whether the customer's level is missing or too old."""
    return account.customer_level is None or account.last_heard_on is None or age_word(account.last_heard_on, today) == "stale"


def _silence(rounds: Sequence[Any]) -> str:
    """Why an account with our view alone has no customer level; empty when the customer was never asked."""
    if any(one.is_open and one.asked_them for one in rounds):
        return _("They are being asked now.")
    if any("too_few_to_tell" in one.confidence_reasons for one in rounds):
        return words.too_few_sentence()
    if any(one.in_words for one in rounds if not one.is_open and not one.is_confidential):
        return words.in_words_sentence()
    if any(one.asked_them for one in rounds):
        return _("They were asked, and did not answer.")
    if rounds and all(one.origin == Assessment.Origin.RECORDED for one in rounds):
        return _("What they thought was not recorded.")
    return ""


def _stand(account: Account, rounds: Sequence[Any], latest: Assessment) -> BothViews:
    ours = next((one for one in reversed(rounds) if not one.is_open and one.team_level is not None), None)
    people = latest.respondents or 0
    said = ngettext("%(n)s person", "%(n)s people", people) % {"n": people} if people else _("number not recorded")
    too_few = "too_few_to_tell" in latest.confidence_reasons
    apart = ours is not None and account.customer_level is not None and ours.held_on != latest.held_on
    return BothViews(
        theirs=account.customer_level,
        their_position=latest.customer_position if latest.customer_level is not None else None,
        their_words=said if account.customer_level else _("too few") if too_few else _("not heard"),
        ours=account.team_level,
        our_position=account.team_position,
        our_words=_("of %(day)s") % {"day": date_format(ours.held_on, "j M Y")} if apart and ours else "",
        gap="" if account.gap is None else words.gap_words(account.gap),
        told=words.told_words(latest),
    )
