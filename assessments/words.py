"""Sentences and labels for measurements, in the language of the reader: for pages, mails and exports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import floor

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account, User
from accounts.templatetags.standing import agreement, percent
from assessments.measurement.agreement import age_word
from assessments.measurement.confidence import SPEAKS_FOR
from assessments.measurement.result import Reading
from assessments.models import Assessment
from core import organisation
from hierarchy.words import HasSeenAs, in_our_words


@dataclass(frozen=True, slots=True)
class Sentence:
    title: str
    text: str


def asked_by(asker: User) -> str:
    """The name of `asker` for the customer, with the organisation where the settings name one."""
    if not organisation.name():
        return asker.name
    return _("%(name)s of %(organisation)s") % {"name": asker.name, "organisation": organisation.name()}


def agreement_label(word: str) -> str:
    """The word of an agreement in the language of the reader; empty without one."""
    return str(dict(Assessment.Agreement.choices).get(word, ""))


def gap_words(gap: int) -> str:
    """The perception gap (team minus customer) in words."""
    if gap == 0:
        return _("just as they do")
    if gap > 0:
        return ngettext("%(n)s level rosier", "%(n)s levels rosier", gap) % {"n": gap}
    return ngettext("%(n)s level gloomier", "%(n)s levels gloomier", -gap) % {"n": -gap}


def level_sentence(
    account: Account | Assessment, levels: Mapping[int, HasSeenAs], *, silence: str = "", latest: Assessment | None = None
) -> str:
    """The level of an account, or the result of an assessment, in one or two sentences.

    `silence` says why the customer's is not known; where only ours is and it is empty, that they were never asked. `latest` is the
    result that the level of an account comes from.
    """
    result = account if isinstance(account, Assessment) else latest
    if account.level is None:
        nobody = _("Not assessed yet: nobody knows how they see us.")
        return f"{nobody} {silence}".rstrip()
    if account.customer_level is None:
        ours = _("We think they see us as %(level)s: %(seen)s.") % {
            "level": account.team_level,
            "seen": _seen_as(account.level, levels),
        }
        return f"{ours} {silence or _('They were never asked.')}"
    told = [_("They see us as %(seen)s.") % {"seen": _seen_as(account.customer_level, levels)}]
    if account.gap == 0:
        told.append(_("So do we."))
    elif account.gap is not None:
        told.append(_("We thought %(level)s: %(gap)s.") % {"level": account.team_level, "gap": gap_words(account.gap)})
    if account.customer_position is not None and account.customer_position < 1:
        told.append(
            _("We do not even meet their specifications yet.")
            if result is not None and result.below_specification
            else _("They are not yet sure that we meet the specifications.")
        )
    return " ".join(told)


def not_blind() -> str:
    """The reason why there is no level of ours, and so no gap, though somebody of ours gave a view."""
    return _("our view came after theirs could be read")


def silence(result: Assessment) -> str:
    """The reason why a round shows no customer level though somebody answered; empty where nobody did."""
    if Assessment.IN_WORDS in result.confidence_reasons:
        return _("They answered in words alone.")
    if not result.is_withheld:
        return ""
    if Assessment.TOO_FEW_LEVELS in result.confidence_reasons:
        return _(
            "Fewer than three of those who answered in confidence know enough for a level, so nothing of what they said is shown."
        )
    return _("Fewer than three of their people answered in confidence, so nothing of what they said is shown.")


REASONS = {
    "recorded": gettext_lazy("recorded, not measured here"),
    "no_customer_response": gettext_lazy("no customer answered"),
    Assessment.IN_WORDS: gettext_lazy("they answered in words alone, which gives no level"),
    Assessment.TOO_FEW: gettext_lazy("fewer than three of their people answered, and this round is confidential"),
    Assessment.TOO_FEW_LEVELS: gettext_lazy(
        "fewer than three of those who answered know enough for a level, and this round is confidential"
    ),
    "respondents_unknown": gettext_lazy("how many people said so was not recorded"),
    "one_respondent": gettext_lazy("only one person answered"),
    "two_far_apart": gettext_lazy("the two who answered lie two or more levels apart"),
    "coverage_below_half": gettext_lazy("less than half of those who decide were heard, by influence"),
    "levels_unknown": gettext_lazy("too few levels up to this one are known"),
    "unheard_unknown": gettext_lazy("who was not heard is not known"),
    "band_wide": gettext_lazy("those who were not heard could change the level"),
    "told_to_us": gettext_lazy("not all of them answered themselves: some of it was told to us"),
    "unsound_responses": gettext_lazy("some answers are all alike or were given too fast"),
    "few_levels_known": gettext_lazy("not all levels up to this one are known"),
    "not_cumulative": gettext_lazy("half of the answers or more are not cumulative"),
    "band_single": gettext_lazy("nobody who was not heard could change the level"),
    "views_split": gettext_lazy("their views are split"),
    "views_mixed": gettext_lazy("their views are mixed"),
    "views_shared": gettext_lazy("they share one view"),
    "fewer_than_three": gettext_lazy("fewer than three people answered"),
    "one_buying_role": gettext_lazy("only one buying role was heard"),
    "buying_roles_unknown": gettext_lazy("their buying roles are not known"),
    "agreement_unknown": gettext_lazy("how far they agree is not known"),
    "no_economic_buyer": gettext_lazy("the economic buyer was not heard"),
    "three_with_economic_buyer": gettext_lazy("three or more people answered, the economic buyer among them"),
}


#: What would raise the confidence, by the reason that is lacking; several reasons may ask for the same.
RAISES = {
    "no_economic_buyer": gettext_lazy("hear the economic buyer"),
    "one_buying_role": gettext_lazy("hear people of another buying role"),
    "one_respondent": gettext_lazy("hear at least three people"),
    "fewer_than_three": gettext_lazy("hear at least three people"),
    Assessment.TOO_FEW: gettext_lazy("hear at least three people"),
    Assessment.TOO_FEW_LEVELS: gettext_lazy("hear at least three people who know enough of us"),
    "no_customer_response": gettext_lazy("ask the customer"),
    Assessment.IN_WORDS: gettext_lazy("go through the statements with them"),
    "buying_roles_unknown": gettext_lazy("note the buying role of each contact"),
    "coverage_below_half": gettext_lazy("hear more of those who decide"),
    "band_wide": gettext_lazy("hear more of those who decide"),
    "views_split": gettext_lazy("find out why they differ"),
    "two_far_apart": gettext_lazy("find out why they differ"),
    "views_mixed": gettext_lazy("find out why they differ"),
    "told_to_us": gettext_lazy("let them answer by link"),
    "unsound_responses": gettext_lazy("ask again those who answered all alike or too fast"),
    "levels_unknown": gettext_lazy("ask about the levels that are not known"),
    "few_levels_known": gettext_lazy("ask about the levels that are not known"),
    "not_cumulative": gettext_lazy("talk about the level that their answers skip"),
    "recorded": gettext_lazy("ask them here"),
}


def confidence_reason(code: str) -> str:
    return str(REASONS.get(code, code))


def confidence_reasons(codes: Sequence[str]) -> str:
    """The reasons of a confidence in one clause: what is lacking, then what speaks for the level."""
    lacking = in_a_row([confidence_reason(code) for code in codes if code not in SPEAKS_FOR])
    holding = in_a_row([confidence_reason(code) for code in codes if code in SPEAKS_FOR])
    if lacking and holding:
        return _("%(lacking)s; but %(holding)s") % {"lacking": lacking, "holding": holding}
    return lacking or holding


def raising(codes: Sequence[str]) -> str:
    """What would raise the confidence, in a sentence, the economic buyer first; empty where nothing is lacking."""
    asked_first = sorted((code for code in codes if code in RAISES), key=lambda code: code != "no_economic_buyer")
    steps = list(dict.fromkeys(str(RAISES[code]) for code in asked_first))
    return _("To raise it: %(steps)s.") % {"steps": in_a_row(steps)} if steps else ""


def band_label(result: Assessment) -> str:
    """The band in figures: 3, or 2–4; empty where it is not known."""
    if result.band is None:
        return ""
    low, high = result.band
    return str(low) if low == high else f"{low}–{high}"


def band_words(result: Assessment) -> str:
    """What those who were not heard could have changed; empty where that is not known."""
    band, level, unheard = result.band, result.customer_level, result.unheard
    if band is None or level is None or unheard is None:
        return ""
    if not unheard:
        return _("Level %(level)s: everybody who decides was heard") % {"level": level}
    if band[0] == band[1]:
        return ngettext(
            "Level %(level)s, whatever the other one would say", "Level %(level)s, whatever the other %(n)s would say", unheard
        ) % {"level": level, "n": unheard}
    people = {"low": band[0], "high": band[1], "n": unheard, "all": unheard + (result.respondents or 0)}
    return (
        ngettext(
            "Between %(low)s and %(high)s: %(n)s of %(all)s people was not heard",
            "Between %(low)s and %(high)s: %(n)s of %(all)s people were not heard",
            unheard,
        )
        % people
    )


def heard_words(result: Assessment) -> str:
    """How many people said it and how far they agree, beside a result that is drawn: “3 people, shared view”."""
    if result.customer_level is None:
        return _("our own view")
    people = result.respondents_shown or 0
    said = ngettext("%(n)s person", "%(n)s people", people) % {"n": people} if people else _("number not recorded")
    return ", ".join(filter(None, (said, views_label(result.agreement_word))))


def views_label(word: str) -> str:
    """How far their views agree, in a clause; empty without an agreement."""
    views = {"split": _("views split"), "mixed": _("views mixed"), "shared": _("they share one view")}
    return views.get(word, "")


def told_words(result: Assessment) -> str:
    """How many of the answers that count were told to us; empty when all answered themselves."""
    if not result.told:
        return ""
    if result.told == result.respondents:
        return _("told to us, not answered by themselves")
    return ngettext("%(n)s of %(all)s answers was told to us", "%(n)s of %(all)s answers were told to us", result.told) % {
        "n": result.told,
        "all": result.respondents,
    }


def confidence_label(latest: Assessment) -> str:
    """How sure the level of a result is, in a word or two; sentences with the reasons are those of `sureness`."""
    if latest.is_withheld:
        return _("Too few to tell")
    if Assessment.IN_WORDS in latest.confidence_reasons:
        return _("Answered in words")
    if latest.confidence == Assessment.Confidence.NONE:
        return _("Unknown") if latest.customer_level is not None else _("Only our view")
    return {"low": _("Low"), "medium": _("Medium"), "high": _("High")}[latest.confidence]


def sureness(latest: Assessment, today: date) -> list[Sentence]:
    """Confidence with its reasons, agreement, band, and age of a result: how far its level can be trusted."""
    codes = latest.confidence_reasons
    title = {
        "none": _("No customer's voice"),
        "low": _("Low confidence"),
        "medium": _("Medium confidence"),
        "high": _("High confidence"),
    }[latest.confidence]
    if latest.confidence == Assessment.Confidence.NONE and latest.customer_level is not None:
        title = _("Confidence unknown")  # recorded elsewhere
    if Assessment.IN_WORDS in codes:
        title = _("Answered in words")
    if latest.is_withheld:
        title = _("Too few to tell")
    former = _("closed under the former rule") if latest.former_rule else ""
    reasons = "; ".join(part for part in (confidence_reasons(codes), former) if part)
    lines = [Sentence(title, ". ".join(part for part in (reasons, raising(codes)) if part))]
    if latest.agreement_word:
        views = {"split": _("Split views"), "mixed": _("Mixed views"), "shared": _("Shared view")}
        share = "" if latest.agreement is None else _("agreement %(share)s of 1") % {"share": agreement(latest.agreement)}
        lines.append(Sentence(views[latest.agreement_word], share))
    if width := band_words(latest):
        lines.append(Sentence(width, _coverage_words(latest)))
    days = (today - latest.held_on).days
    age = {"fresh": _("Fresh"), "ageing": _("Ageing"), "stale": _("Stale")}[age_word(latest.held_on, today)]
    lines.append(Sentence(age, ngettext("%(days)s day old", "%(days)s days old", days) % {"days": days}))
    return lines


def _coverage_words(result: Assessment) -> str:
    if result.coverage is None:
        return ""
    share = {"share": percent(floor(round(result.coverage * 100, 6)) / 100)}  # cut off: 49.9 % is less than half
    if result.is_confidential:
        return _("%(share)s of those who decide were heard") % share
    return _("%(share)s of those who decide were heard, by influence") % share


def finding(results: Sequence[Assessment]) -> str:
    """The latest move of their level as a title: “They moved us from 2 to 3 in February 2026”; without one, that it stayed.

    `results` are closed, the oldest first. Empty where they were never heard.
    """
    heard = [(one.held_on, one.customer_level) for one in results if one.customer_level is not None]
    if not heard:
        return ""
    now = heard[-1][1]
    for (_before_day, before), (day, after) in zip(reversed(heard[:-1]), reversed(heard[1:]), strict=True):
        if before != after:
            return _("They moved us from %(before)s to %(after)s in %(month)s") % {
                "before": before,
                "after": after,
                "month": date_format(day, "F Y"),
            }
    if len(heard) == 1:
        return _("They placed us at %(level)s in %(month)s") % {"level": now, "month": date_format(heard[0][0], "F Y")}
    return _("They have seen us at %(level)s since %(month)s") % {"level": now, "month": date_format(heard[0][0], "F Y")}


def history_sentence(results: Sequence[Assessment]) -> str:
    """The text alternative of the level-history chart."""
    if not results:
        return _("No results yet.")
    lines = [
        _line(
            who,
            [(result.held_on, level) for result in results if (level := getattr(result, field)) is not None],
        )
        for who, field in ((_("Their level"), "customer_level"), (_("Our view"), "team_level"))
    ]
    if recorded := sum(result.origin == Assessment.Origin.RECORDED for result in results):
        lines.append(
            ngettext(
                "%(n)s of %(all)s results was recorded elsewhere.", "%(n)s of %(all)s results were recorded elsewhere.", recorded
            )
            % {"n": recorded, "all": len(results)}
        )
    return " ".join(lines)


def not_cumulative(strong: Sequence[int], stopped_at: int) -> str:
    """The warning about answers that are not cumulative: `strong` levels above the one that `stopped_at` names."""
    return ngettext(
        "Not cumulative: strong on level %(strong)s, but not on level %(weak)s.",
        "Not cumulative: strong on levels %(strong)s, but not on level %(weak)s.",
        len(strong),
    ) % {
        "strong": in_a_row([str(rank) for rank in strong]),
        "weak": stopped_at,
    }


def warnings_of(reading: Reading) -> list[str]:
    """Warnings about one response: no level, below level 1, or answers that are not cumulative."""
    if reading.level is None:
        return [nothing_known()]
    found = []
    if reading.below_specification:
        found.append(_("Below level 1: what we deliver does not meet the specifications yet. It is shown as level 1."))
    elif reading.is_below_one:
        found.append(_("Below level 1: not yet sure that we meet the specifications. It is shown as level 1."))
    if reading.stopped_at is not None and reading.pattern_error:
        found.append(not_cumulative(reading.strong_above, reading.stopped_at))
    return found


def nothing_known() -> str:
    return _("No level: fewer than half of each level's statements were answered, so this counts for nothing.")


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


def in_a_row(parts: Sequence[str]) -> str:
    """The parts as a sentence names them: “a, b and c”."""
    if len(parts) < 2:
        return "".join(parts)
    return _("%(first)s and %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}


def _seen_as(rank: int, levels: Mapping[int, HasSeenAs]) -> str:
    """What follows “They see us as” for this level."""
    return in_our_words(levels.get(rank)) or _("level %(level)s") % {"level": rank}
