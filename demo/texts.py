"""Invented texts of the demo portfolio: comments, evidence, account sheets."""

from random import Random

#: Comments of contacts, by the level at which they see us.
COMMENTS = {
    1: (
        "Deliveries are fine, but so are those of two others. Price decides.",
        "I would not know whom to call with you; I order through the portal.",
        "The last two invoices were wrong. Small things, but they stick.",
    ),
    2: (
        "Good products, no complaints. I miss someone who knows our site.",
        "You answer quickly. You rarely ask what we need next year.",
        "Solid work. What you do, others could do as well.",
    ),
    3: (
        "Your service people know our machines better than we do.",
        "When our line stood still in spring you came the same evening. We noticed.",
        "I trust your planning. Bring me ideas, too.",
    ),
    4: (
        "The proposal on returns saved us a shift a week.",
        "You were at the table when we set our goals, and it showed.",
        "I call you before I call my own purchasing department.",
    ),
    5: (
        "I cannot think of doing this without you.",
        "You told us about the new rules a year before anyone else did.",
    ),
}

#: Comments of contacts who write instead of answering.
IN_WORDS = (
    "I started here in March and cannot judge this yet. Ask me next year.",
    "Twenty questions are too many for me. Call me, and I tell you how it goes.",
    "I only know your invoices; those are in order.",
)

#: Evidence of our own people for a level that they think is held.
EVIDENCE = {
    1: (
        "On-time delivery 98.6 % over the last four quarters.",
        "No open complaint; last audit without findings.",
    ),
    2: (
        "They renewed without a tender and named reliability as the reason.",
        "Their quality manager showed our test report to a colleague site.",
    ),
    3: (
        "Our engineer is on site every Tuesday; she is in their phone list.",
        "They asked for the same planner again after the summer.",
    ),
    4: (
        "The stock pilot cut their working capital by 240 k; their controller confirmed it.",
        "We were asked to comment on their three-year plan.",
    ),
    5: ("Their CEO opened our customer day and spoke of one team.",),
}

CHARTERS = (
    "The first they call when a line has to run faster with fewer hands. We earn it by measuring what it brings them.",
    "Their partner for everything between order and invoice: one plan, one contact, no surprises.",
    "The supplier that knows their customers as well as they do, and says so when something has to change.",
)
STRENGTHS = (
    "Fixed crew on site since 2021\nDelivery above 98 % on time\nTheir service desk rates us best of five",
    "Access to operations and quality in three plants\nJoint stock planning since last year",
    "Long relation with the plant managers\nOnly supplier with the certificate that they need",
)
VULNERABILITIES = (
    "We hardly know their finance people\nTwo competitors quote for every tender",
    "Everything runs through one contact, who leaves next year\nPrice increase of spring still talked about",
    "They compare us on price alone in the north\nOur portal does not fit their new ordering system",
)
TRENDS = (
    "They bring production closer to home and look for fewer, larger suppliers.",
    "Their customers ask for the carbon figure of every product; they have nobody for it.",
    "A new owner since spring: group purchasing decides from next year.",
)
OPPORTUNITIES = (
    "The second plant opens next year: plan the start-up together.",
    "Training for their shift leaders; they asked twice.",
    "One report on waste for all sites, with a yearly goal.",
)
NOTES = ("Site visit planned around the summer stop.", "")

TAGS = ("Key account", "Framework contract", "Multi-site", "Price pressure", "Reference", "Renewal soon")


def sheet(chance: Random) -> dict[str, str]:
    """The texts of an account sheet, by field."""
    return {
        "charter": chance.choice(CHARTERS),
        "strengths": chance.choice(STRENGTHS),
        "vulnerabilities": chance.choice(VULNERABILITIES),
        "trends": chance.choice(TRENDS),
        "opportunities": chance.choice(OPPORTUNITIES),
        "notes": chance.choice(NOTES),
    }
