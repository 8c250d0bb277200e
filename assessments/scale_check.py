"""The scale check of an edition in words: whether people's answers put its levels in one order, and how sure that is.

The figures are those of `scale_figures`. The verdict is that of the lower end of the interval of Loevinger's H.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, floor

from django.utils.formats import number_format
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from assessments.measurement.item_functioning import FEWEST_IN_GROUP, ItemDifference
from assessments.measurement.scale import Item
from assessments.measurement.scale_interval import ScalabilityInterval
from assessments.models import Response
from assessments.rating.questionnaire import Questionnaire
from assessments.scale_figures import ScaleFigures

LEAST = 30  # responses: below it the figures move too much with the next one
FEWEST_ACCOUNTS = 10  # an interval from samples of fewer would be narrower than it may claim
SHOWN_FROM = 3  # respondents; with fewer no figure is shown
GOOD_REPRODUCIBILITY = 0.90
STRONG, MEDIUM, WEAK = 0.5, 0.4, 0.3  # H, after Mokken
SELDOM = 0.3  # share of don't know
_FLOAT_ERROR = 1e-9
ITEM_REST = 0.2  # a statement that goes with the others of its level lies above


@dataclass(frozen=True, slots=True)
class Verdict:
    tone: str  # good, warn, bad, or plain where nothing can be said
    headline: str
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementRow:
    code: str
    text: str
    item: Item
    unknown: str
    mean: str
    item_rest: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LevelRow:
    rank: int
    name: str
    held: str
    statements: tuple[StatementRow, ...]


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A count with the whole that it is a share of."""

    name: str
    count: int
    of: int

    @property
    def share(self) -> str:
        return percent(self.count / self.of) if self.of else "–"


@dataclass(frozen=True, slots=True)
class ScaleCheck:
    verdict: Verdict
    basis: tuple[str, ...]
    shares: tuple[ShareRow, ...] = ()
    languages: tuple[str, ...] = ()
    levels: tuple[LevelRow, ...] = ()  # empty below `SHOWN_FROM`


def scale_check(questionnaire: Questionnaire, figures: ScaleFigures, side: str) -> ScaleCheck:
    """The scale check of one side. No statement."""
    if figures.respondents < SHOWN_FROM:
        return ScaleCheck(_nothing(figures), tuple(_left_out(figures, side)))
    return ScaleCheck(
        verdict=verdict_on(figures),
        basis=(*_basis(figures), *_left_out(figures, side)),
        shares=tuple(_shares(figures, side)),
        languages=tuple(_languages(questionnaire, figures)),
        levels=tuple(_levels(questionnaire, figures)),
    )


def verdict_on(figures: ScaleFigures) -> Verdict:
    n, accounts, h, interval = figures.complete, figures.accounts, figures.scalability.h, figures.interval
    if n < LEAST:
        return Verdict(
            "plain",
            _("Too few responses to say: %(n)s of at least %(least)s.") % {"n": n, "least": LEAST},
            (_("Until then only the statements themselves are shown, and those figures move with every answer."),),
        )
    if accounts < FEWEST_ACCOUNTS:
        return Verdict(
            "plain",
            _("Too few accounts to say: %(n)s of at least %(least)s.") % {"n": accounts, "least": FEWEST_ACCOUNTS},
            (_("People of one account answer alike, so many answers of few accounts say little about the others."),),
        )
    if figures.reproducibility is None or figures.floor is None or h is None or interval is None:
        return Verdict("plain", _("It cannot be told: nearly all who answered hold the same levels."), (_alike(),))
    fits = _("%(share)s of what people hold fits the order of the levels (good from 90%%); %(floor)s would by chance.") % {
        "share": percent(figures.reproducibility, down=True),
        "floor": percent(figures.floor),
    }
    turned = [_turned(figures, low, high) for low, high in figures.turned]
    tone, headline, meaning = _judged(figures.reproducibility, interval.low, in_order=not turned)
    return Verdict(tone, headline, (fits, _how_sure(h, interval), meaning, *turned))


def percent(share: float, *, down: bool = False) -> str:
    """A share in whole percents. `down` rounds down, for a share that has a threshold: 89.6% is not shown as 90%."""
    return f"{number_format(floor(100 * share + _FLOAT_ERROR) if down else round(100 * share), 0)}%"


def hundredths(figure: float) -> str:
    """A figure with two decimals, rounded down, so that it is not shown as a threshold that it misses."""
    return number_format(floor(100 * figure + _FLOAT_ERROR) / 100, 2)


def _how_sure(h: float, interval: ScalabilityInterval) -> str:
    return _(
        "H is %(h)s; with other accounts of the same kind it would lie between %(low)s and %(high)s (90%% interval). The lower end "
        "counts: %(word)s."
    ) % {
        "h": hundredths(h),
        "low": hundredths(interval.low),
        "high": number_format(round(interval.high, 2), 2),
        "word": _strength(interval.low),
    }  # fmt: skip


def _judged(fits: float, h: float, *, in_order: bool) -> tuple[str, str, str]:
    """Tone, headline and meaning by the reproducibility and the lower end of H."""
    if h < WEAK:
        return (
            "bad",
            _("The levels do not form a ladder."),
            _("Who holds a level need not hold those below it. Read the levels one by one, and the strength beside them; "
              "then rewrite in a new draft the statements that stand out below."),
        )  # fmt: skip
    if not in_order:
        return (
            "bad",
            _("The levels form a ladder, but not in this order."),
            _("A level above is easier to reach than one below it, so the position can stop too early."),
        )
    if h < MEDIUM:
        return (
            "warn",
            _("The levels hardly form a ladder."),
            _("Many who hold a level do not hold one below it. Take a level as a hint, and look at the scores of each."),
        )
    if h < STRONG or fits < GOOD_REPRODUCIBILITY:
        return (
            "warn",
            _("The levels form a scale, with a reservation."),
            _("Most who hold a level hold those below it, but not all: the exceptions are marked “not cumulative” with the "
              "results, and are worth a talk."),
        )  # fmt: skip
    return (
        "good",
        _("The levels form a scale."),
        _("Who holds a level nearly always holds those below it: a level says what it promises."),
    )


def _strength(h: float) -> str:
    if h >= STRONG:
        return _("strong (from 0.5)")
    if h >= MEDIUM:
        return _("medium (strong from 0.5)")
    return _("weak (medium from 0.4)") if h >= WEAK else _("no scale (weak from 0.3)")


def _turned(figures: ScaleFigures, low: int, high: int) -> str:
    return _("Level %(high)s is held by more people (%(more)s) than level %(low)s (%(fewer)s).") % {
        "high": figures.ranks[high],
        "low": figures.ranks[low],
        "more": percent(figures.shares[high]),
        "fewer": percent(figures.shares[low]),
    }


def _alike() -> str:
    return _("Hardly anyone holds a level without another that would be harder or easier, so there is no order to check.")


def _nothing(figures: ScaleFigures) -> Verdict:
    if not figures.respondents:
        return Verdict("plain", _("Nothing to check yet: nobody answered in a round that is closed."))
    return Verdict("plain", _("Nothing to check yet: below three respondents no figure is shown."))


def _basis(figures: ScaleFigures) -> Iterator[str]:
    n, accounts = figures.complete, figures.accounts
    responses = ngettext("%(n)s response", "%(n)s responses", n) % {"n": _whole(n)}
    of_accounts = ngettext("%(n)s account", "%(n)s accounts", accounts) % {"n": _whole(accounts)}
    yield _("From %(responses)s of %(accounts)s.") % {"responses": responses, "accounts": of_accounts}
    if n := figures.incomplete:
        yield ngettext(
            "%(n)s more knows too little of some level to have a place on the ladder; it counts for the statements alone.",
            "%(n)s more know too little of some level to have a place on the ladder; they count for the statements alone.",
            n,
        ) % {"n": _whole(n)}


def _left_out(figures: ScaleFigures, side: str) -> Iterator[str]:
    if side == Response.Side.CUSTOMER and (n := figures.rounds.confidential):
        yield ngettext(
            "What was answered in %(n)s confidential round stays out, since figures before and after it would tell what people said.",
            "What was answered in %(n)s confidential rounds stays out, since figures before and after one would tell what people said.",
            n,
        ) % {"n": _whole(n)}


def _shares(figures: ScaleFigures, side: str) -> Iterator[ShareRow]:
    n, soundness = figures.respondents, figures.soundness
    if side == Response.Side.CUSTOMER:
        yield ShareRow(_("Rounds with high confidence"), figures.rounds.high, figures.rounds.heard)
        yield ShareRow(_("Responses told to us and typed in by our side"), soundness.told, n)
    yield ShareRow(_("Responses with all answers alike"), soundness.uniform, n)
    yield ShareRow(_("Responses filled in too fast"), soundness.hasty, n)


def _languages(questionnaire: Questionnaire, figures: ScaleFigures) -> Iterator[str]:
    found = figures.languages.responses
    if len(found) < 2:
        yield _("Statements are compared between languages once there are %(least)s responses in each of two.") % {
            "least": FEWEST_IN_GROUP
        }
        return
    counted = [_("%(n)s in %(language)s") % {"n": _whole(n), "language": _language(code)} for code, n in found]
    yield _("Compared are the responses of people who answered the rest of a level alike: %(counted)s.") % {
        "counted": ", ".join(counted)
    }
    if not figures.languages.differing:
        yield _("No statement is answered otherwise in one language than in another.")
    for language, difference in figures.languages.differing:
        yield _difference(questionnaire, difference, language, found[0][0])


def _difference(questionnaire: Questionnaire, difference: ItemDifference, language: str, usual: str) -> str:
    more, less = (language, usual) if difference.log_odds > 0 else (usual, language)
    return _(
        "%(code)s is answered otherwise: the odds of a higher answer are %(times)s times as high in %(more)s as in %(less)s. Look at "
        "its wording in both."
    ) % {
        "code": questionnaire.asked_at(difference.rank)[difference.place].code,
        "times": number_format(round(exp(abs(difference.log_odds)), 1), 1),
        "more": _language(more),
        "less": _language(less),
    }  # fmt: skip


def _levels(questionnaire: Questionnaire, figures: ScaleFigures) -> Iterator[LevelRow]:
    shares = dict(zip(figures.ranks, figures.shares, strict=False)) if figures.complete >= SHOWN_FROM else {}
    differing = {(one.rank, one.place) for _code, one in figures.languages.differing}
    for rank, of_level in zip(figures.ranks, figures.items, strict=True):
        level = questionnaire.by_rank.get(rank)
        rows = [
            _statement(indicator.code, indicator.customer, item, differs=(rank, place) in differing)
            for place, (indicator, item) in enumerate(zip(questionnaire.asked_at(rank), of_level, strict=False))
        ]
        yield LevelRow(rank, level.name if level else "", percent(shares[rank]) if rank in shares else "–", tuple(rows))


def _statement(code: str, text: str, item: Item, *, differs: bool) -> StatementRow:
    share = item.unknown_share
    enough = item.answered >= LEAST
    flags = []
    if share is not None and share > SELDOM and item.answered + item.unknown >= LEAST:
        flags.append(_("seldom answered"))
    if enough and item.item_rest is not None and item.item_rest < ITEM_REST:
        flags.append(_("does not go with the rest of its level"))
    if differs:
        flags.append(_("differs between languages"))
    return StatementRow(
        code=code,
        text=text,
        item=item,
        unknown="–" if share is None else percent(share),
        mean="–" if item.mean is None else number_format(round(item.mean, 2), 2),
        item_rest=hundredths(item.item_rest) if enough and item.item_rest is not None else "–",
        flags=tuple(flags),
    )


def _language(code: str) -> str:
    return str(get_language_info(code)["name_translated"])


def _whole(n: int) -> str:
    return number_format(n, 0, force_grouping=True)
