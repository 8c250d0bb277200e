"""Each field of an account and of a contact stands in one list, and is found wherever fields are: also one that is added."""

import csv
import io
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from accounts import field_kinds as kinds
from accounts.exporting import COLUMNS, SHOWN, columns_of, contact_rows
from accounts.field_definitions import AccountField, ListedField, Shown
from accounts.fields import (
    ACCOUNT,
    ACCOUNT_NOT_HERE,
    CONTACT,
    CONTACT_FIELDS,
    CONTACT_NOT_HERE,
    OWNABLE,
    in_tables,
)
from accounts.models import Account, Contact, CrmSource
from audit.models import Event
from core.tables import csv_lines, table_of
from importing.jobs import guessed
from importing.lists.contacts.fields import KNOWN as CONTACT_NAMES
from importing.mapping import KNOWN as ACCOUNT_NAMES
from importing.mapping import key
from importing.reading.table import Table, read_table
from tests.factories import make_account, make_administrator, make_contact, make_user, make_viewer
from tests.field_samples import OTHERS, SAMPLES, account_fields, contact_fields, stored, values_of, written
from tests.importing.running import import_list

pytestmark = pytest.mark.django_db
LISTS = [(Account, ACCOUNT, ACCOUNT_NOT_HERE), (Contact, CONTACT, CONTACT_NOT_HERE)]


@pytest.fixture
def manager(client):
    user = make_user()
    client.force_login(user)
    return user


def table(columns, rows) -> Table:
    return read_table(b"".join(csv_lines(table_of(columns, rows))))


class TestList:
    @pytest.mark.parametrize(("model", "fields", "not_here"), LISTS)
    def test_every_column_is_in_the_list_or_left_out_with_a_reason(self, model, fields, not_here):
        columns = [field.name for field in [*model._meta.concrete_fields, *model._meta.many_to_many]]
        assert sorted([*(field.name for field in fields), *not_here]) == sorted(columns)
        assert all(reason.strip() for reason in not_here.values())

    @pytest.mark.parametrize("field", [*ACCOUNT, *CONTACT], ids=lambda field: f"{field.model.__name__} {field.name}")
    def test_the_kind_has_a_sample_by_which_these_tests_try_it(self, field):
        assert field.kind in SAMPLES.keys() | OTHERS

    def test_a_currency_goes_with_its_amount(self):
        amounts = {field.name for field in ACCOUNT if field.kind is kinds.AMOUNT}
        assert {field.of for field in ACCOUNT if field.kind is kinds.CURRENCY} == amounts

    @pytest.mark.parametrize(("fields", "known"), [(in_tables(), ACCOUNT_NAMES), (CONTACT, CONTACT_NAMES)])
    def test_a_file_may_call_a_column_as_the_pages_do_in_any_language(self, fields: list[ListedField], known, settings):
        unknown = []
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                unknown += [(field.name, str(field.label)) for field in fields if key(str(field.label)) not in known[field.name]]
        assert unknown == []

    @pytest.mark.parametrize("known", [ACCOUNT_NAMES, CONTACT_NAMES])
    def test_a_name_is_written_as_it_is_looked_up(self, known):
        assert [name for names in known.values() for name in names if name != key(name)] == []


class TestForms:
    def test_the_form_of_an_account_takes_every_field_and_stores_it(self, client, manager):
        account, fields = make_account(owner=manager), [field for field in account_fields() if field.part]
        sent = written(fields) | {"owner": manager.pk, "version": account.version}
        page = client.get(reverse("accounts:edit", args=[account.pk])).text
        assert [name for name in sent if f'name="{name}"' not in page] == []
        answer = client.post(reverse("accounts:edit", args=[account.pk]), sent)
        assert answer.status_code == 302
        account.refresh_from_db()
        assert values_of(account, fields) == stored(fields)
        assert stored(fields).keys() <= Event.objects.get(act="account.changed").after.keys()

    def test_the_form_of_a_contact_takes_every_field_and_stores_it(self, client, manager):
        contact = make_contact(make_account(owner=manager))
        address = reverse("accounts:contact_edit", args=[contact.account_id, contact.pk])
        sent = {name: value for name, value in written(contact_fields()).items() if value is not False}
        page = client.get(address).text
        assert [field.name for field in CONTACT if f'name="{field.name}"' not in page] == []
        assert client.post(address, sent | {"version": contact.version}).status_code == 302
        contact.refresh_from_db()
        assert values_of(contact, contact_fields()) == stored(contact_fields())


class TestAccountPage:
    def test_whoever_sees_the_account_reads_its_fields(self, client):
        account = make_account(**stored(account_fields()))
        client.force_login(make_viewer())
        page = "".join(client.get(address).text for address in (account.people_url, reverse("plans:plan", args=[account.pk])))
        told = {place: page.partition(f'id="{place}"')[2].partition("</section>")[0] for place in ("about", "sheet")}
        for place, shown in (("about", Shown.ABOUT), ("sheet", Shown.SHEET)):
            labels = [str(field.label) for field in account_fields() if field.shown is shown]
            missing = [label for label in labels if f"<dt>{label[0].upper()}{label[1:]}</dt>" not in told[place]]
            assert missing == []
        assert '<a href="tel:+31201234567" rel="noopener nofollow">+31 20 123 45 67</a>' in told["about"]
        assert "$ 1.2 M" in told["about"] and "31 March 2027" in told["about"]

    def test_and_those_of_its_people(self, client):
        contact = make_contact(**stored(contact_fields()) | {"not_part_because": "Retires soon"})
        client.force_login(make_viewer())
        row = client.get(contact.account.people_url).text.partition('class="p-who"')[2].partition("</td>")[0]
        for field in contact_fields():
            if field.shown in {Shown.PERSON, Shown.PERSON_LABELLED}:
                assert f"{str(field.label).capitalize()}: " in row
        assert "Retires soon" in row and "no part in the decision" in row

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"active": False}, "left<"),
            ({"active": False, "left_on": "2026-03-31"}, "left on 31 Mar 2026<"),
            ({"active": True, "left_on": "2026-03-31"}, None),
        ],
    )
    def test_when_somebody_left(self, client, fields, told):
        contact = make_contact(name="Ines", **fields)
        client.force_login(make_viewer())
        row = client.get(contact.account.people_url).text.partition('class="p-who"')[2].partition("</td>")[0]
        assert (told in row) if told else ("left" not in row)


class TestFiles:
    def test_an_exported_account_comes_back_with_every_field(self):
        user, fields = make_administrator(), [field for field in account_fields() if field.column]
        account = make_account(owner=user, **stored(fields))
        content = b"".join(csv_lines(table_of(COLUMNS, [account])))
        Account.objects.all().delete()
        assert import_list(content, user, options={"owner": None}).created == 1
        assert values_of(Account.objects.get(), fields) == stored(fields)

    def test_the_export_of_the_list_has_what_is_not_for_whole_files_alone(self, client, manager):
        make_account(owner=manager, **stored(account_fields()))
        answer = client.get(reverse("accounts:export", args=["csv"]))
        (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
        assert list(row) == [column.header for column in SHOWN]
        assert (row["Phone"], row["Their turnover"]) == ("'+31 20 123 45 67", "1234567.50")
        assert {field.column for field in ACCOUNT if field.column and not field.whole_only} <= row.keys()

    def test_an_exported_contact_comes_back_with_every_field(self):
        user = make_administrator()
        contact = make_contact(make_account(name="Acme", owner=user), **stored(contact_fields()))
        content = b"".join(csv_lines(contact_rows(Contact.objects.all(), Account.objects.all())))
        contact.delete()
        assert import_list(content, user, kind="contacts").created == 1
        assert values_of(Contact.objects.get(), contact_fields()) == stored(contact_fields())

    @pytest.mark.parametrize("field", [field for field in account_fields() if field.column], ids=lambda field: field.name)
    def test_each_other_name_of_a_column_means_the_field(self, field: AccountField):
        for name in field.headers:
            found = guessed(table(["x"], []) if not name else read_table(f"{name}\n{SAMPLES[field.kind][1]}\n".encode()))
            assert found == {0: field.name}

    def test_a_text_that_is_too_long_is_told_and_not_cut(self):
        user = make_administrator()
        for field in account_fields():
            if field.kind in {kinds.TEXT, kinds.PHONE} and field.column:
                content = f"{field.column}\n{'x' * (field.limit + 1)}\n"
                assert "is longer than" in import_list(content, user).problems[0]

    def test_each_amount_has_its_own_currency(self):
        user = make_administrator()
        content = "name;Revenue a year;Their turnover (USD)\nA;EUR 10,50;1.234.567,00\nB;5;-1\n"
        report = import_list(content, user, skip_rejected=True)
        account = Account.objects.get()
        assert (account.revenue, account.currency, account.turnover, account.turnover_currency) == (10.5, "EUR", 1234567, "USD")
        assert "An amount is zero or more." in report.problems[0]


class TestOwnership:
    @pytest.mark.parametrize("name", [name for name in OWNABLE if name in stored(account_fields())])
    def test_what_a_system_owns_is_closed_in_the_form(self, client, manager, name):
        CrmSource.objects.create(source="Salesforce", key="salesforce", owned=[name])
        account = make_account(owner=manager, source="Salesforce", external_id="C1")
        sent = {"name": account.name, "currency": "EUR", "source": "Salesforce", "external_id": "C1", "owner": manager.pk}
        fields = [field for field in account_fields() if field.name in OWNABLE[name]]
        answer = client.post(reverse("accounts:edit", args=[account.pk]), sent | {"version": account.version} | written(fields))
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == set(OWNABLE[name])

    def test_every_field_that_can_be_owned_is_offered(self, client):
        client.force_login(make_administrator())
        page = client.get("/settings/crm/").text
        assert [field.name for field in ACCOUNT if field.ownable and f'value="{field.name}"' not in page] == []


class TestRules:
    def test_turnover_is_not_negative(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_account(turnover=-1)

    @pytest.mark.parametrize("reason", ["", "Retires soon"])
    def test_who_has_no_part_in_the_decision_has_a_reason(self, client, manager, reason):
        contact = make_contact(make_account(owner=manager))
        with pytest.raises(IntegrityError), transaction.atomic():
            Contact.objects.filter(pk=contact.pk).update(part_of_decision=False)
        sent: dict[str, Any] = {"name": "Ines", "buying_role": "user", "influence": 2, "not_part_because": reason}
        address = reverse("accounts:contact_edit", args=[contact.account_id, contact.pk])
        answer = client.post(address, sent | {"version": contact.version})
        assert answer.status_code == (302 if reason else 422)
        if not reason:
            assert answer.context["form"].errors == {"not_part_because": ["Say why this person has no part in the decision."]}

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("account,name,beslist mee\nAcme,New,nee\n", True),
            ("account,name,part of decision\nAcme,Ines,no\n", True),
            ("account,name,part of decision,why no part in the decision\nAcme,Ines,no,Retires\n", False),
            ("account,name,beslist mee\nAcme,Left out,nee\n", False),
        ],
    )
    def test_a_list_of_contacts_has_to_say_it_too(self, text, told):
        user = make_administrator()
        account = make_account(name="Acme", owner=user)
        make_contact(account, name="Ines")
        make_contact(account, name="Left out", part_of_decision=False, not_part_because="Retires")
        found = import_list(text, user, kind="contacts").problems
        assert any("Say why this person has no part in the decision." in one for one in found) == told

    def test_who_is_erased_keeps_nothing_that_is_personal(self):
        for field in CONTACT_FIELDS.values():
            if not field.stays and field.kind in {kinds.TEXT, kinds.PHONE, kinds.EMAIL, kinds.DAY}:
                assert not field.erased_value
        assert columns_of(CONTACT_FIELDS["left_on"])[0].header == "Left on"
