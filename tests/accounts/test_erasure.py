"""A person's rights: what is exported of a contact, and what is left when they are erased."""

import json
import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.acts.changing import save_contact
from accounts.acts.erasure import NAME_PLACEHOLDER, contacts_of_same_person, erase_contact, export_contact, mask_names
from accounts.forms import ContactForm
from accounts.models import Account, Contact
from assessments.models import Assessment, Correction, Evidence, Response
from assessments.rating.acts import Filled, Rater, save_response
from assessments.rounds.closing import close, reopen
from audit import trail
from audit.models import Event
from mailing.models import Letter
from plans.action_plans.acts import start_plan
from plans.actions.acts import add_action
from surveys.invitations import INVITATION
from surveys.models import Invitation, SurveyLink
from surveys.survey.links import issue_link, link_of
from tests.factories import answer, make_account, make_assessment, make_contact, make_team, make_user, make_viewer

pytestmark = pytest.mark.django_db

NAME, EMAIL, TITLE = "Ines Duarte", "ines.duarte@zilverberg.example", "Chief of Silver Spoons"
PHONE = "06 12 34 56 78"
MARKS = "5555 5554 3333 2222 1111"


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def account(owner):
    return make_account(name="Zilverberg", owner=owner)


@pytest.fixture
def ines(account, owner):
    """Made by the form, so that the trail knows her by two names."""
    data = {"name": "Ines Costa", "email": EMAIL, "title": TITLE, "buying_role": "economic", "influence": 3, "active": "on"}
    data |= {"phone": PHONE, "not_part_because": "Retires soon", "left_on": "2026-03-31"}
    form = ContactForm(data, account=account, instance=Contact(account=account))
    assert form.is_valid(), form.errors
    contact = save_contact(form, by=owner)
    form = ContactForm(data | {"name": NAME, "version": contact.version}, account=account, instance=contact)
    assert form.is_valid(), form.errors
    return save_contact(form, by=owner)


def invite(contact, assessment, **fields):
    words = {"language": "en", "subject": f"For {NAME}", "message": f"Dear {NAME}, how are we doing?"}
    return Invitation.objects.create(
        assessment=assessment, contact=contact, expires_on=timezone.localdate() + timedelta(days=14), **words | fields
    )


@pytest.fixture
def known_everywhere(account, owner, ines, edition):
    """Ines stands in every table that can hold a person: asked, heard, quoted, reported to, planned with."""
    past = make_assessment(account, held_on=timezone.localdate() - timedelta(days=100))
    answer(past, ines, MARKS, comment=f"Greetings, {NAME}", evidence={3: "My number is 06"}, by=owner)
    answer(past, make_contact(account, reports_to=ines), "5555 5555 5555 2222 1111", comment="Ask Ines Duarte")
    answer(past, owner, "5555 5555 5555 5555 1111", evidence={2: f"{NAME.upper()} said so"})
    invite(ines, past, state=Invitation.State.ANSWERED, answered_at=timezone.now())
    close(past, by=owner)
    reopen(past, by=owner, reason="Duarte, Ines had more to say")
    close(past, by=owner)
    now = make_assessment(account)
    answer(now, ines, "5555 4", submit=False, comment="Still writing, yours Ines Costa", by=owner)
    issue_link(invite(ines, now, state=Invitation.State.OPENED))
    account.refresh_from_db()
    account.notes = f"Lunch with {NAME}. Write to {EMAIL}."
    account.save()
    trail.record(
        "account.changed", account, by=owner, before={"notes": ""}, after={"notes": account.notes}, note=f"told by {NAME}"
    )
    plan = start_plan(account, by=owner, from_rank=2, owner=owner, goal=f"{NAME} tells others of us")
    add_action(plan, by=owner, title=f"Call {NAME}", owner=owner, due_on=timezone.localdate())
    return past


def whole_database() -> str:
    """Every row of every table, as text."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += [f"{table}: {row!r}" for row in cursor.fetchall()]
    assert len(rows) > 100
    return "\n".join(rows)


def lines_with(needle: str, text: str) -> list[str]:
    """As whole words, whatever the case."""
    return [line for line in text.splitlines() if re.search(rf"\b{re.escape(needle)}\b", line, re.IGNORECASE)]


class TestErasing:
    @pytest.fixture
    def erased(self, known_everywhere, ines, owner):
        return erase_contact(ines, by=owner)

    @pytest.mark.parametrize(
        "needle",
        [
            "Ines",
            "Duarte",
            "Costa",
            EMAIL,
            TITLE,
            PHONE,
            "Retires soon",
            "2026-03-31",
            "My number",
            "Greetings",
            "Still writing",
            "how are we doing",
        ],
    )
    def test_nothing_of_the_person_is_left_in_the_database(self, known_everywhere, ines, owner, needle):
        assert lines_with(needle, whole_database())
        erase_contact(ines, by=owner)
        assert lines_with(needle, whole_database()) == []

    def test_the_trail_still_proves_itself(self, erased, capsys):
        call_command("verify_audit")
        assert "content removed on request" in capsys.readouterr().out

    def test_every_total_stays(self, known_everywhere, ines, owner, account):
        def totals():
            rounds = Assessment.objects.closed().order_by("pk").values(
                "customer_position", "customer_level", "team_position", "team_level", "gap", "agreement", "confidence",
                "respondents",
            )  # fmt: skip
            derived = Account.objects.filter(pk=account.pk).values(
                "customer_position", "customer_level", "team_position", "team_level", "last_heard_on", "target_status"
            )
            given = Response.objects.exclude(submitted_at=None).order_by("pk")
            said = given.values("position", "level", "strength", "weight", "buying_role")
            return [list(rows) for rows in (rounds, derived, said, given.values_list("answers__value").order_by("answers__pk"))]

        before = totals()
        erase_contact(ines, by=owner)
        assert totals() == before

    def test_closing_again_comes_to_the_same_result(self, erased, known_everywhere, owner):
        Assessment.objects.open().delete()
        before = Assessment.objects.get(pk=known_everywhere.pk)
        again = close(reopen(before, by=owner, reason="to see"), by=owner)
        assert (again.customer_position, again.respondents) == (before.customer_position, before.respondents)

    def test_what_is_left_of_the_contact_has_a_word_and_no_name(self, erased):
        assert str(erased) == "Erased person"
        assert (erased.name, erased.email, erased.title, erased.language, erased.reports_to) == ("", "", "", "", None)
        assert (erased.active, erased.do_not_ask, erased.erased_on) == (False, True, timezone.localdate())

    def test_nobody_reports_to_them_any_more(self, erased):
        assert not Contact.objects.exclude(reports_to=None).exists()

    def test_the_links_are_worth_nothing(self, ines, owner, edition, account):
        link = issue_link(invite(ines, make_assessment(account)))
        token = link.rstrip("/").rsplit("/", 1)[1]
        assert link_of(token)
        erase_contact(ines, by=owner)
        assert link_of(token) is None
        assert not SurveyLink.objects.exists()
        assert Invitation.objects.get().state == Invitation.State.REVOKED

    def test_an_invitation_that_was_answered_stays_answered(self, erased, known_everywhere):
        assert known_everywhere.invitations.get().state == Invitation.State.ANSWERED

    def test_what_was_not_sent_yet_goes(self, erased):
        assert not Response.objects.filter(submitted_at=None).exists()

    def test_what_others_wrote_stays_but_for_the_name(self, erased, account):
        account.refresh_from_db()
        assert account.notes == f"Lunch with {NAME_PLACEHOLDER}. Write to {NAME_PLACEHOLDER}."
        assert Response.objects.get(comment__startswith="Ask").comment == f"Ask {NAME_PLACEHOLDER}"
        assert Evidence.objects.get().text == f"{NAME_PLACEHOLDER} said so"
        assert account.plans.get().goal == f"{NAME_PLACEHOLDER} tells others of us"

    def test_a_correction_of_our_view_stays_but_for_the_name(self, ines, owner, edition, account):
        round_ = make_assessment(account)
        answer(round_, make_contact(account), "5445 4434 3433 2212 1121")
        for comment in ("", f"{NAME} told me more"):
            answer(round_, owner, "5445 4434 3433 2212 1121", comment=comment, evidence={2: f"{NAME} said so"} if comment else {})
        erase_contact(ines, by=owner)
        correction = Correction.objects.get()
        assert (correction.comment, correction.evidence) == (
            f"{NAME_PLACEHOLDER} told me more",
            {"2": f"{NAME_PLACEHOLDER} said so"},
        )

    def test_an_event_that_only_mentions_them_keeps_the_rest(self, erased):
        event = Event.objects.get(act="assessment.reopened")
        assert event.note == f"{NAME_PLACEHOLDER} had more to say"
        assert event.before["customer_level"] == 2

    def test_the_answers_stay_in_the_trail_as_numbers(self, erased):
        event = Event.objects.get(act="response.submitted", after__contact=erased.pk)
        assert event.after["answer 2d"] == 4
        assert not {"comment", "evidence 3"} & set(event.after)

    def test_the_address_that_they_answered_from_goes(self, ines, owner, edition, account, monkeypatch):
        monkeypatch.setattr(trail, "current_origin", lambda: "192.0.2.7")
        save_response(make_assessment(account), Rater.by_link(ines), Filled({"1a": 5}), by=None, submit=True)
        assert lines_with("192.0.2.7", whole_database())
        theirs = Event.objects.filter(actor=None)
        erase_contact(ines, by=owner)
        assert theirs.values_list("origin", flat=True)[0] == ""

    def test_it_leaves_a_trail_that_tells_who_and_how_much(self, erased, owner):
        event = Event.objects.get(act="contact.erased")
        assert (event.actor, event.object_id) == (owner, erased.pk)
        assert event.after == {"drafts": 1, "responses": 2, "invitations": 2, "notes": 0, "texts": 5}

    def test_twice_is_once(self, erased, owner):
        before = Event.objects.count()
        erase_contact(erased, by=owner)
        assert Event.objects.count() == before

    def test_others_keep_their_names(self, known_everywhere, ines, owner, account):
        other = make_contact(account, name="Ines Duartes", email="other@zilverberg.example")
        namesake = make_contact(name=NAME, email="namesake@elsewhere.example")
        account.notes = "Ines Duartes is someone else."
        account.save()
        erase_contact(ines, by=owner)
        account.refresh_from_db()
        assert account.notes == "Ines Duartes is someone else."
        assert [Contact.objects.get(pk=one.pk).name for one in (other, namesake)] == ["Ines Duartes", NAME]

    def test_the_customer_keeps_a_name_that_is_also_the_persons(self, owner):
        account = make_account(name="Jan Jansen", owner=owner, notes="Jan Jansen started in 1990")
        trail.record("account.created", account, by=owner, after={"name": account.name})
        erase_contact(make_contact(account, name="Jan Jansen"), by=owner)
        assert Event.objects.get(act="account.created").after == {"name": "Jan Jansen"}

    def test_who_edits_a_text_that_changed_meanwhile_is_told(self, known_everywhere, ines, owner, account):
        seen = Account.objects.get(pk=account.pk).version
        erase_contact(ines, by=owner)
        assert Account.objects.get(pk=account.pk).version == seen + 1

    def test_an_answer_under_way_finds_the_door_shut(self, ines, owner, edition, account):
        rater, assessment = Rater.by_link(ines), make_assessment(account)
        erase_contact(ines, by=owner)
        with pytest.raises(ValidationError, match="erased"):
            save_response(assessment, rater, Filled(comment="Ines here"), by=owner, submit=True)


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("Ines Duarte called", ["Ines Duarte"], f"{NAME_PLACEHOLDER} called"),
        ("INES  DUARTE’s view", ["Ines Duarte"], f"{NAME_PLACEHOLDER}’s view"),
        ("ines\nduarte", ["Ines Duarte"], NAME_PLACEHOLDER),
        ("Inès Duarte", ["Ines Duarte"], "Inès Duarte"),
        ("Mark my words, said Mark", ["Mark"], f"{NAME_PLACEHOLDER} my words, said {NAME_PLACEHOLDER}"),
        ("mark my words", ["Mark"], "mark my words"),
        ("Marketing", ["Mark"], "Marketing"),
        ("to a@b.example.", ["a@b.example", "b.example"], f"to {NAME_PLACEHOLDER}."),
        ("(A@B.example)", ["a@b.example"], f"({NAME_PLACEHOLDER})"),
        ("J. R. (Bob) O'Hara", ["J. R. (Bob) O'Hara"], NAME_PLACEHOLDER),
        ("張偉さん", ["張偉"], "張偉さん"),
        ("", ["x y"], ""),
    ],
)
def test_names_are_taken_out_as_whole_words(text, names, left):
    assert mask_names(text, names=names) == left


class TestPages:
    def address(self, name, contact):
        return reverse(f"accounts:{name}", args=[contact.account_id, contact.pk])

    def test_the_page_says_what_goes_and_what_stays(self, client, owner, ines):
        client.force_login(owner)
        page = client.get(self.address("contact_erase", ines)).content.decode()
        assert "What goes" in page and "What stays" in page and NAME in page

    @pytest.mark.parametrize("typed", ["", "Ines", "Ines Duarte!"])
    def test_without_the_name_nobody_is_erased(self, client, owner, ines, typed):
        client.force_login(owner)
        said = client.post(self.address("contact_erase", ines), {"name": typed})
        assert said.status_code == 422
        assert "Type the name as it stands here" in said.content.decode()
        assert Contact.objects.get(pk=ines.pk).name == NAME

    @pytest.mark.parametrize("typed", [NAME, "ines  duarte "])
    def test_with_the_name_they_are(self, client, owner, ines, typed):
        client.force_login(owner)
        said = client.post(self.address("contact_erase", ines), {"name": typed}, follow=True)
        assert "still counts, without anyone" in said.content.decode()
        assert Contact.objects.get(pk=ines.pk).erased_on

    def test_a_second_click_says_that_it_is_done(self, client, owner, ines):
        client.force_login(owner)
        erase_contact(ines, by=owner)
        said = client.post(self.address("contact_erase", ines), {"name": NAME}, follow=True)
        assert "erased already" in said.content.decode()

    def test_an_erased_person_stands_on_no_page(self, client, owner, account, known_everywhere, ines):
        client.force_login(owner)
        pages = [
            account.get_absolute_url(),
            known_everywhere.get_absolute_url(),
            reverse("accounts:edit", args=[account.pk]),
            reverse("accounts:contact_new", args=[account.pk]),
            reverse("assessments:customer_choice", args=[account.pk]),
            reverse("plans:plan", args=[account.pk]),
            reverse("accounts:list") + "?q=Zilverberg",
        ]
        shown = [client.get(page).content.decode() for page in pages]
        assert sum(NAME in page for page in shown) >= 5
        erase_contact(ines, by=owner)
        shown = [client.get(page).content.decode() for page in pages]
        assert [page for page, text in zip(pages, shown, strict=True) if "Duarte" in text or EMAIL in text] == []

    def test_the_account_tells_once_that_somebody_was_erased(self, client, owner, account, known_everywhere, ines):
        erase_contact(ines, by=owner)
        client.force_login(owner)
        page = client.get(account.get_absolute_url() + "activity/").content.decode()
        assert page.count("erased a contact") == 1
        assert "changed something here" not in page

    def test_an_erased_person_has_no_page(self, client, owner, ines):
        client.force_login(owner)
        erase_contact(ines, by=owner)
        assert client.get(self.address("contact_edit", ines)).status_code == 404
        assert client.post(self.address("contact_export", ines)).status_code == 404

    def test_nobody_can_report_to_an_erased_person(self, client, owner, account, ines):
        client.force_login(owner)
        other = make_contact(account)
        assert f"{NAME}</option>" in client.get(self.address("contact_edit", other)).content.decode()
        erase_contact(ines, by=owner)
        assert "Erased person" not in client.get(self.address("contact_edit", other)).content.decode()

    def test_the_same_address_at_another_account_is_pointed_out_to_who_sees_it(self, owner, ines):
        mine, foreign = make_contact(make_account(owner=owner), email=EMAIL.upper()), make_contact(email=EMAIL)
        assert contacts_of_same_person(ines, owner) == [mine]
        assert {*contacts_of_same_person(foreign, make_viewer())} == {ines, mine}

    def test_a_list_with_their_address_brings_a_new_contact(self, owner, ines, account, tmp_path):
        erase_contact(ines, by=owner)
        account.external_id = "Z1"
        account.save()
        file = tmp_path / "list.csv"
        file.write_text(f"external id,name,contact name,contact email\nZ1,Zilverberg,{NAME},{EMAIL}\n")
        call_command("import_accounts", str(file), owner=owner.email)
        assert account.contacts.get(email=EMAIL).pk != ines.pk
        assert Contact.objects.get(pk=ines.pk).name == ""


class TestExport:
    def export(self, client, contact, who):
        client.force_login(who)
        return client.post(reverse("accounts:contact_export", args=[contact.account_id, contact.pk]))

    def test_it_holds_everything_about_the_person(self, client, owner, ines, known_everywhere):
        Letter.objects.create(kind=INVITATION, subject_id=ines.invitations.first().pk, key="one")
        file = self.export(client, ines, owner)
        found = json.loads(file.content)
        assert (found["contact"]["name"], found["contact"]["account"]) == (NAME, "Zilverberg")
        first = found["rounds"][0]
        assert (first["level"], first["comment"], first["evidence"]) == (
            2,
            f"Greetings, {NAME}",
            [{"level": 3, "text": "My number is 06"}],
        )
        assert len(first["answers"]) == 20 and first["answers"][7]["answer"] == 4
        assert [one["state"] for one in found["invitations"]] == ["answered", "opened"]
        assert [one["state"] for one in found["invitations"][0]["letters"]] == ["queued"]
        acts = [event["act"] for event in found["trail"]]
        assert acts[:3] == ["contact.created", "contact.changed", "response.submitted"]

    def test_it_is_a_file_that_no_cache_keeps_and_whose_name_tells_nothing(self, client, owner, ines):
        file = self.export(client, ines, owner)
        assert file["Content-Disposition"] == f'attachment; filename="contact-{ines.pk}.json"'
        assert file["Cache-Control"] == "no-store"

    def test_it_stands_in_the_trail(self, client, owner, ines):
        self.export(client, ines, owner)
        event = Event.objects.get(act="contact.exported")
        assert (event.actor, event.object_id) == (owner, ines.pk)

    def test_looking_at_the_address_exports_nothing(self, client, owner, ines):
        client.force_login(owner)
        assert client.get(reverse("accounts:contact_export", args=[ines.account_id, ines.pk])).status_code == 405

    def test_confidential_answers_stay_out_and_it_says_so(self, owner, ines, account, edition):
        assessment = make_assessment(account, visibility="confidential")
        answer(assessment, ines, MARKS, comment="A secret", by=owner)
        close_with_two_more(assessment, account, owner)
        found = export_contact(ines, by=owner)
        assert "A secret" not in str(found) and "answers" not in found["rounds"][0] and "level" not in found["rounds"][0]
        assert "answer 1a" not in str(found["trail"])
        assert any("confidential" in sentence for sentence in found["left_out"])

    def test_who_still_has_to_give_a_view_does_not_read_theirs_first(self, owner, ines, account, edition):
        assessment = make_assessment(account)
        answer(assessment, ines, MARKS, comment="A hint", by=owner)
        assert "A hint" in str(export_contact(ines, by=owner))
        assessment.raters.add(owner)
        found = export_contact(ines, by=owner)
        assert "A hint" not in str(found) and "answers" not in found["rounds"][0]
        assert any("view of their own" in sentence for sentence in found["left_out"])

    def test_what_they_have_not_sent_stays_theirs(self, owner, ines, account, edition):
        answer(make_assessment(account), ines, MARKS, submit=False, comment="Not yet", by=owner)
        assert "Not yet" not in str(export_contact(ines, by=owner))

    @pytest.mark.parametrize(("who", "status"), [("mate", 403), ("viewer", 403), ("stranger", 404)])
    def test_only_who_may_change_the_account_exports(self, client, owner, ines, account, who, status):
        people = {"mate": make_user(), "viewer": make_viewer(), "stranger": make_user()}
        account.team = make_team(members=[people["mate"]])
        account.save()
        assert self.export(client, ines, people[who]).status_code == status


def close_with_two_more(assessment, account, owner):
    for _number in range(2):
        answer(assessment, make_contact(account), MARKS, by=owner)
    close(assessment, by=owner)
