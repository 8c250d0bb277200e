"""Generate the lists for the benchmark of the import, the same ones each time."""

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ACCOUNTS = 20_000  # existing accounts to which contacts and past levels are imported
PLACES = [
    "NL,Utrecht",
    "DE,Berlin",
    "FR,Paris",
    "GB,London",
    "US,Austin",
    "BE,Ghent",
    "ES,Madrid",
    "IT,Turin",
    "PL,Gdynia",
    "SE,Malmo",
]
WORDS = [
    "North",
    "South",
    "Green",
    "Silver",
    "Iron",
    "Maple",
    "Cedar",
    "River",
    "Harbor",
    "Summit",
    "Prairie",
    "Valley",
    "Stone",
    "Falcon",
    "Orion",
    "Delta",
    "Nova",
]
TRADES = [
    "Logistics",
    "Foods",
    "Steel",
    "Energy",
    "Pharma",
    "Textiles",
    "Software",
    "Banking",
    "Insurance",
    "Media",
    "Robotics",
    "Paper",
    "Chemicals",
    "Glass",
]
FORMS = ["Ltd", "Inc", "GmbH", "BV", "AG", "SA", "plc", "LLC"]
ACCOUNT_HEADERS = (
    "Account Name", "External Id", "Segment", "Country", "City", "Website", "Employees", "Revenue a Year", "Currency",
    "Customer Since", "Contact Name", "Contact Email",
)  # fmt: skip
CONTACT_HEADERS = ("Account", "Full name", "E-mail", "Job title", "Buying role", "Influence")
HISTORY_HEADERS = ("account", "held_on", "customer_level", "team_level", "respondents")
WRONG_HEADERS = (
    "Account Name", "Country", "Website", "Employees", "Revenue a Year", "Currency", "Customer Since", "Contact Email",
    "Owner", "Team", "Parent", "Tags",
)  # fmt: skip

type Cells = list[object]


def name_of(number: int) -> str:
    """The name of an existing account."""
    return f"Account {number}"


def accounts(rows: int) -> Iterator[Cells]:
    chance = random.Random(1)
    for n in range(rows):
        word, trade, person = chance.choice(WORDS), chance.choice(TRADES), chance.choice(WORDS)
        since = f"{chance.randint(1995, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        site = f"{word}{trade}{n}.example".lower()
        yield [
            f"{word} {trade} {n} {chance.choice(FORMS)}", f"CRM-{n:07}", trade, *chance.choice(PLACES).split(","),
            f"https://www.{site}", chance.randint(3, 90_000), f"{chance.randint(1_000, 9_000_000)}.{chance.randint(0, 99):02}",
            chance.choice(["EUR", "USD", "GBP"]), since, f"{person} {trade}son", f"{person.lower()}@{site}",
        ]  # fmt: skip


def contacts(rows: int) -> Iterator[Cells]:
    """Rows of one account are far apart in the file."""
    chance = random.Random(1)
    for n in range(rows):
        person, trade = f"{chance.choice(WORDS)} {chance.choice(WORDS)}son {n}", chance.choice(TRADES)
        role, influence = chance.choice(["economic", "user", "technical", "coach"]), chance.choice(["low", "medium", "high"])
        yield [name_of(n % ACCOUNTS), person, f"person{n}@{trade.lower()}.example", f"Head of {trade}", role, influence]


def history(rows: int) -> Iterator[Cells]:
    chance = random.Random(1)
    for n in range(rows):
        day = f"{2010 + n // ACCOUNTS}-03-{1 + n % 28:02}"
        yield [name_of(n % ACCOUNTS), day, chance.randint(4, 20) / 4, chance.randint(1, 5), chance.randint(1, 9)]


def wrong(rows: int) -> Iterator[Cells]:
    """Accounts of which no cell but the name can be read, each in a way of its own."""
    for n in range(rows):
        yield [
            f"Account {n}", f"Nowhere {n}", f"no site {n}", f"about {n}", f"{n} or so", f"coins {n}", f"31/31/{n:04}",
            f"nobody at {n}", f"no one {n}", f"no team {n}", f"below {n}", f"{n} {'long ' * 20}",
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class List:
    headers: tuple[str, ...]
    rows: Callable[[int], Iterator[Cells]]
    tables: tuple[str, ...] = ()  # of which its rows say something; none where nothing of it can be stored
    before: int = 0  # accounts that are there

    def write(self, path: Path, rows: int) -> None:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(self.headers)
            writer.writerows(self.rows(rows))


LISTS = {
    "accounts": List(ACCOUNT_HEADERS, accounts, ("accounts_account", "accounts_contact")),
    "contacts": List(CONTACT_HEADERS, contacts, ("accounts_contact",), ACCOUNTS),
    "history": List(HISTORY_HEADERS, history, ("assessments_assessment",), ACCOUNTS),
    "wrong": List(WRONG_HEADERS, wrong),
}
