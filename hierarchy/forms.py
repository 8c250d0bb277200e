"""Forms of the back-office of the catalogue, with each text in both languages."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.versions import LongText, VersionedForm
from hierarchy.drafting import LEVEL, set_addressed
from hierarchy.models import Edition, Indicator, Level, Play, PlayAction

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

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
    texts = LEVEL
    at_a_glance = "seen_as"

    class Meta:
        model = Level
        fields = both(*LEVEL)
        widgets = text("description", 4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._explain("seen_as", _("The customer’s own sentence, which is shown in quotation marks: “we” is the customer."))
        self._explain("seen_as_ours", _("The same as we say it, after “They see us as”: “they” is the customer."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in both("seen_as_ours"):
            cleaned[name] = words = (cleaned.get(name) or "").rstrip(" .")
            if words[:1].isupper() and not words[1:2].isupper():  # two capitals begin a name: IT partner
                sentence = _("Begin with a small letter, since it follows “They see us as”: %(words)s.")
                follows = words[0].lower() + words[1:]
                self.add_error(name, ValidationError(sentence, code="capital", params={"words": follows}))
        return cleaned

    def _explain(self, name: str, help_text: "StrOrPromise") -> None:
        """Say what the text is for, where nothing is missing."""
        for field in both(name):
            self.fields[field].help_text = self.fields[field].help_text or help_text


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
    addresses = forms.CharField(
        label=_("Works on these statements"), required=False, max_length=400,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
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
        self.statements = {one.code: one for one in self.instance.edition.indicators.all()}
        self.initial["addresses"] = ", ".join(self.instance.addressed_codes)
        self.fields["addresses"].help_text = self._statements_of_the_step()

    @property
    def seen_version(self) -> int:
        return self.cleaned_data.get("version") or 0

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if Play.objects.filter(edition=self.instance.edition, code=code).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Another play of this edition has the code “%(code)s”."), params={"code": code})
        return code

    def clean_addresses(self) -> str:
        codes = self.cleaned_data["addresses"].replace(",", " ").replace(";", " ").split()
        if unknown := [code for code in codes if code not in self.statements]:
            sentence = _("This edition has no statement with the code “%(code)s”.")
            raise ValidationError(sentence, code="unknown", params={"code": unknown[0]})
        if twice := [code for code in codes if codes.count(code) > 1]:
            sentence = _("“%(code)s” stands there twice. Name each statement once, the one that it works on most first.")
            raise ValidationError(sentence, code="twice", params={"code": twice[0]})
        low = self.cleaned_data.get("from_rank")
        if low and (elsewhere := [code for code in codes if self.statements[code].rank not in {low, low + 1}]):
            sentence = _(
                "“%(code)s” measures level %(level)s. A play from %(low)s to %(high)s works on statements of these two levels."
            )
            params = {"code": elsewhere[0], "level": self.statements[elsewhere[0]].rank, "low": low, "high": low + 1}
            raise ValidationError(sentence, code="other_level", params=params)
        return ", ".join(codes)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.seen_version != self.instance.edition.version:
            raise STALE
        return cleaned

    def save(self, commit: bool = True) -> Play:
        play = super().save(commit)
        if commit and "addresses" in self.changed_data:
            set_addressed(play, [self.statements[code] for code in self.cleaned_data["addresses"].split(", ") if code])
        return play

    def _statements_of_the_step(self) -> SafeString:
        """The codes with their texts, of both levels of the step as it is stored."""
        play = self.instance
        choices = [(one.code, one.team) for one in self.statements.values() if one.rank in {play.from_rank, play.to_rank}]
        hint = _(
            "Their codes, the one that it works on most directly first. Plays for what holds an account back are found by it."
        )
        return format_html("{}<ul>{}</ul>", hint, format_html_join("", "<li><b>{}</b> {}</li>", choices))


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
