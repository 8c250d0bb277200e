"""Invented notes of calls, meetings and mails, and comments on actions. `{name}` is the first name of whom it was with."""

#: By kind; each is of a conversation with one person, or with several.
NOTES = {
    "call": (
        "{name} called about the delay on the last delivery. I told the truth: our planning slipped two days. That was taken well; {name} wants a call before it happens, not after.",
        "Called to ask how the new shift runs. {name} says output is up, but the changeover still takes forty minutes. Worth a visit by one of our engineers.",
        "{name} asked for the price list of next year. I asked what else changes next year: they want to go from five suppliers to three. We have until spring to show why we should be one of them.",
        "Short call. {name} is leaving on parental leave until March, and does not know yet who takes over. I have to find out before the quarter ends.",
        "{name} rang to say thanks for the night delivery. Their own manager had noticed it. I asked for an introduction, and got a yes.",
        "Asked {name} what keeps them busy. Energy, and a warehouse that is full. Nothing that we sell today, but our planner once had the same problem with his own stock.",
        "{name} could not say whether the budget for the second line is approved. Decision falls in their board on the last Thursday of the month.",
        "Complaint about an invoice with the wrong cost centre, for the third time. Had it corrected the same day and asked our administration to store it with the account.",
        "Quarterly call with {name}. No open complaints, two new sites in the planning. They would like one contact person for all sites.",
        "{name} had a quote from a competitor, nine percent lower, without service. We went through what a day of standstill costs them. They will not switch this year.",
    ),
    "meeting": (
        "Walked through the plant with {name}. Their biggest loss is between two steps that we both touch: nobody owns it. Proposed that our people and theirs look at it for one day, together.",
        "Review of the year with {name}. They praised the people on site, and said that they never hear from us what is coming in the market. Promised two pages each quarter.",
        "Lunch with {name}. Their new director came from a company that knew us as the cheap option. We will have to show the other side, with numbers.",
        "First meeting with {name}, who took over purchasing. Very direct: wants to know what we do for the three percent that we are dearer. I answered with the pilot on stock; a written version follows.",
        "Workshop on returns at their office. Seven people, {name} led. Outcome: a list of four causes, two of them ours. First measure starts on Monday.",
        "{name} showed the plan for the next three years: one site closes, another doubles. They asked what we would do in their place. We should come back with more than a quote.",
        "Presented the results of the pilot to {name} and the controller. The saving was not disputed, the way we counted it was. Sending the sheet so that they can count it themselves.",
        "Visited with our engineer. {name} asked her more than me, which is as it should be. She goes there every other Tuesday from now on.",
        "Sat with {name} to go through the contract before it is renewed. They want shorter terms, we want to be asked earlier. We agreed to meet each half year, whatever happens.",
        "Met {name} at the trade fair. Ten minutes: they are looking for somebody who thinks along on packaging. Told them about the customer in the north, without the name.",
    ),
    "mail": (
        "{name} writes that the training went down well, and asks whether the night shift can have it, too. Asked our trainer for two dates.",
        "Sent {name} the two pages on the new rules. Answer within an hour: may it go to their colleagues? Of course.",
        "Mail from {name}: they have frozen all new projects until the figures of the quarter are in. Running orders are not touched.",
        "{name} asks who at our side decides on delivery terms. Answered that I do, up to a point, and whom I would ask beyond it.",
        "Sent the proposal for one contact person for all sites. {name} will discuss it with the heads of the sites and come back next week.",
        "{name} forwarded an internal mail in which our planner was named as the reason that the audit went well. I passed it on to him.",
        "Asked {name} for ten minutes with their head of finance. Not now, but after the closing of the year.",
        "{name} sent the new organisation chart. Two of the people we know report to somebody else now.",
    ),
    "note": (
        "Read in the paper that they want to build in the east of the country. Nobody of them has mentioned it. Ask carefully.",
        "Three of our people now talk to three of theirs without me. That is progress, but I want to know once a month what is said.",
        "Their contract with our largest competitor ends in the autumn. We should be at the table by the summer, with something else than a price.",
        "Looked at our figures: growing in volume, flat in value. We deliver more of what is cheap.",
        "Remember: their year begins in October, so budgets are made in June.",
        "Credit limit raised after a call with our finance. They never asked for it; I did.",
    ),
}  # fmt: skip

#: Sentences that ask a colleague something, after a note; `{mate}` is mentioned.
ASKS = (
    "@{mate}, have you heard the same from their other site?",
    "@{mate}, can we talk about this on Monday?",
    "@{mate}, you know their director: would you open the door?",
    "@{mate}, please have a look before I answer.",
)

COMMENTS = (
    "Moved this after the holidays with their agreement; they asked for it themselves.",
    "Half of it is done. The rest waits for figures from their side.",
    "I would take our engineer along. They ask her what they do not ask us.",
    "They want it on one page. Less is more here.",
    "Good conversation. The next one should be with the person who pays.",
    "No answer to two mails. I will try by phone on Thursday.",
    "This fits what they told us in spring. Worth saying so when we meet.",
    "Date stands. I booked a room at their office.",
)

COMMENT_ASKS = (
    "@{mate}, would you join this one?",
    "@{mate}, do we have an example from another customer?",
    "@{mate}, who did this last time?",
)
