"""The door: who gets in, who does not, and what the answer gives away."""

import re

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from accounts.sign_in.reset_link import send_reset_link
from audit.models import Event
from tests.factories import make_administrator, make_user

pytestmark = [pytest.mark.one_database, pytest.mark.django_db, pytest.mark.usefixtures("fresh_cache")]
PASSWORD = "a long enough secret"
LOGIN = "/login/"


@pytest.fixture
def person():
    return make_user(email="mila@example.com", name="Mila Vermeer", password=PASSWORD)


def sign_in(client, email="mila@example.com", password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password, **more})


def without_token(page) -> str:
    return re.sub("csrfmiddlewaretoken[^>]*>", "", page.text)


@pytest.fixture
def tasks_at_once(settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}


class TestSigningIn:
    def test_goes_to_the_portfolio(self, client, person):
        assert sign_in(client).url == reverse("portfolio:start")
        assert client.get(reverse("portfolio:start")).url == reverse("portfolio:dashboard")

    def test_goes_where_one_wanted_to_be(self, client, person):
        page = client.get("/accounts/?level=3")
        assert page.url == "/login/?next=/accounts/%3Flevel%3D3"
        assert 'name="next" value="/accounts/?level=3"' in client.get(page.url).text
        assert sign_in(client, next="/accounts/?level=3").url == "/accounts/?level=3"

    @pytest.mark.parametrize("elsewhere", ["https://evil.example/", "x", "plans:actions", "/" + "x" * 3000])
    def test_goes_only_to_a_path_of_this_site(self, client, person, elsewhere):
        assert sign_in(client, next=elsewhere).url == reverse("portfolio:start")

    def test_whatever_the_case_of_the_address(self, client, person):
        assert sign_in(client, email=" Mila@Example.com ").status_code == 302

    def test_changes_the_key_of_the_session(self, client, person):
        client.get(LOGIN)
        session = client.session
        session["before"] = "signing in"
        session.save()
        client.cookies[django_settings.SESSION_COOKIE_NAME] = before = session.session_key
        sign_in(client)
        assert client.cookies[django_settings.SESSION_COOKIE_NAME].value != before

    def test_says_nothing_where_the_signed_in_person_sees_it_anyway(self, client, person):
        sign_in(client)
        assert "alert-success" not in client.get(reverse("portfolio:dashboard")).text

    def test_a_known_and_an_unknown_address_get_the_same_answer(self, client, person):
        known, unknown = sign_in(client, password="wrong"), sign_in(client, email="nobody@example.com", password="wrong")
        assert known.status_code == unknown.status_code == 422
        answer = [without_token(page) for page in (known, unknown)]
        assert answer[0] == answer[1].replace("nobody@", "mila@")
        assert "is not right" in known.text

    def test_keeps_the_address_and_not_the_password_of_a_failed_try(self, client, person):
        page = sign_in(client, password="wrong and secret").text
        assert 'value="mila@example.com"' in page and "wrong and secret" not in page

    def test_whoever_may_no_longer_sign_in_is_told_so_with_the_right_password_only(self, client, person):
        User.objects.update(is_active=False)
        assert sign_in(client, password="wrong").status_code == 422
        answer = sign_in(client)
        assert answer.url == reverse("account_inactive")
        assert client.get(reverse("portfolio:dashboard")).status_code == 302

    def test_an_open_session_ends_when_the_person_is_shut_out(self, client, person):
        sign_in(client)
        assert client.get("/accounts/").status_code == 200
        User.objects.update(is_active=False)
        assert client.get("/accounts/").url.startswith(LOGIN)

    def test_a_part_of_a_page_leads_the_whole_page_to_sign_in(self, client, person):
        headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/accounts/?q=a"}
        answer = client.get(client.get("/accounts/", headers=headers).url, headers=headers)
        assert answer.headers["HX-Redirect"] == "/login/?next=%2Faccounts%2F%3Fq%3Da"

    def test_the_back_office_has_the_same_door(self, client):
        assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/login/?next=%2Fadmin%2F"

    def test_the_back_office_is_not_for_a_manager(self, client, person):
        sign_in(client)
        assert client.get("/admin/login/").status_code == 403

    @pytest.mark.parametrize("method", ["head", "options", "put", "delete", "patch"])
    @pytest.mark.parametrize("name", ["account_login", "account_logout", "account_reset_password", "account_signup"])
    def test_odd_methods_break_nothing(self, client, method, name):
        assert getattr(client, method)(reverse(name)).status_code < 500


class TestTooManyTries:
    def test_ten_wrong_passwords_then_even_the_right_one_has_to_wait(self, client, person):
        assert {sign_in(client, password=f"wrong {n}").status_code for n in range(10)} == {422}
        answer = sign_in(client)
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) <= 15 * 60
        assert "Please wait" in answer.text

    def test_it_is_counted_for_the_account_not_for_the_name_that_the_site_is_asked_by(self, client, person):
        for name in ("localhost", "127.0.0.1") * 5:
            client.post(LOGIN, {"login": "mila@example.com", "password": "wrong"}, headers={"host": name})
        assert sign_in(client).status_code == 429

    def test_an_unknown_address_is_counted_alike(self, client, person):
        for _ in range(10):
            sign_in(client, email="nobody@example.com", password="wrong")
        assert sign_in(client, email="nobody@example.com").status_code == 429

    def test_others_sign_in_as_before(self, client, person):
        for _ in range(11):
            sign_in(client, email="nobody@example.com", password="wrong")
        assert sign_in(client).status_code == 302

    def test_signing_in_does_not_wipe_the_count(self, client, person):
        for _ in range(9):
            sign_in(client, password="wrong")
        assert sign_in(client).status_code == 302
        client.logout()
        sign_in(client, password="wrong")
        assert sign_in(client).status_code == 429

    def test_the_count_stands_in_the_database_for_all_workers(self, client, person):
        sign_in(client, password="wrong")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM cache WHERE cache_key LIKE '%%login_failed%%'")
            assert cursor.fetchone()[0] >= 1
        assert caches["default"]._max_entries > 10_000  # a flood of other keys does not push it out


class TestSigningOut:
    def test_asks_first(self, client, person):
        client.force_login(person)
        assert "Sign out" in client.get("/logout/").text
        assert client.get("/accounts/").status_code == 200

    def test_ends_the_session(self, client, person):
        client.force_login(person)
        assert client.post("/logout/").url == LOGIN
        assert client.get("/accounts/").status_code == 302


@pytest.mark.usefixtures("tasks_at_once")
class TestForgottenPassword:
    def link(self, client, email="mila@example.com", **more):
        client.post("/password/reset/", {"email": email}, **more)
        return re.search(r"http\S+", mail.outbox[0].body)[0] if mail.outbox else None

    def test_a_link_in_a_mail_leads_to_a_new_password(self, client, person):
        path = self.link(client).removeprefix(django_settings.BASE_URL)
        form = client.get(path, follow=True)
        address = form.redirect_chain[-1][0]
        new = {"password1": "another long secret", "password2": "another long secret"}
        assert client.post(address, new).url == reverse("account_reset_password_from_key_done")
        assert sign_in(client, password="another long secret").status_code == 302
        event = Event.objects.get(act="user.password_changed")
        assert (event.object_id, event.before, event.after) == (person.pk, None, None)

    def test_the_link_works_once(self, client, person):
        path = self.link(client).removeprefix(django_settings.BASE_URL)
        address = client.get(path).url
        client.post(address, {"password1": "another long secret", "password2": "another long secret"})
        assert "used or is too old" in client.get(path).text

    def test_the_link_names_our_address_whatever_the_request_says(self, client, person, settings):
        settings.BASE_URL = "https://standing.example.com"
        link = self.link(client, headers={"host": "localhost"})
        assert link.startswith("https://standing.example.com/password/reset/key/")

    def test_the_mail_goes_to_the_address_that_the_person_has_now(self, client, person):
        send_reset_link.call(person.pk, "en")  # allauth remembers the address by itself
        mail.outbox.clear()
        User.objects.filter(pk=person.pk).update(email="new@example.com")
        self.link(client, "mila@example.com")
        assert {address for message in mail.outbox for address in message.to} <= {"Mila Vermeer <new@example.com>"}

    def test_known_and_unknown_addresses_get_the_same_answer_and_strangers_no_mail(self, client, person):
        known = client.post("/password/reset/", {"email": "mila@example.com"}, follow=True)
        unknown = client.post("/password/reset/", {"email": "nobody@example.com"}, follow=True)
        assert known.redirect_chain == unknown.redirect_chain
        assert without_token(known) == without_token(unknown)
        assert [message.to for message in mail.outbox] == [["Mila Vermeer <mila@example.com>"]]

    def test_whoever_may_not_sign_in_gets_no_link(self, client, person):
        User.objects.update(is_active=False)
        assert self.link(client) is None

    @pytest.mark.parametrize("path", ["1-abc", "zzzzzzzzzzzzz-abc", "0-x-y", "1-%00"])
    def test_a_made_up_link_opens_nothing(self, client, path):
        answer = client.get(f"/password/reset/key/{path}/")
        assert answer.status_code in {200, 404}
        assert "password1" not in answer.text

    def test_the_link_itself_is_stored_nowhere(self, client, person, settings):
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
        client.post("/password/reset/", {"email": "mila@example.com"})
        assert DBTaskResult.objects.get().args_kwargs["args"] == [person.pk, "en"]


class TestChangingThePassword:
    def test_keeps_this_session_and_ends_the_others(self, client, person, django_user_model):
        other = Client()
        sign_in(other)
        sign_in(client)
        new = {"oldpassword": PASSWORD, "password1": "another long secret", "password2": "another long secret"}
        assert client.post("/password/change/", new).url == reverse("accounts:settings")
        assert client.get("/accounts/").status_code == 200
        assert other.get("/accounts/").status_code == 302
        assert Event.objects.filter(act="user.password_changed", actor=person).count() == 1

    @pytest.mark.parametrize("password", ["short", "password123", "mila@example.com"])
    def test_a_poor_password_is_refused_beside_the_field(self, client, person, password):
        sign_in(client)
        page = client.post("/password/change/", {"oldpassword": PASSWORD, "password1": password, "password2": password})
        assert page.context["form"].errors.keys() == {"password1"}

    def test_the_back_office_leads_to_the_same_page(self, client):
        client.force_login(make_administrator())
        assert client.get("/admin/password_change/").url == reverse("account_change_password")


class TestWhatIsShut:
    def test_nobody_signs_up(self, client):
        page = client.post("/signup/", {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD})
        assert page.status_code == 405
        assert "administrator" in client.get("/signup/").text
        assert not User.objects.exists()

    @pytest.mark.parametrize("path", ["/email/", "/confirm-email/", "/login/code/confirm/", "/reauthenticate/"])
    def test_pages_of_allauth_without_a_use_here_are_not_there(self, client, path):
        assert client.get(path).status_code == 404


class TestDemo:
    def test_names_the_people_who_are_here_and_fills_in_the_chosen_one(self, client, settings):
        settings.DEMO = True
        make_user(email="manager@example.com")
        page = client.get(LOGIN).text
        assert "manager@example.com" in page and "lead@example.com" not in page
        chosen = client.get(LOGIN, {"as": "manager@example.com"}).text
        assert 'value="manager@example.com"' in chosen and 'value="demo"' in chosen

    def test_names_nobody_where_it_is_meant(self, client, settings):
        settings.DEMO = False
        make_user(email="manager@example.com")
        for page in (client.get(LOGIN).text, client.get(LOGIN, {"as": "manager@example.com"}).text):
            assert "manager@example.com" not in page


class TestLanguage:
    def test_the_switch_stays_for_whoever_is_passing_by(self, client):
        answer = client.post("/language/", {"language": "nl", "next": LOGIN})
        assert answer.url == LOGIN
        assert 'lang="nl"' in client.get(LOGIN).text

    def test_the_switch_goes_before_what_a_signed_in_person_chose_earlier(self, client, person):
        User.objects.update(language="en")
        client.force_login(person)
        client.post("/language/", {"language": "nl", "next": "/accounts/"})
        assert '<html lang="nl">' in client.get("/accounts/").text
        person.refresh_from_db()
        assert (person.language, person.version) == ("nl", 2)
        event = Event.objects.get(act="user.changed")
        assert (event.before, event.after) == ({"language": "en"}, {"language": "nl"})

    @pytest.mark.parametrize("elsewhere", ["https://evil.example/", "x", "/" + "x" * 3000, ""])
    def test_the_switch_leads_only_to_a_path_of_this_site(self, client, elsewhere):
        assert client.post("/language/", {"language": "nl", "next": elsewhere}).url == "/"

    @pytest.mark.parametrize("language", ["", "xx", "nl\x00", "n" * 5000])
    def test_a_language_that_we_do_not_have_changes_nothing(self, client, person, language):
        client.force_login(person)
        assert client.post("/language/", {"language": language, "next": "/accounts/"}).status_code == 302
        person.refresh_from_db()
        assert person.language == ""
