"""The facts about a customer that everybody who sees the account may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Account

#: The fields, in the order in which they are shown. Segment, country, revenue, owner and team stand in the head of the page.
FIELDS = ("city", "website", "employees", "customer_since", "external_id")


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    text: str
    link: str = ""


def facts_of(account: Account) -> list[Fact]:
    """The facts that are filled in. An external id is told with the name of the system that it comes from."""
    facts = []
    for name, label, value in filled(account, FIELDS):
        link = ""
        if name == "website" and value.lower().startswith(("http://", "https://")):
            text, link = value.partition("://")[2].removesuffix("/"), value
        elif name == "employees":
            text = intcomma(value)
        elif name == "customer_since":
            text = date_format(value)
        elif name == "external_id" and account.source:
            text = _("%(id)s in %(source)s") % {"id": value, "source": account.source}
        else:
            text = str(value)
        facts.append(Fact(label, text, link))
    return facts


def filled(account: Account, names: Sequence[str]) -> list[tuple[str, str, Any]]:
    """Those of the fields that are filled in: name, label, value."""
    fields = {field.name: field for field in Account._meta.concrete_fields}
    values = ((name, getattr(account, name)) for name in names)
    return [(name, str(fields[name].verbose_name), value) for name, value in values if value is not None and value != ""]
