"""The rows of an edition: codes used once, places in order, and rows that a colleague removed meanwhile."""

import itertools
import string
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from hierarchy.forms import level_choices, step_choices


class PartFormSet(forms.BaseInlineFormSet):
    """Parts of one edition or play, checked together and stored in an order that no constraint minds."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        # The row is looked up among this edition's own; the stock field would ask for each again.
        key = "" if form.instance._state.adding else str(form.instance.pk)
        form.fields["id"] = forms.CharField(required=False, widget=forms.HiddenInput, initial=key)

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.fields["id"].required = False
        setattr(form.instance, self.fk.name, self.instance)
        return form

    @property
    def live_forms(self) -> list[forms.ModelForm]:
        """The rows that are there once this is stored: kept, changed, new, or gone and put back."""
        return [form for form in self.forms if not self._is_doomed(form) and (self._stored(form) or form.has_changed())]

    def get_queryset(self):
        """The rows as stored; of a page that was sent and comes back, in the order of the page.

        The back-office pairs the rows of a page with these by their place, and a colleague may have added
        or removed some meanwhile.
        """
        return self.as_sent if hasattr(self, "as_sent") else super().get_queryset()

    def keep_as_sent(self) -> None:
        """From now on show the rows as they were sent."""
        self.as_sent = [form.instance for form in self.initial_forms]

    def is_gone(self, form) -> bool:
        """Whether the row was there when the page was opened and a colleague has removed it since."""
        return bool(form.data.get(form.add_prefix("id"))) and form.instance._state.adding

    def validate_unique(self) -> None:
        """Nothing by itself: `clean` says it beside the field."""

    def save(self, commit=True):
        self.new_objects: list[Any] = []
        self.changed_objects: list[Any] = []
        self.deleted_objects = [f.instance for f in self.forms if self._is_doomed(f) and self._stored(f)]
        for obj in self.deleted_objects:
            obj.delete()
        rows = self.in_order(self.live_forms)
        self.make_room(rows)
        for form in rows:
            new = not self._stored(form)
            form.save()
            (self.new_objects if new else self.changed_objects).append(form.instance)
        return [form.instance for form in rows]

    def in_order(self, rows: list[forms.ModelForm]) -> list[forms.ModelForm]:
        """The rows to store, in order; what orders them is set on their objects."""
        return [form for form in rows if form.has_changed()]

    def make_room(self, rows: list[forms.ModelForm]) -> None:
        """What must be done first so that no row stands in the way of another."""

    @staticmethod
    def _is_doomed(form) -> bool:
        return form.cleaned_data.get("DELETE", False)

    @staticmethod
    def _stored(form) -> bool:
        return not form.instance._state.adding


class LevelFormSet(PartFormSet):
    """Always the five."""


class PlacedFormSet(PartFormSet):
    """Rows with a code, and a place within their level."""

    level_field = "rank"
    choices_of = staticmethod(level_choices)

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if not hasattr(self, "_choices"):
            self._choices = [("", "–"), *self.choices_of(self.instance)]
            self._places = self._stored_places()
        form.fields[self.level_field].choices = self._choices
        form.initial["place"] = self._places.get(form.instance.pk)

    def clean(self) -> None:
        taken = self._codes_elsewhere()
        # Those that were left alone first: the message stands beside what was typed.
        for form in sorted(self.live_forms, key=lambda form: "code" in form.changed_data):
            code = form.cleaned_data.get("code")
            if not code:
                continue
            if code in taken:
                sentence = _("“%(code)s” is used twice in this edition. Give one of them another code.")
                form.add_error("code", ValidationError(sentence, code="unique", params={"code": code}))
            taken.add(code)

    def in_order(self, rows):
        rows = sorted(rows, key=self._wish)
        orders = [form.instance.order if self._stored(form) else None for form in rows]
        if any(a is None or b is None or a >= b for a, b in itertools.pairwise([-1, *orders])):
            for level, group in itertools.groupby(rows, key=self._level):
                for number, form in enumerate(group):
                    form.instance.order = level * 100 + number
        self._name_the_nameless(rows)
        return [f for f, order in zip(rows, orders, strict=True) if f.has_changed() or f.instance.order != order]

    def make_room(self, rows):
        for form in rows:
            if self._stored(form) and "code" in form.changed_data:
                type(form.instance)._base_manager.filter(pk=form.instance.pk).update(code=f"~{form.instance.pk}")

    def made_code(self, form, taken: set[str]) -> str:
        """A code for a new statement: the level and the first letter that is free."""
        level = self._level(form)
        endings = itertools.chain(string.ascii_lowercase, (f"-{n}" for n in itertools.count(27)))
        return next(code for code in (f"{level}{ending}" for ending in endings) if code not in taken)

    def _level(self, form) -> int:
        return getattr(form.instance, self.level_field)

    def _wish(self, form) -> tuple:
        """Where the row wants to stand: moving up, before the one at its new place; moving down, after it."""
        level, place = self._level(form), form.cleaned_data.get("place")
        if place is None:
            return (level, float("inf"), 0)
        if not self._stored(form) or self.level_field in form.changed_data:
            return (level, place - 0.5, place)
        before = form.initial.get("place") or place
        return (level, place + (0.5 if place > before else -0.5 if place < before else 0), place)

    def _name_the_nameless(self, rows) -> None:
        taken = {form.instance.code for form in rows if form.instance.code} | self._codes_elsewhere()
        for form in rows:
            if not form.instance.code:
                form.instance.code = self.made_code(form, taken)
                taken.add(form.instance.code)

    def _codes_elsewhere(self) -> set[str]:
        """The codes of stored rows that are not on the page."""
        here = {form.instance.pk for form in self.forms}
        return {obj.code for obj in self.get_queryset() if obj.pk not in here}

    def _stored_places(self) -> dict[int, int]:
        places: dict[int, int] = {}
        count: dict[int, int] = {}
        for obj in self.get_queryset():
            level = getattr(obj, self.level_field)
            places[obj.pk] = count[level] = count.get(level, 0) + 1
        return places


class PlayFormSet(PlacedFormSet):
    level_field = "from_rank"
    choices_of = staticmethod(step_choices)

    def made_code(self, form, taken):
        """The title as a code, with a number when it is taken."""
        title = form.cleaned_data.get("title_en") or form.cleaned_data.get("title_nl") or ""
        base = slugify(title)[:50].strip("-") or "play"
        return next(code for code in itertools.chain([base], (f"{base}-{n}" for n in itertools.count(2))) if code not in taken)


class PlayActionFormSet(PartFormSet):
    """The actions of a play, in the order in which they are due."""

    def in_order(self, rows):
        rows = sorted(rows, key=lambda form: (form.instance.days, form.instance.order, form.instance.pk or float("inf")))
        moved = []
        for order, form in enumerate(rows):
            if form.has_changed() or form.instance.order != order:
                moved.append(form)
            form.instance.order = order
        return moved
