"""Invented names of companies and people in six regions. Any likeness to a real one is by chance."""

from dataclasses import dataclass
from functools import cache
from random import Random
from unicodedata import normalize

TRADES = {
    "Food and beverage": ("Bakery", "Dairy", "Foods", "Brewing", "Mills", "Harvest"),
    "Life sciences": ("Bio", "Diagnostics", "Pharma", "Labs", "Medtech", "Genetics"),
    "Manufacturing": ("Components", "Precision", "Machinery", "Castings", "Tooling", "Polymers"),
    "Logistics": ("Freight", "Logistics", "Shipping", "Terminals", "Cargo", "Distribution"),
    "Energy": ("Energy", "Grid", "Power", "Renewables", "Storage", "Turbines"),
    "Financial services": ("Insurance", "Capital", "Leasing", "Pensions", "Trust", "Payments"),
    "Construction": ("Building", "Concrete", "Interiors", "Infra", "Facades", "Timber"),
    "Technology": ("Systems", "Software", "Networks", "Robotics", "Data", "Optics"),
}
STRIDE = 389  # a prime number, so that neighbours in the list get different names


@dataclass(frozen=True, slots=True)
class Region:
    team: str
    countries: tuple[tuple[str, str], ...]  # ISO 3166 code, currency
    cities: dict[str, tuple[str, ...]]
    heads: str  # the first and the second half of a company's name, each a list in one string
    tails: str
    endings: dict[str, tuple[str, ...]]  # by country: what a company's name ends in
    first: str
    last: tuple[str, ...]
    glue: str = ""


#: Country calling codes; what follows is made of zeros and fives, so that it is nobody's number.
CALLING_CODES = {
    "AT": 43, "BE": 32, "CH": 41, "DE": 49, "DK": 45, "FI": 358, "FR": 33, "GB": 44, "LU": 352, "NL": 31, "NO": 47, "SE": 46, "US": 1,
}  # fmt: skip

REGIONS = (
    Region(
        "Benelux",
        (("NL", "EUR"), ("NL", "EUR"), ("BE", "EUR"), ("LU", "EUR")),
        {"NL": ("Utrecht", "Zwolle", "Breda", "Delft", "Almelo"), "BE": ("Gent", "Leuven", "Hasselt"), "LU": ("Esch", "Diekirch")},
        "Duin Wester Linde Merwe Zonne Kastanje Polder Raven Eiken Water Noorder Heide Schelde Krom Blauwen Toren Molen Zilver "
        "Hage Vlas Ooster Gras Maas Riet Berken Zwanen",
        "oord hof waard dal beek zicht donk schans rand wijk dijk veld broek berg poort kamp dorp oever land burg horst meer "
        "stede brug laar haven",
        {"NL": ("BV", "Groep", "NV", "Nederland", "Holding"), "BE": ("NV", "Groep", "BV"), "LU": ("SA", "Group")},
        "Sanne Daan Lotte Bram Femke Ruben Anouk Jeroen Mieke Pieter Noor Wout Ilse Thijs",
        ("Verhoeven", "de Wit", "Claes", "van Rijn", "Peeters", "Hendriks", "Maes", "Smeets", "Dekker", "Janssens", "Kuipers"),
    ),
    Region(
        "Nordics",
        (("SE", "SEK"), ("DK", "DKK"), ("NO", "NOK"), ("FI", "EUR")),
        {"SE": ("Uppsala", "Lund", "Örebro"), "DK": ("Aarhus", "Odense"), "NO": ("Bergen", "Stavanger"), "FI": ("Turku", "Oulu")},
        "Björk Fjord Norr Älv Hav Gran Skog Stjern Is Lyng Tall Öster Vinter Kråk Sol Rim Ek Sand Fager Löv Bränn Ljung Sten "
        "Silver Asp Hägg",
        "dal vik sken strand sund lund holm bakken mo heim fors haga näs ås borg torp hult by tuna foss gård mark berga sjö "
        "hamn rud",
        {"SE": ("AB", "Gruppen"), "DK": ("A/S", "Gruppen"), "NO": ("AS", "Gruppen"), "FI": ("Oy", "Group")},
        "Astrid Lars Ingrid Mikkel Saga Erik Freja Henrik Maja Jonas Linnea Aino Otto Signe",
        ("Lindqvist", "Nygaard", "Sørensen", "Hagen", "Korhonen", "Ekström", "Dahl", "Holm", "Berglund", "Virtanen", "Krogh"),
    ),
    Region(
        "DACH",
        (("DE", "EUR"), ("DE", "EUR"), ("AT", "EUR"), ("CH", "CHF")),
        {"DE": ("Ulm", "Kassel", "Jena", "Aachen", "Bremen"), "AT": ("Linz", "Graz"), "CH": ("Winterthur", "Luzern")},
        "Hohen Tannen Raben Wiesen Königs Mühl Silber Eichen Falken Grün Stein Ahren Birken Oster Linden Weiden Kalten Nebel "
        "Auen Hirsch Blumen Kiefern Rosen Schwarzen Lichten Sonnen",
        "bach fels tal au graben wald ried hof moor furt lohe grund brück horn land feld berg roth bronn hausen heim eck burg "
        "weiler kirch see",
        {"DE": ("GmbH", "AG", "KG"), "AT": ("GmbH", "AG"), "CH": ("AG", "SA")},
        "Anja Matthias Katrin Stefan Julia Lukas Sabine Florian Miriam Tobias Heike Urs Petra Jan",
        ("Brandt", "Hofer", "Keller", "Vogt", "Lorenz", "Seidel", "Ammann", "Wirth", "Krause", "Baumann", "Steiner"),
    ),
    Region(
        "France",
        (("FR", "EUR"),),
        {"FR": ("Nantes", "Lille", "Grenoble", "Angers", "Metz", "Pau")},
        "Val Clair Roche Font Beau Haute Belle Mont Grand Pierre Bois Chêne Orme Rive Aube Noir Blanche Franc Sauve Ville "
        "Mar Tour Chante Vert Orge Lune",
        "mont combe roche bois lieu clair fort vert court ville pré lac font rive champ mare lande croix brune nay lin zac "
        "sève rac lune val",
        {"FR": ("SA", "SAS", "Groupe", "Industries")},
        "Camille Julien Élodie Mathieu Sophie Nicolas Claire Antoine Margaux Thomas Hélène Bruno",
        ("Lefèvre", "Moreau", "Garnier", "Chevalier", "Renaud", "Marchand", "Perrin", "Duval", "Faure", "Gauthier", "Noël"),
    ),
    Region(
        "UK",
        (("GB", "GBP"),),
        {"GB": ("Leeds", "Bristol", "Norwich", "Dundee", "Cardiff", "Derby")},
        "Ash Thorn Holling West Fern Oak Bracken Harrow Pen Lark Mill Stone Wind Fox Elm Copper Sea Alder Raven Hart Ivy "
        "Nether Marl Kings Wood Wheat",
        "combe bury ford marsh leigh hampton dale gate field croft rush ley stead worth bright mere well bridge by side ton "
        "wick ham moor cliffe brook",
        {"GB": ("Ltd", "plc", "Group", "Partners")},
        "Emily James Priya Oliver Hannah Callum Aisha George Megan Rhys Fiona Dev Lucy Adam",
        ("Whitfield", "Patel", "Hughes", "Morrison", "Clarke", "Okafor", "Barker", "Llewellyn", "Fraser", "Sutton", "Reid"),
    ),
    Region(
        "US",
        (("US", "USD"),),
        {"US": ("Columbus", "Boise", "Raleigh", "Tulsa", "Madison", "Tacoma")},
        "Redwood Silver Lone Blue Cedar Granite Prairie Eagle Bright Maple Copper Summit Clear Iron Sage North Juniper Harbor "
        "Still Big Wild Fox Timber Crescent Cotton Golden",
        "Bay Creek Pine Mesa Point Falls Star Ridge River Grove Canyon Lake Gate Field Hollow Bend Rose Line Valley Springs "
        "Butte Trail Meadow Rock Shore Bluff",
        {"US": ("Inc.", "Corp.", "LLC", "Company")},
        "Maria Ethan Keisha Daniel Grace Carlos Olivia Marcus Emma Wei Hailey Jamal Nina Paul",
        ("Alvarez", "Bennett", "Carter", "Nguyen", "Foster", "Hayes", "Kim", "Morgan", "Reyes", "Sullivan", "Walsh"),
        glue=" ",
    ),
)  # fmt: skip

TITLES = {
    "economic": ("Managing director", "Chief financial officer", "Purchasing director"),
    "user": ("Operations manager", "Plant manager", "Service manager", "Head of production"),
    "technical": ("IT manager", "Quality manager", "Engineering lead", "Compliance officer"),
    "coach": ("Programme manager", "Account liaison", "Business developer"),
}


@dataclass(frozen=True, slots=True)
class Company:
    stem: str
    trade: str
    segment: str

    @property
    def core(self) -> str:
        return f"{self.stem} {self.trade}"

    @property
    def domain(self) -> str:
        return f"{_plain(self.stem)}-{_plain(self.trade)}.example"


def company(region: Region, number: int) -> Company:
    """The company `number` of this region: the same for the same number, and never the same `core` twice (up to 30 000)."""
    stems, trades = _stems(region.heads, region.tails, region.glue), _trades()
    around, at = divmod(number, len(stems))
    stem = stems[at * STRIDE % len(stems)]
    trade, segment = trades[(at * 7 + around + sum(map(ord, region.team))) % len(trades)]
    return Company(stem, trade, segment)


def person(region: Region, chance: Random) -> str:
    return f"{chance.choice(_words(region.first))} {chance.choice(region.last)}"


def mailbox(name: str) -> str:
    """The local part of the e-mail address of a person with that name."""
    return ".".join(_plain(word) for word in name.split())


@cache
def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@cache
def _stems(heads: str, tails: str, glue: str) -> tuple[str, ...]:
    return tuple(f"{head}{glue}{tail}" for head in heads.split() for tail in tails.split() if head.lower() != tail.lower())


@cache
def _trades() -> tuple[tuple[str, str], ...]:
    """The trades with their segments, in an order in which neighbours have different segments."""
    return tuple(
        (trade, segment) for step in zip(*TRADES.values(), strict=True) for trade, segment in zip(step, TRADES, strict=True)
    )


@cache
def _plain(word: str) -> str:
    """In lower case, with letters a–z and digits only, as in a domain."""
    swapped = word.lower().replace("ø", "o").replace("ß", "ss")
    return "".join(letter for letter in normalize("NFKD", swapped) if letter.isascii() and letter.isalnum())


def phone_number(country: str, chance: Random) -> str:
    return f"+{CALLING_CODES[country]} 00 555 {chance.randrange(100):02d} 00"
