"""Of confidential rounds an archive holds the result, and nothing that says what a person answered."""

import gzip
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.acts.erasure import erase_contact
from accounts.models import Contact, User
from archive import writing
from archive.writing import document
from assessments.models import Answer, Assessment, Response
from assessments.rounds.closing import close
from surveys.models import Invitation
from surveys.survey.response import keep_answers
from tests.archive.archives import content, empty_everything, take
from tests.factories import answer, make_account, make_administrator, make_assessment, make_contact, make_invitation

pytestmark = pytest.mark.django_db

R1, R2, R4 = "5445 4434 3433 2212 1121", "5544 5444 4443 332- ---2", "5555 --4- 4544 4434 3234"
TEXTS = ("Zoom less.", "", "Answer faster.")


@pytest.fixture
def account(edition):
    return make_account()


def ask(account, round_, *marks, texts=TEXTS) -> list[Contact]:
    """People of different influence and role who answered, each with a text."""
    people = []
    for number, (mark, text) in enumerate(zip(marks, texts, strict=False)):
        role = ("economic", "technical", "user")[number]
        person = make_contact(
            account, name=f"Ines {number}", email=f"ines{number}@acme.test", influence=3 - number, buying_role=role
        )
        make_invitation(round_, person, state="answered", answered_at=timezone.now())
        answer(round_, person, mark, comment=text)
        people.append(person)
    return people


def closed_with(account, *marks, **fields) -> tuple[Assessment, list[Contact]]:
    opened = timezone.now() - timedelta(days=20)
    round_ = make_assessment(account, visibility="confidential", opened_at=opened)
    answer(round_, account.owner, R4, comment="Ours, with a name.")
    people = ask(account, round_, *marks, **fields)
    return close(round_, by=account.owner), people


def records(kind: str, **how) -> list[dict]:
    return [one for one in json.loads(b"".join(document(**how)))["records"] if one["model"] == kind]


def theirs(**how) -> list[dict]:
    return [one for one in records("assessments.response", **how) if one["fields"]["side"] == "customer"]


class TestOfAClosedRound:
    def test_no_response_has_a_name_an_answer_or_a_figure(self, account):
        closed_with(account, R1, R2, R4)
        found = [one["fields"] for one in theirs()]
        assert [one["comment"] for one in found] == ["Answer faster.", "Zoom less."]
        for one in found:
            assert {one[name] for name in ("contact", "user", "entered_by", "position", "level", "strength", "known_levels")} == {
                None
            }
            assert (one["weight"], one["buying_role"], one["counted"], one["address_since"]) == (1, "", False, None)

    def test_nothing_tells_one_from_another(self, account):
        """Neither when it was given, nor its number with a text: the trail says whose number it is."""
        closed_with(account, R1, R2, R4)
        found = theirs()
        assert len({json.dumps({**one["fields"], "comment": ""}, default=str) for one in found}) == 1
        given = dict(Response.objects.filter(side="customer").values_list("pk", "comment"))
        assert [one["pk"] for one in found] == [pk for pk in sorted(given) if given[pk]]
        assert [given[one["pk"]] for one in found] == ["Zoom less.", "Answer faster."]  # the other way round

    def test_no_answer_of_theirs_is_in_it_and_all_of_ours(self, account):
        closed_with(account, R1, R2, R4)
        ours = Response.objects.get(side="team").pk
        assert {one["fields"]["response"] for one in records("assessments.answer")} == {ours}
        assert "Ours, with a name." in [one["fields"]["comment"] for one in records("assessments.response")]

    def test_the_result_is(self, account):
        closed, _people = closed_with(account, R1, R2, R4)
        (told,) = (one["fields"] for one in records("assessments.assessment") if one["pk"] == closed.pk)
        assert (told["customer_level"], told["customer_position"], told["agreement"], told["agreement_word"]) == (
            3,
            None,
            None,
            "shared",
        )

    def test_below_three_not_even_the_texts_are(self, account):
        closed_with(account, R1, R2)
        assert theirs() == []

    def test_nor_once_one_of_them_was_erased(self, account):
        _closed, people = closed_with(account, R1, R2, R4)
        erase_contact(people[1], by=account.owner)
        assert theirs() == []

    def test_of_a_named_round_all_is_there(self, account):
        round_ = make_assessment(account)
        people = ask(account, round_, R1, R2, R4)
        close(round_, by=account.owner)
        assert [one["fields"]["contact"] for one in theirs()] == [person.pk for person in people]
        assert len(records("assessments.answer")) == Answer.objects.count()

    def test_in_batches_too(self, account, monkeypatch):
        closed_with(account, R1, R2, R4)
        whole = b"".join(document())
        monkeypatch.setattr(writing, "BATCH", 1)
        assert content(b"".join(document())) == content(whole)


class TestOfAnOpenRound:
    def test_nothing_of_theirs_is_there(self, account):
        round_ = make_assessment(account, visibility="confidential")
        people = ask(account, round_, R1, R2, R4)
        answer(round_, make_contact(account), "5...", submit=False)
        assert theirs() == [] and records("assessments.answer") == []
        (first, *_others) = (one["fields"] for one in records("surveys.invitation"))
        assert (first["contact"], first["state"], first["answered_at"]) == (people[0].pk, "opened", None)

    def test_in_a_named_one_who_answered_stays_so(self, account):
        ask(account, make_assessment(account), R1, R2, R4)
        assert {one["fields"]["state"] for one in records("surveys.invitation")} == {"answered"}


class TestImported:
    @pytest.fixture
    def moved(self, account, tmp_path):
        closed, people = closed_with(account, R1, R2, R4)
        open_round = make_assessment(account, visibility="confidential")
        make_invitation(open_round, people[0], state="answered", answered_at=timezone.now())
        answer(open_round, people[0], R1)
        self.whole = take(tmp_path / "all.json")
        empty_everything()
        call_command("import_archive", str(tmp_path / "all.json"))
        return closed

    def test_the_page_of_the_round_shows_the_same_texts_and_who_was_asked(self, moved, client):
        client.force_login(User.objects.get(pk=moved.closed_by_id))
        page = client.get(moved.get_absolute_url())
        assert page.context["unnamed"].texts == ("Answer faster.", "Zoom less.")
        assert "3 of 3 answered" in " ".join(page.text.split())
        assert client.get(reverse("portfolio:account", args=[moved.account_id])).status_code == 200

    def test_an_archive_of_it_is_the_archive(self, moved):
        assert content(b"".join(document())) == content(self.whole)

    def test_who_had_answered_the_open_one_may_do_so_again(self, moved):
        invitation = Invitation.objects.get(assessment__state="open")
        assert invitation.is_usable
        response = keep_answers(invitation, {"1a": 5}, None, seen=0, send=True, browser="a new one")
        assert response.is_submitted

    def test_once_one_of_them_is_erased_no_text_is_there_any_more(self, moved, client):
        erase_contact(Contact.objects.get(name="Ines 1"), by=User.objects.get(pk=moved.closed_by_id))
        assert not Response.objects.filter(side="customer").exclude(comment="").exists()
        client.force_login(User.objects.get(pk=moved.closed_by_id))
        assert client.get(moved.get_absolute_url()).context["unnamed"].one_is_gone

    def test_the_account_stands_where_it_stood(self, moved, capsys):
        call_command("verify_derived")
        assert "is what its history says" in capsys.readouterr().out


def test_whoever_runs_the_site_can_move_it_with_all_answers(account, tmp_path):
    closed_with(account, R1, R2, R4)
    before = list(Response.objects.order_by("pk").values("contact", "position", "comment", "weight"))
    answers = Answer.objects.count()
    call_command("archive", "--confidential-answers", str(tmp_path / "all.json"))
    assert json.loads((tmp_path / "all.json").read_text())["header"]["confidential_answers"] is True
    empty_everything()
    call_command("import_archive", str(tmp_path / "all.json"))
    assert list(Response.objects.order_by("pk").values("contact", "position", "comment", "weight")) == before
    assert Answer.objects.count() == answers


def test_the_page_of_the_administrator_gives_the_one_without(account, client):
    closed_with(account, R1, R2, R4)
    client.force_login(make_administrator())
    whole = gzip.decompress(b"".join(client.post(reverse("archive"))))
    assert json.loads(whole)["header"]["confidential_answers"] is False
    assert not [
        one for one in json.loads(whole)["records"] if one["model"] == "assessments.response" and one["fields"]["contact"]
    ]
