"""What a measurement means, in words and with reasons: for pages, mails and exports alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import floor

from django.db.models import Avg
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from modeltranslation.settings import DEFAULT_LANGUAGE
from modeltranslation.utils import get_language

from accounts.models import Account
from assessments.agreement import age_word, agreement_word
from assessments.models import Answer, Assessment, Response
from hierarchy.models import Level


@dataclass(frozen=True, slots=True)
class Sentence:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    text: str
    mean: float  # 1..5


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the level is what it is: the scores of the side that decides, and what holds the account back."""

    side: str  # customer or team
    scores: tuple[tuple[int, float | None], ...]  # level, mean of its statements' means on that side
    held_at: float
    level: int
    stopped_at: int | None
    holding_back: tuple[Statement, ...]  # of the level that stopped it, the lowest first


def agreement_label(value: float | None) -> str:
    return {"split": _("split"), "mixed": _("mixed"), "shared": _("shared"), None: ""}[agreement_word(value)]


def gap_words(gap: int) -> str:
    """The perception gap (team minus customer) in words."""
    if gap == 0:
        return _("just as they do")
    if gap > 0:
        return ngettext("%(n)s level rosier", "%(n)s levels rosier", gap) % {"n": gap}
    return ngettext("%(n)s level gloomier", "%(n)s levels gloomier", -gap) % {"n": -gap}


def level_sentence(account: Account | Assessment, levels: Mapping[int, Level]) -> str:
    """Where the account stands, in the first line of its page; of an assessment: what it found."""
    if account.level is None:
        return _("Not assessed yet: nobody knows how they see us.")
    if account.customer_level is None:
        return _("We think they see us as %(level)s: %(seen)s. They were never asked.") % {
            "level": account.team_level,
            "seen": _seen_as(account.level, levels),
        }
    theirs = _("They see us as %(seen)s.") % {"seen": _seen_as(account.customer_level, levels)}
    if account.customer_position is not None and account.customer_position < 1:
        theirs += " " + _("We do not even meet their specifications yet.")
    if account.perception_gap is None:
        return theirs
    if account.perception_gap == 0:
        return theirs + " " + _("So do we.")
    ours = _("We thought %(level)s: %(gap)s.") % {
        "level": account.team_level,
        "gap": gap_words(account.perception_gap),
    }
    return f"{theirs} {ours}"


def confidence_reason(code: str) -> str:
    return {
        "no_customer_response": _("no customer answered"),
        "too_few_to_tell": _("fewer than three of their people answered, and this round is confidential"),
        "respondents_unknown": _("how many people said so was not recorded"),
        "one_respondent": _("only one person answered"),
        "views_split": _("their views are split"),
        "views_mixed": _("their views are mixed"),
        "views_shared": _("they share one view"),
        "fewer_than_three": _("fewer than three people answered"),
        "one_buying_role": _("only one buying role was heard"),
        "buying_roles_unknown": _("their buying roles are not known"),
        "agreement_unknown": _("how far they agree is not known"),
        "no_economic_buyer": _("the economic buyer was not heard"),
        "three_with_economic_buyer": _("three or more people answered, the economic buyer among them"),
    }.get(code, code)


def sureness(latest: Assessment, today: date) -> list[Sentence]:
    """How far the level can be trusted: confidence with its reasons, agreement, age."""
    reasons = _list([confidence_reason(code) for code in latest.confidence_reasons])
    title = {
        "none": _("No customer's voice"),
        "low": _("Low confidence"),
        "medium": _("Medium confidence"),
        "high": _("High confidence"),
    }[latest.confidence]
    if latest.confidence == Assessment.Confidence.NONE and latest.customer_level is not None:
        title = _("Confidence unknown")  # recorded elsewhere
    lines = [Sentence(title, reasons)]
    if latest.agreement is not None:
        views: dict[str | None, str] = {
            "split": _("Split views"),
            "mixed": _("Mixed views"),
            "shared": _("Shared view"),
        }
        share = number_format(latest.agreement, 2)
        view = views[agreement_word(latest.agreement)]
        lines.append(Sentence(view, _("agreement %(share)s of 1") % {"share": share}))
    days = (today - latest.held_on).days
    age = {"fresh": _("Fresh"), "ageing": _("Ageing"), "stale": _("Stale")}[age_word(latest.held_on, today)]
    lines.append(Sentence(age, ngettext("%(days)s day old", "%(days)s days old", days) % {"days": days}))
    return lines


def history_sentence(results: Sequence[Assessment]) -> str:
    """The chart in a sentence for whoever does not see it."""
    if not results:
        return _("No results yet.")
    return " ".join(
        _line(
            who,
            [(result.held_on, level) for result in results if (level := getattr(result, field)) is not None],
        )
        for who, field in ((_("Their level"), "customer_level"), (_("Our view"), "team_level"))
    )


def explain(latest: Assessment, levels: Mapping[int, Level]) -> Explanation | None:
    """Why `latest` has its level; None for a recorded result, which has no answers. One statement.

    The scores are means over all who count on that side, while the level is that of the median response; so
    what stops the side is told by its position: the first level above the one held that anybody answered.
    """
    side = Response.Side.CUSTOMER if latest.customer_level is not None else Response.Side.TEAM
    level: int | None = getattr(latest, f"{side}_level")
    position: float | None = getattr(latest, f"{side}_position")
    # Named in full, since modeltranslation finds the language of a model's own fields only.
    text, fallback = (f"indicator__{side}_{language}" for language in (get_language(), DEFAULT_LANGUAGE))
    means = list(
        Answer.objects.filter(
            response__assessment=latest,
            response__side=side,
            response__submitted_at__isnull=False,
            response__position__isnull=False,
            value__isnull=False,
        )
        .values("indicator__rank", "indicator__order", "indicator__code", *{text, fallback})
        .annotate(mean=Avg("value"))
        .order_by("mean", "indicator__rank", "indicator__order", "indicator__code")
    )
    if not means or level is None or position is None:
        return None
    scores = tuple((rank, _mean([row["mean"] for row in means if row["indicator__rank"] == rank])) for rank in range(5, 0, -1))
    above = range(floor(position) + 1, 6)
    answered = {row["indicator__rank"] for row in means}
    stopped_at = next((rank for rank in above if rank in answered), next(iter(above), None))
    holding = tuple(Statement(row[text] or row[fallback], row["mean"]) for row in means if row["indicator__rank"] == stopped_at)[
        :3
    ]
    return Explanation(str(side), scores, float(latest.edition.held_at), level, stopped_at, holding)


def not_cumulative(strong: Sequence[int], stopped_at: int) -> str:
    """The lead that a pattern error gives."""
    return ngettext(
        "Not cumulative: strong on level %(strong)s, but not on level %(weak)s.",
        "Not cumulative: strong on levels %(strong)s, but not on level %(weak)s.",
        len(strong),
    ) % {
        "strong": _list([str(rank) for rank in strong]),
        "weak": stopped_at,
    }


def _line(who: str, levels: list[tuple[date, int]]) -> str:
    if not levels:
        return _("%(who)s: unknown.") % {"who": who}
    first, last = levels[0], levels[-1]
    if len(levels) == 1:
        return _("%(who)s: %(level)s in %(when)s.") % {
            "who": who,
            "level": first[1],
            "when": date_format(first[0], "F Y"),
        }
    return _("%(who)s: from %(first)s in %(since)s to %(last)s in %(until)s.") % {
        "who": who,
        "first": first[1],
        "since": date_format(first[0], "F Y"),
        "last": last[1],
        "until": date_format(last[0], "F Y"),
    }


def _list(parts: list[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return _("%(first)s and %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _seen_as(rank: int, levels: Mapping[int, Level]) -> str:
    """How the level is seen, as it stands within a sentence."""
    text = levels[rank].seen_as.rstrip(" .") if rank in levels else ""
    if not text:
        return _("level %(level)s") % {"level": rank}
    # A capital that is followed by another belongs to a name: IT partner.
    return text if text[1:2].isupper() else text[0].lower() + text[1:]
