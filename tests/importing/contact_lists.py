"""Lists of contacts, checked and stored as their columns are guessed."""

from tests.importing.running import Ran, checked, import_list


def plan(user, text, **how):
    """The import of a list whose rows are checked, with the work on it."""
    return checked(text, user, kind="contacts", **how)


def apply(user, text, **how) -> Ran:
    return import_list(text, user, kind="contacts", **how)
