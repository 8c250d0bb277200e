"""Forms of the back-office of the catalogue, with each text in both languages."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.versions import LongText, VersionedForm
from hierarchy.models import Edition, Indicator, Level, Play, PlayAction

NAMES_ONLY = _("Use only letters without accents, digits, hyphens and underscores, such as %(example)s.")
STALE = ValidationError(_("Someone changed this edition while you were at it."), code="stale")


def step_choices(edition: Edition) -> list[tuple[int, str]]:
    """Choices of the four steps, with the name of the higher level: “1 → 2 · Delivers good products and services”."""
    names = {level.rank: level.name for level in edition.levels.all()}
    return [(rank, f"{rank} → {rank + 1} · {names.get(rank + 1) or '–'}") for rank in range(1, 5)]


def level_choices(edition: Edition) -> list[tuple[int, str]]:
    """Choices of the five levels, with number and name."""
    names = {level.rank: level.name for level in edition.levels.all()}
    return [(rank, f"{rank} · {names.get(rank) or '–'}") for rank in range(1, 6)]


def both(*names: str) -> list[str]:
    """The names of the fields of these texts, one for each language."""
    return [f"{name}_{code}" for name in names for code, _language in settings.LANGUAGES]


def pairs(*names: str) -> list[Any]:
    """The same for a fieldset: the languages of a text side by side."""
    return [tuple(both(name)) for name in names]


class TwoLanguageForm(forms.ModelForm):
    """A form that accepts texts in one language first, and marks those that are missing.

    The texts of `wanted` are required in at least one language. `hierarchy/formsets.py` checks that codes are unique.
    """

    texts: ClassVar[tuple[str, ...]] = ()
    wanted: ClassVar[tuple[str, ...]] = ()
    at_a_glance = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for name in self.texts:
            label = self._meta.model._meta.get_field(name).verbose_name
            for code, language in settings.LANGUAGES:
                field = self.fields[f"{name}_{code}"]
                field.label = f"{capfirst(str(label))} · {language}"
                field.required = False
                field.widget.attrs["lang"] = code
                if self.instance.pk and not getattr(self.instance, f"{name}_{code}"):
                    hint = _("Missing. An edition is published once every text is there in both languages.")
                    field.help_text = format_html('<strong class="missing">{}</strong>', hint)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in self.wanted:
            fields = both(name)
            if not any(cleaned.get(field) for field in fields) and not any(self.has_error(field) for field in fields):
                self.add_error(fields[0], ValidationError(_("Write this in one language at least."), code="required"))
        return cleaned

    @property
    def glance(self) -> dict[str, str]:
        """The main text as stored, by language, which the page shows while the row is collapsed."""
        return {code: getattr(self.instance, f"{self.at_a_glance}_{code}") or "–" for code, _name in settings.LANGUAGES}

    @property
    def stands_open(self) -> bool:
        """Whether the row is shown expanded: it is new, incomplete, invalid or changed."""
        if self.instance._state.adding:
            return True
        if self.is_bound and (self.errors or self.has_changed()):
            return True
        return not all(getattr(self.instance, field) for field in both(*self.texts))

    def validate_constraints(self) -> None:
        """Nothing: two rows may swap their codes, and each constraint would need a statement for each row."""


def text(name: str, rows: int) -> dict[str, forms.Widget]:
    """Widgets of a long text, for both languages."""
    return {field: LongText(attrs={"rows": rows, "cols": 40}) for field in both(name)}


class FigureField(forms.DecimalField):
    """A number with a decimal comma or point in any language; shown in the format of the language."""

    def __init__(self, **kwargs: Any) -> None:
        # No number input: browsers accept comma or point by their own language, not by that of the page.
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs)
        self.widget.is_localized = True

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class EditionForm(TwoLanguageForm, VersionedForm):
    """The fields of an edition itself, with its version."""

    texts = wanted = ("name",)
    held_at = FigureField(
        label=_("A level is held from"), max_digits=3, decimal_places=2, initial=Decimal("3.5"),
        help_text=_("Statements are answered from 1 to 5. "
                    "The customer holds us at a level when the mean of its statements reaches this figure."),
    )  # fmt: skip

    class Meta:
        model = Edition
        fields = [*both("name"), "held_at", "note"]
        widgets = {"note": LongText(attrs={"rows": 3, "cols": 40})}

    def clean_held_at(self) -> Decimal:
        held_at = self.cleaned_data["held_at"]
        if not 1 < held_at <= 5:
            raise ValidationError(_("Write a figure above 1 and up to 5, such as 3.5."), code="out_of_range")
        return held_at

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.instance.pk and self.seen_version != self.instance.version:
            raise STALE
        return cleaned


class LevelForm(TwoLanguageForm):
    texts = ("name", "seen_as", "description", "position")
    at_a_glance = "seen_as"

    class Meta:
        model = Level
        fields = both("name", "seen_as", "description", "position")
        widgets = text("description", 4)


class PlacedForm(TwoLanguageForm):
    """A row with a place among those of its level, and a code that is generated when it is empty."""

    place = forms.IntegerField(
        label=_("Place"), required=False, min_value=1, max_value=999,
        help_text=_("Its order within the level; empty: last."),
    )  # fmt: skip


class IndicatorForm(PlacedForm):
    texts = wanted = ("customer", "team")
    at_a_glance = "customer"
    code = forms.SlugField(
        label=_("Code"), max_length=20, required=False,
        error_messages={"invalid": NAMES_ONLY % {"example": "3e"}},
        help_text=_("Its short name in exports; empty: one is made."),
    )  # fmt: skip
    active = forms.BooleanField(label=_("Is asked"), required=False, initial=True)

    class Meta:
        model = Indicator
        fields = ["rank", "code", "active", *both("customer", "team")]
        labels = {"rank": pgettext_lazy("field", "Level")}
        widgets = text("customer", 2) | text("team", 2)
        error_messages = {"rank": {"required": _("Choose the level that this statement measures.")}}


class PlayRowForm(PlacedForm):
    texts = wanted = ("title", "why")
    at_a_glance = "why"
    code = forms.SlugField(
        label=_("Code"), max_length=60, required=False,
        error_messages={"invalid": NAMES_ONLY % {"example": "value-chain"}},
        help_text=_("Its short name in exports; empty: one is made."),
    )  # fmt: skip

    class Meta:
        model = Play
        fields = ["from_rank", "code", *both("title", "why")]
        labels = {"from_rank": _("Step")}
        widgets = text("why", 2)
        error_messages = {"from_rank": {"required": _("Choose the step that this play climbs.")}}

    def save(self, commit: bool = True) -> Play:
        self.instance.to_rank = self.instance.from_rank + 1
        return super().save(commit)


class PlayForm(PlayRowForm):
    """A play on its own page with its actions; it has the version of its edition."""

    place = None  # type: ignore[assignment]
    version = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=0, max_value=2_000_000_000
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.edition.version
        self.fields["code"].required = True
        self.fields["code"].help_text = _("Its short name in exports.")
        step: Any = self.fields["from_rank"]
        step.choices = step_choices(self.instance.edition)

    @property
    def seen_version(self) -> int:
        return self.cleaned_data.get("version") or 0

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if Play.objects.filter(edition=self.instance.edition, code=code).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Another play of this edition has the code “%(code)s”."), params={"code": code})
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.seen_version != self.instance.edition.version:
            raise STALE
        return cleaned


class PlayActionForm(TwoLanguageForm):
    texts = wanted = ("title",)
    at_a_glance = "title"

    class Meta:
        model = PlayAction
        fields = ["days", *both("title")]
        labels = {"days": _("Due after (days)")}
        widgets = text("title", 2)

    def clean_days(self) -> int:
        days = self.cleaned_data["days"]
        if days > 1095:
            raise ValidationError(gettext("Write at most 1095 days: a plan looks three years ahead."), code="out_of_range")
        return days
