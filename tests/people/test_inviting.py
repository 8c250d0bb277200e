"""Colleagues who are invited: the letter, the link, and coming in."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Team, User
from audit.models import Event
from mailing import outbox
from mailing.models import Letter
from people.inviting import invitation_with, invite_again
from people.models import ColleagueInvitation
from tests.factories import make_administrator, make_team, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_cache")]
PASSWORD = "a long enough secret"
FILES = {"default": {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": {"file_path": "/nowhere/mail"}}}
State = User.State


@pytest.fixture
def ada(client):
    person = make_administrator(name="Ada Kramer", email="ada@example.com", password=PASSWORD)
    client.force_login(person)
    return person


def invite(client, people="Mila Vermeer <mila@example.com>", **fields):
    return client.post(reverse("people:invite"), {"people": people, "role": "manager"} | fields)


def links(answer) -> list[str]:
    return [link for _person, link in answer.context["links"]]


def letter_text() -> str:
    outbox.deliver_due()
    (message,) = mail.outbox
    return message.body


def link_in(text: str) -> str:
    return next(word for word in text.split() if "/welcome/" in word)


def choose(link: str, *, name="Mila Vermeer", password=PASSWORD, again=None):
    return Client().post(link, {"name": name, "password1": password, "password2": again or password})


class TestInviting:
    def test_adds_a_person_without_a_password_and_writes_a_letter_with_a_link(self, client, ada):
        assert invite(client).url == f"{reverse('people:list')}?state=invited"
        mila = User.objects.get(email="mila@example.com")
        assert (mila.name, mila.role, mila.state) == ("Mila Vermeer", "manager", State.INVITED)
        body = letter_text()
        assert "Ada Kramer invites you" in body
        token = link_in(body).rstrip("/").rpartition("/")[2]
        assert invitation_with(token).user == mila
        assert token not in str(list(Letter.objects.values())) + str(list(ColleagueInvitation.objects.values()))
        acts = set(Event.objects.values_list("act", flat=True))
        assert {"user.created", "user.invited"} <= acts and token not in str(list(Event.objects.values()))

    def test_reply_goes_to_who_invites_and_names_are_whole(self, client, ada):
        User.objects.filter(pk=ada.pk).update(name='Kramer, "Ada" <x@y>')
        invite(client, "Jan, é <jan@example.com>")
        outbox.deliver_due()
        read = message_from_bytes(mail.outbox[0].message(policy=policy.SMTP).as_bytes(), policy=policy.default)
        assert [one.addr_spec for one in read["To"].addresses] == ["jan@example.com"]
        assert [one.addr_spec for one in read["Reply-To"].addresses] == ["ada@example.com"]

    def test_a_dutch_letter(self, client, ada):
        invite(client, language="nl")
        assert User.objects.get(email="mila@example.com").language == "nl"
        outbox.deliver_due()
        assert "Beste Mila" in mail.outbox[0].body

    def test_500_are_stored_in_batches(self, client, ada, django_assert_max_num_queries):
        for number, most in ((5, 40), (500, 50)):
            text = "\n".join(f"Person {n} <p{number}x{n}@example.com>" for n in range(number))
            with django_assert_max_num_queries(most):
                assert invite(client, text, team=make_team().pk).status_code == 302
        assert ColleagueInvitation.objects.count() == Letter.objects.count() == 505

    def test_501_are_refused_and_stay_in_the_field(self, client, ada):
        text = "\n".join(f"p{n}@example.com" for n in range(501))
        answer = invite(client, text)
        assert answer.status_code == 422 and "at most 500" in answer.text and "p500@example.com" in answer.text
        assert User.objects.count() == 1

    def test_what_is_wrong_is_said_a_line_and_nothing_is_lost_or_invited(self, client, ada):
        make_user(email="lena@example.com", name="Lena Vos")
        answer = invite(client, "mila@example.com\nnonsense\nLENA@example.com", new_team="Benelux")
        assert answer.status_code == 422
        for words in ("Line 2:", "“nonsense” is not", "Line 3: lena@example.com is here already", "Lena Vos", 'value="Benelux"'):
            assert words in answer.text
        assert "nonsense\nLENA@example.com</textarea>" in answer.text
        assert not User.objects.filter(email="mila@example.com").exists() and not Team.objects.exists()

    @pytest.mark.parametrize("people", ["", " \n ", "\x00"])
    def test_nobody_is_refused(self, client, ada, people):
        assert invite(client, people).status_code == 422

    def test_puts_them_in_a_team_old_or_new_and_lets_them_lead(self, client, ada):
        team = make_team(name="Nordics")
        invite(client, "a@example.com", team=team.pk)
        invite(client, "b@example.com", new_team="Benelux", is_lead="on")
        benelux = Team.objects.get(name="Benelux")
        assert team.members.get().email == "a@example.com" and not team.leads.exists()
        assert benelux.members.get() == benelux.leads.get() == User.objects.get(email="b@example.com")
        assert Event.objects.filter(act="team.changed").count() == 2

    @pytest.mark.parametrize(
        "fields",
        [{"new_team": "Nordics"}, {"is_lead": "on"}, {"team": "999"}, {"role": "boss"}, {"language": "xx"}, {"both": "1"}],
    )
    def test_terms_that_do_not_fit_are_refused(self, client, ada, fields):
        team = make_team(name="Nordics")
        fields = {"team": team.pk, "new_team": "Other"} if "both" in fields else fields
        assert invite(client, **fields).status_code == 422
        assert User.objects.count() == 1

    @pytest.mark.parametrize("name", ["<b>x</b>", "=1+1", "Ω 田中", "'; DROP TABLE x --"])
    def test_hostile_names_are_shown_as_they_are(self, client, ada, settings, name):
        answer = invite(client, f"{name.replace('<', '‹').replace('>', '›').replace(';', ',')} <x@example.com>")
        assert answer.status_code == 302
        assert "<b>x" not in client.get(reverse("people:list")).text


class TestWithoutMail:
    @pytest.fixture(autouse=True)
    def no_mail(self, settings):
        settings.MAILERS = FILES

    def test_the_links_are_shown_once_and_no_letter_is_written(self, client, ada):
        answer = invite(client, "a@example.com\nb@example.com")
        assert answer.status_code == 200 and len(links(answer)) == 2
        assert all(link in answer.text for link in links(answer)) and "no-store" in answer["Cache-Control"]
        assert not Letter.objects.exists()
        assert choose(links(answer)[0]).status_code == 302
        assert "/welcome/" not in client.get(reverse("people:list")).text

    def test_the_page_says_that_mail_is_not_set_up_and_where_to(self, client, ada):
        page = client.get(reverse("people:invite")).text
        assert "written to files in /nowhere/mail/" in page and reverse("people:mail") in page

    def test_a_new_link_replaces_the_former_one(self, client, ada):
        (old,) = links(invite(client))
        mila = User.objects.get(email="mila@example.com")
        (new,) = links(client.post(reverse("people:invitation", args=[mila.pk]), {"again": "1"}))
        assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)

    def test_a_password_link_is_shown_too(self, client, ada):
        person = make_user(password=PASSWORD)
        (link,) = links(client.post(reverse("people:password", args=[person.pk])))
        assert "/password/reset/key/" in link and Event.objects.filter(act="user.password_link").exists()


class TestComingIn:
    @pytest.fixture
    def link(self, client, ada):
        invite(client, team=make_team(name="Benelux").pk)
        return link_in(letter_text())

    def test_a_password_and_a_name_and_one_is_on_ones_desk_with_two_lines(self, link):
        browser = Client()
        answer = browser.post(link, {"name": "Mila V.", "password1": PASSWORD, "password2": PASSWORD})
        assert answer.url == reverse("portfolio:start")
        page = browser.get(answer.url, follow=True).text
        assert "Welcome to Standing, Mila." in page and "what to do next" in page
        mila = User.objects.get(email="mila@example.com")
        assert (mila.name, mila.state, mila.check_password(PASSWORD)) == ("Mila V.", State.ACTIVE, True)
        assert not ColleagueInvitation.objects.exists()
        assert {"user.joined", "user.password_changed"} <= set(Event.objects.values_list("act", flat=True))
        assert PASSWORD not in str(list(Event.objects.values()))

    def test_works_once(self, link):
        choose(link)
        assert choose(link, password="another long secret").status_code == 404
        assert User.objects.get(email="mila@example.com").check_password(PASSWORD)

    def test_reading_it_spends_nothing(self, client, link):
        for _ in range(3):
            assert client.get(link).status_code == client.head(link).status_code == 200
        assert choose(link).status_code == 302

    @pytest.mark.parametrize(
        ("password", "again"),
        [("short", "short"), ("password123", "password123"), (PASSWORD, "other"), ("mila@example.com",) * 2],
    )
    def test_a_poor_password_is_refused_by_our_rules(self, link, password, again):
        answer = choose(link, password=password, again=again)
        assert answer.status_code == 422 and "Mila Vermeer" in answer.text
        assert User.objects.get(email="mila@example.com").state == State.INVITED

    def test_expires_after_14_days(self, client, link):
        with time_machine.travel(timezone.now() + timedelta(days=13)):
            assert client.get(link).status_code == 200
        with time_machine.travel(timezone.now() + timedelta(days=15)):
            assert client.get(link).status_code == 404

    def test_is_over_once_a_password_is_chosen_by_another_way(self, client, link):
        mila = User.objects.get(email="mila@example.com")
        mila.set_password(PASSWORD)
        mila.save()
        assert client.get(link).status_code == 404

    def test_is_over_when_the_address_changes(self, client, link):
        mila = User.objects.get(email="mila@example.com")
        fields = {"name": "Mila", "email": "m@example.com", "role": "manager", "language": "", "version": mila.version}
        assert client.post(reverse("people:person", args=[mila.pk]), fields).status_code == 302
        assert Client().get(link).status_code == 404

    @pytest.mark.parametrize("guess", ["x", "A" * 32, "%00", "x" * 3000])
    def test_a_guessed_link_opens_nothing(self, client, guess):
        assert client.get(f"/welcome/{guess}/").status_code == 404

    def test_withdrawn_it_opens_nothing_and_the_person_may_not_sign_in(self, client, link):
        mila = User.objects.get(email="mila@example.com")
        client.post(reverse("people:invitation", args=[mila.pk]), {"withdraw": "1"})
        mila.refresh_from_db()
        assert (mila.state, Client().get(link).status_code) == (State.DISABLED, 404)
        assert Event.objects.filter(act="user.invitation_withdrawn").exists()

    def test_a_withdrawn_letter_is_not_sent(self, client, ada):
        invite(client)
        mila = User.objects.get(email="mila@example.com")
        client.post(reverse("people:invitation", args=[mila.pk]), {"withdraw": "1"})
        outbox.deliver_due()
        assert mail.outbox == [] and Letter.objects.get().state == Letter.State.CANCELLED

    def test_sent_again_the_former_link_opens_nothing(self, client, ada, link):
        mila = User.objects.get(email="mila@example.com")
        mail.outbox.clear()
        client.post(reverse("people:invitation", args=[mila.pk]), {"again": "1"})
        new = link_in(letter_text())
        assert (client.get(link).status_code, client.get(new).status_code) == (404, 200)

    def test_who_is_in_needs_no_invitation(self, client, ada, link):
        choose(link)
        mila = User.objects.get(email="mila@example.com")
        for what in ("again", "withdraw"):
            page = client.post(reverse("people:invitation", args=[mila.pk]), {what: "1"}, follow=True).text
            assert "needs no invitation any more" in page
        mila.refresh_from_db()
        assert mila.state == State.ACTIVE

    def test_who_is_signed_in_as_another_becomes_the_invited_one(self, client, ada, link):
        client.post(link, {"name": "Mila", "password1": PASSWORD, "password2": PASSWORD})
        assert client.get(reverse("people:list")).status_code == 403


def test_a_failed_letter_is_told_on_the_page_of_the_person(client, ada):
    invite(client)
    Letter.objects.update(state="failed", error="SMTPRecipientsRefused 550", settled_at=timezone.now())
    mila = User.objects.get(email="mila@example.com")
    assert "is the address right?" in client.get(reverse("people:person", args=[mila.pk])).text
    assert invite_again(mila, by=ada) == ""
