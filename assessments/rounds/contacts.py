"""The contacts of a round: who can be asked, who answered, and which buying roles have no answer."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Account, Contact
from assessments.models import Assessment, Response


@dataclass(frozen=True, slots=True)
class ContactInRound:
    """A contact, with the response in the round if there is one."""

    contact: Contact
    response: Response | None

    @property
    def answered(self) -> bool:
        return self.response is not None and self.response.is_submitted

    @property
    def begun(self) -> bool:
        return self.response is not None and not self.response.is_submitted

    @property
    def told(self) -> bool:
        return self.response is not None and self.response.origin == Response.Origin.TOLD

    @property
    def in_words(self) -> bool:
        return self.response is not None and self.response.is_in_words

    @property
    def by_link(self) -> bool:
        """Whether the contact answers by link: then nobody of ours reads the draft or changes the answers."""
        return self.response is not None and self.response.origin == Response.Origin.LINK


def people_to_ask(account: Account, assessment: Assessment | None) -> list[ContactInRound]:
    """The active contacts, and those who left after answering; most influence first. Two statements."""
    given: dict[int, Response] = {}
    if assessment:
        found = assessment.responses.filter(contact__isnull=False).select_related("entered_by")
        given = {response.contact_id: response for response in found if response.contact_id}
    contacts = account.contacts.filter(erased_on=None)
    return [ContactInRound(contact, given.get(contact.pk)) for contact in contacts if contact.active or contact.pk in given]


def roles_not_heard(heard: Iterable[str]) -> list[str]:
    """The buying roles, in words, that are not among `heard`."""
    known = set(heard)
    return [str(label) for value, label in Contact.BuyingRole.choices if value not in known]
