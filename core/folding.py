"""Texts folded for comparison: the same letters whatever their case, accents, marks and Unicode form.

`search_key` makes the key that is stored of texts, `sought` what a typed text has to find in it. `folded` and `CHARACTER_TABLE`
are shared with the keys of possible duplicates (`accounts.name_keys`). `same_text` changes less: accents and marks stay.

The key of “Müller-Lüdenscheidt” is “ muller ludenscheidt mullerludenscheidt mueller luedenscheidt muellerluedenscheidt”: words of
letters and digits, then words that marks divide also as one; of letters such as ü both spellings.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

#: What a key has to contain, all of it. A fragment of one or two characters begins with a space: it is the start of a word.
type Fragments = tuple[str, ...]
#: One word of a typed text: any of these has to be in the key.
type Alternatives = tuple[Fragments, ...]

ANYWHERE_FROM = 3  # characters; shorter texts are found at the start of words only. An index of trigrams needs three
MOST_WORDS = 16  # of a typed text; further words are not looked at

_SIGNS = str.maketrans({"™": "", "℠": ""})  # NFKC would make letters of them
# Letters that Unicode does not decompose into a letter and an accent.
_LETTERS = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t",
})  # fmt: skip
# How German and the languages of the north write these letters where a keyboard lacks them.
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


class _CharacterTable(dict[int, str]):
    """The table for `str.translate` of a folded text: letters, digits and & stay, other characters become spaces."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if char in "'’ʼ`´" or "\u0300" <= char <= "\u036f" or category == "Cf":
            plain = ""  # the apostrophe of L'Oréal, accents, invisible characters; vowel signs of other scripts are no accents
        elif char in "&+":
            plain = " & "
        else:
            plain = char if category[0] in "LNM" else " "
        self[code] = plain
        return plain


CHARACTER_TABLE = _CharacterTable()


def folded(text: str, *, spelled_out: bool = False) -> str:
    """The text in lower case and decomposed (NFKD): accents are separate characters. `spelled_out` writes ü as ue."""
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFKC", text.translate(_SIGNS)).casefold()
    if spelled_out:
        composed = unicodedata.normalize("NFC", composed).translate(_SPELLED_OUT)
    return unicodedata.normalize("NFKD", composed).translate(_LETTERS)


def same_text(text: str) -> str:
    """The text without what makes no other name or value of it: case, composition, and white space around and between words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def search_key(*texts: str) -> str:
    """The key of these texts, to be searched for what `sought` gives; "" for empty texts."""
    words = [word for text in texts for spelling in _spellings(text) for word in _key_words(spelling)]
    return f" {' '.join(words)}" if words else ""


def sought(text: str) -> list[Alternatives]:
    """What has to be found in a key for a typed text: each of these words; empty for white space."""
    plain, spelled_out = _tokens(folded(text)), _tokens(folded(text, spelled_out=True))
    found: dict[Alternatives, None] = {}
    for singles, group in groupby(zip(plain, spelled_out, strict=True), key=lambda pair: _is_one_letter(pair[0])):
        tokens = list(group)
        if singles and len(tokens) > 1:  # “s a p”: the starts of three words, or of one written S.A.P.
            letters = [token[0] for token, _spelled in tokens]
            found[tuple(map(_fragment, letters)), (_fragment("".join(letters)),)] = None
        else:
            found |= {_alternatives(*pair): None for pair in tokens}
    return list(found)[:MOST_WORDS]


def is_found(words: Sequence[Alternatives], key: str) -> bool:
    """Whether a key has each of these words, as the database compares them."""
    return all(any(all(fragment in key for fragment in fragments) for fragments in word) for word in words)


def ids_found(text: str, rows: Iterable[tuple[int, *tuple[str, ...]]]) -> list[int]:
    """The ids of the rows (id, texts) that have each word of a typed text: for tables that are small enough to be read."""
    words = sought(text)
    return [pk for pk, *texts in rows if is_found(words, search_key(*texts))]


def _spellings(text: str) -> list[str]:
    return [folded(text)] if text.isascii() else list(dict.fromkeys([folded(text), folded(text, spelled_out=True)]))


def _tokens(text: str) -> list[list[str]]:
    """The words of a folded text as white space divides them, each as its parts between marks.

    Tokens of marks alone are left out; a text of nothing else consists of them.
    """
    tokens = text.split()
    parts = [[token] if token.isascii() and token.isalnum() else _between_marks(token) for token in tokens]
    return [part for part in parts if part] or [[token] for token in tokens]


def _between_marks(token: str) -> list[str]:
    return unicodedata.normalize("NFC", token.translate(CHARACTER_TABLE)).replace("&", " ").split()


def _key_words(text: str) -> list[str]:
    tokens = _tokens(text)
    words = [part for parts in tokens for part in parts]
    joined = ["".join(parts) for parts in tokens if len(parts) > 1]
    joined += _initials(words)
    return words + [word for word in dict.fromkeys(joined) if word not in words]


def _initials(words: list[str]) -> Iterator[str]:
    """Single letters that follow each other as one word: “ap” for A. P. Møller."""
    if not any(len(word) == 1 for word in words):
        return
    for single, group in groupby(words, key=lambda word: len(word) == 1):
        letters = "".join(group)
        if single and len(letters) > 1:
            yield letters


def _is_one_letter(parts: list[str]) -> bool:
    return len(parts) == 1 and len(parts[0]) == 1


def _alternatives(plain: list[str], spelled_out: list[str]) -> Alternatives:
    found = []
    for parts in (plain, spelled_out):
        if len(parts) == 1 or any(len(part) > 1 for part in parts):
            found.append(" ".join(parts))
        if len(parts) > 1:
            found.append("".join(parts))
    return tuple((_fragment(text),) for text in dict.fromkeys(found))


def _fragment(text: str) -> str:
    first = text.partition(" ")[0]
    return text if len(first) >= ANYWHERE_FROM else f" {text}"
