"""Invented companies and people of six regions. Any likeness to a real one is by chance."""

from dataclasses import dataclass
from random import Random

TRADES = {
    "Food and beverage": ["Bakery", "Dairy", "Foods", "Brewing", "Mills", "Harvest"],
    "Life sciences": ["Bio", "Diagnostics", "Pharma", "Labs", "Medtech", "Genetics"],
    "Manufacturing": ["Components", "Precision", "Machinery", "Castings", "Tooling", "Polymers"],
    "Logistics": ["Freight", "Logistics", "Shipping", "Terminals", "Cargo", "Distribution"],
    "Energy": ["Energy", "Grid", "Power", "Renewables", "Storage", "Turbines"],
    "Financial services": ["Insurance", "Capital", "Leasing", "Pensions", "Trust", "Payments"],
    "Construction": ["Building", "Concrete", "Interiors", "Infra", "Facades", "Timber"],
    "Technology": ["Systems", "Software", "Networks", "Robotics", "Data", "Optics"],
}


@dataclass(frozen=True, slots=True)
class Region:
    team: str
    countries: tuple[tuple[str, str], ...]  # ISO 3166 code, currency
    cities: dict[str, tuple[str, ...]]
    stems: tuple[str, ...]
    endings: dict[str, tuple[str, ...]]  # by country: what a company's name ends in
    first: tuple[str, ...]
    last: tuple[str, ...]


REGIONS = (
    Region(
        "Benelux",
        (("NL", "EUR"), ("NL", "EUR"), ("BE", "EUR"), ("LU", "EUR")),
        {"NL": ("Utrecht", "Zwolle", "Breda", "Delft", "Almelo"), "BE": ("Gent", "Leuven", "Hasselt"), "LU": ("Esch", "Diekirch")},
        ("Duinoord", "Westerhof", "Lindewaard", "Merwedal", "Zonnebeek", "Kastanjehof", "Vlasakker", "Polderzicht", "Ravenstee",
         "Eikendonk", "Waterschans", "Noorderlicht", "Heidebloem", "Schelderand", "Kromwijk", "Blauwendijk", "Torenveld",
         "Molenbroek", "Zilverberk", "Hagepoort", "Veldkamper", "Oosterling", "Grasdorp", "Maasoever", "Rietvelder"),
        {"NL": ("BV", "Groep", "NV", "Nederland", "Holding"), "BE": ("NV", "Groep", "BV"), "LU": ("SA", "Group")},
        ("Sanne", "Daan", "Lotte", "Bram", "Femke", "Ruben", "Anouk", "Jeroen", "Mieke", "Pieter", "Noor", "Wout", "Ilse", "Thijs"),
        ("Verhoeven", "de Wit", "Claes", "van Rijn", "Peeters", "Hendriks", "Maes", "Smeets", "Dekker", "Janssens", "Kuipers"),
    ),
    Region(
        "Nordics",
        (("SE", "SEK"), ("DK", "DKK"), ("NO", "NOK"), ("FI", "EUR")),
        {"SE": ("Uppsala", "Lund", "Örebro"), "DK": ("Aarhus", "Odense"), "NO": ("Bergen", "Stavanger"), "FI": ("Turku", "Oulu")},
        ("Björkdal", "Fjordvik", "Norrsken", "Älvstrand", "Havsund", "Granlund", "Skogholm", "Stjernvik", "Isbakken", "Lyngmo",
         "Tallvik", "Österhav", "Vinterdal", "Kråkholm", "Solbakka", "Rimfors", "Ekhaga", "Sandviken", "Myrdal", "Fagernes",
         "Lövhult", "Bränninge", "Tuulimäki", "Koivuranta", "Hallingby"),
        {"SE": ("AB", "Gruppen"), "DK": ("A/S", "Gruppen"), "NO": ("AS", "Gruppen"), "FI": ("Oy", "Group")},
        ("Astrid", "Lars", "Ingrid", "Mikkel", "Saga", "Erik", "Freja", "Henrik", "Maja", "Jonas", "Linnea", "Aino", "Otto", "Signe"),
        ("Lindqvist", "Nygaard", "Sørensen", "Hagen", "Korhonen", "Ekström", "Dahl", "Holm", "Berglund", "Virtanen", "Krogh"),
    ),
    Region(
        "DACH",
        (("DE", "EUR"), ("DE", "EUR"), ("AT", "EUR"), ("CH", "CHF")),
        {"DE": ("Ulm", "Kassel", "Jena", "Aachen", "Bremen"), "AT": ("Linz", "Graz"), "CH": ("Winterthur", "Luzern")},
        ("Hohenbach", "Tannfels", "Rabenstein", "Wiesental", "Königsau", "Mühlgraben", "Silberbach", "Eichwald", "Falkenried",
         "Grünhöfer", "Steinmoor", "Ahrental", "Birkenfurt", "Osterlohe", "Lindengrund", "Weidenauer", "Kaltenbrück", "Nebelhorn",
         "Auenland", "Hirschau", "Seefelder", "Talblick", "Blumenroth", "Kiefersberg", "Rosental"),
        {"DE": ("GmbH", "AG", "KG"), "AT": ("GmbH", "AG"), "CH": ("AG", "SA")},
        ("Anja", "Matthias", "Katrin", "Stefan", "Julia", "Lukas", "Sabine", "Florian", "Miriam", "Tobias", "Heike", "Urs", "Petra", "Jan"),
        ("Brandt", "Hofer", "Keller", "Vogt", "Lorenz", "Seidel", "Ammann", "Wirth", "Krause", "Baumann", "Steiner"),
    ),
    Region(
        "France",
        (("FR", "EUR"),),
        {"FR": ("Nantes", "Lille", "Grenoble", "Angers", "Metz", "Pau")},
        ("Valombre", "Clairmont", "Rochebelle", "Fontaval", "Beaupré", "Hautecombe", "Sablière", "Belleroche", "Montclar", "Aubépine",
         "Grandval", "Tourmalet", "Lacombe", "Boisjoli", "Ventadour", "Pierrelune", "Marivaux", "Chênevert", "Ormeraie", "Rivesalt",
         "Orval", "Tilleul", "Corbière", "Saulnier", "Brocéliande"),
        {"FR": ("SA", "SAS", "Groupe", "Industries")},
        ("Camille", "Julien", "Élodie", "Mathieu", "Sophie", "Nicolas", "Claire", "Antoine", "Margaux", "Thomas", "Hélène", "Bruno"),
        ("Lefèvre", "Moreau", "Garnier", "Chevalier", "Renaud", "Marchand", "Perrin", "Duval", "Faure", "Gauthier", "Noël"),
    ),
    Region(
        "UK",
        (("GB", "GBP"),),
        {"GB": ("Leeds", "Bristol", "Norwich", "Dundee", "Cardiff", "Derby")},
        ("Ashcombe", "Thornbury", "Hollingford", "Westmarsh", "Kestrel", "Fernleigh", "Oakhampton", "Brackendale", "Harrowgate",
         "Penrose", "Larkfield", "Millbrook", "Stonecroft", "Windrush", "Foxley", "Elmstead", "Copperfield", "Seabright", "Aldermere",
         "Ravensworth", "Hartwell", "Ivybridge", "Marlowe", "Netherby", "Quayside"),
        {"GB": ("Ltd", "plc", "Group", "Partners")},
        ("Emily", "James", "Priya", "Oliver", "Hannah", "Callum", "Aisha", "George", "Megan", "Rhys", "Fiona", "Dev", "Lucy", "Adam"),
        ("Whitfield", "Patel", "Hughes", "Morrison", "Clarke", "Okafor", "Barker", "Llewellyn", "Fraser", "Sutton", "Reid"),
    ),
    Region(
        "US",
        (("US", "USD"),),
        {"US": ("Columbus, OH", "Boise, ID", "Raleigh, NC", "Tulsa, OK", "Madison, WI", "Tacoma, WA")},
        ("Redwood Bay", "Silver Creek", "Lone Pine", "Blue Mesa", "Cedar Point", "Granite Falls", "Prairie Star", "Eagle Ridge",
         "Bright River", "Maple Grove", "Copper Canyon", "Lakeview", "Summit", "Clearwater", "Iron Gate", "Sagebrush", "Northfield",
         "Juniper", "Harbor Light", "Stillwater", "Big Bend", "Wild Rose", "Fox Hollow", "Timberline", "Crescent"),
        {"US": ("Inc.", "Corp.", "LLC", "Company")},
        ("Maria", "Ethan", "Keisha", "Daniel", "Grace", "Carlos", "Olivia", "Marcus", "Emma", "Wei", "Hailey", "Jamal", "Nina", "Paul"),
        ("Alvarez", "Bennett", "Carter", "Nguyen", "Foster", "Hayes", "Kim", "Morgan", "Reyes", "Sullivan", "Walsh"),
    ),
)  # fmt: skip

TITLES = {
    "economic": ("Managing director", "Chief financial officer", "Purchasing director"),
    "user": ("Operations manager", "Plant manager", "Service manager", "Head of production"),
    "technical": ("IT manager", "Quality manager", "Engineering lead", "Compliance officer"),
    "coach": ("Programme manager", "Account liaison", "Business developer"),
}


def company(region: Region, segment: str, country: str, number: int) -> str:
    """The name of company `number` of this region, segment and country: the same for the same number, and never twice."""
    trades, endings = TRADES[segment], region.endings[country]
    number, stem = divmod(number, len(region.stems))
    number, trade = divmod(number, len(trades))
    number, ending = divmod(number, len(endings))
    series = f" {number + 1}" if number else ""
    return f"{region.stems[stem]} {trades[trade]}{series} {endings[ending]}"


def person(region: Region, chance: Random) -> str:
    return f"{chance.choice(region.first)} {chance.choice(region.last)}"
