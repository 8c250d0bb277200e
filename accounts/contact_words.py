"""The words that lists of contacts use for roles, influence, languages, yes and no, in English and Dutch."""

from collections.abc import Mapping, Sequence

from django.conf import settings

from core.cached_translations import gettext as _
from core.text_values import shortened

_ROLES: dict[str, Sequence[str]] = {
    "economic": (
        "economic", "economic buyer", "decision maker", "budget holder", "economisch", "economische koper", "economisch koper",
        "beslisser", "budgethouder",
    ),
    "user": ("user", "user buyer", "end user", "gebruiker", "gebruikende koper", "eindgebruiker", "koper-gebruiker"),
    "technical": ("technical", "technical buyer", "technisch", "technische koper", "technisch koper"),
    "coach": ("coach", "champion", "ambassadeur"),
}  # fmt: skip
_INFLUENCE: dict[int, Sequence[str]] = {
    1: ("1", "low", "laag", "weinig"),
    2: ("2", "medium", "middle", "average", "midden", "middel", "gemiddeld"),
    3: ("3", "high", "hoog", "veel"),
}
INFLUENCE_NAMES = {1: "low", 2: "medium", 3: "high"}  # in exports and the API
_LANGUAGES: dict[str, Sequence[str]] = {
    "en": ("en", "eng", "english", "engels", "en-us", "en-gb", "en_us", "en_gb"),
    "nl": ("nl", "nld", "dut", "dutch", "nederlands", "nl-nl", "nl-be", "nl_nl", "nl_be"),
}
_YES = {"yes", "y", "true", "1", "x", "ja", "j", "waar"}
_NO = {"no", "n", "false", "0", "nee", "onwaar"}


def buying_role(text: str) -> str:
    return _word(text, _ROLES, _("“%(text)s” is not a buying role. Write economic, user, technical or coach."))


def influence(text: str) -> int:
    return _word(text, _INFLUENCE, _("“%(text)s” is not an influence. Write low, medium or high."))


def language(text: str) -> str:
    known = {code: words for code, words in _LANGUAGES.items() if code in dict(settings.LANGUAGES)}
    return _word(text, known, _("“%(text)s” is not a language that is spoken here. Write English or Dutch."))


def yes_or_no(text: str) -> bool:
    word = text.casefold()
    if word in _YES | _NO:
        return word in _YES
    raise ValueError(_("“%(text)s” is neither yes nor no.") % {"text": shortened(text)})


def _word[T](text: str, known: Mapping[T, Sequence[str]], wrong: str) -> T:
    word = " ".join(text.split()).casefold()
    found = next((value for value, words in known.items() if word in words), None)
    if found is None:
        raise ValueError(wrong % {"text": shortened(text)})
    return found
