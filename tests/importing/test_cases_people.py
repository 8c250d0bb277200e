"""Lists of people as other programs write them: a language or a role that nobody here speaks of costs no person."""

import pytest
from django.urls import reverse

from accounts.models import Account, Contact
from tests.factories import make_account, make_user
from tests.import_pages import answer, asked, check, choose, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = make_user()
    client.force_login(user)
    make_account(name="Zilverberg BV", owner=user)
    return user


def to_check(client, text, **fields):
    job = upload(client, text, kind="contacts")
    assert choose(client, job, kind="contacts", **fields).status_code == 302
    return job, check(client, job)


def finish(client, job):
    return client.post(reverse("importing:check", args=[job.pk]), follow=True)


class TestLanguages:
    HEADS = "Account,Full name,E-mail,Buying role,Language\n"
    LIST = HEADS + (
        "Zilverberg BV,Luc,luc@z.example,user,French\nZilverberg BV,Lena,lena@z.example,coach,de\n"
        "Zilverberg BV,Lars,lars@z.example,user,nl-NL\nZilverberg BV,Lou,lou@z.example,user,en_US\n"
    )

    def test_one_that_we_do_not_speak_is_asked_once_with_english_as_the_default(self, client, manager):
        job, page = to_check(client, self.LIST)
        assert asked(page) == {("language", "French"): 1, ("language", "de"): 1}
        answer(client, job)
        assert finish(client, job).context["report"]["created"] == 4
        assert dict(Contact.objects.values_list("name", "language")) == {"Luc": "en", "Lena": "en", "Lars": "nl", "Lou": "en"}

    def test_one_language_for_all_and_another_for_one(self, client, manager):
        job, _page = to_check(client, self.LIST)
        answer(client, job, {"language-all": "nl", "French": ""})
        finish(client, job)
        assert dict(Contact.objects.values_list("name", "language")) == {"Luc": "", "Lena": "nl", "Lars": "nl", "Lou": "en"}

    def test_the_same_list_again_asks_nothing_and_changes_nothing(self, client, manager):
        for _time in range(2):
            job, page = to_check(client, self.LIST)
            if page.request["PATH_INFO"] != reverse("importing:check", args=[job.pk]):
                answer(client, job)
            finish(client, job)
        assert page.context["review"].counts["unchanged"] == 4


class TestRoles:
    LIST = (
        "first_name,last_name,title,decision_role,company,email_work\n"
        "John,Vos,Sales Executive,Decision maker,Zilverberg BV,john@z.example\n"
        "Jane,Vos,Designer,Influencer,Zilverberg BV,jane@z.example\n"
        "Jim,Vos,CFO,Executive Sponsor,Zilverberg BV,jim@z.example\n"
        "Joy,Vos,Engineer,Evaluator,Zilverberg BV,joy@z.example\n"
        "Jon,Vos,Planner,END_USER,Zilverberg BV,jon@z.example\n"
        "Jan,Vos,Planner,influencer,Zilverberg BV,jan@z.example\n"
    )

    def test_those_that_are_ours_become_it_and_the_others_are_asked_once(self, client, manager):
        job, page = to_check(client, self.LIST)
        assert asked(page) == {
            ("buying_role", "Influencer"): 2,
            ("buying_role", "Evaluator"): 1,
            ("buying_role", "Executive Sponsor"): 1,
        }
        answer(client, job, {"Influencer": "coach"})
        assert finish(client, job).context["report"]["created"] == 6
        assert dict(Contact.objects.values_list("name", "buying_role")) == {
            "John Vos": "economic", "Jane Vos": "coach", "Jan Vos": "coach", "Jim Vos": "economic", "Joy Vos": "technical",
            "Jon Vos": "user",
        }  # fmt: skip

    def test_an_influence_in_other_words_is_asked_too(self, client, manager):
        job, page = to_check(client, "Account,Full name,Influence\nZilverberg BV,Jo,huge\n")
        assert asked(page) == {("influence", "huge"): 1}
        answer(client, job, {"huge": "3"})
        finish(client, job)
        assert Contact.objects.get().influence == 3


class TestOtherLanguages:
    @pytest.mark.parametrize(
        "heads",
        ["Firma;Vorname;Nachname;E-Mail;Funktion;Rolle;Sprache", "Société;Prénom;Nom;Courriel;Fonction;Rôle;Langue",
         "Bedrijf;Voornaam;Achternaam;E-mailadres;Functie;Rol;Taal"],
    )  # fmt: skip
    def test_german_french_and_dutch_heads_need_no_correction(self, client, manager, heads):
        job = upload(client, f"{heads}\nZilverberg BV;Zoë;Kurz;zoe@z.example;Chef;Champion;nl\n")
        job.refresh_from_db()
        assert job.kind == "contacts"
        _job, _page = job, choose(client, job)
        check(client, job)
        finish(client, job)
        assert Contact.objects.values_list("name", "email", "title", "buying_role", "language").get() == (
            "Zoë Kurz", "zoe@z.example", "Chef", "coach", "nl",
        )  # fmt: skip


class TestPeopleAmongCompanies:
    LIST = (
        "id,name,is_company,parent_id,city,country_id\n__export__.res_partner_7,Azuur BV,True,,Ede,Netherlands\n"
        "__export__.res_partner_8,Jo Vos,False,Azuur BV,Ede,\n__export__.res_partner_9,Al Vos,False,Azuur BV,,\n"
    )

    @pytest.mark.parametrize(("choice", "names"), [("out", {"Azuur BV"}), ("keep", {"Azuur BV", "Jo Vos", "Al Vos"})])
    def test_they_are_asked_once_and_left_out_unless_they_are_wanted(self, client, manager, choice, names):
        job = upload(client, self.LIST)
        assert choose(client, job).status_code == 302
        page = check(client, job)
        assert asked(page) == {("people", "people"): 2} and page.context["form"].groups[0].values[0].bound.value() == "out"
        answer(client, job, {"people": choice})
        finish(client, job)
        assert set(Account.objects.exclude(name="Zilverberg BV").values_list("name", flat=True)) == names
