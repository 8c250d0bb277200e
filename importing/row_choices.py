"""Single rows of a list that a person is asked about, and what was chosen; kept with the import by the line of the row."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise

from importing.models import ImportJob, ImportRow

NEW = "new"  # it is none of those that it looks like
LEFT_OUT = "out"  # it is not to be imported
WITHOUT_ADDRESS = "alone"  # a person whose address is that of another one: imported without it
RENAMED = "same"  # the stored person of this address, under another name
TAKEN_OVER = "other"  # somebody else, who has the address of the stored person now

FIELD = re.compile(r"row_([0-9]{1,9})")
CHOICE = re.compile(rf"{NEW}|{LEFT_OUT}|{WITHOUT_ADDRESS}|{RENAMED}|{TAKEN_OVER}|[0-9]{{1,18}}")
OFFERED = 100  # rows on one page


@dataclass(frozen=True, slots=True)
class Detail:
    """What is known of a row that is asked about: the name of what it may be, with its address, and why."""

    name: str
    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A row as a person is asked about it. Of each choice the value, the words, and whether it is chosen."""

    row: ImportRow
    name: str
    details: Sequence[Detail]
    choices: Sequence[tuple[str, str, bool]]
    note: str = ""  # the same in one sentence


class Offers:
    """The rows of a checked list to ask about, in the order of the file."""

    title: ClassVar[str | Promise] = ""
    text: ClassVar[str | Promise] = ""

    def __init__(self, rows: QuerySet[ImportRow]) -> None:
        self.rows = rows.exclude(ask="").order_by("line").defer("cells")

    def __len__(self) -> int:
        return self.rows.count()

    def __bool__(self) -> bool:
        return self.rows.exists()

    @property
    def sure(self) -> dict[int, str]:
        """The likely choices that can be made at once, by line."""
        return {}

    def offers(self, rows: list[ImportRow]) -> list[Offer]:
        """The rows as a person is asked about them."""
        raise NotImplementedError

    def page(self, number: str | None) -> Page[Offer]:
        """Some of them; what is no number of a page is the first or the last."""
        page: Any = Paginator(self.rows, OFFERED).get_page(number)
        page.object_list = self.offers(list(page.object_list))
        return page

    def notes(self) -> list[str]:
        """The first of them, a sentence each."""
        return [offer.note for offer in self.offers(list(self.rows[:OFFERED]))]


def choices_in(data: Mapping[str, str]) -> dict[int, str]:
    """The choices that a page sent, by line; what is no choice is not there."""
    found: dict[int, str] = {}
    for name, value in data.items():
        line = FIELD.fullmatch(name)
        if line and CHOICE.fullmatch(value):
            found[int(line[1])] = value
    return found


def is_news(job: ImportJob, choices: Mapping[int, str]) -> bool:
    """Whether something else is chosen than what is kept."""
    kept = job.options.get("choices", {})
    return any(kept.get(str(line), NEW) != choice for line, choice in choices.items())


@transaction.atomic
def keep_choices(job: ImportJob, choices: Mapping[int, str], **options: bool) -> bool:
    """Store what was chosen for these lines, and `options` of the whole list; False when it can no longer be chosen."""
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    if not job.may_be_started:
        return False
    kept = job.options.get("choices", {}) | {str(line): choice for line, choice in choices.items()}
    job.options["choices"] = {line: choice for line, choice in kept.items() if choice != NEW}
    job.options |= options
    job.checked_at = None  # what the check found was without these choices
    job.save(update_fields=["options", "checked_at"])
    return True
