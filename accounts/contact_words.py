"""The words that lists of contacts use for roles, influence, languages, yes and no, in English, Dutch, German and French."""

import functools
import gettext as catalogues
import re
from collections.abc import Mapping, Sequence

import pycountry
from django.conf import settings
from django.utils.translation import gettext as _

from core.text_values import shortened

# What Salesforce and HubSpot call a role is here where it stands for one of ours.
_ROLES: dict[str, Sequence[str]] = {
    "economic": (
        "economic", "economic buyer", "economic decision maker", "decision maker", "decisionmaker", "budget holder", "budgetholder",
        "economisch", "economische koper", "economisch koper", "beslisser", "budgethouder", "wirtschaftlicher käufer",
        "entscheider", "entscheidungsträger", "budgetverantwortlicher", "acheteur économique", "décideur", "décisionnaire",
    ),
    "user": (
        "user", "user buyer", "business user", "end user", "enduser", "gebruiker", "gebruikende koper", "eindgebruiker",
        "koper gebruiker", "anwender", "benutzer", "nutzer", "endanwender", "endbenutzer", "utilisateur", "utilisateur final",
    ),
    "technical": (
        "technical", "technical buyer", "technisch", "technische koper", "technisch koper", "technischer käufer", "acheteur technique",
        "technique",
    ),
    "coach": ("coach", "champion", "ambassadeur", "fürsprecher", "botschafter"),
}  # fmt: skip
#: Roles of other programs that are none of ours, with the one that is nearest.
NEAREST_ROLES = {
    "evaluator": "technical",
    "executive sponsor": "economic",
    "influencer": "user",
    "blocker": "technical",
    "legal and compliance": "technical",
    "other": "user",
    "gatekeeper": "technical",
    "approver": "economic",
    "purchaser": "economic",
    "beïnvloeder": "user",
    "beeinflusser": "user",
    "prescripteur": "technical",
    "influenceur": "user",
}
_INFLUENCE: dict[int, Sequence[str]] = {
    1: ("1", "low", "laag", "weinig", "niedrig", "gering", "faible"),
    2: ("2", "medium", "middle", "average", "midden", "middel", "gemiddeld", "mittel", "moyen", "moyenne"),
    3: ("3", "high", "hoog", "veel", "hoch", "élevé", "élevée", "fort", "forte"),
}
INFLUENCE_NAMES = {1: "low", 2: "medium", 3: "high"}  # in exports and the API
_LANGUAGES: dict[str, Sequence[str]] = {
    "en": ("en", "eng", "english", "engels", "englisch", "anglais", "inglés", "inglese", "inglês", "engelska"),
    "nl": (
        "nl", "nld", "dut", "dutch", "nederlands", "flemish", "vlaams", "niederländisch", "flämisch", "holländisch", "néerlandais",
        "flamand", "neerlandés", "holandés", "olandese", "holandês", "nederländska",
    ),
}  # fmt: skip
_LOCALE = re.compile(r"([a-z]{2,3})[-_][a-z0-9_.@-]+")  # de-CH, en_US.UTF-8
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)$")  # French (Canada)
_NAMED_IN = ("nl", "de", "fr", "es", "it", "pt", "sv")
_YES = {"yes", "y", "true", "1", "x", "ja", "j", "waar", "wahr", "oui", "o", "vrai"}
_NO = {"no", "n", "false", "0", "nee", "onwaar", "nein", "falsch", "non", "faux"}


def buying_role(text: str) -> str:
    return _word(_role_words(text), text, _ROLES, _("“%(text)s” is not a buying role. Write economic, user, technical or coach."))


def is_role(text: str) -> bool:
    """Whether a text is a role, ours or that of another program."""
    word = _role_words(text)
    return word in NEAREST_ROLES or any(word in words for words in _ROLES.values())


def nearest_role(text: str) -> str:
    """The role that comes nearest to what another program calls one; "" where none does."""
    found = [_role_words(one) for one in text.split(";")]  # HubSpot writes several so
    ours = next((role for role, words in _ROLES.items() if found[0] in words), "")
    return ours or next((NEAREST_ROLES[one] for one in found if one in NEAREST_ROLES), "")


def influence(text: str) -> int:
    return _word(_words(text), text, _INFLUENCE, _("“%(text)s” is not an influence. Write low, medium or high."))


def language(text: str) -> str:
    known = {code: words for code, words in _LANGUAGES.items() if code in dict(settings.LANGUAGES)}
    reason = _("“%(text)s” is not a language that is spoken here. Write English or Dutch.")
    return _word(_language_word(text), text, known, reason)


def is_language(text: str) -> bool:
    """Whether a text names a language, one that we speak or not: by its code, or its name in one of eight languages."""
    return _language_word(text) in _languages()


def yes_or_no(text: str) -> bool:
    word = text.casefold()
    if word in _YES | _NO:
        return word in _YES
    raise ValueError(_("“%(text)s” is neither yes nor no.") % {"text": shortened(text)})


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()


def _role_words(text: str) -> str:
    """HubSpot writes its roles as DECISION_MAKER."""
    return _words(text.replace("_", " ").replace("-", " ").replace("&", "and"))


def _language_word(text: str) -> str:
    word = _IN_BRACKETS.sub("", _words(text))
    locale = _LOCALE.fullmatch(word)
    return locale[1] if locale else word


@functools.cache
def _languages() -> frozenset[str]:
    found = {word for words in _LANGUAGES.values() for word in words}
    names = [catalogues.translation("iso639-3", pycountry.LOCALES_DIR, languages=[code], fallback=True) for code in _NAMED_IN]
    for entry in pycountry.languages:
        if code := getattr(entry, "alpha_2", ""):  # the others are hardly spoken any more, or by few
            found |= {code, entry.alpha_3, entry.name.casefold()}
            found |= {one.gettext(entry.name).casefold() for one in names}
    return frozenset(found)


def _word[T](word: str, text: str, known: Mapping[T, Sequence[str]], wrong: str) -> T:
    found = next((value for value, words in known.items() if word in words), None)
    if found is None:
        raise ValueError(wrong % {"text": shortened(text)})
    return found
