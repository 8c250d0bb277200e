"""The letter to a colleague who is mentioned in a note, and the form that such letters have."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.models import Account, User
from mailing.mail import Mail, mailbox, one_line
from mailing.models import Letter
from notes.models import Note, NoteMention

MENTIONED = "note.mention"
QUOTED = 600  # characters of the text that a letter quotes


def write_mention(letter: Letter) -> Mail | None:
    """None when the note is gone, no longer mentions the person, or they no longer see the account."""
    note = Note.objects.select_related("account", "author").filter(pk=letter.subject_id).first()
    reader = reader_of(letter, note.account) if note else None
    if note is None or reader is None or not NoteMention.objects.filter(note=note, user=reader).exists():
        return None
    with translation.override(reader.language or settings.LANGUAGE_CODE):
        sentence = _("%(who)s mentioned you in a note on %(account)s.") % {"who": note.author, "account": note.account}
        return compose(reader, note.author, sentence, note.text, note.get_absolute_url())


def settled(letter: Letter) -> None:
    """Nothing is stored about the delivery: the mention stands on the desk of the reader."""


def reader_of(letter: Letter, account: Account) -> User | None:
    """The person whose id the key of the letter ends with, if active and if they see `account`. Two statements."""
    reader = User.objects.filter(pk=int(letter.key.rpartition(":")[2]), is_active=True).first()
    if reader is None or not Account.objects.visible_to(reader).filter(pk=account.pk).exists():
        return None
    return reader


def compose(reader: User, author: User, sentence: str, quoted: str, path: str) -> Mail:
    """A letter to a colleague, in the language that is active; an answer goes to the author."""
    context = {
        "reader": reader,
        "sentence": one_line(sentence),
        "quoted": Truncator(quoted).chars(QUOTED).splitlines(),
        "url": settings.BASE_URL + path,
    }
    return Mail(
        one_line(sentence),
        render_to_string("notes/email/told.txt", context).strip() + "\n",
        None,
        [mailbox(reader.name, reader.email)],
        reply_to=[mailbox(author.name, author.email)],
        headers={"Auto-Submitted": "auto-generated"},
    )
