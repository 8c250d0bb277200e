"""Edits that name the version their author saw: the stored one wins, and a conflict shows both in words."""

from decimal import Decimal

import pytest
from django import forms
from django.utils import translation

from accounts.models import Account, Contact
from core.number_fields import AmountField
from core.versions import LongText, StaleEdit, VersionedForm
from tests.factories import make_account, make_contact, make_user, make_webhook
from webhooks.forms import KindsForm


class AccountEdit(VersionedForm):
    class Meta:
        model = Account
        fields = ["name", "revenue", "currency", "notes", "tags"]


class AmountEdit(AccountEdit):
    revenue = AmountField(max_digits=15, decimal_places=2)


class ContactEdit(VersionedForm):
    class Meta:
        model = Contact
        fields = ["name", "buying_role"]


@pytest.mark.django_db
class TestSaving:
    def test_the_version_that_was_seen_is_replaced_by_the_next(self):
        account = make_account(name="Before")
        account.name = "After"
        account.save_version(1, ["name"])
        assert account.version == 2
        account.refresh_from_db()
        assert (account.name, account.version) == ("After", 2)

    @pytest.mark.parametrize("seen", [0, 1, 3, 99])
    def test_another_version_stores_nothing_and_hands_over_what_is_stored(self, seen):
        account = make_account(name="Before", version=2)
        account.name = "After"
        with pytest.raises(StaleEdit) as stale:
            account.save_version(seen, ["name"])
        assert stale.value.current == account and stale.value.current.name == "Before"
        assert (Account.objects.get().name, Account.objects.get().version, account.version) == ("Before", 2, 2)

    def test_only_the_named_fields_are_stored(self):
        account = make_account(name="Before", city="Delft")
        account.name, account.city = "After", "Leiden"
        account.save_version(1, ["name"])
        assert (Account.objects.get().name, Account.objects.get().city) == ("After", "Delft")

    def test_of_two_edits_of_one_version_the_first_is_stored(self):
        make_account()
        first, second = Account.objects.get(), Account.objects.get()
        first.name, second.name = "First", "Second"
        first.save_version(1, ["name"])
        with pytest.raises(StaleEdit):
            second.save_version(1, ["name"])
        assert Account.objects.get().name == "First"

    def test_an_edit_of_one_leaves_the_others(self):
        one, other = make_account(), make_account()
        one.save_version(1, ["name"])
        other.refresh_from_db()
        assert other.version == 1


@pytest.mark.django_db
class TestForm:
    def test_a_page_holds_the_version_that_it_shows_and_a_new_object_none(self):
        assert 'name="version" value="3"' in str(AccountEdit(instance=make_account(version=3))["version"])
        assert "value=" not in str(AccountEdit()["version"])

    @pytest.mark.parametrize(("sent", "seen"), [({"version": "4"}, 4), ({"version": ""}, 0), ({}, 0)])
    def test_what_a_form_says_that_it_saw(self, sent, seen):
        form = AccountEdit({"name": "A", "currency": "EUR"} | sent, instance=make_account())
        form.is_valid()
        assert form.seen_version == seen

    @pytest.mark.parametrize("version", ["-1", "x", "2000000001", "1.5"])
    def test_a_version_that_cannot_be_is_refused(self, version):
        form = AccountEdit({"name": "A", "currency": "EUR", "version": version}, instance=make_account())
        assert not form.is_valid() and "version" in form.errors

    def test_columns_are_edited_and_neither_the_version_nor_many_to_many_fields(self):
        assert AccountEdit().edited_fields() == ["name", "revenue", "currency", "notes"]

    def test_a_renewed_version_is_sent_with_what_was_typed(self):
        form = AccountEdit({"name": "Typed", "currency": "EUR", "version": "1"}, instance=make_account())
        form.renew_version(make_account(version=8))
        assert (form["version"].value(), form["name"].value()) == ("8", "Typed")

    def test_a_form_with_a_prefix_renews_its_own_version(self):
        form = AccountEdit({"a-name": "Typed", "a-version": "1", "version": "5"}, prefix="a")
        form.renew_version(make_account(version=8))
        assert (form.data["a-version"], form.data["version"]) == ("8", "5")


@pytest.mark.django_db
class TestConflict:
    def conflict(self, form_class, stored, **typed) -> list[tuple[str, str, str]]:
        form = form_class(typed, instance=type(stored).objects.get(pk=stored.pk))
        form.is_valid()
        return [(str(row["label"]), str(row["theirs"]), str(row["yours"])) for row in form.conflict(stored)]

    def test_only_what_differs_is_shown(self):
        account = make_account(name="Theirs", currency="EUR", notes="Same")
        assert self.conflict(AccountEdit, account, name="Mine", currency="EUR", notes="Same") == [("Name", "Theirs", "Mine")]
        assert self.conflict(AccountEdit, account, name="Theirs", currency="EUR", notes="Same") == []

    @pytest.mark.parametrize(("language", "shown"), [("en", "1,234.50"), ("nl", "1.234,50")])
    def test_a_number_is_shown_as_the_form_writes_it(self, language, shown):
        account = make_account(revenue=Decimal("1234.50"), currency="EUR")
        sent = {"name": account.name, "currency": "EUR", "revenue": "7"}
        with translation.override(language):
            form = AmountEdit(sent, instance=Account.objects.get())
            form.is_valid()
            (row,) = form.conflict(account)
        assert (row["theirs"], row["yours"]) == (shown, "7")

    def test_a_choice_is_shown_by_its_label(self):
        contact = make_contact(buying_role="user", name="Ines")
        ((_label, theirs, yours),) = self.conflict(ContactEdit, contact, name="Ines", buying_role="economic")
        labels = dict(Contact.BuyingRole.choices)
        assert (theirs, yours) == (str(labels["user"]), str(labels["economic"])) != ("user", "economic")

    def test_several_choices_are_shown_by_their_labels(self):
        hook = make_webhook(make_user(), "level.slid", "level.climbed")
        ((_label, theirs, yours),) = self.conflict(KindsForm, hook, kinds=["target.set"])
        assert (theirs, yours) == ("The level climbed, The level slid", "A target was set or revised")


class LongForm(forms.Form):
    text = forms.CharField(widget=LongText, required=False)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [("a\r\nb", "a\nb"), ("a\nb", "a\nb"), ("a\rb", "a\rb"), ("\r\n\r\n", ""), ("a\r\n\r\nb", "a\n\nb"), ("", "")],
)
def test_line_ends_of_browsers_are_stored_as_one_character(sent, stored):
    form = LongForm({"text": sent})
    assert form.is_valid() and form.cleaned_data["text"] == stored


def test_a_long_text_that_was_not_sent_is_empty():
    assert LongText().value_from_datadict({}, {}, "text") is None
