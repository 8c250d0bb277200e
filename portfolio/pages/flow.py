"""The moves between two days as a drawing with a link in each band, and as rows of a table."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portfolio.figures.flow_drawing import FULL, FlowBand, FlowDrawing, drawn
from portfolio.figures.ladder import Ladder, LevelFlow


@dataclass(frozen=True, slots=True)
class LinkedFlow:
    """A flow with the address of its accounts."""

    band: FlowBand
    words: str
    label: str
    url: str

    @property
    def flow(self) -> LevelFlow:
        return self.band.flow


@dataclass(frozen=True, slots=True)
class FlowChart:
    drawing: FlowDrawing
    linked: tuple[LinkedFlow, ...]

    def of(self, direction: str) -> list[LinkedFlow]:
        """Those that climbed or slid, the largest first."""
        found = [one for one in self.linked if one.flow.direction == direction]
        return sorted(found, key=lambda one: -one.flow.accounts)

    @property
    def climbed(self) -> list[LinkedFlow]:
        return self.of("climbed")

    @property
    def slid(self) -> list[LinkedFlow]:
        return self.of("slid")


def flow_chart(ladder: Ladder, url_of: Callable[[str], str], *, height: float = FULL) -> FlowChart | None:
    """`height` is that of all accounts together, of a width of 640. `url_of` gives the address of the accounts of a kind of move
    such as “4-3”. None where no customer was heard by both days.
    """
    drawing = drawn(ladder.flows, height)
    if drawing is None:
        return None
    linked = (
        LinkedFlow(band, _words(band.flow), _label(band.flow), url_of(f"{band.flow.then}-{band.flow.now}"))
        for band in drawing.bands
    )
    return FlowChart(drawing, tuple(linked))


def moves_title(ladder: Ladder) -> str:
    """What happened, as the title of the drawing: 7 climbed, 6 slid."""
    if not ladder.climbed and not ladder.slid:
        return _("Nobody moved")
    climbed = ngettext("%(n)s climbed", "%(n)s climbed", ladder.climbed) % {"n": intcomma(ladder.climbed)}
    slid = ngettext("%(n)s slid", "%(n)s slid", ladder.slid) % {"n": intcomma(ladder.slid)}
    return _("%(climbed)s, %(slid)s") % {"climbed": climbed, "slid": slid}


def flow_words(ladder: Ladder, levels: tuple[int, int] | None) -> str:
    """What the accounts of one flow have in common; empty for None."""
    if levels is None:
        return ""
    then, now = levels
    found = next((flow for flow in ladder.flows if (flow.then, flow.now) == levels), None)
    return _words(found or LevelFlow(then, now, 0, Decimal(0)))


def _words(flow: LevelFlow) -> str:
    told = {
        "climbed": ngettext("%(n)s climbed from %(then)s to %(now)s", "%(n)s climbed from %(then)s to %(now)s", flow.accounts),
        "slid": ngettext("%(n)s slid from %(then)s to %(now)s", "%(n)s slid from %(then)s to %(now)s", flow.accounts),
        "stayed": ngettext("%(n)s stayed on level %(now)s", "%(n)s stayed on level %(now)s", flow.accounts),
    }[flow.direction]
    return told % {"n": intcomma(flow.accounts), "then": flow.then, "now": flow.now}


def _label(flow: LevelFlow) -> str:
    told = {
        "climbed": ngettext("%(n)s climbed to %(now)s", "%(n)s climbed to %(now)s", flow.accounts),
        "slid": ngettext("%(n)s slid to %(now)s", "%(n)s slid to %(now)s", flow.accounts),
        "stayed": "",
    }[flow.direction]
    return told % {"n": intcomma(flow.accounts), "now": flow.now}
