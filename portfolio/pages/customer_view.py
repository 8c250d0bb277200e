"""The part of the account page about the customer's view: the level, how sure it is, why, and the next step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, User
from assessments import words
from assessments.measurement.agreement import age_word
from assessments.models import Assessment, Response
from assessments.rounds.explanation import Explanation, Leads, StatementMean, leads_of
from assessments.rounds.reason import reason_of
from assessments.rounds.responses import ClosedResponse, responses_in
from portfolio.catalogue import LevelSummary, PlaySummary
from surveys.models import Invitation
from surveys.round.comments import unnamed_comments, words_of

WORDS_OF = 3  # rounds whose comments are shown


@dataclass(frozen=True, slots=True)
class FittingPlay:
    """A play for what holds the account back, with the codes of the statements that do and that it works on."""

    title: str
    codes: tuple[str, ...]  # the one that it addresses most directly first

    @property
    def works_on(self) -> str:
        return words.in_a_row(self.codes)


@dataclass(frozen=True, slots=True)
class NextStep:
    """The step up to the first level that is not held: the plays for just what is missing, and the others."""

    low: int
    high: int
    fitting: tuple[FittingPlay, ...]
    others: tuple[str, ...]  # titles


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
    no_gap: str  # why there is none, where views of ours do not count
    told: str  # how many of the answers were told to us


def rounds_of(account: Account, user: User) -> QuerySet[Assessment]:
    """The rounds of `account` in time, each with its edition, and whether `user` was asked, began and gave a view.

    `asked_them` tells whether anybody of the customer was invited, `awaits_them` whether an answer of those is still to come.
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
            awaits_them=Exists(invited.exclude(state__in=[Invitation.State.ANSWERED, Invitation.State.FAILED])),
        )
        .in_time()
    )


def still_to_rate(open_round: Any) -> bool:
    """Whether the reader of `rounds_of` has to give a view first, as `assessments.rating.acts.rates_first` says."""
    return open_round is not None and (open_round.i_began or (open_round.asks_me and not open_round.i_gave))


def voice_context(
    account: Account,
    rounds: Sequence[Any],
    today: date,
    *,
    rungs: Mapping[int, LevelSummary],
    latest: Assessment | None,
    named: bool,
) -> dict[str, Any]:
    """The context of what the customer said; `latest` is the result that decides, `rungs` are the levels of its edition.

    `named` says whether the reader may know who said what. One statement.
    """
    closed = [one for one in rounds if not one.is_open and one.origin != Assessment.Origin.RECORDED]
    recent = closed[-WORDS_OF:]
    voices = responses_in([*recent, latest] if latest else recent, answers_of=latest) if closed else []
    statements = [one for rung in rungs.values() for one in rung.statements]
    leads = leads_of(latest, voices, statements) if latest else Leads()
    return {
        "stand": _stand(account, rounds, latest, voices) if latest else None,
        "reason": reason_of(latest, voices, named=named) if latest else "",
        "heard": heard_of(latest, voices) if latest and named else [],
        "sureness": words.sureness(latest, today) if latest else None,
        "explanation": leads.explanation,
        "patterns": leads.patterns,
        "differences": leads.differences,
        "climb": step_to(leads.explanation, rungs),
        "their_words": [
            found for one in reversed(recent) if (found := words_of(one, voices, unnamed_comments(one, voices), named=named))
        ],
    }


def heard_of(latest: Assessment, voices: Sequence[ClosedResponse]) -> list[ClosedResponse]:
    """Who said what of the customer in a named round, the lowest first, as they are counted; of a confidential one nobody."""
    if latest.is_confidential:
        return []
    heard = [voice for voice in voices if voice.round == latest.pk and not voice.is_ours]
    return sorted(heard, key=lambda voice: (not voice.counts, voice.position or 0, -voice.weight))


def step_to(explanation: Explanation | None, rungs: Mapping[int, LevelSummary]) -> NextStep | None:
    """The step that leads up to the level that stopped it; none for level 1, to which no step leads."""
    stopped_at = explanation.stopped_at if explanation else None
    if explanation is None or stopped_at is None or stopped_at < 2 or stopped_at not in rungs:
        return None
    plays = rungs[stopped_at].plays
    fitting = plays_for(explanation.holding_back, plays)
    titles = {play.title for play in fitting}
    return NextStep(stopped_at - 1, stopped_at, fitting, tuple(play.title for play in plays if play.title not in titles))


def plays_for(holding_back: Sequence[StatementMean], plays: Sequence[PlaySummary]) -> tuple[FittingPlay, ...]:
    """The plays that address one of these statements (the lowest first), the most direct for the lowest first.

    The place of a statement among the `addresses` of a play says how directly it is addressed. Plays are compared by their place
    for the statements of the lowest mean, then by that for the next ones; equal ones keep the order of the playbook.
    """
    means = sorted({statement.mean for statement in holding_back})
    low = {statement.code for statement in holding_back}

    def places(play: PlaySummary) -> list[float]:
        codes = [{one.code for one in holding_back if one.mean == mean} for mean in means]
        return [min((place for place, code in enumerate(play.addresses) if code in group), default=inf) for group in codes]

    fitting = sorted((play for play in plays if low & set(play.addresses)), key=places)
    return tuple(FittingPlay(play.title, tuple(code for code in play.addresses if code in low)) for play in fitting)


def must_be_asked(account: Account, today: date) -> bool:
    """Whether the customer's level is missing or too old."""
    return account.customer_level is None or account.last_heard_on is None or age_word(account.last_heard_on, today) == "stale"


def silence_of(rounds: Sequence[Any]) -> str:
    """Why an account with our view alone has no customer level; empty when the customer was never asked."""
    if any(one.is_open and one.asked_them for one in rounds):
        return _("They are being asked now.")
    if why := next(filter(None, map(words.silence, reversed(rounds))), ""):
        return why
    if any(one.asked_them for one in rounds):
        return _("They were asked, and did not answer.")
    if rounds and all(one.origin == Assessment.Origin.RECORDED for one in rounds):
        return _("What they thought was not recorded.")
    return ""


def _stand(account: Account, rounds: Sequence[Any], latest: Assessment, voices: Sequence[ClosedResponse]) -> BothViews:
    ours = next((one for one in reversed(rounds) if not one.is_open and one.team_level is not None), None)
    people = latest.respondents or 0
    said = ngettext("%(n)s person", "%(n)s people", people) % {"n": people} if people else _("number not recorded")
    too_few = latest.is_withheld
    apart = ours is not None and account.customer_level is not None and ours.held_on != latest.held_on
    late = any(voice.round == latest.pk and voice.unblinded and voice.level is not None for voice in voices)
    return BothViews(
        theirs=account.customer_level,
        their_position=latest.customer_position if latest.customer_level is not None else None,
        their_words=said if account.customer_level else _("too few") if too_few else _("not heard"),
        ours=account.team_level,
        our_position=account.team_position,
        our_words=_("of %(day)s") % {"day": date_format(ours.held_on, "j M Y")} if apart and ours else "",
        gap="" if account.gap is None else words.gap_words(account.gap),
        no_gap=words.not_blind() if account.team_level is None and late else "",
        told=words.told_words(latest),
    )
