"""Notes on the accounts of the demo, comments on their actions, and whom they mention."""

from datetime import date, datetime, timedelta
from random import Random

from accounts.models import User
from audit.trail import Change
from demo.context import DemoContext, Dossier, moment_on, workday
from demo.note_texts import ASKS, COMMENT_ASKS, COMMENTS, NOTES
from notes.models import Note, NoteMention
from plans.models import Action, ActionComment, CommentMention

HOW_MANY = (0, 0, 0, 1, 1, 2)  # notes of an account, each as likely
IN_A_STORY = (3, 5)  # of an account with a story
KINDS = {"call": 0.4, "meeting": 0.25, "mail": 0.2, "note": 0.15}
SPAN = 240  # days back
ASKING, COMMENTED = 0.18, 0.12  # shares of notes that ask a colleague, and of actions with a comment
LATE = (-6, -2)  # days until the next action of the stories with a late one
UNREAD = 21  # days; who was mentioned longer ago has read it


def converse(dossier: Dossier, context: DemoContext) -> None:
    """The notes and comments of one account, by random numbers of their own: they change nothing else."""
    account = dossier.account
    chance = Random(f"{context.seed}/{account.external_id}/notes")  # noqa: S311 - plausible, not secret
    mates = [user for user in context.staff[dossier.region.team][:3] if user != account.owner]
    count = chance.randint(*IN_A_STORY) if dossier.story else chance.choice(HOW_MANY)
    ages = sorted((chance.randrange(1, SPAN) for _ in range(count)), reverse=True)
    said: set[str] = set()
    for age in ages:
        _note(dossier, context, chance, age, mates, said)
    if dossier.story and dossier.story.due_in in LATE:
        _from_the_lead(dossier, context, mates[0])
    for action in dossier.actions:
        if action.state != Action.State.TODO and chance.random() < COMMENTED:
            _comment(dossier, context, chance, action, mates)


def _note(
    dossier: Dossier, context: DemoContext, chance: Random, age: int, mates: list[User], said: set[str]
) -> None:  # fmt: skip
    kind = chance.choices(list(KINDS), weights=list(KINDS.values()))[0]
    held_on = workday(context.today - timedelta(days=age))
    people = [] if kind == "note" else chance.sample(dossier.contacts, k=min(len(dossier.contacts), chance.choice([1, 1, 2])))
    left = [text for text in NOTES[kind] if text not in said] or list(NOTES[kind])
    said.add(text := chance.choice(left))
    if people:
        text = text.format(name=people[0].name.split(" ")[0])
    mate = chance.choice(mates) if mates and chance.random() < ASKING else None
    if mate:
        text = f"{text}\n\n{chance.choice(ASKS).format(mate=mate.name)}"
    at = moment_on(held_on, 17)
    note = Note(
        account=dossier.account, held_on=held_on, kind=kind, text=text, author=dossier.account.owner, written_at=at
    )  # fmt: skip
    dossier.notes.append(note)
    dossier.with_whom += [(note, contact) for contact in people]
    if mate:
        dossier.note_mentions.append(NoteMention(note=note, user=mate, read_at=_read_at(held_on, context)))
    told = {"held_on": held_on, "kind": kind, "text": text, "contacts": sorted(one.pk for one in people)}
    dossier.tell("note.added", note, at, told | {"mentions": [mate.pk] if mate else []})


def _from_the_lead(dossier: Dossier, context: DemoContext, lead: User) -> None:
    """A note of these days by which the lead asks the owner about an action that is late."""
    owner, day = dossier.account.owner, workday(context.today - timedelta(days=2))
    text = f"Saw on the list that an action here is late. @{owner.name}, what do you need to go on?"
    note = Note(
        account=dossier.account, held_on=day, kind="note", text=text, author=lead, written_at=moment_on(day, 17)
    )  # fmt: skip
    dossier.notes.append(note)
    dossier.note_mentions.append(NoteMention(note=note, user=owner))
    told = {"held_on": day, "kind": "note", "text": text, "contacts": [], "mentions": [owner.pk]}
    dossier.events.append(Change("note.added", note, None, told, at=note.written_at, by=lead))


def _comment(dossier: Dossier, context: DemoContext, chance: Random, action: Action, mates: list[User]) -> None:
    day = workday((action.done_on or context.today) - timedelta(days=chance.randrange(1, 12)))
    day = max(day, action.plan.started_on)
    mate = chance.choice(mates) if mates and chance.random() < 0.5 else None
    text = chance.choice(COMMENTS)
    if mate:
        text = f"{text} {chance.choice(COMMENT_ASKS).format(mate=mate.name)}"
    comment = ActionComment(action=action, text=text, author=action.owner, written_at=moment_on(day, 15))
    dossier.comments.append(comment)
    told = {"text": text, "mentions": [mate.pk] if mate else []}
    dossier.tell("comment.added", comment, comment.written_at, told)
    if mate:
        dossier.comment_mentions.append(CommentMention(comment=comment, user=mate, read_at=_read_at(day, context)))


def _read_at(day: date, context: DemoContext) -> datetime | None:
    """The evening after the mention; None for one of late, which still stands on the desk."""
    return moment_on(day + timedelta(days=1), 18) if (context.today - day).days > UNREAD else None
