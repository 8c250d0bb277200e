"""Why the level is what it is: one sentence that a reader can check against the list of who said what.

The level is that of the lower weighted median (measurement/median.py): the voices stand in order of their position, and the first at
which half of the weight is reached counts. No SQL.
"""

from collections.abc import Sequence

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.measurement.median import level_at, lower_weighted_median
from assessments.models import Assessment, Response
from assessments.rounds.responses import ClosedResponse
from assessments.words import in_a_row

NAMED_TO = 3  # so many people are named within the sentence; more of them stand in the list beside it
SAME = 1e-3  # positions are stored with four decimals


def reason_of(result: Assessment, voices: Sequence[ClosedResponse], *, named: bool) -> str:
    """The sentence for the level of a closed round; empty where nothing tells how it came about.

    `named` says whether the reader may know who said what. Of a confidential round nobody may: the sentence tells the rule and
    the number of people, which are on the page already.
    """
    if result.origin == Assessment.Origin.RECORDED:
        return _recorded(result)
    theirs = result.customer_level is not None
    side = Response.Side.CUSTOMER if theirs else Response.Side.TEAM
    heard = [voice for voice in voices if voice.round == result.pk and voice.side == side and voice.counts]
    if not heard:
        return ""
    if theirs and result.is_confidential:
        return _in_confidence(result.respondents or len(heard))
    told = named and _explains(heard, result.customer_position if theirs else result.team_position)
    if not theirs and len(heard) == 1:
        return _only_we(heard[0], told=told)
    sentence = _who_said_what(heard) if told else _rule(heard)
    return sentence if theirs else _("It is our own view. %(sentence)s") % {"sentence": sentence}


def _explains(heard: Sequence[ClosedResponse], position: float | None) -> bool:
    """Whether the stored position is the median of these voices; a result of a former rule need not be."""
    if position is None:
        return False
    positions = [voice.position for voice in heard if voice.position is not None]
    return abs(lower_weighted_median(positions, [voice.weight for voice in heard]) - position) < SAME


def _recorded(result: Assessment) -> str:
    if not result.respondents:
        return _("This level was recorded elsewhere: who said so is not known here.")
    return ngettext(
        "This level was recorded elsewhere, as the word of %(n)s person.",
        "This level was recorded elsewhere, as the word of %(n)s people.",
        result.respondents,
    ) % {"n": result.respondents}


def _only_we(voice: ClosedResponse, *, told: bool) -> str:
    if not told:
        return _("It is our own view, of one colleague.")
    return _("It is our own view: %(who)s says %(level)s.") % {"who": voice.name or _("one colleague"), "level": _level(voice)}


def _in_confidence(people: int) -> str:
    """Everybody weighs the same there."""
    middle = _("Of %(n)s people who answered in confidence, the voice in the middle counts.")
    lower = _("Of %(n)s people who answered in confidence, the lower of the two voices in the middle counts.")
    return (middle if people % 2 else lower) % {"n": apnumber(people)}


def _rule(heard: Sequence[ClosedResponse]) -> str:
    """Which voice counts, without what anybody said."""
    n = len(heard)
    words = {"n": apnumber(n)}
    if n == 1:
        return _("One person answered, and that answer counts.")
    if len({voice.weight for voice in heard}) > 1:
        return _("Of %(n)s people who answered, the voice in the middle counts, weighed by influence.") % words
    if n == 2:
        return _("Of two people who answered, the lower voice counts.")
    middle = _("Of %(n)s people who answered, the voice in the middle counts.")
    return (middle if n % 2 else _("Of %(n)s people who answered, the lower of the two voices in the middle counts.")) % words


def _who_said_what(heard: Sequence[ClosedResponse]) -> str:
    voices = sorted(heard, key=lambda voice: (voice.position or 0, -voice.weight))
    labels = _labels(voices)
    alike = len({_level(voice) for voice in voices}) == 1
    if len(voices) == 1:
        return _("%(who)s says %(level)s, and nobody else was heard.") % {
            "who": capfirst(labels[0]) if labels else _("One person"),
            "level": _level(voices[0]),
        }
    if alike:
        return _all_say_it(voices, labels)
    if len(voices) == 2:
        return _two(voices, labels)
    said = _said(voices, labels)
    if len({voice.weight for voice in voices}) > 1:
        return _weighed(voices, said)
    counted = {"said": said, "n": apnumber(len(voices)), "level": _level(voices[(len(voices) - 1) // 2])}
    if len(voices) % 2:
        return _("%(said)s: of %(n)s the middle one counts, so level %(level)s.") % counted
    return _("%(said)s: of the two in the middle the lower counts, so level %(level)s.") % counted


def _all_say_it(voices: Sequence[ClosedResponse], labels: Sequence[str]) -> str:
    level = {"level": _level(voices[0])}
    if len(voices) > 2:
        return _("All %(n)s say %(level)s.") % {"n": apnumber(len(voices)), **level}
    if labels:
        return _("%(one)s and %(other)s both say %(level)s.") % {"one": capfirst(labels[0]), "other": labels[1], **level}
    return _("Both say %(level)s.") % level


def _two(voices: Sequence[ClosedResponse], labels: Sequence[str]) -> str:
    """Two who differ: of equal weights the lower counts, else whoever weighs more."""
    low, high = voices
    said = _said(voices, labels)
    if low.weight == high.weight:
        return _("%(said)s: of two the lower counts.") % {"said": said}
    more, less = (low, high) if low.weight > high.weight else (high, low)
    return _("%(said)s. Of two people whoever has more influence counts (%(more)s against %(less)s), so level %(level)s.") % {
        "said": said,
        "more": more.influence_label,
        "less": less.influence_label,
        "level": _level(more),
    }


def _weighed(voices: Sequence[ClosedResponse], said: str) -> str:
    """More than two of different weights: counted from the lowest up until half of the weight is reached."""
    total, reached, counts = sum(voice.weight for voice in voices), 0, voices[0]
    for voice in voices:
        reached, counts = reached + voice.weight, voice
        if 2 * reached >= total:
            break
    sentence = _(
        "%(said)s. Counted from the lowest, each by their influence, half of the weight (%(half)s of %(total)s) is reached at level %(level)s."
    )
    return sentence % {"said": said, "half": number_format(total / 2, total % 2), "total": total, "level": _level(counts)}


def _said(voices: Sequence[ClosedResponse], labels: Sequence[str]) -> str:
    """Who says what, from the lowest to the highest: “The economic buyer says 1, the user buyer 3”."""
    if not labels:
        return _("They say %(levels)s") % {"levels": in_a_row([str(_level(voice)) for voice in voices])}
    first, *others = zip(labels, voices, strict=True)
    says = _("%(who)s says %(level)s") % {"who": capfirst(first[0]), "level": _level(first[1])}
    rest = [_("%(who)s %(level)s") % {"who": label, "level": _level(voice)} for label, voice in others]
    return f"{says}, {in_a_row(rest)}"


def _labels(voices: Sequence[ClosedResponse]) -> list[str]:
    """What tells these people apart within the sentence: their roles, else their names; none where neither does, or there are many."""
    if len(voices) > NAMED_TO:
        return []
    roles = [_("the %(role)s") % {"role": voice.role_label} if voice.role_label else "" for voice in voices]
    for labels in (roles, [voice.name for voice in voices]):
        if all(labels) and len(set(labels)) == len(labels):
            return labels
    return []


def _level(voice: ClosedResponse) -> int:
    return level_at(voice.position or 0)
