"""Cells as people and programs write them, read by the readers of rows; what nobody knows is told apart from what is wrong."""

import pytest

from core.text_values import website
from importing.jobs import guessed
from importing.lists.contacts.fields import guess as guess_contacts
from importing.lists.contacts.rows import ContactReader
from importing.owner_lookup import Options
from importing.reading.table import read_table
from importing.rows import RowReader, known_segments, spellings
from importing.unknown_values import AS_WRITTEN, KEEP, NO_ANSWER, OTHERS, OUT, PEOPLE, REST, TOTAL, UnknownValues, answer_for
from tests.factories import make_account, make_user


def read(text, mapping=None, **kwargs):
    table = read_table(text.encode())
    reader = RowReader(table, mapping or guessed(table), **{"ask": True} | kwargs)
    return [reader.read(row) for row in table.rows]


def read_contacts(text, **kwargs):
    table = read_table(text.encode())
    reader = ContactReader(table, guess_contacts(table), **{"ask": True} | kwargs)
    return [reader.read(row) for row in table.rows]


def test_of_a_field_with_very_many_values_the_texts_of_the_first_are_kept_and_all_rows_counted(monkeypatch):
    monkeypatch.setattr("importing.unknown_values.MOST_TEXTS", 2)
    found = UnknownValues()
    found.add([("country", text) for text in "abcabd"] + [("owner", "c")])
    assert found == {("country", "a"): 2, ("country", "b"): 2, ("country", OTHERS): 2, ("owner", "c"): 1}


class TestUnknown:
    @pytest.mark.parametrize(
        ("header", "cell", "field", "answer"),
        [("Country", "Atlantis", "country", "GR"), ("State", "Prospect", "status", "active"), ("Currency", "kr", "currency", "SEK"),
         ("Segment", "Steel", "segment", "Metal")],
    )  # fmt: skip
    def test_it_is_asked_and_the_answer_is_used(self, header, cell, field, answer):
        mapping, segments = {0: "name", 1: field}, spellings(["Metal"])
        text = f"Name,{header}\nA,{cell}\nB,{cell.upper()}\n"
        rows = read(text, mapping, segments=segments)
        assert [(row.unknown, row.problems) for row in rows] == [([(field, cell)], []), ([(field, cell.upper())], [])]
        rows = read(text, mapping, segments=segments, answers={field: {cell.casefold(): answer}})
        assert [(row.unknown, row.problems, row.values[field]) for row in rows] == [([], [], answer)] * 2
        rows = read(text, mapping, segments=segments, answers={field: {REST: ""}})
        assert [(row.unknown, row.problems, field in row.values) for row in rows] == [([], [], False)] * 2

    def test_where_nobody_can_be_asked_it_is_a_problem_with_its_reason(self):
        (row,) = read("Name,Country\nA,Atlantis\n", ask=False)
        assert row.unknown == [] and "“Atlantis” is not a country" in str(row.problems[0])

    def test_what_is_wrong_is_a_problem_also_where_somebody_can_be_asked(self):
        (row,) = read("Name,Employees,Website\nA,many,not a site\n")
        assert row.unknown == [] and [problem.column for problem in row.problems] == ["Employees", "Website"]

    def test_a_known_value_needs_no_answer_and_gets_none(self):
        (row,) = read("Name,Country\nA,Schweiz\n", answers={"country": {"schweiz": "SE", REST: "SE"}})
        assert row.values["country"] == "CH"

    def test_an_answer_is_found_whatever_the_case_and_the_white_space(self):
        answers = {"owner": {"weg collega": 7, REST: 9}}
        assert [answer_for(answers, "owner", text) for text in ("WEG  Collega ", "other")] == [7, 9]
        assert answer_for(answers, "team", "x") is NO_ANSWER
        assert answer_for({"segment": {"steel": "Metal", REST: AS_WRITTEN}}, "segment", "Fine Food") == "Fine Food"


class TestSegments:
    def test_one_that_is_written_otherwise_is_spelt_as_it_is_stored(self):
        segments = spellings(["Food & Drink", "Énergie", "steel", "Steel"])
        rows = read("Name,Segment\nA,FOOD & drink\nB,Energie\nC,Steel\nD,steel\nE,Food&Drink\n", segments=segments)
        assert [row.values["segment"] for row in rows] == ["Food & Drink", "Énergie", "Steel", "steel", "Food & Drink"]

    def test_where_none_is_stored_each_is_taken(self):
        (row,) = read("Name,Segment\nA,Steel\n")
        assert (row.values["segment"], row.unknown) == ("Steel", [])

    def test_a_dash_is_a_segment_only_as_before(self):
        (row,) = read("Name,Segment\nA,-\n", segments=spellings(["-"]))
        assert row.values["segment"] == "-"

    @pytest.mark.django_db
    def test_those_of_accounts_that_one_does_not_see_are_not_known(self):
        user = make_user()
        make_account(owner=user, segment="Mine"), make_account(segment="Theirs")
        assert known_segments(user).keys() == {"Mine", "mine"}
        table = read_table(b"Name,Segment\nA,mine\nB,Theirs\n")
        reader = RowReader.of(table, guessed(table), Options(user))
        assert [(row.values.get("segment"), row.unknown) for row in map(reader.read, table.rows)] == [
            ("Mine", []),
            (None, [("segment", "Theirs")]),
        ]
        operator = RowReader.of(table, guessed(table), Options(None))
        assert [row.values["segment"] for row in map(operator.read, table.rows)] == ["mine", "Theirs"]


class TestRowsThatAreNoAccounts:
    TOTALS = "Naam;Plaats;Medewerkers\nVianen;Gouda;10\nTotaal;;10\n"

    @pytest.mark.parametrize(
        "cells",
        ["Totaal;;10", "TOTAL:;;10", ";;Totaal;10", "Summe;;1.000,50", "Total général;;€ 10", "Gesamt (2);;10", "Subtotaal;;5"],
    )
    def test_a_total_is_asked(self, cells):
        (row,) = read(f"Naam;Plaats;x;Medewerkers\n{cells}\n", {0: "name", 1: "city"})
        ((field, _text),) = row.unknown
        assert field == TOTAL

    @pytest.mark.parametrize("cells", ["Total;Paris;10", "Total Energies;;10", "Totaal;;", "Sum Ltd;;10", "Sommer;;10", "10;;10"])
    def test_a_customer_of_such_a_name_is_one(self, cells):
        (row,) = read(f"Naam;Plaats;Medewerkers\n{cells}\n")
        assert row.unknown == [] and row.values["name"]

    def test_it_is_left_out_or_imported_as_a_person_says(self):
        rows = read(self.TOTALS, answers={TOTAL: {"totaal": OUT}})
        assert [(row.left_out, row.values.get("name")) for row in rows] == [(False, "Vianen"), (True, None)]
        rows = read(self.TOTALS, answers={TOTAL: {"totaal": KEEP}})
        assert [(row.left_out, row.unknown, row.values["name"]) for row in rows] == [(False, [], "Vianen"), (False, [], "Totaal")]

    def test_at_the_command_line_it_is_refused(self):
        assert "seems to be the sum" in str(read(self.TOTALS, ask=False)[1].problems[0])

    @pytest.mark.parametrize(
        ("header", "person", "company"),
        [("is_company", "False", "True"), ("Is a Company", "0", "1"), ("Company Type", "Individual", "Company"), ("Is een bedrijf", "nee", "ja")],
    )  # fmt: skip
    def test_people_in_a_list_of_companies_are_asked_once(self, header, person, company):
        text = f"name,{header}\nAcme,{company}\nJo,{person}\nAl,{person}\nBravo,\n"
        rows = read(text, {0: "name"})
        assert [row.unknown for row in rows] == [[], [(PEOPLE, PEOPLE)], [(PEOPLE, PEOPLE)], []]
        assert [row.left_out for row in read(text, {0: "name"}, answers={PEOPLE: {PEOPLE: OUT}})] == [False, True, True, False]
        assert len([row for row in read(text, {0: "name"}, answers={PEOPLE: {PEOPLE: KEEP}}) if row.name]) == 4


class TestCells:
    @pytest.mark.parametrize(
        ("header", "field"),
        [("Name", "name"), ("City", "city"), ("Notes", "notes"), ("Segment", "segment"), ("Contact name", "contact_name")],
    )
    def test_codes_of_html_become_what_they_stand_for_in_every_text(self, header, field):
        mapping = {0: "external_id", 1: field}
        (row,) = read(f"id,{header}\n1,O&#039;Brien &amp; Zn\n", mapping)
        assert row.values[field] == "O'Brien & Zn"

    def test_tags_hold_them_too(self):
        assert read("Name,Tags\nA,R&amp;D; Caf&eacute;\n")[0].values["tags"] == ["R&D", "Café"]

    def test_our_own_export_is_taken_to_the_letter(self):
        (row,) = read("Account name,External id,Source\nR&amp;D,1,\n")
        assert row.values["name"] == "R&amp;D"

    @pytest.mark.parametrize(
        ("header", "field"), [("Record ID", "external_id"), ("Parent account", "parent"), ("Phone", "phone")]
    )
    @pytest.mark.parametrize("cell", ["1.23457E+11", '"1,234567E+17"'])
    def test_a_number_that_lost_its_digits_is_refused_as_what_something_is_called(self, header, field, cell):
        (row,) = read(f"Name,{header}\nMaarn,{cell}\n", {0: "name", 1: field})
        assert "no number of a CRM any more" in str(row.problems[0]) and field not in row.values

    @pytest.mark.parametrize("cell", ["1E5", "007", "2024-03-31", "12345678901234567"])
    def test_an_id_stays_a_text_to_the_letter(self, cell):
        (row,) = read(f"Record ID,Company name\n{cell},A\n")
        assert row.values["external_id"] == cell and row.problems == []

    @pytest.mark.parametrize("cell", ["http://", "https://", "HTTP://WWW.", "www.", "http:"])
    def test_a_website_that_is_only_a_beginning_is_none(self, cell):
        (row,) = read(f"Name,Website\nTiel,{cell}\n")
        assert (row.problems, row.unknown, row.values) == ([], [], {"name": "Tiel"})
        with pytest.raises(ValueError, match="web address"):
            website("http:// a")


class TestMoney:
    @pytest.mark.parametrize("field", ["revenue", "turnover"])
    @pytest.mark.parametrize(
        ("cells", "problem"),
        [("€ 100,USD", True), ("€ 100,EUR", False), ("100,USD", False), ("$ 100,CAD", False), ("£100,EUR", True)],
    )
    def test_an_amount_and_the_column_of_currencies_may_not_contradict(self, field, cells, problem):
        (row,) = read(f"Name,Annual Revenue,Currency\nZwolle,{cells}\n", {0: "name", 1: field, 2: "currency"})
        assert bool(row.problems) is problem
        if problem:
            assert "and the currency column says" in str(row.problems[0])

    def test_a_column_of_currencies_is_of_the_turnover_where_there_is_no_revenue(self):
        (row,) = read("Name,Annual Revenue,Currency\nA,100,USD\n", {0: "name", 1: "turnover", 2: "currency"})
        assert row.values["turnover_currency"] == "USD" and "currency" not in row.values

    def test_and_of_both_where_there_is_one(self):
        (row,) = read("Name,A,B,Currency\nA,100,5,USD\n", {0: "name", 1: "turnover", 2: "revenue", 3: "currency"})
        assert (row.values["turnover_currency"], row.values["currency"]) == ("USD", "USD")

    def test_unless_the_turnover_has_its_own(self):
        (row,) = read(
            "Name,A,B,C,D\nA,100,5,USD,CHF\n", {0: "name", 1: "turnover", 2: "revenue", 3: "currency", 4: "turnover_currency"}
        )
        assert (row.values["turnover_currency"], row.values["currency"]) == ("CHF", "USD")

    def test_amounts_as_people_write_them(self):
        cells = ("€ 2.500,-", "€1,5 mln", "1E+06", "750 k€", "5M")
        rows = read("Name;Umsatz\n" + "".join(f"A;{cell}\n" for cell in cells), {0: "name", 1: "revenue"})
        assert [(str(row.values["revenue"]), row.values.get("currency")) for row in rows] == [
            ("2500.00", "EUR"), ("1500000.00", "EUR"), ("1000000.00", None), ("750000.00", "EUR"), ("5000000.00", None),
        ]  # fmt: skip


class TestContacts:
    HEADS = "Account,Full name,E-mail,Buying role,Language,Influence\n"

    @pytest.mark.parametrize(
        ("word", "role"),
        [("Decision Maker", "economic"), ("DECISION_MAKER", "economic"), ("Economic Decision Maker", "economic"), ("BUDGET_HOLDER", "economic"),
         ("Business User", "user"), ("END_USER", "user"), ("end-user", "user"), ("CHAMPION", "coach"), ("Technical Buyer", "technical"),
         ("Entscheider", "economic"), ("Anwender", "user"), ("Décideur", "economic"), ("Gebruiker", "user")],
    )  # fmt: skip
    def test_roles_of_other_programs_that_are_ours(self, word, role):
        (row,) = read_contacts(f"{self.HEADS}A,Jo,,{word},,\n")
        assert (row.values["buying_role"], row.unknown, row.problems) == (role, [], [])

    @pytest.mark.parametrize(
        "word",
        ["Influencer", "Executive Sponsor", "Evaluator", "Other", "BLOCKER", "LEGAL_AND_COMPLIANCE", "Chief", "Prescripteur"],
    )
    def test_the_others_are_asked_for(self, word):
        (row,) = read_contacts(f"{self.HEADS}A,Jo,,{word},,\n")
        assert (row.unknown, row.problems) == ([("buying_role", word)], [])
        (row,) = read_contacts(f"{self.HEADS}A,Jo,,{word},,\n", answers={"buying_role": {word.casefold(): "coach"}})
        assert row.values["buying_role"] == "coach"

    @pytest.mark.parametrize(
        ("word", "code"),
        [
            ("nl-NL", "nl"),
            ("en_US", "en"),
            ("en-AU", "en"),
            ("English (UK)", "en"),
            ("Niederländisch", "nl"),
            ("anglais", "en"),
            ("Flemish", "nl"),
        ],
    )
    def test_languages_that_we_speak_in_other_words(self, word, code):
        (row,) = read_contacts(f"{self.HEADS}A,Jo,,,{word},\n")
        assert (row.values["language"], row.unknown) == (code, [])

    @pytest.mark.parametrize("word", ["French", "de", "Français", "es-MX", "日本語"])
    def test_a_language_that_we_do_not_speak_never_costs_a_person(self, word):
        (row,) = read_contacts(f"{self.HEADS}A,Luc,,,{word},\n")
        assert (row.unknown, row.problems) == ([("language", word)], [])
        (row,) = read_contacts(f"{self.HEADS}A,Luc,,,{word},\n", answers={"language": {word.casefold(): "en"}})
        assert row.values["language"] == "en"
        (row,) = read_contacts(f"{self.HEADS}A,Luc,,,{word},\n", answers={"language": {word.casefold(): ""}})
        assert "language" not in row.values and row.name == "Luc"

    def test_where_nobody_can_be_asked_it_is_a_problem(self):
        (row,) = read_contacts(f"{self.HEADS}A,Jo,,Other,French,huge\n", ask=False)
        assert row.unknown == [] and len(row.problems) == 3

    def test_codes_of_html_and_lost_digits(self):
        (row,) = read_contacts("Account,Full name\nHenk &amp; Zoon,O&#039;Brien\n")
        assert (row.values["account"], row.name) == ("Henk & Zoon", "O'Brien")
        (row,) = read_contacts("Account,Full name\n1.23457E+11,Jo\n")
        assert "no number of a CRM any more" in str(row.problems[0])

    @pytest.mark.parametrize(
        ("heads", "name"), [("Firma;Vorname;Name", "Jörg Klee"), ("Société;Prénom;Nom", "Jörg Klee"), ("Bedrijf;Voornaam;Naam", "Jörg Klee"),
                            ("Firma;Ansprechpartner;Rolle", "Jörg")]
    )  # fmt: skip
    def test_german_and_french_lists_of_people(self, heads, name):
        (row,) = read_contacts(f"{heads}\nA;Jörg;Klee\n")
        assert row.name == name and row.values["account"] == "A"
