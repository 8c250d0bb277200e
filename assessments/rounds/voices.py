"""The voices of an account, and which answers of a confidential round do not count."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Contact, User
from accounts.name_keys import domain_key
from assessments.models import Assessment
from audit.models import Event

#: Acts that make a contact, and with it the address that is asked.
MADE = ("contact.created", "contact.arrived")


@dataclass(frozen=True, slots=True)
class Voices:
    """Whom a round should hear: the contacts of the account who are there and part of the decision."""

    influence: dict[int, int]  # 1..3, by contact
    left_out: frozenset[int] = frozenset()  # contacts whose answers do not count in a confidential round

    def unheard(self, heard: Collection[int | None]) -> list[int]:
        """The influence of each voice that is not among the contacts `heard`."""
        return [influence for contact, influence in self.influence.items() if contact not in heard]


def voices_of(assessment: Assessment) -> Voices:
    """The voices of the account of `assessment` as they are today. One statement, three for a confidential round."""
    people = Contact.objects.filter(account=assessment.account_id, erased_on=None).order_by("pk")
    rows = list(people.values_list("pk", "influence", "active", "part_of_decision", "email"))
    influence = {pk: weight for pk, weight, there, decides, _ in rows if there and decides}
    if not assessment.is_confidential:
        return Voices(influence)
    return Voices(influence, frozenset(_left_out(assessment, {pk: email for pk, _, _, _, email in rows})))


def parts_of_the_decision(contacts: Iterable[Contact]) -> Voices:
    """The voices among `contacts`, all of one account. No statement."""
    there = [one for one in contacts if one.active and one.part_of_decision and one.erased_on is None]
    return Voices({one.pk: one.influence for one in there})


def _left_out(assessment: Assessment, addresses: dict[int, str]) -> set[int]:
    """The contacts who were made, or whose address was changed, after the round was opened, or who are addressed at our own.

    Whoever may invite could answer in their place, and would then learn by the difference what the others said. Two statements.
    """
    later = Event.objects.filter(
        Q(act__in=MADE) | Q(after__has_key="email"),
        object_type=Contact._meta.label_lower, object_id__in=list(addresses), at__gt=assessment.opened_at,
    )  # fmt: skip
    ours = {address.casefold() for address in User.objects.order_by().values_list("email", flat=True)}
    domains = {domain for address in ours if (domain := domain_key(address))}
    found = set(later.order_by().values_list("object_id", flat=True))
    return {
        pk
        for pk, address in addresses.items()
        if pk in found or address.casefold() in ours or domain_key(address) in domains
    }  # fmt: skip
