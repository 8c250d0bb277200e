"""The search of accounts by text, with the same results on every database.

A text of three or more characters is found anywhere in the name, the external id or the city; a shorter one at the start of
a word of the name, of the external id or of the city. Case does not matter; %, _ and \\ are ordinary characters; white space
counts as one space.

On PostgreSQL with pg_trgm one index serves every search (`SEARCH_INDEX` in `migrations/0001_initial.py`); other databases
read all rows.
"""

from django.db.models import Q

TRIGRAM_LENGTH = 3  # characters


def matching(text: str) -> Q:
    """The condition on accounts for a typed text; empty for white space."""
    text = " ".join(text.split())
    if not text:
        return Q()
    if len(text) >= TRIGRAM_LENGTH:
        return Q(name__icontains=text) | Q(external_id__icontains=text) | Q(city__icontains=text)
    word = Q(name__istartswith=text) | Q(name__icontains=f" {text}")
    return word | Q(external_id__istartswith=text) | Q(city__istartswith=text)
