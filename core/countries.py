"""Names of countries in the language of the page. Stored and exported are the two letters of ISO 3166."""

import functools
import gettext
from collections.abc import Iterable

import pycountry
from django.utils import translation

from core.choice_order import alphabetical


def country_name(code: str) -> str:
    """The common name of a country in the active language; an unknown code is returned as it is."""
    found = pycountry.countries.get(alpha_2=code) if code else None
    return _catalogue(translation.get_language() or "en").gettext(getattr(found, "common_name", found.name)) if found else code


def countries_by_name(codes: Iterable[str]) -> list[tuple[str, str]]:
    """The codes with their names, sorted by name: choices of a form field."""
    return sorted(((code, country_name(code)) for code in codes), key=lambda pair: alphabetical(pair[1]))


def all_countries() -> list[tuple[str, str]]:
    return list(_all_in(translation.get_language()))


@functools.cache
def _all_in(_language: str | None) -> list[tuple[str, str]]:
    """Each country in the active language, sorted once: a form that offers them all would spend 4 ms on it each time."""
    return countries_by_name(country.alpha_2 for country in pycountry.countries)


@functools.cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """The translations of pycountry for this language; English names where there are none."""
    return gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[translation.to_locale(language)], fallback=True)
