"""The customer's people in a round: who can be asked, who answered, which buying roles are not heard."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Account, Contact
from assessments.models import Assessment, Response


@dataclass(frozen=True, slots=True)
class Asked:
    contact: Contact
    response: Response | None

    @property
    def answered(self) -> bool:
        return self.response is not None and self.response.is_submitted

    @property
    def begun(self) -> bool:
        return self.response is not None and not self.response.is_submitted

    @property
    def by_link(self) -> bool:
        """Whether they answer themselves, so that nobody of ours reads their draft or changes what they wrote."""
        return self.response is not None and self.response.entered_by_id is None


def people_to_ask(account: Account, assessment: Assessment | None) -> list[Asked]:
    """The contacts who are there, and those who left after answering; most influence first. Two statements."""
    given: dict[int, Response] = {}
    if assessment:
        found = assessment.responses.filter(contact__isnull=False).select_related("entered_by")
        given = {response.contact_id: response for response in found if response.contact_id}
    contacts = account.contacts.filter(erased_on=None)
    return [Asked(contact, given.get(contact.pk)) for contact in contacts if contact.active or contact.pk in given]


def roles_not_heard(heard: Iterable[str]) -> list[str]:
    """The buying roles, in words, that are not among `heard`."""
    known = set(heard)
    return [str(label) for value, label in Contact.BuyingRole.choices if value not in known]
