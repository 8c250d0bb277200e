"""What a search finds, the same on every database.

Three letters and more are found anywhere in the name, the external id or the city; fewer at the beginning of a word of the name,
or of the external id or the city. Upper and lower case are one; %, _ and \\ mean themselves; white space is one space.

On PostgreSQL with pg_trgm one index answers all of this (migration 0007); elsewhere rows are read one by one.
"""

from django.db.models import Q

ANYWHERE_FROM = 3  # letters: a trigram


def matching(text: str) -> Q:
    """The condition on accounts for what someone typed; none for white space."""
    text = " ".join(text.split())
    if not text:
        return Q()
    if len(text) >= ANYWHERE_FROM:
        return Q(name__icontains=text) | Q(external_id__icontains=text) | Q(city__icontains=text)
    word = Q(name__istartswith=text) | Q(name__icontains=f" {text}")
    return word | Q(external_id__istartswith=text) | Q(city__istartswith=text)
