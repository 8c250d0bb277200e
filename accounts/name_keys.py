"""Whether two accounts may be one, by what is left of their names and web addresses when the way of writing is taken away.

Two keys that are equal are a reason to ask a person, never to merge: a key forgets on purpose.
"""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import urlsplit

# Forms of companies as names end in them: said on paper, left out in speech, and written in many ways. Not here are words
# that name another body: a holding or a group beside a company is often a customer of its own.
# Short ones that are words too (AS, SE, CO) stand last in a name for hardly anything else.
LAST = frozenset({
    "bv", "nv", "vof", "cv", "ua", "bvba", "cvba", "sprl", "srl", "srls", "scrl", "asbl", "vzw",  # the Netherlands, Belgium
    "gmbh", "ag", "kg", "kgaa", "ohg", "gbr", "ug", "mbh", "se", "eg", "haftungsbeschrankt",  # Germany, Austria, Switzerland, Europe
    "sa", "sas", "sasu", "sarl", "eurl", "snc", "sca", "scop",  # France
    "ltd", "limited", "plc", "llp", "llc", "lp", "inc", "incorporated", "corp", "corporation", "co", "company", "pty", "pte",
    "pvt", "dac",  # where English is spoken
    "ab", "as", "asa", "aps", "oy", "oyj", "hf", "ehf",  # the north
    "spa", "sl", "slu", "sau", "lda", "ltda", "kk",  # Italy, Spain, Portugal, Brazil, Japan
    "sro", "kft", "zrt", "doo", "ood", "eood", "sia", "uab", "ou",  # the east
    "the",  # Boeing Company (The)
})  # fmt: skip
BEHIND = frozenset({"&", "de", "private", "proprietary"})  # GmbH & Co., SA de CV, Private Limited: only before one of LAST
JOINED = frozenset({"spzoo", "spolkazoo"})  # Sp. z o.o., in two words or three; a zoo by itself is one
# Those that stand in front: The Boeing Company, AB Volvo, Oy Karl Fazer Ab, NV Bekaert; by Dutch law a foundation and a
# cooperative say so in their names, mostly there. Not SA, SE, AS or AG, which begin other names (SA Power, AS Roma).
FIRST = frozenset({"the", "ab", "oy", "bv", "nv", "stichting", "cooperatie"})
AND = frozenset({"and", "en", "et", "och", "og", "und"})

# Hosts that many share: mail that anyone can have, and pages within somebody else's site. Below them likewise (nl.linkedin.com).
SHARED = frozenset({
    "gmail.com", "googlemail.com", "icloud.com", "me.com", "mac.com", "aol.com", "protonmail.com", "proton.me", "pm.me",
    "zoho.com", "mail.com", "mail.ru",
    "fastmail.com", "hey.com", "tutanota.com", "yandex.ru", "yandex.com", "qq.com", "163.com", "126.com", "web.de",
    "t-online.de", "freenet.de", "gmx.net", "gmx.de",
    "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "virgilio.it", "bluewin.ch", "comcast.net",
    "btinternet.com",
    "ziggo.nl", "kpnmail.nl", "kpnplanet.nl", "planet.nl", "hetnet.nl", "xs4all.nl", "home.nl", "casema.nl", "chello.nl",
    "upcmail.nl", "telfort.nl",
    "quicknet.nl", "zeelandnet.nl", "solcon.nl", "telenet.be", "skynet.be", "proximus.be",
    "linkedin.com", "facebook.com", "fb.com", "instagram.com", "twitter.com", "x.com", "youtube.com", "tiktok.com",
    "xing.com", "pinterest.com",
    "google.com", "goo.gl", "maps.app.goo.gl", "bit.ly", "linktr.ee", "wikipedia.org", "crunchbase.com", "bloomberg.com",
    "github.com",
    "example.com", "example.net", "example.org",
})  # fmt: skip
# Each customer of these has a host below it: by itself the host is nobody's, but what stands before it tells them apart.
SHARED_ALONE = frozenset({
    "wordpress.com", "blogspot.com", "wixsite.com", "weebly.com", "squarespace.com", "jimdosite.com", "webflow.io",
    "github.io", "netlify.app",
    "myshopify.com", "business.site", "sharepoint.com", "onmicrosoft.com",
})  # fmt: skip
SHARED_EVERYWHERE = re.compile(r"(yahoo|ymail|hotmail|outlook|live|msn|gmx)\.[a-z]{2,3}(\.[a-z]{2})?")  # hotmail.com, yahoo.co.uk

_DOTTED = re.compile(r"\b\w(?:[./]\s?\w\b)+")  # B.V., S. p. A., A/S
_NOT_IN_ABBREVIATIONS = re.compile(r"[./\s]")
_PLAIN_ADDRESS = re.compile(
    r"(?:https?://)?(?:www\d?\.)*((?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63})(?:[/?#][^@]*)?", re.I
)  # nearly all
_HOST = re.compile(r"(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_WWW = re.compile(r"(?:www\d?\.)*")
# Letters that Unicode does not take apart into a letter and its accent.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "™": "", "℠": ""})


class _Plain(dict[int, str]):
    """What `str.translate` makes of each character of a folded name: letters, digits and & stay, the rest divides words."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if char in "'’ʼ`´" or "\u0300" <= char <= "\u036f" or category == "Cf":
            plain = ""  # L'Oréal, accents, what is invisible; vowel signs of other scripts are no accents and stay
        elif char in "&+":
            plain = " & "
        else:
            plain = char if category[0] in "LNM" else " "
        self[code] = plain
        return plain


_PLAIN = _Plain()


def name_key(name: str) -> str:
    """What two names have in common that are written differently: letters and digits without case, accents, spaces, and legal form.

    Empty for a blank name alone: of a name of nothing but legal forms the first stays, one without letters stands as it is.
    """
    words = _words(name)
    end, start, found = len(words), 0, False
    while end > 1:
        last = words[end - 1]
        if last in LAST or (found and last in BEHIND):
            end -= 1
        elif many := next((n for n in (2, 3) if end > n and "".join(words[end - n : end]) in JOINED), 0):
            end -= many
        else:
            break
        found = True
    while end - start > 1 and words[start] in FIRST:
        start += 1
    return "".join(words[start:end]) or "".join(name.casefold().split())


def quick_test(key: str) -> Callable[[str], bool]:
    """A test that every name of this key passes and few others do, at a tenth of the cost of a key."""
    between = "[^a-z0-9]*"
    ands = "|".join(["&", r"\+", *sorted(AND)])
    pattern = re.compile(between.join(f"(?:{ands})" if char == "&" else re.escape(char) for char in key))
    # With letters of other scripts the key may be composed otherwise than the folded name: they are not told apart here.
    return lambda name: pattern.search(_folded(name)) is not None if key.isascii() else not name.isascii()


def spellings(domain: str) -> set[str]:
    """How a domain key may be written: as it is, and in the letters that it stands for."""
    try:
        return {domain, domain.encode("ascii").decode("idna")}
    except UnicodeError:
        return {domain}


def domain_key(address: str) -> str:
    """The host of a web or e-mail address as the domain name system has it, without `www.`; '' for none and for one that many share.

    Whole hosts are compared: that shop.acme.nl is below acme.nl and acme.co.uk not below co.uk only a list of public
    suffixes could tell, which changes weekly. International names by IDNA 2003, for which ß is ss.
    """
    host = _host(address)
    if not _HOST.fullmatch(host) or host.rpartition(".")[2].isdigit():  # an IP address is nobody's name
        return ""
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    if host in SHARED_ALONE or SHARED_EVERYWHERE.fullmatch(host):
        return ""
    above = host
    while above:
        if above in SHARED:
            return ""
        above = above.partition(".")[2]
    return host


def but_for(one: str, other: str) -> str:
    """The words that only one of two names has, if the other has none of its own: “B.V.” of Acme and Acme B.V.; else ''."""
    first, second = ({word.casefold().strip(",") for word in name.split()} for name in (one, other))
    longer, shorter = (one, second) if first > second else (other, first)
    if not (first > second or second > first):
        return ""
    return " ".join(word for word in longer.split() if word.casefold().strip(",") not in shorter)


def _folded(name: str) -> str:
    """Small letters, with accents behind them as characters of their own."""
    if name.isascii():
        return name.lower()
    text = unicodedata.normalize("NFKC", name.translate(_LETTERS)).casefold()
    return unicodedata.normalize("NFKD", text).translate(_LETTERS)


def _words(name: str) -> list[str]:
    text = _folded(name)
    if "." in text or "/" in text:
        text = _DOTTED.sub(lambda found: _NOT_IN_ABBREVIATIONS.sub("", found[0]), text)
    words: list[str] = []
    letters = False  # whether the last word is made of single letters, as in B V
    for word in unicodedata.normalize("NFC", text.translate(_PLAIN)).split():
        single = len(word) == 1 and word != "&"
        if single and letters:
            words[-1] += word
        else:
            words.append("&" if word in AND else word)
        letters = single
    return words


def _host(address: str) -> str:
    """In lower case, without port, person and path; '' for what is no address."""
    text = address.strip()
    if found := _PLAIN_ADDRESS.fullmatch(text):
        return found[1].lower()
    if "//" not in text:
        text = f"//{text.rpartition('@')[2]}"
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:  # what looks like an IPv6 address and is none
        return ""
    host = host.rstrip(".")
    found = _PLAIN_ADDRESS.fullmatch(host)
    return found[1] if found else _WWW.sub("", host, count=1)
