"""Formsets of the parts of an edition: unique codes, places, and rows that somebody else added or deleted."""

import itertools
import string
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from hierarchy.forms import level_choices, step_choices


class PartFormSet(forms.BaseInlineFormSet):
    """The parts of one edition or play, validated together and saved in an order that violates no constraint."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        # Django's own field would query each row; this one is looked up among the rows of this edition.
        key = "" if form.instance._state.adding else str(form.instance.pk)
        form.fields["id"] = forms.CharField(required=False, widget=forms.HiddenInput, initial=key)

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.fields["id"].required = False
        setattr(form.instance, self.fk.name, self.instance)
        return form

    @property
    def live_forms(self) -> list[forms.ModelForm]:
        """The forms of the rows that exist after saving: unchanged, changed, new, or deleted meanwhile and restored."""
        return [form for form in self.forms if not self._is_deleted(form) and (self._stored(form) or form.has_changed())]

    def get_queryset(self) -> Any:
        """The stored rows; when an invalid page is shown again, the rows of that page in its order.

        The admin matches forms and rows by their position, and somebody else may have added or deleted rows meanwhile.
        """
        return self.as_sent if hasattr(self, "as_sent") else super().get_queryset()

    def keep_as_sent(self) -> None:
        """Make `get_queryset` return the rows of the page that was sent."""
        self.as_sent = [form.instance for form in self.initial_forms]

    def is_gone(self, form: forms.ModelForm) -> bool:
        """Whether the row was deleted since the page was opened."""
        return bool(form.data.get(form.add_prefix("id"))) and form.instance._state.adding

    def validate_unique(self) -> None:
        """Nothing: `clean` adds the error to the field."""

    def save(self, commit: bool = True) -> list[Any]:
        self.new_objects: list[Any] = []
        self.changed_objects: list[Any] = []
        self.deleted_objects = [f.instance for f in self.forms if self._is_deleted(f) and self._stored(f)]
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
        """The forms to save, in order; sets `order` on their instances."""
        return [form for form in rows if form.has_changed()]

    def make_room(self, rows: list[forms.ModelForm]) -> None:
        """Prepare saving, so that no row violates a unique constraint with another one."""

    @staticmethod
    def _is_deleted(form: forms.ModelForm) -> bool:
        return form.cleaned_data.get("DELETE", False)

    @staticmethod
    def _stored(form: forms.ModelForm) -> bool:
        return not form.instance._state.adding


class LevelFormSet(PartFormSet):
    """The five levels, which can be edited only."""


class PlacedFormSet(PartFormSet):
    """Rows with a unique code and a place within their level."""

    level_field = "rank"
    choices_of = staticmethod(level_choices)

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if not hasattr(self, "_choices"):
            self._choices = [("", "–"), *self.choices_of(self.instance)]
            self._places = self._stored_places()
        form.fields[self.level_field].choices = self._choices
        form.initial["place"] = self._places.get(form.instance.pk)

    def clean(self) -> None:
        taken = self._codes_elsewhere()
        # Unchanged codes first, so that the error is added to a changed one.
        for form in sorted(self.live_forms, key=lambda form: "code" in form.changed_data):
            code = form.cleaned_data.get("code")
            if not code:
                continue
            if code in taken:
                sentence = _("“%(code)s” is used twice in this edition. Give one of them another code.")
                form.add_error("code", ValidationError(sentence, code="unique", params={"code": code}))
            taken.add(code)

    def in_order(self, rows: list[forms.ModelForm]) -> list[forms.ModelForm]:
        rows = sorted(rows, key=self._sort_key)
        orders = [form.instance.order if self._stored(form) else None for form in rows]
        if any(a is None or b is None or a >= b for a, b in itertools.pairwise([-1, *orders])):
            for level, group in itertools.groupby(rows, key=self._level):
                for number, form in enumerate(group):
                    form.instance.order = level * 100 + number
        self._add_codes(rows)
        return [f for f, order in zip(rows, orders, strict=True) if f.has_changed() or f.instance.order != order]

    def make_room(self, rows: list[forms.ModelForm]) -> None:
        for form in rows:
            if self._stored(form) and "code" in form.changed_data:
                type(form.instance)._base_manager.filter(pk=form.instance.pk).update(code=f"~{form.instance.pk}")

    def made_code(self, form: forms.ModelForm, taken: set[str]) -> str:
        """A code for a new statement: the level and the first free letter."""
        level = self._level(form)
        endings = itertools.chain(string.ascii_lowercase, (f"-{n}" for n in itertools.count(27)))
        return next(code for code in (f"{level}{ending}" for ending in endings) if code not in taken)

    def _level(self, form: forms.ModelForm) -> int:
        return getattr(form.instance, self.level_field)

    def _sort_key(self, form: forms.ModelForm) -> tuple[int, float, float]:
        """Level and place: a row that moves up comes before the row at its new place, one that moves down after it."""
        level, place = self._level(form), form.cleaned_data.get("place")
        if place is None:
            return (level, float("inf"), 0)
        if not self._stored(form) or self.level_field in form.changed_data:
            return (level, place - 0.5, place)
        before = form.initial.get("place") or place
        return (level, place + (0.5 if place > before else -0.5 if place < before else 0), place)

    def _add_codes(self, rows: list[forms.ModelForm]) -> None:
        taken = {form.instance.code for form in rows if form.instance.code} | self._codes_elsewhere()
        for form in rows:
            if not form.instance.code:
                form.instance.code = self.made_code(form, taken)
                taken.add(form.instance.code)

    def _codes_elsewhere(self) -> set[str]:
        """The codes of stored rows without a form on the page."""
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
    """The plays of an edition, by step."""

    level_field = "from_rank"
    choices_of = staticmethod(step_choices)

    def made_code(self, form: forms.ModelForm, taken: set[str]) -> str:
        """The title as a slug, with a number when it is taken."""
        title = form.cleaned_data.get("title_en") or form.cleaned_data.get("title_nl") or ""
        base = slugify(title)[:50].strip("-") or "play"
        return next(code for code in itertools.chain([base], (f"{base}-{n}" for n in itertools.count(2))) if code not in taken)


class PlayActionFormSet(PartFormSet):
    """The actions of a play, ordered by their due date."""

    def in_order(self, rows: list[forms.ModelForm]) -> list[forms.ModelForm]:
        rows = sorted(rows, key=lambda form: (form.instance.days, form.instance.order, form.instance.pk or float("inf")))
        moved = []
        for order, form in enumerate(rows):
            if form.has_changed() or form.instance.order != order:
                moved.append(form)
            form.instance.order = order
        return moved
