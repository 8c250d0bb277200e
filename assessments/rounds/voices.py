"""The voices of an account, and which answers of a confidential round do not count."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from accounts.models import Contact
from accounts.our_mail import our_mail
from assessments.models import Assessment


@dataclass(frozen=True, slots=True)
class Voices:
    """Whom a round should hear: the contacts of the account who are there and part of the decision."""

    influence: dict[int, int]  # 1..3, by contact
    left_out: frozenset[int] = frozenset()  # contacts whose answers do not count in a confidential round

    def unheard(self, heard: Collection[int | None]) -> list[int]:
        """The influence of each voice that is not among the contacts `heard`."""
        return [influence for contact, influence in self.influence.items() if contact not in heard]


def voices_of(assessment: Assessment) -> Voices:
    """The voices of the account of `assessment` as they are today. One statement, two for a confidential round."""
    people = list(Contact.objects.filter(account=assessment.account_id, erased_on=None).order_by("pk"))
    voices = parts_of_the_decision(people)
    return replace(voices, left_out=left_out(assessment, people)) if assessment.is_confidential else voices


def left_out(assessment: Assessment, people: Iterable[Contact]) -> frozenset[int]:
    """Those of `people` whose answers do not count in the confidential round. One statement.

    They were made, or their address was changed, after the round was opened, or it is an address of ours. Whoever may invite
    could answer in their place, and would then learn by the difference what the others said.
    """
    ours = our_mail()
    return frozenset(
        one.pk for one in people if one.address_since > assessment.opened_at or ours.has(one.email)
    )  # fmt: skip


def parts_of_the_decision(contacts: Iterable[Contact]) -> Voices:
    """The voices among `contacts`, all of one account. No statement."""
    there = [one for one in contacts if one.active and one.part_of_decision and one.erased_on is None]
    return Voices({one.pk: one.influence for one in there})
