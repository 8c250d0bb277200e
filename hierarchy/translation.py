"""The translated fields of the catalogue, for modeltranslation."""

from modeltranslation.translator import TranslationOptions, register

from hierarchy.models import Edition, Indicator, Level, Play, PlayAction


@register(Edition)
class EditionOptions(TranslationOptions):
    fields = ("name",)


@register(Level)
class LevelOptions(TranslationOptions):
    fields = ("name", "seen_as", "seen_as_ours", "description", "position")


@register(Indicator)
class IndicatorOptions(TranslationOptions):
    fields = ("customer", "team")


@register(Play)
class PlayOptions(TranslationOptions):
    fields = ("title", "why")


@register(PlayAction)
class PlayActionOptions(TranslationOptions):
    fields = ("title",)
