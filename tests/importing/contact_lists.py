"""Lists of contacts, planned and stored as they are guessed."""

from importing.lists.contacts import apply as applying
from importing.lists.contacts import check as checking
from importing.lists.contacts.fields import guess
from importing.owner_lookup import Options
from importing.reading.table import read_table


def plan(user, text):
    table = read_table(text.encode())
    return checking.check(table, guess(table), Options(user))


def apply(user, text, **options):
    table = read_table(text.encode())
    return applying.apply(table, guess(table), Options(user), **options)
