"""Read addresses as people paste them: one a line, or several with semicolons or commas; each alone or as `Name <a@b>`."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.mail_addresses import fault_of

MOST = 500  # at once
LONGEST_NAME, LONGEST_ADDRESS = 120, 254
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")


@dataclass(frozen=True, slots=True)
class Pasted:
    """One colleague: the line that they stand on, from 1, their name and address."""

    line: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with a line, in words."""

    line: int
    why: str


def read(text: str) -> tuple[list[Pasted], list[LineFault]]:
    """Who is named, each address once, and what is wrong. Blank lines count as lines, so that numbers fit the field."""
    found: dict[str, Pasted] = {}
    faults = []
    for number, line in enumerate(text.splitlines(), start=1):
        for part in _parts(line):
            person = _person(number, part)
            if isinstance(person, LineFault):
                faults.append(person)
            else:
                found.setdefault(person.email, person)
    return list(found.values()), faults


def _parts(line: str) -> list[str]:
    """The people of a line. Commas separate them only where each part has an address: *Vos, Lena <lena@…>* is one."""
    parts = []
    for piece in line.split(";"):
        by_comma = piece.split(",")
        parts += by_comma if all("@" in part for part in by_comma if part.strip()) else [piece]
    return [part.strip() for part in parts if part.strip()]


def _person(line: int, text: str) -> Pasted | LineFault:
    named = _NAMED.fullmatch(text.strip().rstrip(","))
    name, address = (named["name"], named["address"]) if named else ("", text.rstrip(","))
    name = " ".join(name.replace("\x00", "").split()).strip("\"' ")
    email = address.strip().removeprefix("mailto:").lower()
    if len(email) > LONGEST_ADDRESS:
        return LineFault(line, _("This address is too long."))
    if fault := fault_of(email):
        return LineFault(line, _(fault) % {"text": email or text[:80]})
    if not name.isprintable():
        return LineFault(line, _("The name of %(email)s holds characters that no name has.") % {"email": email})
    if len(name) > LONGEST_NAME:
        return LineFault(line, _("The name of %(email)s is longer than 120 characters.") % {"email": email})
    return Pasted(line, name or _name_in(email), email)


def _name_in(email: str) -> str:
    """A name as the address has it: *mila.de.vries@…* gives *Mila De Vries*. The colleague corrects it."""
    words = re.split(r"[._+-]+", email.partition("@")[0])
    return " ".join(word.capitalize() for word in words if word)[:LONGEST_NAME] or email[:LONGEST_NAME]
