"""What pages, files, the API and the mail show of a portfolio, read from what they send: the places of `test_one_number`."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import openpyxl
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, User
from accounts.templatetags.standing import signed
from portfolio import digest
from portfolio.pages.desk import choices_of, desk_of
from tests.api.conftest import Caller

LEVELS = ("1", "2", "3", "4", "5")
BESIDE = ("ours", "none")
STATUSES = ("on_track", "at_risk", "off_track", "reached", "too_early", "no_target")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

type Told = Iterator[tuple[str, Any]]  # question, and what the place answers


@dataclass
class Element:
    figure: str
    value: str | None
    within: tuple[str, ...]  # the tags around it
    text: str = ""


@dataclass
class Shown(HTMLParser):
    """The elements of a page with a `data-figure`, and its text."""

    html: str
    elements: list[Element] = field(default_factory=list)
    words: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, Element | None]] = []
        self.feed(self.html)
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        given = dict(attrs)
        told = None
        if figure := given.get("data-figure"):
            told = Element(figure, given.get("data-value"), tuple(name for name, _element in self._open))
            self.elements.append(told)
        self._open.append((tag, told))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"
        for _tag, element in self._open:
            if element:
                element.text += data

    def figures(self, name: str, *, within: str = "") -> list[Element]:
        return [one for one in self.elements if one.figure == name and (not within or within in one.within)]

    def number(self, name: str, *, within: str = "") -> int:
        """The sum of the elements of that name; 0 where a page leaves an empty count out."""
        return sum(_number(one.text) for one in self.figures(name, within=within))

    def amount(self, name: str) -> Decimal:
        return sum((Decimal(one.value or "") for one in self.figures(name)), Decimal(0))

    def found(self, pattern: str) -> tuple[str, ...]:
        """The groups of a pattern in the words of the page."""
        told = re.search(pattern, self.words)
        assert told, f"“{pattern}” is not on the page"
        return told.groups()

    def numbers(self, pattern: str) -> tuple[int, ...]:
        return tuple(int(one.replace(",", "")) for one in self.found(pattern))

    def currencies(self) -> list[str]:
        told = re.search(r"Revenue in ([A-Z, ]+) is in no sum", self.words)
        return told[1].split(", ") if told else []


class Reader:
    """Somebody who looks at the same question in every place."""

    def __init__(self, user: User) -> None:
        self.user, self.client, self.api = user, Client(), Caller(user, "read")
        self.client.force_login(user)

    def page(self, name: str, **query: Any) -> Shown:
        response = self.client.get(reverse(name), query)
        assert response.status_code == 200
        return Shown(response.content.decode())

    def listed(self, **query: Any) -> int:
        """How many accounts the list says it holds."""
        shown = self.page("accounts:list", **query)
        return shown.number("accounts")

    def told(self, path: str) -> Any:
        response = self.api.get(path)
        assert response.status_code == 200
        return response.json()

    def file(self, kind: str) -> list[dict[str, Any]]:
        """The rows of the export of the list, as its cells are."""
        response = self.client.get(reverse("accounts:export", args=[kind]))
        content = b"".join(response)
        if kind == "csv":
            return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        header, *rows = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
        return [dict(zip(header, ("" if cell is None else cell for cell in row), strict=True)) for row in rows]

    def account_items(self, **query: Any) -> list[dict[str, Any]]:
        items, cursor = [], ""
        while cursor is not None:
            asked = "&".join(f"{name}={value}" for name, value in {**query, "limit": 200, "cursor": cursor}.items() if value)
            told = self.told(f"/accounts?{asked}")
            items, cursor = [*items, *told["items"]], told["next"]
        return items


def dashboard(reader: Reader, whose: str = "all") -> Told:
    page = reader.page("portfolio:dashboard", whose=whose)
    yield "accounts", page.number("accounts")
    yield "revenue", page.amount("revenue")
    for code in (*LEVELS, *BESIDE):
        yield f"accounts on {code}", page.number(f"accounts-{code}")
        yield f"revenue on {code}", page.amount(f"revenue-{code}")
    yield from {"climbed": page.number("climbed"), "slid": page.number("slid")}.items()
    climbed, slid = page.numbers(r"Who moved within a year: ([\d,]+) climbed, ([\d,]+) slid")
    yield from {"climbed": climbed, "slid": slid}.items()
    yield "heard by both days", sum(_flows(page).values())
    yield "climbed", sum(n for (then, now), n in _flows(page).items() if now > then)
    unheard, of, never = page.numbers(r"([\d,]+) of ([\d,]+) not heard · ([\d,]+) never")
    yield from {"heard": of - unheard, "accounts": of, "never heard": never}.items()
    on_track, off_track = page.numbers(r"([\d,]+) on track · ([\d,]+) off track")
    yield from {"on_track": on_track, "off_track": off_track}.items()
    foreseen, expected = page.numbers(r"Of ([\d,]+) targets ([\d,]+) will probably be met")
    yield from {"targets foreseen": foreseen, "targets expected": expected}.items()
    likely, of = page.numbers(r"Targets likely to be met ([\d,]+) of ([\d,]+)")
    yield from {"targets foreseen": of, "targets expected": likely}.items()
    yield "mean gap", page.figures("mean-gap")[0].value
    yield "with both views", page.numbers(r"([\d,]+) accounts? with both views")[0]
    yield "without a rate", page.currencies()
    yield "need attention", page.number("pressing")
    reasons = {"slid": "slid", "off_track": "off_track", "at_risk": "at_risk", "not_assessed": "accounts on none"}
    yield from ((question, page.number(f"pressing-{code}")) for code, question in reasons.items())
    yield "heard", page.number("accounts") - page.number("pressing-not_heard")
    (share,) = page.found(r"(\d+) % of our revenue is on level 4 or 5")
    yield "share on 4 or 5", int(share)
    yield "share on 4 or 5", int(page.figures("share-high")[0].text.removesuffix(" %"))
    parts = [int(page.figures(f"share-{part}")[0].text.removesuffix(" %")) for part in ("high", "low", "ours", "none")]
    yield "shares together", sum(parts)


def the_list(reader: Reader, **among: Any) -> Told:
    yield "accounts", reader.listed(**among)
    for code in (*LEVELS, *BESIDE):
        yield f"accounts on {code}", reader.listed(level=code, **among)
    for status in STATUSES:
        yield status, reader.listed(status=status, **among)
    for kind in ("climb", "hold"):
        yield f"{kind}s reached", reader.listed(status="reached", kind=kind, **among)
    yield "heard", reader.listed(heard="year", **among)
    yield "with both views", sum(reader.listed(gap=one, **among) for one in ("rosier", "same", "gloomier"))
    page = reader.page("accounts:list", **among)
    yield from ((f"accounts on {code}", page.number(f"accounts-{code}")) for code in (*LEVELS, *BESIDE))
    yield "mean gap", page.figures("mean-gap")[0].text
    heard, of = page.numbers(r"heard within a year ([\d,]+) of ([\d,]+)")
    yield from {"heard": heard, "accounts": of}.items()


def narrowed_dashboard(reader: Reader) -> Told:
    """What the dashboard says of the reader's own accounts, and of each team of theirs."""
    for choice in choices_of(desk_of(reader.user), reader.user):
        if choice.filters:
            yield from ((f"{choice.key}: {question}", told) for question, told in dashboard(reader, choice.key))


def narrowed_list(reader: Reader) -> Told:
    """The same of the list, with the filter that the dashboard's links have."""
    for choice in choices_of(desk_of(reader.user), reader.user):
        if choice.filters:
            yield from ((f"{choice.key}: {question}", told) for question, told in the_list(reader, **dict(choice.filters)))


def narrowed_movement(reader: Reader) -> Told:
    for choice in choices_of(desk_of(reader.user), reader.user):
        if choice.filters:
            yield from ((f"{choice.key}: {question}", told) for question, told in movement(reader, **dict(choice.filters)))


def groups_by(by: str) -> Any:
    """The place `groups` of a way to group: what its rows come to, and what its last row says of all."""

    def told(reader: Reader) -> Told:
        page = reader.page("portfolio:groups", by=by)
        parts = ["tbody", "tfoot"] if page.figures("accounts", within="tfoot") else ["tbody"]
        for part in parts:
            yield "accounts", page.number("accounts", within=part)
            yield "revenue", sum((Decimal(one.value or "") for one in page.figures("revenue", within=part)), Decimal(0))
            for code in (*LEVELS, *BESIDE):
                yield f"accounts on {code}", page.number(f"accounts-{code}", within=part)
            for name in ("climbed", "slid", "heard"):
                yield name, page.number(name, within=part)
            for status in STATUSES:
                if status != "reached":
                    yield status, page.number(f"targets-{status}", within=part)
            for kind in ("climb", "hold"):
                yield f"{kind}s reached", page.number(f"targets-{kind}", within=part)
            yield "with both views", page.number("gaps", within=part)
            expected = page.figures("targets-expected", within=part)
            yield "targets expected", round(sum(float(one.value or "") for one in expected))
        (gap,) = page.figures("mean-gap", within=parts[-1])
        yield "mean gap", gap.text
        yield "without a rate", page.currencies()

    return told


def movement(reader: Reader, **among: Any) -> Told:
    page = reader.page("portfolio:movement", **among)
    yield "accounts", page.numbers(r"Together ([\d,]+) accounts with")[0]
    yield "revenue", page.amount("revenue")
    for code in (*LEVELS, *BESIDE):
        yield f"accounts on {code}", page.number(f"accounts-{code}")
        yield f"revenue on {code}", page.amount(f"revenue-{code}")
    climbed, of, slid = page.numbers(r"([\d,]+) of ([\d,]+) customers climbed, ([\d,]+) slid")
    yield from {"heard by both days": of, "climbed": climbed, "slid": slid}.items()
    flows = _flows(page)
    yield "heard by both days", sum(flows.values())
    yield "slid", sum(n for (then, now), n in flows.items() if now < then)
    kinds = ("climbed", "slid", "steady", "first_heard", "only_our_view", "not_assessed")
    yield "accounts", sum(page.number(kind) for kind in kinds)
    yield "accounts on ours", page.number("only_our_view")
    yield "accounts on none", page.number("not_assessed")
    yield "climbed", page.number("climbed")
    yield "slid", page.number("slid")
    yield "without a rate", page.currencies()


def benchmarks(reader: Reader) -> Told:
    page = reader.page("portfolio:benchmarks")
    heard, of, ours, none = page.numbers(
        r"([\d,]+) of ([\d,]+) accounts have one\. Of ([\d,]+) there is only our view, ([\d,]+) are not assessed"
    )
    yield from {"accounts": of, "accounts on ours": ours, "accounts on none": none, "with a level": heard}.items()
    tables = len(page.figures("accounts-heard", within="tfoot"))
    for code in (*LEVELS, *BESIDE):
        every = {one.text for one in page.figures(f"accounts-{code}", within="tfoot")}
        assert tables and len(every) == 1
        yield f"accounts on {code}", page.number(f"accounts-{code}", within="tfoot") // tables
    both, climbed, slid = page.numbers(r"Of ([\d,]+) customers heard by both days ([\d,]+) climbed and ([\d,]+) slid")
    yield from {"heard by both days": both, "climbed": climbed, "slid": slid}.items()
    yield "heard by both days", page.numbers(r"([\d,]+) accounts with a level on both days")[0]
    foreseen, expected = page.numbers(r"Of ([\d,]+) targets ([\d,]+) will probably be met")
    yield from {"targets foreseen": foreseen, "targets expected": expected}.items()
    climbed, of, slid = page.numbers(r"([\d,]+) of ([\d,]+) customers climbed, ([\d,]+) slid")
    yield from {"heard by both days": of, "climbed": climbed, "slid": slid}.items()
    yield "mean gap", page.figures("mean-gap")[0].text
    yield "with both views", page.number("gaps")
    quiet, of, never = page.numbers(
        r"of the customers \(([\d,]+) of ([\d,]+)\) were not heard in the twelve months before, ([\d,]+) of them never"
    )
    yield from {"heard": of - quiet, "accounts": of, "never heard": never}.items()
    quiet, of = page.numbers(r"([\d,]+) of ([\d,]+) customers were not heard within a year")
    yield from {"heard": of - quiet, "accounts": of}.items()


def exported(kind: str) -> Any:
    """The place of the list's export as a CSV file or a workbook."""

    def told(reader: Reader) -> Told:
        rows = reader.file(kind)
        (converted,) = (name for name in rows[0] if name.startswith("Revenue in "))
        yield "accounts", len(rows)
        yield "revenue", _sum(row[converted] for row in rows)
        for code in (*LEVELS, *BESIDE):
            here = [row for row in rows if _stands(row["Their level"], row["Our level"]) == code]
            yield f"accounts on {code}", len(here)
            yield f"revenue on {code}", _sum(row[converted] for row in here)
        labels = {str(label): status for status, label in Account.TargetStatus.choices}
        statuses = Counter(labels[str(row["Target status"])] if row["Target status"] else "no_target" for row in rows)
        yield from ((status, statuses[status]) for status in STATUSES)
        yield "targets expected", round(sum(float(row["Target chance"]) for row in rows if row["Target chance"] != ""))
        gaps = [int(str(row["Gap"]).lstrip("'")) for row in rows if row["Gap"] != ""]
        yield "with both views", len(gaps)
        yield "mean gap", signed(sum(gaps) / len(gaps))
        yield "without a rate", sorted({row["Without exchange rate"] for row in rows} - {""})
        since = timezone.localdate() - timedelta(days=365)
        yield "heard", sum(_day(row["Last heard"]) >= since for row in rows if row["Last heard"])

    return told


def api_portfolio(reader: Reader) -> Told:
    told = reader.told("/portfolio")
    yield "accounts", told["accounts"]
    yield "revenue", _cents(told["revenue"])
    yield from ((f"accounts on {code}", told["by_level"][code]) for code in LEVELS)
    yield from {"accounts on ours": told["only_our_view"], "accounts on none": told["not_assessed"]}.items()
    parts = told["revenue_parts"]
    yield from ((f"revenue on {code}", _cents(parts["by_level"][code])) for code in LEVELS)
    yield from {"revenue on ours": _cents(parts["only_our_view"]), "revenue on none": _cents(parts["not_assessed"])}.items()
    yield from {"climbed": told["climbed"], "slid": told["slid"]}.items()
    yield from ((status, told["by_status"][status]) for status in STATUSES)
    yield from ((f"{kind}s reached", told["reached"][kind]) for kind in ("climb", "hold"))
    yield "targets expected", round(told["targets_expected"])
    yield "mean gap", signed(float(told["mean_gap"]))
    yield "with both views", told["with_both_views"]
    yield "without a rate", told["without_rate"]


def api_accounts(reader: Reader) -> Told:
    items = reader.account_items()
    yield "accounts", len(items)
    yield "revenue", _sum(item["revenue_in_reporting_currency"] for item in items)
    for code in (*LEVELS, *BESIDE):
        here = [item for item in items if _stands(item["customer_level"], item["team_level"]) == code]
        yield f"accounts on {code}", len(here)
        yield f"accounts on {code}", len(reader.account_items(level=code))
        yield f"revenue on {code}", _sum(item["revenue_in_reporting_currency"] for item in here)
    statuses = Counter(item["status"] for item in items)
    yield from ((status, statuses[status]) for status in STATUSES)
    yield "targets expected", round(sum(item["target_chance"] or 0 for item in items))
    gaps = [item["gap"] for item in items if item["gap"] is not None]
    yield from {"with both views": len(gaps), "mean gap": signed(sum(gaps) / len(gaps))}.items()
    yield "without a rate", sorted({item["currency"] for item in items if item["revenue"] and _unconverted(item)})


def api_migration(reader: Reader) -> Told:
    told = reader.told("/benchmarks/migration")
    counts = told["counts"]
    yield "heard by both days", told["accounts"]
    yield "climbed", sum(counts[then][now] for then in range(5) for now in range(then + 1, 5))
    yield "slid", sum(counts[then][now] for then in range(5) for now in range(then))


def mail(reader: Reader) -> Told:
    """Monday's letter. It is about the accounts that one may change, which are those that one sees but for a manager's team."""
    if reader.user.role == User.Role.MANAGER and not reader.user.led_teams.exists():
        return
    (section,) = (one for one in digest.sections_of(reader.user, timezone.localdate()) if one.title == "Needs attention")
    more = re.search(r"([\d,]+) more", section.more)
    yield "need attention", len(section.lines) + (int(more[1].replace(",", "")) if more else 0)


PLACES = {
    "dashboard": dashboard,
    "list": the_list,
    "dashboard, narrowed": narrowed_dashboard,
    "list, narrowed": narrowed_list,
    "movement, narrowed": narrowed_movement,
    "groups by team": groups_by("team"),
    "groups by segment": groups_by("segment"),
    "groups by country": groups_by("country"),
    "groups by owner": groups_by("owner"),
    "movement": movement,
    "benchmarks": benchmarks,
    "CSV": exported("csv"),
    "workbook": exported("xlsx"),
    "API portfolio": api_portfolio,
    "API accounts": api_accounts,
    "API migration": api_migration,
    "mail": mail,
}


def _flows(page: Shown) -> dict[tuple[int, int], int]:
    """The accounts of each flow of the drawing, by both levels: read from its table."""
    told = re.findall(r"([\d,]+) : [\d,]+ (?:climbed from|slid from|stayed on level) (\d)(?: to (\d))?", page.words)
    return {(int(then), int(now or then)): int(n.replace(",", "")) for n, then, now in told}


def _number(text: str) -> int:
    """The number that a text begins with: “1,234 climbed” is 1234."""
    return int(text.split()[0].replace(",", ""))


def _stands(theirs: Any, ours: Any) -> str:
    """Where an account is counted: on the customer's level, else by whose view there is."""
    return str(theirs) if theirs else "ours" if ours else "none"


def _sum(amounts: Any) -> Decimal:
    return sum((_cents(amount) for amount in amounts if amount not in {"", None}), Decimal("0.00"))


def _cents(amount: Any) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def _unconverted(item: dict[str, Any]) -> bool:
    return item["revenue_in_reporting_currency"] is None


def _day(cell: Any) -> date:
    if isinstance(cell, str):
        return date.fromisoformat(cell)
    return cell.date() if hasattr(cell, "date") else cell
