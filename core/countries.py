"""Countries: found by what files call them, and named in the language of the page. Stored and exported are two letters of ISO 3166."""

import difflib
import functools
import gettext
import re
import unicodedata
from collections.abc import Iterable

import pycountry
from django.utils import translation

from core.choice_order import alphabetical

#: Files name countries in these languages; a name that means two countries in two of them would count in the first.
LANGUAGES = ("en", "nl", "de", "fr", "es", "it", "pt", "sv", "da", "nb", "fi", "pl")
_ODOO = re.compile(r"base\.([a-z]{2})")  # how an export of Odoo that is to be imported again names a country

# Short, old and partial names that the list of ISO 3166 does not hold.
_ALSO: dict[str, tuple[str, ...]] = {
    "AE": ("uae", "vae", "dubai", "abu dhabi", "émirats arabes unis", "emiratos árabes unidos"),
    "AT": ("oesterreich",),
    "BA": ("bosnia", "bosnië", "bosnien", "bosnie"),
    "BE": ("belgië/belgique", "flanders", "vlaanderen", "flandern", "wallonie", "wallonië"),
    "BN": ("brunei",),
    "BO": ("bolivia", "bolivien", "bolivie"),
    "BY": ("weißrussland", "wit-rusland", "biélorussie", "bielorrusia", "bielorussia", "bielorrússia", "vitryssland"),
    "CD": ("democratic republic of the congo", "dr congo", "drc", "rdc", "dr kongo", "congo-kinshasa", "kongo-kinshasa"),
    "CH": ("ch/fl", "swiss", "schweiz/suisse", "schweiz/suisse/svizzera", "helvetia"),
    "CI": ("ivory coast", "elfenbeinküste", "costa de marfil", "costa d'avorio", "costa do marfim", "elfenbenskusten"),
    "CV": ("cape verde", "kap verde", "kapverden"),
    "CZ": ("czech republic", "tschechei", "república checa", "repubblica ceca", "république tchèque", "tjeckiska republiken"),
    "DE": ("brd", "bundesrepublik deutschland", "west germany"),
    "FM": ("micronesia", "mikronesien"),
    "GB": (
        "uk", "u.k.", "great britain", "britain", "england", "scotland", "wales", "northern ireland", "engeland", "vk",
        "groot-brittannië", "schotland", "großbritannien", "schottland", "grande-bretagne", "angleterre", "écosse",
        "gran bretaña", "inglaterra", "escocia", "gran bretagna", "inghilterra", "scozia", "grã-bretanha", "escócia",
        "noord-ierland", "nordirland", "irlande du nord", "skottland", "wielka brytania",
    ),
    "HK": ("hongkong", "hong kong sar", "hong kong"),
    "IE": ("republic of ireland", "eire", "ierland"),
    "IR": ("iran",),
    "KP": ("north korea", "noord-korea", "nordkorea", "corée du nord", "corea del norte", "corea del nord", "coreia do norte"),
    "KR": ("korea", "south korea", "zuid-korea", "südkorea"),
    "LA": ("laos",),
    "MD": ("moldova", "moldavië", "moldawien", "moldavie", "moldavia", "moldávia", "moldavien"),
    "MK": ("macedonia", "north macedonia", "macedonië", "mazedonien", "macédoine", "makedonien"),
    "MM": ("burma", "birma", "birmanie", "birmania", "birmânia"),
    "MO": ("macau", "macao"),
    "NL": ("holland", "the netherlands", "hollande", "olanda", "holanda", "ndl", "nederland (holland)"),
    "PS": ("palestine", "palestina", "palästina"),
    "RU": ("russia", "rusland", "russland", "russie", "rusia", "rússia", "ryssland", "rusland", "venäjä", "rosja"),
    "SY": ("syria", "syrië", "syrien", "syrie", "siria", "síria"),
    "SZ": ("swaziland",),
    "TL": ("east timor", "oost-timor", "osttimor"),
    "TR": ("turkey", "turkije", "türkei", "turquie", "turquía", "turchia", "turquia", "turkiet"),
    "TW": ("taiwan",),
    "TZ": ("tanzania", "tansania", "tanzanie", "tanzanía"),
    "US": (
        "u.s.", "u.s.a.", "united states of america", "america", "amerika", "vs", "v.s.", "verenigde staten van amerika",
        "vereinigte staaten von amerika", "états-unis d'amérique", "etats unis", "estados unidos de américa", "ee.uu.", "eeuu",
        "stati uniti d'america", "estados unidos da américa", "eua", "förenta staterna", "stany zjednoczone",
    ),
    "VA": ("vatican", "vaticaanstad", "vatikan", "vatikanstadt", "vaticano"),
    "VE": ("venezuela",),
    "VN": ("vietnam",),
}  # fmt: skip


def country_code(text: str) -> str:
    """The code of a country, from its code or its name in one of `LANGUAGES`, with or without accents; "" for none."""
    name = " ".join(text.split()).casefold().replace("’", "'")
    known = _codes()
    if found := known.get(name) or known.get(_plain(name)):
        return found
    from_odoo = _ODOO.fullmatch(name)
    return known.get(from_odoo[1], "") if from_odoo else ""


def similar_country(text: str) -> str:
    """The code of the country whose name is nearest to a text that may be misspelt; "" where none is near."""
    near = difflib.get_close_matches(_plain(" ".join(text.split()).casefold()), _long_names(), n=1, cutoff=0.8)
    return _codes()[near[0]] if near else ""


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


@functools.cache
def _codes() -> dict[str, str]:
    """Each code and name of a country in small letters, also without accents, with the code of two letters."""
    known: dict[str, str] = {}
    for entry in pycountry.countries:
        for code in (entry.alpha_2, entry.alpha_3):
            known[code.casefold()] = entry.alpha_2
    for code, names in _ALSO.items():
        for name in names:
            known[name] = code
    for language in LANGUAGES:
        translated = _catalogue(language)
        for entry in pycountry.countries:
            names = (entry.name, getattr(entry, "common_name", ""), getattr(entry, "official_name", ""))
            for name in filter(None, names):
                known.setdefault(translated.gettext(name).casefold(), entry.alpha_2)
    for name, code in list(known.items()):
        known.setdefault(_plain(name), code)
    return known


@functools.cache
def _long_names() -> list[str]:
    return [name for name in _codes() if len(name) > 3]


def _plain(name: str) -> str:
    """Without accents, and with one word for what is written as two: “Osterreich”, “Groot Brittannie”."""
    decomposed = unicodedata.normalize("NFKD", name.replace("-", " ").replace("ß", "ss"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))
