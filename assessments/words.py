"""What a measurement means, in words and with reasons: for pages, mails and exports alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Avg
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    scores: tuple[tuple[int, float | None], ...]  # level, mean over that side's answers
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


def level_sentence(account: Account, levels: Mapping[int, Level]) -> str:
    """Where the account stands, in the first line of its page."""
    if account.customer_level is None and account.team_level is None:
        return _("Not assessed yet: nobody knows how they see us.")
    seen = {rank: _in_sentence(level.seen_as) for rank, level in levels.items()}
    if account.customer_level is None:
        return _("We think they see us as %(level)s: %(seen)s. They were never asked.") % {
            "level": account.team_level,
            "seen": seen.get(account.team_level, ""),
        }
    theirs = _("They see us as %(seen)s.") % {"seen": seen.get(account.customer_level, account.customer_level)}
    if account.customer_position is not None and account.customer_position < 1:
        theirs += " " + _("We do not even meet their specifications yet.")
    if account.perception_gap is None:
        return theirs
    if account.perception_gap == 0:
        return theirs + " " + _("So do we.")
    ours = _("We thought %(level)s: %(gap)s.") % {"level": account.team_level, "gap": gap_words(account.perception_gap)}
    return f"{theirs} {ours}"


def confidence_reason(code: str) -> str:
    return {
        "no_customer_response": _("no customer answered"),
        "one_respondent": _("only one person answered"),
        "views_split": _("their views are split"),
        "views_mixed": _("their views are mixed"),
        "views_shared": _("they share one view"),
        "fewer_than_three": _("fewer than three people answered"),
        "one_buying_role": _("they all have one buying role"),
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
    lines = [Sentence(title, reasons)]
    if latest.agreement is not None:
        word = {"split": _("Split views"), "mixed": _("Mixed views"), "shared": _("Shared view")}
        share = number_format(latest.agreement, 2)
        lines.append(Sentence(word[agreement_word(latest.agreement)], _("agreement %(share)s of 1") % {"share": share}))
    days = (today - latest.held_on).days
    age = {"fresh": _("Fresh"), "ageing": _("Ageing"), "stale": _("Stale")}[age_word(latest.held_on, today)]
    lines.append(Sentence(age, ngettext("%(days)s day old", "%(days)s days old", days) % {"days": days}))
    return lines


def history_sentence(results: Sequence[Assessment]) -> str:
    """The chart in a sentence for whoever does not see it."""
    if not results:
        return _("No results yet.")
    return " ".join(
        _line(who, [(result.held_on, level) for result in results if (level := getattr(result, field)) is not None])
        for who, field in ((_("Their level"), "customer_level"), (_("Our view"), "team_level"))
    )


def explain(latest: Assessment, levels: Mapping[int, Level]) -> Explanation | None:
    """Why `latest` has its level; None for a recorded result, which has no answers. One statement."""
    side = Response.Side.CUSTOMER if latest.customer_level is not None else Response.Side.TEAM
    level = latest.customer_level if latest.customer_level is not None else latest.team_level
    means = list(
        Answer.objects.filter(
            response__assessment=latest, response__side=side, response__submitted_at__isnull=False, value__isnull=False
        )
        .values("indicator__rank", f"indicator__{side}")
        .annotate(mean=Avg("value"))
        .order_by("mean", "indicator__rank", f"indicator__{side}")
    )
    if not means or level is None:
        return None
    scores = tuple((rank, _mean([row["mean"] for row in means if row["indicator__rank"] == rank])) for rank in range(5, 0, -1))
    held_at = float(latest.edition.held_at)
    upward = sorted(scores)
    stopped_at = next((rank for rank, score in upward if score is not None and score < held_at), None)
    if stopped_at is None or stopped_at < level:
        stopped_at = level + 1 if level < 5 else None
    holding = tuple(
        Statement(row[f"indicator__{side}"], row["mean"]) for row in means if row["indicator__rank"] == stopped_at
    )[:3]
    return Explanation(str(side), scores, held_at, level, stopped_at, holding)


def not_cumulative(strong: Sequence[int], stopped_at: int) -> str:
    """The lead that a pattern error gives."""
    return _("Not cumulative: strong on level %(strong)s, but not on level %(weak)s.") % {
        "strong": _list([str(rank) for rank in strong]),
        "weak": stopped_at,
    }


def _line(who: str, levels: list[tuple[date, int]]) -> str:
    if not levels:
        return _("%(who)s: unknown.") % {"who": who}
    first, last = levels[0], levels[-1]
    if len(levels) == 1:
        return _("%(who)s: %(level)s in %(when)s.") % {"who": who, "level": first[1], "when": date_format(first[0], "F Y")}
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


def _in_sentence(text: str) -> str:
    return text[:1].lower() + text[1:]
