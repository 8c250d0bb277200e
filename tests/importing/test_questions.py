"""What a list holds that nobody knows is asked once for each value, and kept for the import and for the next file like it."""

import re

import pytest
from django.urls import reverse

from accounts.models import User
from importing.kinds import kind_called
from importing.models import ImportJob, ImportMemory
from importing.owner_lookup import Directory, Options, options_of
from importing.questions import AS_ALL, ASKED_SINGLY, NEW, QuestionsForm, to_ask
from importing.saved_mapping import remembered_answers
from importing.unknown_values import AS_WRITTEN, EACH, KEEP, ONCE, OTHERS, OUT, PEOPLE, REPEATED_NAME, REST, TOTAL
from tests.factories import make_account, make_administrator, make_team, make_user
from tests.import_pages import choose, upload

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer", email="mila@example.com")
    client.force_login(user)
    return user


def form(user, *questions, answers=None, data=None):
    """The form for (field, text, rows); `data` is what is sent over what the form holds by itself."""
    asked = [{"field": field, "text": text, "rows": rows} for field, text, rows in questions]
    options = Options(user, owner=user, answers=answers or {})
    empty = QuestionsForm(questions=asked, user=user, options=options)
    if data is None:
        return empty
    sent = {bound.html_name: bound.value() for bound in empty}
    by_text = {one.text: one.name for group in empty.groups for one in group.values}
    sent |= {by_text.get(name, name): value for name, value in data.items()}
    full = QuestionsForm(sent, questions=asked, user=user, options=options)
    assert full.is_valid(), full.errors
    return full


def chosen(asking):
    return {one.text: one.bound.value() for group in asking.groups for one in group.values}


class TestForm:
    def test_questions_are_grouped_by_field_with_the_most_rows_first_and_case_makes_no_other_value(self, manager):
        asking = form(
            manager, ("country", "Atlantis", 2), ("owner", "weg", 1), ("country", "ATLANTIS ", 3), ("country", "Lemuria", 4)
        )
        assert [(group.name, group.number, group.rows) for group in asking.groups] == [("owner", 1, 1), ("country", 2, 9)]
        assert [(one.text, one.rows) for one in asking.groups[1].values] == [("Atlantis", 5), ("Lemuria", 4)]

    @pytest.mark.parametrize(
        ("field", "text", "likely"),
        [
            ("country", "Deutshland", "DE"), ("country", "Atlantis", ""), ("buying_role", "Evaluator", "technical"),
            ("buying_role", "EXECUTIVE_SPONSOR", "economic"), ("buying_role", "Chief", ""), ("language", "French", "en"),
            ("language", "Klingon", ""), ("status", "Prospect", ""), ("influence", "huge", ""), ("currency", "kr", ""),
            ("segment", "Steel", NEW), ("owner", "gone", ""), ("team", "West", ""), (TOTAL, "Totaal", OUT), (PEOPLE, PEOPLE, OUT),
            (REPEATED_NAME, REPEATED_NAME, ONCE), ("turnover_currency", "kr", ""),
        ],
    )  # fmt: skip
    def test_what_is_likely_is_chosen_already(self, manager, field, text, likely):
        assert chosen(form(manager, (field, text, 1))) == {text: likely}

    @pytest.mark.parametrize(
        ("field", "text", "said", "kept"),
        [
            ("country", "Atlantis", "GR", "GR"), ("country", "Atlantis", "", ""), ("buying_role", "Other", "coach", "coach"),
            ("language", "French", "nl", "nl"), ("influence", "huge", "3", 3), ("status", "Prospect", "active", "active"),
            ("segment", "Steel ", NEW, "Steel "), ("segment", "Stele", "=Steel", "Steel"), ("segment", "Steel", "", ""),
            (TOTAL, "Totaal", KEEP, KEEP), (REPEATED_NAME, REPEATED_NAME, EACH, EACH), ("currency", "kr", "SEK", "SEK"),
        ],
    )  # fmt: skip
    def test_what_is_said_is_kept_as_a_value_of_the_field(self, manager, field, text, said, kept):
        make_account(owner=manager, segment="Steel")
        answers = form(manager, (field, text, 1), data={text: said}).answers()
        assert answers == {field: {" ".join(text.casefold().split()): kept}}

    def test_an_owner_is_one_whom_the_importer_may_name(self, manager):
        mate, stranger = make_user(name="Mate"), make_user(name="Stranger")
        team = make_team(leads=[manager], members=[mate])
        asking = form(manager, ("owner", "gone", 1), ("team", "West", 1))
        offered = [{value for value, _label in one.bound.field.choices} for group in asking.groups for one in group.values]
        assert offered == [{"", str(manager.pk), str(mate.pk)}, {"", str(team.pk)}]
        assert form(manager, ("owner", "gone", 1), data={"gone": str(mate.pk)}).answers() == {"owner": {"gone": mate.pk}}
        name = asking.groups[0].values[0].name
        sent = QuestionsForm({name: str(stranger.pk)}, questions=[{"field": "owner", "text": "gone", "rows": 1}], user=manager,
                             options=Options(manager))  # fmt: skip
        assert name in sent.errors

    def test_a_sign_in_name_of_someone_here_is_known(self):
        admin = make_administrator(name="Boss", email="boss@example.com")
        weg = make_user(name="Weg Collega", email="weg@example.com")
        make_user(name="Ann Smit", email="a1@example.com"), make_user(name="Ad Smit", email="a2@example.com")
        asking = form(
            admin, ("owner", "w.collega", 3), ("owner", "WCollega", 2), ("owner", "a.smit", 1), ("owner", "weg@old.example", 1)
        )
        assert chosen(asking) == {
            "w.collega": str(weg.pk), "WCollega": str(weg.pk), "a.smit": AS_ALL, "weg@old.example": str(weg.pk),
        }  # fmt: skip

    def test_many_are_answered_by_one_choice_and_single_ones_otherwise(self, manager):
        mate = make_user()
        make_team(leads=[manager], members=[mate])
        questions = [("owner", "one", 5), ("owner", "two", 3), ("owner", "three", 1)]
        answers = form(manager, *questions, data={"owner-all": str(mate.pk), "two": ""}).answers()
        assert answers == {"owner": {"one": mate.pk, "two": "", "three": mate.pk}}
        assert form(manager, *questions, data={}).answers() == {"owner": {"one": "", "two": "", "three": ""}}

    def test_all_new_segments_are_kept_by_one_press(self, manager):
        answers = form(manager, ("segment", "Steel", 2), ("segment", "Food", 1), data={}).answers()
        assert answers == {"segment": {"steel": "Steel", "food": "Food"}}

    def test_of_very_many_the_first_are_asked_singly_and_the_rest_at_once(self, manager):
        questions = [("country", f"Land {number}", 1000 - number) for number in range(ASKED_SINGLY + 50)]
        asking = form(manager, *questions)
        (group,) = asking.groups
        assert (len(group.values), len(group.rest), group.number) == (ASKED_SINGLY, 50, ASKED_SINGLY + 50)
        assert group.rest_rows == sum(rows for _field, _text, rows in questions[ASKED_SINGLY:])
        answers = form(manager, *questions, data={"country-rest": "NL"}).answers()
        assert len(answers["country"]) == ASKED_SINGLY + 1 and answers["country"][REST] == "NL"

    def test_of_very_many_new_segments_each_stays_its_own(self, manager):
        questions = [("segment", f"Segment {number}", 1000 - number) for number in range(ASKED_SINGLY + 2)]
        answers = form(manager, *questions, data={}).answers()["segment"]
        assert len(answers) == ASKED_SINGLY + 2 and answers[f"segment {ASKED_SINGLY + 1}"] == f"Segment {ASKED_SINGLY + 1}"
        assert REST not in answers

    def test_texts_that_the_check_did_not_keep_are_answered_with_the_rest(self, manager):
        questions = [
            *(("country", f"Land {number}", 1000 - number) for number in range(ASKED_SINGLY + 1)),
            ("country", OTHERS, 5),
        ]
        asking = form(manager, *questions)
        (group,) = asking.groups
        assert (group.number, group.others, group.rest_rows) == (ASKED_SINGLY + 1, 5, 1000 - ASKED_SINGLY + 5)
        assert group.for_rest.label == "All other values"
        answers = form(manager, *questions, data={"country-rest": "NL"}).answers()
        assert OTHERS not in answers["country"] and answers["country"][REST] == "NL"

    def test_new_segments_that_the_check_did_not_keep_stay_as_they_are_written(self, manager):
        questions = [*(("segment", f"Segment {number}", 9) for number in range(ASKED_SINGLY + 2)), ("segment", OTHERS, 5)]
        answers = form(manager, *questions, data={}).answers()["segment"]
        assert len(answers) == ASKED_SINGLY + 3 and answers[REST] is AS_WRITTEN
        assert form(manager, *questions, data={"segment-all": ""}).answers()["segment"][REST] == ""

    def test_the_choice_for_all_holds_for_the_rest(self, manager):
        mate = make_user()
        make_team(leads=[manager], members=[mate])
        questions = [("owner", f"gone {number}", 1) for number in range(ASKED_SINGLY + 2)]
        (group,) = form(manager, *questions).groups
        assert group.for_rest.value() == AS_ALL and not group.opens
        answers = form(manager, *questions, data={"owner-all": str(mate.pk)}).answers()["owner"]
        assert answers[REST] == mate.pk and set(answers.values()) == {mate.pk}
        assert form(manager, *questions, data={"owner-all": str(mate.pk), "owner-rest": ""}).answers()["owner"][REST] == ""

    def test_what_was_said_before_is_chosen(self, manager):
        make_account(owner=manager, segment="Steel")
        answers = {
            "country": {"atlantis": "GR"},
            "owner": {"gone": manager.pk, "left": ""},
            "segment": {"stele": "Steel", "wood": "Wood"},
        }
        asking = form(manager, ("country", "Atlantis", 1), ("owner", "Gone", 1), ("owner", "left", 1), ("segment", "Stele", 1),
                      ("segment", "Wood", 1), answers=answers)  # fmt: skip
        assert chosen(asking) == {"Atlantis": "GR", "Gone": str(manager.pk), "left": "", "Stele": "=Steel", "Wood": NEW}

    def test_an_owner_who_left_since_is_not_chosen_again(self, manager):
        assert chosen(form(manager, ("owner", "Gone", 1), answers={"owner": {"gone": 0}})) == {"Gone": ""}

    @pytest.mark.parametrize("values", [1, 300])
    def test_the_statements_do_not_grow_with_the_values(self, manager, values, django_assert_num_queries):
        fields = ("owner", "team", "segment", "country")
        asked = [{"field": field, "text": f"{field} {number}", "rows": 1} for number in range(values) for field in fields]
        with django_assert_num_queries(3):
            page = str(QuestionsForm(questions=asked, user=manager, options=Options(manager, owner=manager)))
        assert "country 0" in page

    def test_an_option_is_chosen_in_the_page_and_names_are_escaped(self, manager):
        make_account(owner=manager, segment='<b>"x"')
        page = str(form(manager, ("segment", "<i>", 1), ("country", "Deutshland", 1)))
        assert "<b>" not in page and "<i>" not in page and "&lt;b&gt;" in page
        assert re.search(r'<option value="DE" selected>', page)


LIST = "Company;Place;Land\nAcme;Oslo;Atlantis\n"
ASKED = [{"field": "country", "text": "Atlantis", "rows": 2}, {"field": "owner", "text": "gone", "rows": 1}]


@pytest.fixture
def job(client, manager) -> ImportJob:
    found = upload(client, LIST)
    choose(client, found, column_1="city")
    ImportJob.objects.filter(pk=found.pk).update(questions=ASKED)
    found.refresh_from_db()
    return found


def answers_sent(client, job, **fields):
    address = reverse("importing:questions", args=[job.pk])
    asking = client.get(address).context["form"]
    by_text = {one.text: one.name for group in asking.groups for one in group.values}
    sent = {bound.html_name: bound.value() for bound in asking} | {by_text[text]: value for text, value in fields.items()}
    return client.post(address, sent)


class TestPage:
    def test_asks_says_how_many_rows_and_leads_back_to_the_check(self, client, manager, job):
        page = client.get(reverse("importing:questions", args=[job.pk]))
        assert "Atlantis" in page.text and "2 rows" in page.text and "Owners who are not here" in page.text
        answer = answers_sent(client, job, Atlantis="GR", gone=str(manager.pk))
        assert answer.url == reverse("importing:check", args=[job.pk])
        job.refresh_from_db()
        assert job.options["answers"] == {"owner": {"gone": manager.pk}, "country": {"atlantis": "GR"}}
        assert job.questions == [] and job.checked_at is not None  # the rows were read again with the answers
        assert options_of(manager, job.options).answers == job.options["answers"]

    def test_what_was_said_can_be_changed_and_other_answers_stay(self, client, manager, job):
        answers_sent(client, job, Atlantis="GR", gone=str(manager.pk))
        job.refresh_from_db()
        assert {one["text"] for one in to_ask(job)} == {"Atlantis", "gone"}
        page = client.get(reverse("importing:questions", args=[job.pk]))
        assert chosen(page.context["form"]) == {"Atlantis": "GR", "gone": str(manager.pk)}
        answers_sent(client, job, Atlantis="IT")
        job.refresh_from_db()
        assert job.options["answers"]["country"] == {"atlantis": "IT"}
        ImportJob.objects.filter(pk=job.pk).update(questions=[{"field": "country", "text": "Lemuria", "rows": 1}])
        answers_sent(client, job, Lemuria="")
        job.refresh_from_db()
        assert job.options["answers"]["country"] == {"atlantis": "IT", "lemuria": ""}

    def test_it_is_remembered_for_the_next_file_of_the_shape_and_told_in_the_trail(self, client, manager, job):
        answers_sent(client, job, Atlantis="GR")
        kind = kind_called("accounts")
        assert remembered_answers(manager, ["COMPANY", "place", "land"], kind) == {
            "country": {"atlantis": "GR"},
            "owner": {"gone": ""},
        }
        assert remembered_answers(manager, ["Company", "Place"], kind) == {}
        assert remembered_answers(make_user(), ["Company", "Place", "Land"], kind) == {}
        memory = ImportMemory.objects.get()
        assert memory.columns == job.columns

    def test_what_was_said_of_all_others_is_not_remembered(self, client, manager, job):
        many = [{"field": "country", "text": f"Land {number}", "rows": 1} for number in range(ASKED_SINGLY + 1)]
        ImportJob.objects.filter(pk=job.pk).update(questions=many)
        answers_sent(client, job)
        job.refresh_from_db()
        assert REST in job.options["answers"]["country"]
        assert len(ImportMemory.objects.get().answers["country"]) == ASKED_SINGLY

    def test_what_is_found_meanwhile_is_asked_and_nothing_is_lost(self, client, manager, job):
        address = reverse("importing:questions", args=[job.pk])
        before = client.get(address).context["form"]
        sent = {bound.html_name: bound.value() for bound in before}
        ImportJob.objects.filter(pk=job.pk).update(questions=[*ASKED, {"field": "country", "text": "Lemuria", "rows": 1}])
        answer = client.post(address, sent)
        assert answer.status_code == 422 and "This was found meanwhile" in answer.text

    def test_without_questions_it_leads_on(self, client, manager, job):
        ImportJob.objects.filter(pk=job.pk).update(questions=[])
        answer = client.get(reverse("importing:questions", args=[job.pk]))
        assert answer.url == reverse("importing:check", args=[job.pk])

    def test_before_the_columns_it_leads_there_and_afterwards_to_the_report(self, client, manager, job):
        address = reverse("importing:questions", args=[job.pk])
        ImportJob.objects.filter(pk=job.pk).update(state=ImportJob.State.RUNNING)
        assert client.post(address, {}).url == reverse("importing:report", args=[job.pk])
        ImportJob.objects.filter(pk=job.pk).update(state=ImportJob.State.DRAFT, columns={})
        assert client.get(address).url == reverse("importing:columns", args=[job.pk])

    def test_another_cannot_answer(self, client, job):
        client.force_login(make_user())
        assert client.post(reverse("importing:questions", args=[job.pk]), {}).status_code == 404

    def test_it_speaks_dutch(self, client, manager, job):
        User.objects.filter(pk=manager.pk).update(language="nl")
        assert client.get(reverse("importing:questions", args=[job.pk])).status_code == 200


class TestLookups:
    def test_an_owner_is_found_by_name_and_address_written_together(self, manager):
        directory = Directory(Options(manager))
        for text in ("Mila Vermeer (mila@example.com)", "Mila Vermeer <MILA@example.com>", "M. V. (mila@example.com)",
                     "Mila Vermeer (old@example.com)", "mila  vermeer"):  # fmt: skip
            assert directory.owner(text, None) == manager

    def test_an_answer_stands_in_for_one_who_is_not_here_unless_it_may_no_longer_be_given(self, manager):
        stranger = make_user()
        answers = {"owner": {"weg collega": manager.pk, "left": "", "other": stranger.pk}, "team": {"west": "", "oost": 0}}
        directory = Directory(Options(manager, answers=answers))
        assert directory.owner("Weg  Collega", None) == manager
        assert directory.owner("left", None) is None and directory.team("West", None) is None
        for find, text in (
            (directory.owner, "other"),
            (directory.owner, "nobody"),
            (directory.team, "oost"),
            (directory.team, "zuid"),
        ):
            with pytest.raises(ValueError, match=text) as told:
                find(text, None)
            assert told.value.text == text

    def test_two_of_one_name_are_told_apart_once(self, manager):
        mate = make_user(name="Mila Vermeer", email="mv2@example.com")
        make_team(leads=[manager], members=[mate])
        with pytest.raises(ValueError, match="More than one person"):
            Directory(Options(manager)).owner("Mila Vermeer", None)
        assert Directory(Options(manager, answers={"owner": {"mila vermeer": mate.pk}})).owner("Mila Vermeer", None) == mate
