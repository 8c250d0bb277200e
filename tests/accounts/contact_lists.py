"""Lists of contacts, planned and stored as they are guessed."""

from accounts.importing.contacts import apply as applying
from accounts.importing.contacts import check as checking
from accounts.importing.contacts.fields import guess
from accounts.importing.people import Options
from accounts.importing.read import read_table


def plan(user, text):
    table = read_table(text.encode())
    return checking.check(table, guess(table), Options(user))


def apply(user, text, **options):
    table = read_table(text.encode())
    return applying.apply(table, guess(table), Options(user), **options)
