"""The kinds of import that this app knows: accounts, and contacts of accounts that are here."""

from django.utils.translation import gettext_lazy as _

from importing.forms import AccountColumnsForm, ContactColumnsForm
from importing.jobs import guessed
from importing.kinds import ACCOUNTS, Kind, Needed
from importing.lists.accounts.work import AccountsWork
from importing.lists.contacts import fields as contact_fields
from importing.lists.contacts.work import ContactsWork
from importing.mapping import FIELDS
from importing.owner_lookup import options_of

# Column names of samples are English in every language, as those of exports are: the import knows them.
ACCOUNT_LIST = Kind(
    name=ACCOUNTS,
    label=_("Accounts"),
    one_row=_("One row for each customer, with at least its name. An external id finds the same account even after its name has changed."),
    fields=FIELDS,
    needed=[Needed({"name", "external_id"}, _("Say which column holds the name of the account."))],
    guess=guessed,
    work=AccountsWork,
    form=AccountColumnsForm,
    options=options_of,
    sample=[
        ["Account name", "External id", "Segment", "Country", "City", "Website", "Revenue a year", "Currency", "Customer since",
         "Tags", "Contact name", "Contact title", "Contact e-mail"],
        ["Example Mills", "C-1001", "Food", "NL", "Utrecht", "https://mills.example", "1250000.00", "EUR", "2019-03-31",
         "key account", "Sam de Vries", "Head of purchasing", "sam@mills.example"],
        ["Example Yards", "C-1002", "Shipping", "Norway", "Bergen", "https://yards.example", "480000.00", "EUR", "", "", "", "", ""],
    ],
    new_rows="importing/_new_accounts.html",
)  # fmt: skip

CONTACT_LIST = Kind(
    name="contacts",
    label=_("Contacts"),
    one_row=_(
        "One row for each person, with the account they work at: its external id or exact name. The account has to be here already. "
        "An e-mail address finds the same person next time, else the name does."
    ),
    fields=contact_fields.FIELDS,
    needed=[
        Needed({"account", "external_id"}, _("Say which column holds the account: its external id or its name.")),
        Needed(
            {"name", "email", "first_name", "last_name"}, _("Say which column holds the name of the contact, or the e-mail address.")
        ),
    ],
    guess=contact_fields.guess,
    work=ContactsWork,
    form=ContactColumnsForm,
    options=options_of,
    sample=[
        ["Account", "Full name", "E-mail", "Job title", "Buying role", "Influence", "Language", "Reports to", "Still there",
         "Do not ask"],
        ["Example Mills", "Sam de Vries", "sam@mills.example", "Head of purchasing", "economic", "high", "Dutch", "", "yes", "no"],
        ["Example Mills", "Kim Berg", "kim@mills.example", "Planner", "user", "medium", "English", "sam@mills.example", "yes", "no"],
    ],
    new_rows="importing/_new_contacts.html",
    likely=contact_fields.likely,
)  # fmt: skip
