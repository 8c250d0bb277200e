"""The weekly mail with the open work of one person. Its content is read when it is sent."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Window
from django.tasks import task
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.filters import list_address
from accounts.models import Account, User
from accounts.querysets import AccountQuerySet, a_year_before
from assessments.models import Assessment
from core import days, organisation
from mailing import outbox
from mailing.mail import Mail, mailbox, one_line
from mailing.models import Letter
from plans.actions.acts import my_actions_this_week
from plans.models import Action
from plans.words import due_words
from portfolio.queries import Concern, moved_since, needs_attention
from portfolio.words import describe
from surveys.closing_soon import answered_words, closes_words, closing_soon

KIND = "portfolio.digest"
MONDAY = 0
FROM, UNTIL = 7, 12  # hours of the reader's day: a worker that was away catches up until noon
SHOWN = 6  # lines of a section; the others are one click away
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DigestLine:
    title: str
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class DigestSection:
    title: str
    lines: tuple[DigestLine, ...]
    all: int
    url: str  # of the page that shows all of them

    @property
    def more(self) -> str:
        """How many do not stand in the mail, in words; empty when all do."""
        left = self.all - len(self.lines)
        return (
            ngettext("and %(n)s more", "and %(n)s more", left) % {"n": number_format(left, 0, force_grouping=True)}
            if left > 0
            else ""
        )


@task
def post_digests() -> int:
    """Post the digests that are due now; the number of them."""
    return post_due(timezone.now())


def post_due(now: datetime) -> int:
    """Post the mail to everybody in whose time zone it is Monday morning; the number of mails. Two statements.

    However often it is called, each person gets at most one letter a week: its key names the person and the week.
    """
    readers = User.objects.filter(is_active=True, wants_digest=True).order_by("pk").values_list("pk", "time_zone")
    local = ((pk, now.astimezone(_zone(name))) for pk, name in readers.iterator(chunk_size=2000))
    letters = {
        key_of(pk, moment.date()): pk for pk, moment in local if moment.weekday() == MONDAY and FROM <= moment.hour < UNTIL
    }  # fmt: skip
    outbox.post_many(KIND, letters)
    return len(letters)


def key_of(user_id: int, day: date) -> str:
    year, week, _weekday = day.isocalendar()
    return f"digest:{user_id}:{year}-{week:02}"


def write(letter: Letter) -> Mail | None:
    """The mail in the reader's language; None without any content, or for a person who is inactive or switched it off.

    The week is that of the reader's time zone; what is late or due counts by the organisation's day, as on the pages.
    """
    user = User.objects.filter(pk=letter.subject_id, is_active=True, wants_digest=True).first()
    if user is None:
        return None
    monday = timezone.now().astimezone(_zone(user.time_zone)).date()
    with translation.override(user.language or organisation.language()):
        if letter.key != key_of(user.pk, monday):
            return None  # it waited until the next week, which gets its own
        sections = sections_of(user, days.today())
        return _compose(user, sections, monday) if sections else None


def settled(letter: Letter) -> None:
    """Nothing is stored about the delivery: the next digest repeats what is still open."""


def sections_of(user: User, today: date) -> list[DigestSection]:
    """The sections with content, the most urgent first. At most six statements."""
    if user.role == User.Role.VIEWER:  # has no work of their own and follows all accounts
        accounts = Account.objects.visible_to(user).active()
    else:
        accounts = Account.objects.changeable_by(user).active()
    concerns = list(needs_attention(accounts, today, most=SHOWN))
    told = [concern.account.pk for concern in concerns]
    found = [
        _actions(user, today),
        _rounds(user, today),
        _attention(concerns, user, today),
        _moves(accounts),
        _unheard(user, today, told),
    ]
    return [section for section in found if section.lines]


def _actions(user: User, today: date) -> DigestSection:
    """Late ones and those due within seven days."""

    def line(action: Action) -> DigestLine:
        words = f"{action.plan.account.name} · {due_words(action, today)}"
        return _line(action.title, words, reverse("plans:action", args=[action.pk]))

    mine = my_actions_this_week(user).annotate(all=Window(Count("pk")))[:SHOWN] if user.role != User.Role.VIEWER else []
    return _section(_("Your actions this week"), mine, line, reverse("plans:actions"))


def _rounds(user: User, today: date) -> DigestSection:
    def line(one: Assessment) -> DigestLine:
        return _line(one.account.name, f"{closes_words(one, today)} · {answered_words(one)}", one.get_absolute_url())

    rounds = closing_soon(Account.objects.changeable_by(user), today)[:SHOWN]
    return _section(_("Rounds closing soon"), rounds, line, f"{reverse('portfolio:dashboard')}?whose=all")


def _attention(concerns: list[Concern], user: User, today: date) -> DigestSection:
    return _section(
        _("Needs attention"), concerns, lambda concern: _concern(concern, user, today), f"{reverse('portfolio:dashboard')}?whose=all"
    )  # fmt: skip


def _moves(accounts: AccountQuerySet) -> DigestSection:
    def line(account: Any) -> DigestLine:
        climbed = account.customer_level > account.was
        words = _("climbed from %(ago)s to %(now)s") if climbed else _("slid from %(ago)s to %(now)s")
        return _line(account.name, words % {"ago": account.was, "now": account.customer_level}, account.get_absolute_url())

    moved = moved_since(accounts, timezone.now() - WEEK, most=SHOWN)
    return _section(_("Moved since last week"), moved, line, f"{reverse('portfolio:dashboard')}?whose=all")


def _unheard(user: User, today: date, told: list[int]) -> DigestSection:
    """Own accounts without a customer result within a year; without `told`, the ids that an earlier section names."""

    def line(account: Any) -> DigestLine:
        known = account.customer_level is not None or account.team_level is not None
        silence = "not_assessed" if not known else "never_heard" if account.last_heard_on is None else "stale"
        return _concern(Concern(account, silence, account.all), user, today)

    own = Account.objects.changeable_by(user).active().filter(owner=user).unheard_since(a_year_before(today)).exclude(pk__in=told)
    by_worth = own.annotate(all=Window(Count("pk"))).order_by(F("worth").desc(nulls_last=True), "name", "pk")
    page = list_address({"heard": "not", "owner": user.pk})
    return _section(_("Your customers not heard within a year"), by_worth[:SHOWN], line, page)


def _concern(concern: Concern, user: User, today: date) -> DigestLine:
    """Without the revenue at stake: a mail travels further than a page."""
    told = describe(concern, user, today)
    return _line(told.account.name, told.sentence, told.account.get_absolute_url())


def _section(title: str, rows: Iterable[Any], line: Callable[[Any], DigestLine], path: str) -> DigestSection:
    """Each of `rows` has the number of all rows as its attribute `all`."""
    found = list(rows)
    return DigestSection(title, tuple(line(row) for row in found), found[0].all if found else 0, settings.BASE_URL + path)


def _line(title: str, words: str, path: str) -> DigestLine:
    return DigestLine(one_line(title), one_line(words), settings.BASE_URL + path)


def _compose(user: User, sections: Sequence[DigestSection], monday: date) -> Mail:
    off = settings.BASE_URL + reverse("accounts:settings")
    context = {
        "user": user,
        "sections": sections,
        "off": off,
        "language": translation.get_language(),
        "subject": _("Your week from %(day)s") % {"day": date_format(monday, "j F")},
    }
    mail = Mail(
        one_line(str(context["subject"])),
        render_to_string("portfolio/email/digest.txt", context).strip() + "\n",
        None,
        [mailbox(user.name, user.email)],
        headers={"Auto-Submitted": "auto-generated", "List-Unsubscribe": f"<{off}>"},
    )
    mail.attach_alternative(render_to_string("portfolio/email/digest.html", context), "text/html")
    return mail


def _zone(name: str) -> tzinfo:
    """The zone of that name, else the organisation's."""
    return ZoneInfo(name) if name else organisation.time_zone()
