"""The mail with the code for another browser: composed when it is sent, to the address that was asked, without a link."""

from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from assessments.words import asked_by
from mailing.mail import Mail, mailbox
from mailing.models import Letter
from surveys.letters import asker_of
from surveys.models import SurveyCode
from surveys.survey.codes import draw, letter_key

WANTED_FOR = timedelta(hours=1)  # after that nobody waits for it any more


def write_code(letter: Letter) -> Mail | None:
    code = _code(letter)
    if code is None or letter.key != letter_key(code) or timezone.now() - code.asked_at > WANTED_FOR:
        return None
    invitation = code.invitation
    if not invitation.is_usable or not invitation.contact.email:
        return None
    return compose(code, draw(code))


def compose(code: SurveyCode, digits: str) -> Mail:
    """The mail in the contact's language. No reply address: nobody on our side is to get the code."""
    invitation = code.invitation
    asker = asker_of(invitation)
    with translation.override(invitation.language):
        sender = asked_by(asker)
        context = {
            "invitation": invitation,
            "contact": invitation.contact,
            "asked_by": sender,
            "digits": f"{digits[:3]} {digits[3:]}",
            "minutes": int(SurveyCode.HOLDS.total_seconds() // 60),
        }
        subject = _("The code for your answers")
        text = render_to_string("surveys/email/code.txt", context).strip() + "\n"
        html = render_to_string("surveys/email/code.html", context | {"subject": subject})
    mail = Mail(
        subject,
        text,
        mailbox(sender, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]),
        [mailbox(invitation.contact.name, invitation.address)],
        headers={"Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(html, "text/html")
    return mail


def code_settled(letter: Letter) -> None:
    """Note that the mail could not be sent: the page says so."""
    code = _code(letter)
    if code is None or letter.key != letter_key(code):
        return
    if letter.state in {Letter.State.FAILED, Letter.State.CANCELLED}:
        SurveyCode.objects.filter(pk=code.pk).update(failed=True)


def _code(letter: Letter) -> SurveyCode | None:
    related = ("invitation__assessment__account__owner", "invitation__contact", "invitation__invited_by")
    return SurveyCode.objects.select_related(*related).filter(pk=letter.subject_id).first()
