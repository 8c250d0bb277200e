"""The saved views that the side bar lists."""

from datetime import date

from accounts.filters import how_many_listed
from accounts.models import User
from accounts.side_bar import ViewLine
from portfolio.models import SavablePage
from portfolio.saved_views.acts import kept_links_of

MOST = 4  # in the side bar, each with one statement at most; the page of views has them all


def views_of(user: User, state: int, today: date) -> list[ViewLine]:
    """The first views of the person, those of the list of accounts with how many there are now."""
    lines = []
    for link in [link for link in kept_links_of(user, state=state, today=today) if link.address][:MOST]:
        listed = link.page == SavablePage.ACCOUNTS.value
        count = how_many_listed(user, link.query, state=state) if listed else None
        lines.append(ViewLine(link.pk, link.name, link.address or "", count))
    return lines
