"""How people, contacts and their words are written and read; no page is asked."""

import pytest

from accounts import contact_words
from accounts.acts.erasure import NAME_PLACEHOLDER, mask_names
from accounts.models import Account, BulkBatch, BulkChange, Contact, CrmSource, ExchangeRate, Team, User
from core import days

Role = User.Role


class TestAUser:
    @pytest.mark.parametrize(
        ("name", "initials", "short"),
        [
            ("Mila Vermeer", "MV", "Mila"),
            ("Jan de Boer", "JB", "Jan"),
            ("mila", "M", "mila"),
            ("", "P", "person@example.com"),
            ("  Mila   Vermeer ", "MV", ""),
            ("Östen Ångström", "ÖÅ", "Östen"),
        ],
    )
    def test_initials_and_short_name(self, name, initials, short):
        user = User(name=name, email="person@example.com")
        assert (user.initials, user.get_short_name()) == (initials, short)

    def test_without_a_name_the_address_stands_for_it(self):
        assert str(User(name="", email="jan@example.com")) == "jan@example.com"
        assert str(User(name="Jan", email="jan@example.com")) == "Jan"

    @pytest.mark.parametrize(
        ("role", "active", "administers", "reads_only", "sees_all"),
        [
            (Role.MANAGER, True, False, False, False),
            (Role.VIEWER, True, False, True, True),
            (Role.ADMINISTRATOR, True, True, False, True),
            (Role.MANAGER, False, False, False, False),
            (Role.VIEWER, False, False, True, False),
            (Role.ADMINISTRATOR, False, False, False, False),
        ],
    )
    def test_what_each_role_may_and_nobody_who_may_not_sign_in(self, role, active, administers, reads_only, sees_all):
        user = User(role=role, is_active=active)
        assert (user.is_administrator, user.reads_only, user.sees_all_accounts) == (administers, reads_only, sees_all)
        assert user.is_staff == user.is_superuser == user.has_perm("x") == user.has_perms(["x"]) == administers
        assert user.has_module_perms("accounts") == administers

    @pytest.mark.django_db
    def test_addresses_are_kept_in_lower_case_and_found_in_any(self):
        user = User.objects.create_user("Mila@Example.COM", name="Mila")
        assert user.email == "mila@example.com"
        assert User.objects.get_by_natural_key("MILA@example.com") == user

    @pytest.mark.django_db
    def test_by_default_one_is_a_manager_who_may_sign_in_and_wants_the_weekly_mail(self):
        user = User.objects.create_user("mila@example.com", name="Mila")
        assert (user.role, user.is_active, user.wants_digest, user.language) == (Role.MANAGER, True, True, "")
        assert not user.has_usable_password()
        assert User.objects.create_superuser("root@example.com", name="Root").role == Role.ADMINISTRATOR


class TestNames:
    def test_each_thing_is_written_by_its_name(self):
        assert [str(one) for one in (Account(name="A"), Team(name="B"), CrmSource(source="C"))] == ["A", "B", "C"]
        assert str(ExchangeRate(currency="USD", rate="0.9")) == "USD 0.9"

    def test_who_was_erased_has_a_word_and_no_name(self):
        assert str(Contact(name="Ines")) == "Ines"
        assert str(Contact(name="Ines", erased_on=days.today())) == "Erased person"

    @pytest.mark.parametrize(
        ("act", "value", "title"),
        [
            ("owner", "Mila", "Give to an owner: Mila"),
            ("team", "Benelux", "Give to a team: Benelux"),
            ("team", "", "Give to a team"),
            ("tag", "key", "Add a tag: key"),
            ("untag", "key", "Remove a tag: key"),
            ("archive", "", "Archive"),
            ("restore", "", "Bring back from the archive"),
        ],
    )
    def test_a_change_of_many_accounts(self, act, value, title):
        assert BulkChange(act=act, value_name=value).title == title

    @pytest.mark.parametrize(
        ("why", "source", "words"),
        [
            ("owned", "Salesforce", "the system that it comes from owns this; change it there (Salesforce)"),
            ("owned", "", "the system that it comes from owns this; change it there"),
            ("changed", "Salesforce", "someone changed it since"),
        ],
    )
    def test_a_reason_names_the_system_only_where_it_is_about_it(self, why, source, words):
        assert BulkBatch.Why(why).in_words(Account(source=source)) == words

    def test_a_country_is_written_in_words_and_none_is_nothing(self):
        assert (Account(country="NL").country_name, Account(country="").country_name) == ("Netherlands", "")


class TestStanding:
    @pytest.mark.parametrize(
        ("theirs", "ours", "position"),
        [
            ((2, 2.4), (4, 4.1), 2.4),
            ((None, None), (4, 4.1), 4.1),
            ((None, None), (None, None), None),
            ((2, 2.0), (None, None), 2.0),
        ],
    )
    def test_the_position_is_the_customers_else_ours(self, theirs, ours, position):
        account = Account(customer_level=theirs[0], customer_position=theirs[1], team_level=ours[0], team_position=ours[1])
        assert account.position == position

    @pytest.mark.parametrize(("status", "archived"), [("active", False), ("archived", True)])
    def test_archived(self, status, archived):
        assert Account(status=status).is_archived == archived


class TestWordsOfLists:
    @pytest.mark.parametrize("word", ["yes", "Y", "TRUE", "1", "x", "ja", "J", "Waar"])
    def test_yes(self, word):
        assert contact_words.yes_or_no(word) is True

    @pytest.mark.parametrize("word", ["no", "N", "False", "0", "nee", "ONWAAR"])
    def test_no(self, word):
        assert contact_words.yes_or_no(word) is False

    @pytest.mark.parametrize(
        ("read", "words", "value"),
        [
            (contact_words.influence, ["1", "low", "LAAG", " weinig "], 1),
            (contact_words.influence, ["2", "Medium", "gemiddeld", "midden"], 2),
            (contact_words.influence, ["3", "high", "Hoog", "veel"], 3),
            (contact_words.language, ["en", "English", "ENGELS", "en-GB", "en_us"], "en"),
            (contact_words.language, ["nl", "dutch", "Nederlands", "nl-BE", "NLD"], "nl"),
            (contact_words.buying_role, ["economic", "Decision  Maker", "BESLISSER"], "economic"),
            (contact_words.buying_role, ["user", "End User", "gebruiker"], "user"),
            (contact_words.buying_role, ["technical buyer", "Technisch"], "technical"),
            (contact_words.buying_role, ["coach", "Champion", "ambassadeur"], "coach"),
        ],
    )
    def test_in_english_and_dutch_however_they_are_spaced_and_capitalised(self, read, words, value):
        assert {read(word) for word in words} == {value}

    @pytest.mark.parametrize(
        ("read", "text", "told"),
        [
            (contact_words.yes_or_no, "maybe", "“maybe” is neither yes nor no."),
            (contact_words.influence, "4", "“4” is not an influence. Write low, medium or high."),
            (contact_words.language, "fr", "“fr” is not a language that is spoken here. Write English or Dutch."),
            (contact_words.buying_role, "boss", "“boss” is not a buying role. Write economic, user, technical or coach."),
        ],
    )
    def test_another_word_is_refused_and_says_what_to_write(self, read, text, told):
        with pytest.raises(ValueError) as refused:
            read(text)
        assert str(refused.value) == told


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("ask Ines Duarte today", {"Ines Duarte"}, f"ask {NAME_PLACEHOLDER} today"),
        ("ask INES  duarte", {"Ines Duarte"}, f"ask {NAME_PLACEHOLDER}"),
        ("Will will come", {"Will"}, f"{NAME_PLACEHOLDER} will come"),
        ("Willem came", {"Will"}, "Willem came"),
        ("Ines Duarte-Costa and Ines", {"Ines", "Ines Duarte-Costa"}, f"{NAME_PLACEHOLDER} and {NAME_PLACEHOLDER}"),
        ("write to Ines@Example.com.", {"ines@example.com"}, f"write to {NAME_PLACEHOLDER}."),
        ("a.b (c)", {"a.b (c)"}, "[…]"),
        ("nothing here", set(), "nothing here"),
    ],
)
def test_a_name_is_taken_out_whole_and_a_single_word_only_as_it_is_written(text, names, left):
    assert mask_names(text, names=names) == left
