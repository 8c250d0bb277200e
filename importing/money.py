"""Whose money a column of amounts is: our revenue with the customer, or the customer's own turnover. An import never guesses."""

from collections.abc import Collection, Mapping, Sequence

from core.text_values import amount, is_blank
from importing.mapping import Mapping as Columns
from importing.mapping import is_money_of_someone

#: How the command line calls them, with the field that each is.
WHOSE = {"ours": "revenue", "theirs": "turnover"}


def money_columns(headers: Sequence[str]) -> list[int]:
    """The columns whose name tells that they hold amounts, and not whose."""
    return [index for index, header in enumerate(headers) if is_money_of_someone(header)]


def needs_money_choice(
    headers: Sequence[str], mapping: Columns, decided: Collection[int] = (), *, samples: Sequence[Sequence[str]] | None = None
) -> list[int]:  # fmt: skip
    """The columns of which a person has to say whose money they hold: in no field yet, and not in `decided`.

    None where both fields have a column already. With `samples`, some cells of each column, those that hold no amounts are not
    asked for.
    """
    if set(WHOSE.values()) <= set(mapping.values()):
        return []
    asked = [index for index in money_columns(headers) if index not in mapping and index not in decided]
    return asked if samples is None else [index for index in asked if _may_be_amounts(samples[index])]


def _may_be_amounts(cells: Sequence[str]) -> bool:
    filled = [cell.strip() for cell in cells if not is_blank(cell, typed=True)]
    return not filled or any(map(_is_an_amount, filled))


def _is_an_amount(cell: str) -> bool:
    try:
        amount(cell)
    except ValueError:
        return False
    return True


def with_money_choice(headers: Sequence[str], mapping: Columns, whose: str, decided: Collection[int] = ()) -> Columns:
    """The mapping with the first column of amounts as `whose` says (“ours” or “theirs”), whatever was guessed; others are left out.

    Columns in `decided` stay as they are: a person mapped them. A column whose name tells whose money it holds stays, too.
    """
    field = WHOSE[whose]
    doubtful = [index for index in money_columns(headers) if index not in decided]
    kept = {index: name for index, name in mapping.items() if index not in doubtful}
    if field in kept.values() or not doubtful:
        return kept
    guessed = next((index for index in doubtful if index in mapping), doubtful[0])
    return dict(sorted((kept | {guessed: field}).items()))


def columns_named(written: Mapping[str, str | None], headers: Sequence[str]) -> set[int]:
    """The columns that a mapping written in JSON speaks of, also those that it leaves out."""
    texts = {text for pair in written.items() for text in pair if isinstance(text, str)}
    return {index for index, header in enumerate(headers) if header in texts}
