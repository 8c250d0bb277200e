"""Normalised keys of company names and web addresses, to find accounts that may be duplicates.

Equal keys are a reason to ask a person, never to merge: normalisation loses differences.
"""

import re
import unicodedata
from urllib.parse import urlsplit

from core.folding import CHARACTER_TABLE, folded

# Legal forms at the end of a name: people often leave them out, and write them in many ways. Words for another body are not
# here: a holding or a group beside a company is often a customer of its own.
# Short forms that are words too (AS, SE, CO) hardly ever mean anything else at the end of a name.
TRAILING_LEGAL_FORMS = frozenset({
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
# Removed only before a trailing legal form: GmbH & Co., SA de CV, Private Limited.
CONNECTING_WORDS = frozenset({"&", "de", "private", "proprietary"})
JOINED_LEGAL_FORMS = frozenset({"spzoo", "spolkazoo"})  # Sp. z o.o., in two words or three; “zoo” alone is no legal form
# Legal forms at the start of a name: The Boeing Company, AB Volvo, Oy Karl Fazer Ab, NV Bekaert; Dutch law puts the words for
# foundation and cooperative into the name, mostly at the start. Not SA, SE, AS or AG, which begin other names (SA Power, AS Roma).
LEADING_LEGAL_FORMS = frozenset({"the", "ab", "oy", "bv", "nv", "stichting", "cooperatie"})
AND_WORDS = frozenset({"and", "en", "et", "och", "og", "und"})

# Hosts that many companies share: public mail providers, and sites with pages of many companies. Their subdomains count too
# (nl.linkedin.com).
SHARED_HOSTS = frozenset({
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
# Hosting providers that give each customer a subdomain: the provider's own host identifies nobody, a subdomain does.
HOSTING_DOMAINS = frozenset({
    "wordpress.com", "blogspot.com", "wixsite.com", "weebly.com", "squarespace.com", "jimdosite.com", "webflow.io",
    "github.io", "netlify.app",
    "myshopify.com", "business.site", "sharepoint.com", "onmicrosoft.com",
})  # fmt: skip
SHARED_HOST_PATTERN = re.compile(
    r"(yahoo|ymail|hotmail|outlook|live|msn|gmx)\.[a-z]{2,3}(\.[a-z]{2})?"
)  # hotmail.com, yahoo.co.uk

LONGEST_KEY = 200  # characters; an index of PostgreSQL takes no value of more than 2700 bytes
_DOTTED = re.compile(r"\b\w(?:[./]\s?\w\b)+")  # B.V., S. p. A., A/S
_NOT_IN_ABBREVIATIONS = re.compile(r"[./\s]")
_PLAIN_ADDRESS = re.compile(
    r"(?:https?://)?(?:www\d?\.)*((?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63})(?:[/?#][^@]*)?", re.I
)  # most addresses match; the others are parsed by urlsplit
_HOST = re.compile(r"(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_WWW = re.compile(r"(?:www\d?\.)*")


def name_key(name: str) -> str:
    """The key of a company name: its letters and digits without case, accents, spaces and legal forms.

    Only a blank name has an empty key: a name of legal forms alone keeps the first, one without letters is its own key.
    """
    words = _words(name)
    end, start, found = len(words), 0, False
    while end > 1:
        last = words[end - 1]
        if last in TRAILING_LEGAL_FORMS or (found and last in CONNECTING_WORDS):
            end -= 1
        elif many := next((n for n in (2, 3) if end > n and "".join(words[end - n : end]) in JOINED_LEGAL_FORMS), 0):
            end -= many
        else:
            break
        found = True
    while end - start > 1 and words[start] in LEADING_LEGAL_FORMS:
        start += 1
    return ("".join(words[start:end]) or "".join(name.casefold().split()))[:LONGEST_KEY]


def domain_key(address: str) -> str:
    """The host of a web or e-mail address in ASCII, without `www.`; '' for no host and for a shared one.

    Subdomains stay: only a list of public suffixes, which changes weekly, could tell that shop.acme.nl belongs to acme.nl
    and acme.co.uk not to co.uk. International names are encoded by IDNA 2003, which writes ß as ss.
    """
    host = _host(address)
    if not _HOST.fullmatch(host) or host.rpartition(".")[2].isdigit():  # an IP address identifies no company
        return ""
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    if host in HOSTING_DOMAINS or SHARED_HOST_PATTERN.fullmatch(host):
        return ""
    above = host
    while above:
        if above in SHARED_HOSTS:
            return ""
        above = above.partition(".")[2]
    return host


def extra_words(one: str, other: str) -> str:
    """The words that one name has in addition to the other: “B.V.” for Acme and Acme B.V.; '' if both have words of their own."""
    first, second = ({word.casefold().strip(",") for word in name.split()} for name in (one, other))
    longer, shorter = (one, second) if first > second else (other, first)
    if not (first > second or second > first):
        return ""
    return " ".join(word for word in longer.split() if word.casefold().strip(",") not in shorter)


def _words(name: str) -> list[str]:
    text = folded(name)
    if "." in text or "/" in text:
        text = _DOTTED.sub(lambda found: _NOT_IN_ABBREVIATIONS.sub("", found[0]), text)
    words: list[str] = []
    letters = False  # whether the last word was joined from single letters, as in B V
    for word in unicodedata.normalize("NFC", text.translate(CHARACTER_TABLE)).split():
        single = len(word) == 1 and word != "&"
        if single and letters:
            words[-1] += word
        else:
            words.append("&" if word in AND_WORDS else word)
        letters = single
    return words


def _host(address: str) -> str:
    """The host of an address in lower case, without port, user and path; '' if the text is no address."""
    text = address.strip()
    if found := _PLAIN_ADDRESS.fullmatch(text):
        return found[1].lower()
    if "//" not in text:
        text = f"//{text.rpartition('@')[2]}"
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:  # an invalid IPv6 address
        return ""
    host = host.rstrip(".")
    found = _PLAIN_ADDRESS.fullmatch(host)
    return found[1] if found else _WWW.sub("", host, count=1)
