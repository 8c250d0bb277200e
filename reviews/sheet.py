"""One review as it is shown: the head, the figures, the chart, and the sections, each as long as its box on one A4 page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.templatetags.standing import STATUS_TAGS, revenue, signed
from assessments import words as assessment_words
from assessments.chart.geometry import Chart, HistoryPoint, TargetLine, draw_history
from assessments.history import history_points
from assessments.models import Assessment
from plans.forecast.fan import FanPoint
from plans.models import Target
from plans.targets.standing import TargetStanding, standing_of
from plans.words import target_sentence
from reviews.measuring import Paragraph, clipped, wrapped
from reviews.models import AccountReview
from reviews.reading import ReviewFacts
from reviews.sections import SECTIONS, ReviewLine, ReviewSection

MM = 72 / 25.4  # points
TEXT = 8.5  # points: what review.css prints texts in; the name, the words and the notes of figures in multiples of it
NAME, WORDS, NOTE = TEXT * 1.75, TEXT * 1.25, TEXT * 0.92
CHART = (560, 262)  # units of the drawing
LINE = TEXT * 1.25 / MM  # the height of a line in millimetres
PAGE = 277  # millimetres between the margins of an A4 page
RULED = 8  # millimetres from one ruled line to the next
#: The width in millimetres and the lines of each section on the page; review.css has the same widths.
ROOM = {
    "charter": (60, 6),
    "changes": (60, 9),
    "plan": (86, 12),
    "people": (86, 12),
    "strengths": (38, 8),
    "vulnerabilities": (38, 8),
    "trends": (38, 8),
    "opportunities": (38, 8),
    "next_steps": (86, 7),
    "quotes": (86, 7),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell of the strip: a label, a value, and what is said of it."""

    key: str  # the name of its placeholder
    label: str
    value: str
    note: str
    kind: str = ""  # for the colour: theirs-1 to theirs-5, ours, target


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """`sections` are whole, `shown` are cut to their boxes on the page; both by key."""

    account: Account
    name: str  # as much as two lines hold
    facts: str  # segment, country, revenue, owner, team
    day: str
    words: str
    figures: tuple[Figure, ...]
    points: Sequence[HistoryPoint]
    target_line: TargetLine | None
    fan: tuple[FanPoint, ...]
    chart: Chart
    chart_words: str
    finding: str  # the status of the target in a sentence
    sections: dict[str, ReviewSection]
    shown: dict[str, ReviewSection]
    held_today: AccountReview | None
    ruled: range  # lines to write on below what is said: what is left of the page


def sheet_of(facts: ReviewFacts) -> ReviewSheet:
    """One statement where the forecast is not cached."""
    account, target = facts.account, facts.target
    standing = standing_of(account, target, facts.results, facts.today)
    fan = standing.outlook.fan if standing.outlook else ()
    points, line = history_points(facts.results), _line_of(target)
    sections = {one.key: one for one in (make(facts) for make in SECTIONS)}
    aim = target_sentence(target) if target else ""
    shown = {key: _cut(section) for key, section in sections.items()}
    name, head = _short(account.name, 148, NAME, 2, bold=True), _short(_facts_of(account), 148, TEXT, 2)
    words, finding = _short(_headline(facts), 184, WORDS, 3), _short(standing.sentence, 112, TEXT, 3)
    return ReviewSheet(
        account=account,
        name=name,
        facts=head,
        day=date_format(facts.today, "j F Y"),
        words=words,
        figures=tuple(replace(one, note=_short(one.note, 30, NOTE, 2)) for one in _figures(facts, standing)),
        points=points,
        target_line=line,
        fan=fan,
        chart=draw_history(points, line, facts.today, fan=fan, width=CHART[0], height=CHART[1]),
        chart_words=" ".join(filter(None, (assessment_words.history_sentence(facts.results), aim))),
        finding=finding,
        sections=sections,
        shown=shown,
        held_today=facts.held_today,
        ruled=range(int(max(0, PAGE - 15 - _height(name, head, words, finding, shown)) / RULED)),
    )


def _cut(section: ReviewSection) -> ReviewSection:
    """The section with as many lines as its box on the page holds; how many more there are is said in the last one."""
    width, most = ROOM[section.key]
    kept: list[ReviewLine] = []
    left = most
    for number, line in enumerate(section.lines):
        rest = len(section.lines) - number
        text = line.paragraph
        room = left if rest == 1 else left - 1  # the last line may have to tell of the others
        (short, *_others) = clipped([text], width * MM, TEXT, room) if room > 0 else [Paragraph("")]
        if not short.text or (kept and short != text and rest > 1):
            kept.append(ReviewLine(_("… and %(n)s more") % {"n": rest}))
            break
        kept.append(line if short == text else ReviewLine(short.text.removeprefix(f"{line.lead}: "), line.lead, "", line.is_late))
        left -= lines_of(text, width)
    return ReviewSection(section.key, section.title, tuple(kept), section.empty)


def _height(name: str, head: str, words: str, finding: str, shown: dict[str, ReviewSection]) -> float:
    """The millimetres that the sheet takes at most, as review.css sets it."""
    boxes = {key: _box_height(section) for key, section in shown.items()}
    gap = 0.9 * TEXT / MM
    top = max(
        3.6 + 4.8 + 114 * CHART[1] / CHART[0] + 7.2 + 1 + len(wrapped(finding, 112 * MM, TEXT)) * LINE,
        boxes["charter"] + gap + boxes["changes"],
    )
    rows = (
        max(boxes["plan"], boxes["people"]),
        max(boxes[key] for key in ("strengths", "vulnerabilities", "trends", "opportunities")),
        max(boxes["next_steps"], boxes["quotes"]),
    )
    lines = len(wrapped(name, 148 * MM, NAME, bold=True)) * NAME * 1.15 / MM + len(wrapped(head, 148 * MM, TEXT)) * LINE
    return lines + 3 + len(wrapped(words, 184 * MM, WORDS)) * WORDS * 1.25 / MM + 4.2 + 19 + gap + top + sum(rows) + 3 * gap


def _box_height(section: ReviewSection) -> float:
    width, _most = ROOM[section.key]
    texts = [line.paragraph for line in section.lines] or [Paragraph(section.empty)]
    return 3.6 + 4.8 + sum(lines_of(text, width) * LINE + 0.55 for text in texts)


def _short(text: str, width: float, size: float, most: int, *, bold: bool = False) -> str:
    """The text in at most so many lines of so many millimetres."""
    return clipped([Paragraph(text, bold)], width * MM, size, most)[0].text


def lines_of(text: Paragraph, width: float) -> int:
    """How many lines the text takes in a box of so many millimetres."""
    return len(wrapped(text.text, width * MM, TEXT, bold=text.measured_bold))


def _facts_of(account: Account) -> str:
    return " · ".join(
        filter(
            None,
            (
                account.segment,
                account.country_name if account.country else "",
                _("%(revenue)s a year") % {"revenue": revenue(account)} if account.revenue is not None else "",
                str(account.owner),
                _("team %(team)s") % {"team": account.team} if account.team else "",
            ),
        )
    )


def _headline(facts: ReviewFacts) -> str:
    """How they see us, in our words."""
    missing = _("Their own word is still missing.")
    return assessment_words.level_sentence(facts.account, facts.rungs, silence=missing, latest=facts.latest)


def _figures(facts: ReviewFacts, standing: TargetStanding) -> tuple[Figure, ...]:
    account, latest, target = facts.account, facts.latest, facts.target
    they, we = account.customer_level, account.team_level
    _colour, status = STATUS_TAGS.get(standing.status.code, ("", ""))
    return (
        Figure("they", _("They"), _level(they), _band(latest, they), f"theirs-{they}" if they else ""),
        Figure("we", _("We"), _level(we), _when_ours(facts), "ours" if we else ""),
        _gap(account),
        Figure("sure", _("How sure"), *_sureness(latest, they)),
        Figure(
            "target",
            _("Target"),
            _level(target.level if target else None),
            " · ".join(
                filter(None, (_("by %(day)s") % {"day": date_format(target.due_on, "M Y")} if target else "", str(status)))
            ),
            "target" if target else "",
        ),
    )


def _level(level: int | None) -> str:
    return "–" if level is None else str(level)


def _when_ours(facts: ReviewFacts) -> str:
    ours = next((one.held_on for one in reversed(facts.results) if one.team_level is not None), None)
    return date_format(ours, "M Y") if ours else ""


def _gap(account: Account) -> Figure:
    if account.gap is None:
        return Figure("gap", _("Gap"), "–", _("one view is missing"))
    return Figure("gap", _("Gap"), signed(account.gap), assessment_words.gap_words(account.gap))


def _band(latest: Assessment | None, level: int | None) -> str:
    """The band of a named result with the day on which it was held; of a confidential one the day alone."""
    if latest is None or level is None:
        return _("not heard") if level is None else ""
    heard = date_format(latest.held_on, "M Y")
    band = "" if latest.is_confidential else assessment_words.band_label(latest)
    return " · ".join(filter(None, (_("band %(band)s") % {"band": band} if band else "", heard)))


def _sureness(latest: Assessment | None, level: int | None) -> tuple[str, str]:
    """The word of confidence, and how far they agree; of a confidential round how far they agree alone."""
    if latest is None or level is None:
        return "–", _("not heard")
    agreed = assessment_words.agreement_label(latest.agreement_word)
    views = _("views: %(word)s") % {"word": agreed} if agreed else ""
    if latest.is_confidential:
        return agreed or "–", _("how alike their views are: answered in confidence")
    return str(latest.get_confidence_display()).capitalize(), views


def _line_of(target: Target | None) -> TargetLine | None:
    if target is None:
        return None
    way = tuple((milestone.due_on, milestone.level) for milestone in target.trajectory.milestones())
    return TargetLine(target.set_on, target.baseline, target.due_on, target.level, way)
