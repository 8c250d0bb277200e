"""What the style guide shows in its components: a form, invented accounts, a rung, a history. Nothing of it is stored."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.list_columns import RowReading
from accounts.models import Account, User
from accounts.spread import LevelSpread
from assessments.chart.geometry import Chart, HistoryPoint, TargetLine, draw_history
from assessments.chart.lane import HistoryEvent
from assessments.measurement.agreement import months_after
from assessments.step_lines import STEPS, WIDTH, LevelStep
from portfolio.figures.ladder import Ladder, LadderCount, LadderRung
from portfolio.pages.ladder import ACCOUNTS, LadderRow, rows_of

NOWHERE = 10**18 - 1  # the id of an account that is not there
COLOUR = re.compile("#|rgb")
TOKEN = re.compile(r"--([\w-]+): ([^;]+);")


class SampleForm(forms.Form):
    """A field of each kind; `version` as in the forms of what can be changed in place."""

    version = forms.IntegerField(widget=forms.HiddenInput, initial=1)
    name = forms.CharField(label=gettext_lazy("name"), help_text=gettext_lazy("Help stands below its field."))
    level = forms.TypedChoiceField(label=gettext_lazy("level"), choices=[("", "–"), *((n, n) for n in range(1, 6))], coerce=int)
    due_on = forms.DateField(label=gettext_lazy("due on"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=gettext_lazy("note"), widget=forms.Textarea(attrs={"rows": 2}), required=False)
    told = forms.BooleanField(label=gettext_lazy("they were told"), required=False)


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A row of the sample table; `revenue` in the reporting currency, `line` its levels of four years, drawn."""

    name: str
    level: int
    by_customer: bool
    revenue: Decimal
    status: str
    line: SafeString


def filled_form() -> SampleForm:
    return SampleForm(auto_id="filled-%s", initial={"name": "Noordzee Havens", "level": 3, "told": True})


def refused_form() -> SampleForm:
    """A form that was sent empty."""
    return SampleForm({"version": "1"}, auto_id="refused-%s")


def disabled_form() -> SampleForm:
    form = SampleForm(auto_id="disabled-%s", initial={"name": "Noordzee Havens", "level": 3, "told": True})
    for field in form.fields.values():
        field.disabled = True
    return form


def account_of(user: User) -> Account:
    """An account with an owner and without a segment, of which no page knows."""
    return Account(pk=NOWHERE, name="Noordzee Havens", owner=user)


def table_rows(user: User, sort: str) -> list[SampleRow]:
    """Sorted by `sort`, a field of `SampleRow`, downwards after a minus; by name for another."""
    reading = RowReading(user, None, {})
    column = sort.removeprefix("-")
    rows = [
        SampleRow("Noordzee Havens", 4, True, Decimal(7_800_000), "on_track", _line(reading, (2, 3, 4))),
        SampleRow("Alpenglas", 3, True, Decimal(2_150_000), "at_risk", _line(reading, (3,))),
        SampleRow("Van Dalen Logistiek", 1, True, Decimal(940_000), "off_track", _line(reading, (3, 2, 1))),
        SampleRow("Ostara Energie", 2, False, Decimal(310_000), "", _line(reading, ())),
    ]
    column = column if column in {"level", "revenue"} else "name"
    return sorted(rows, key=lambda row: getattr(row, column), reverse=sort.startswith("-"))


def _line(reading: RowReading, levels: tuple[int, ...]) -> SafeString:
    reading.made["steps"] = {NOWHERE: [LevelStep(WIDTH * n / len(levels), level) for n, level in enumerate(levels)]}
    return mark_safe(STEPS.cell(Account(pk=NOWHERE), reading))  # noqa: S308 the cell of the list of accounts


def ladder_rows(address: str) -> list[LadderRow]:
    """Two rungs: one with a link and more accounts than a year ago, one without a link and with fewer."""
    rungs = (
        LadderRung(4, LadderCount(42, Decimal(61_000_000), 84), LadderCount(31, width=62), LadderCount(50, width=100)),
        LadderRung(1, LadderCount(8, Decimal(3_400_000), 16), LadderCount(11, width=22), LadderCount(4, width=8)),
    )
    ladder = Ladder(rungs, LadderCount(), LadderCount(), 50, Decimal(64_400_000), 11, 3, ())
    return rows_of(ladder, ACCOUNTS, lambda rung: address if rung.level > 1 else "")


def history(today: date, width: int, height: int) -> Chart:
    """Four results of both sides, one of them recorded elsewhere, a target with milestones, and two events."""
    results = [(42, 1.6, 2.8), (29, 2.2, 3.4), (15, 2.9, 3.1), (3, 3.4, 3.6)]  # months ago, they, we
    points = [
        HistoryPoint(months_after(today, -ago), int(theirs), theirs, int(ours), ours, "", recorded=ago == results[0][0])
        for ago, theirs, ours in results
    ]
    due_on, halfway = months_after(today, 18), months_after(today, 6)
    target = TargetLine(months_after(today, -15), 2.9, due_on, 5, ((halfway, 4), (due_on, 5)))
    events = [
        HistoryEvent(months_after(today, -15), "target", _("target set")),
        HistoryEvent(months_after(today, -3), "round", _("round closed")),
    ]
    return draw_history(points, target, today, events=events, width=width, height=height)


def spread() -> LevelSpread:
    counts = {"5": 9, "4": 42, "3": 38, "2": 17, "1": 8, "ours": 6, "none": 8}
    return LevelSpread(counts, gaps=60, gap=18, heard=91)


def quotes() -> list[SimpleNamespace]:
    """Of a person that is known, and of one who is not, which a colleague wrote down."""
    known, unknown = _("You know our business, and you tell us what you see."), _("We would miss you.")
    return [
        SimpleNamespace(text=known, who="Ilse Maas", role=_("decision maker"), entered_by=""),
        SimpleNamespace(text=unknown, who="", role=_("user"), entered_by="Mila Vermeer"),
    ]


def milestones(today: date) -> Iterable[SimpleNamespace]:
    return [SimpleNamespace(level=level, due_on=months_after(today, months)) for level, months in ((4, 6), (5, 18))]


@lru_cache(maxsize=1)  # the file comes with the program
def tokens() -> dict[str, list[str]]:
    """The names of the tokens of `static/css/tokens.css`: `colours`, `type`, `spacing` and `corners`."""
    text = (settings.BASE_DIR / "static/css/tokens.css").read_text(encoding="utf-8")
    found = TOKEN.findall(text.partition(":root {")[2].partition("\n}")[0])
    return {
        "colours": [name for name, value in found if COLOUR.match(value)],
        "type": [name for name, _value in found if re.fullmatch(r"t\d", name)],
        "spacing": [name for name, _value in found if re.fullmatch(r"s\d", name)],
        "corners": [name for name, _value in found if re.fullmatch(r"r(-\d)?", name)],
    }
