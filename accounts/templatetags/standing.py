"""Template filters and tags for money, figures, statuses and headings that sort."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.template.defaultfilters import floatformat
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.chances import LIKELY_ABOVE, UNLIKELY_BELOW
from accounts.models import Account
from core import organisation

register = template.Library()

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF", "SEK": "SEK", "NOK": "NOK", "DKK": "DKK"}
SCALES = [(Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k")]


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """An amount with its currency, in at most four digits: € 7.8 M. Empty for None."""
    if amount is None:
        return ""
    symbol = SYMBOLS.get(currency, currency)
    for size, word in SCALES:
        if abs(amount) >= size * Decimal("0.9995"):
            scaled = amount / size
            return f"{symbol} {floatformat(scaled, 1 if abs(scaled) < Decimal('99.95') else 0)} {word}"
    return f"{symbol} {floatformat(amount, 0)}"


@register.filter
def revenue(account: Account) -> str:
    """The revenue in the reporting currency, with that in its own where it is another one, or that there is no rate for it."""
    own = money(account.revenue, account.currency)
    if account.lacks_rate:
        return _("%(revenue)s, no exchange rate") % {"revenue": own}
    if account.worth is None or account.currency == organisation.reporting_currency():
        return own
    return f"{money(account.worth, organisation.reporting_currency())} ({own})"


@register.filter
def exact(amount: Decimal) -> str:
    """An amount to the cent with a decimal point in every language, for `data-value`."""
    return f"{amount:.2f}"


@register.filter
def compact(number: int) -> str:
    """A count in at most four digits: 987, 12 k, 1.2 M."""
    for size, word in SCALES:
        if number >= size * Decimal("0.9995"):
            scaled = number / size
            return f"{floatformat(scaled, 1 if scaled < Decimal('9.95') else 0)} {word}"
    return str(number)


@register.filter
def position(value: float | None) -> str:
    """A position with one decimal, cut off: 2.96 becomes 2.9, since it is not on level 3. Empty for None."""
    return "" if value is None else number_format(value, 1)


@register.filter
def agreement(value: float | None) -> str:
    """An agreement with two decimals, cut off: 0.6996 becomes 0.69 (mixed), since 0.70 is shared. Empty for None."""
    return "" if value is None else number_format(value, 2)


@register.filter
def signed(number: float | int) -> str:
    """A number with its sign; the minus is U+2212: +1, −2, 0."""
    if isinstance(number, float):
        text = floatformat(abs(number), 1)
        return text if round(number, 1) == 0 else ("+" if number > 0 else "−") + text
    return str(number) if number == 0 else f"{'+' if number > 0 else '−'}{abs(number)}"


@register.simple_tag(takes_context=True)
def sort_header(context: Context, column: str, label: str, css: str = "") -> SafeString:
    """A table heading with a link that sorts by its column, ascending first; aria-sort has the present order."""
    now = context.get("sort", "")
    up, down = now == column, now == f"-{column}"
    query = context["request"].GET.copy()
    query["sort"] = f"-{column}" if up else column
    for name in ("page", "after", "before"):
        query.pop(name, None)
    return format_html(
        '<th scope="col" class="{}" aria-sort="{}"><a href="?{}">{}{}</a></th>',
        css,
        "ascending" if up else "descending" if down else "none",
        query.urlencode(),
        label,
        " ↑" if up else " ↓" if down else "",
    )


@register.filter
def percent(share: float | None) -> str:
    """A share 0..1 as a whole percentage. Empty for None."""
    return "" if share is None else f"{round(share * 100)} %"


@register.filter
def likelihood(chance: float | None) -> str:
    """The chance of a target, 0..1, in whole percent: on the side of 25 and 60 % that it lies on, so that a percentage never
    contradicts the status beside it, and never 0 or 100 % where it is not quite. Empty for None.
    """
    if chance is None:
        return ""
    if 0 < chance < 0.01:
        return _("under 1 %")
    if 0.99 < chance < 1:
        return _("over 99 %")
    whole = round(chance * 100)
    if chance < UNLIKELY_BELOW:
        whole = min(whole, round(UNLIKELY_BELOW * 100) - 1)
    elif chance > LIKELY_ABOVE:
        whole = max(whole, round(LIKELY_ABOVE * 100) + 1)
    return f"{whole} %"


@register.filter
def points(change: float) -> str:
    """A change of a share 0..1 as whole percentage points with its sign."""
    return signed(round(change * 100))


@register.filter
def at(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value of `key`; empty if there is none."""
    return mapping.get(key, "")


@register.filter
def unlocalized(number: float) -> str:
    """A number with a decimal point, as SVG needs it in every language."""
    return f"{number:g}"


#: The colour and the words of each status of a target.
STATUS_TAGS = {
    "on_track": ("good", gettext_lazy("on track")),
    "reached": ("good", gettext_lazy("reached")),
    "at_risk": ("warn", gettext_lazy("at risk")),
    "off_track": ("bad", gettext_lazy("off track")),
    "too_early": ("plain", gettext_lazy("too early to tell")),
}


@register.simple_tag
def status_tag(status: str) -> SafeString:
    """The status of a target as a coloured word."""
    return _status(status, get_language())


@lru_cache(maxsize=64)
def _status(status: str, _language: str | None) -> SafeString:
    """The tag in the active language, which is an argument only as part of the key of the cache."""
    colour, words = STATUS_TAGS.get(status, ("plain", _("no target")))
    return format_html('<span class="tag {}">{}</span>', colour, words)
