"""Form fields for choosing the people of a customer and the colleagues to tell."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.permissions import readers_of


class ColleaguesField(forms.TypedMultipleChoiceField):
    """Colleagues who see an account, but for the author of a text, to be told of it; its value is their ids. One statement.

    The browser offers the same names after an @ (`static/mentions.js`); without JavaScript the list is ticked.
    """

    def __init__(self, account: Account, *, author: int, **kwargs: Any) -> None:
        choices = [(person.pk, person.name) for person in readers_of(account) if person.pk != author]
        super().__init__(
            coerce=int, required=False, choices=choices, label=_("tell"), widget=forms.CheckboxSelectMultiple, **kwargs
        )


def people_field(account: Account, *, and_also: Iterable[int] = ()) -> forms.ModelMultipleChoiceField:
    """The people who are at the account, and those with the ids `and_also`. One statement."""
    there = account.contacts.filter(erased_on=None)
    people = there.filter(active=True) | there.filter(pk__in=list(and_also))
    people = people.order_by("name", "pk")
    field = forms.ModelMultipleChoiceField(
        people, required=False, label=_("with whom"), widget=forms.CheckboxSelectMultiple
    )  # fmt: skip
    field.choices = [(person.pk, person.name) for person in people]  # read once, for the template, too
    return field
