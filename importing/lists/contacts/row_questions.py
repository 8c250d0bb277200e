"""Rows of a list of contacts that a person decides: two people with one address, and a known address with another name."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Contact
from importing.list_work import ListWork
from importing.lists.contacts.people import MAILBOX
from importing.models import ImportRow
from importing.row_choices import LEFT_OUT, RENAMED, TAKEN_OVER, WITHOUT_ADDRESS, Detail, Offer, Offers


class ContactQuestions(Offers):
    title = gettext_lazy("Who are these people?")
    text = gettext_lazy(
        "Their address is that of another person. In one account an address stands once, since answers go by it: what somebody "
        "answered stays with the one who answered. Rows for which you choose nothing are not imported."
    )

    def __init__(self, work: ListWork) -> None:
        super().__init__(work.rows)
        self.work = work

    def offers(self, rows: list[ImportRow]) -> list[Offer]:
        people = Contact.objects.select_related("account").in_bulk([pk for row in rows for pk in row.candidates])
        earlier = {row.line: row for row in self.work.rows.filter(line__in={row.earlier for row in rows if row.earlier})}
        return [_offer(row, people, earlier) for row in rows]


def _offer(row: ImportRow, people: dict[int, Contact], earlier: dict[int, ImportRow]) -> Offer:
    email = row.values.get("email", "")
    choices = [("", _("Choose …"), not row.choice)]
    details = []
    if row.ask == MAILBOX:
        first = earlier.get(row.earlier or 0)
        details.append(
            Detail(
                first.values.get("name", "") if first else "", _("row %(row)s · %(email)s") % {"row": row.earlier, "email": email}
            )
        )
    else:
        person = people.get(row.candidates[0])
        if person:
            details.append(Detail(person.name, f"{email} · {person.account.name}", person.account.get_absolute_url()))
            choices += [
                (RENAMED, _("The same person: %(old)s is called %(new)s now") % {"old": person.name, "new": row.values.get("name", "")}, False),
                (TAKEN_OVER, _("Somebody else, who took over the address; %(old)s stays without it") % {"old": person.name}, False),
            ]  # fmt: skip
    choices += [
        (WITHOUT_ADDRESS, _("Somebody else: import without the address"), False),
        (LEFT_OUT, _("Leave this row out"), False),
    ]
    chosen = [(value, words, value == row.choice) for value, words, _is in choices]
    return Offer(row, row.values.get("name", ""), details, chosen)
