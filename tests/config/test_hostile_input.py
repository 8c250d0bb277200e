"""Odd requests to every page: an answer that a person can do something with, never a 500."""

import re
from datetime import date

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Account, Contact, ExchangeRate
from importing.models import ImportJob
from tests.factories import make_account, make_administrator, make_contact, make_user
from tests.inputs import naughty_strings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_cache")]
ODD_IDS = ["0", "-1", "99999999999999999999", "999999999999999999", "abc", "1.5", "١", "%00", "1%00", "..", "<b>"]
NUL = "before\x00after"


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


@pytest.fixture
def naughty(input_folder):
    return naughty_strings(input_folder)


def addresses(resolver=None, prefix="/"):
    """Each pattern of the site once, with 1 in the place of every id; the back-office aside."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if "admin/" not in path:
                yield from addresses(entry, path)
        elif isinstance(entry, URLPattern) and "admin/" not in path:
            yield path


def filled(path: str) -> str:
    path = re.sub(r"<id:[a-z_]+>", "1", path)
    path = re.sub(r"<[a-z]+:[a-z_]+>|<[a-z_]+>", "x", path)
    return "/password/reset/key/1-abc/" if path.startswith("/^password") else path


ADDRESSES = sorted({filled(path) for path in addresses()})


class TestEveryAddress:
    @pytest.mark.one_database
    @pytest.mark.parametrize("path", ADDRESSES)
    def test_odd_methods_break_nothing(self, path):
        client = Client(raise_request_exception=False)
        client.force_login(make_administrator())
        for method in ("head", "options", "put", "patch", "delete", "trace"):
            assert getattr(client, method)(path).status_code < 500, method

    @pytest.mark.parametrize("path", ADDRESSES)
    def test_odd_queries_break_nothing(self, path):
        client = Client(raise_request_exception=False)
        client.force_login(make_administrator())
        odd = "a=%FF%FE&%&=&=&;&page=abc&sort=;drop&level=9&owner=x&q[]=1"
        for query in (odd, "q=" + "x" * 5000, "q=%F0%9F%92%A9"):
            answer = client.get(path, QUERY_STRING=query)
            assert answer.status_code < 500, query
        assert client.get(path, QUERY_STRING="q=%00").status_code in ({200} if path in {"/live", "/ready"} else {404})

    @pytest.mark.parametrize("path", ADDRESSES)
    def test_an_odd_form_breaks_nothing(self, path):
        client = Client(raise_request_exception=False)
        client.force_login(make_administrator())
        for body in ({}, {"version": NUL, "name": NUL, "next": NUL, "value": NUL}, {"name": ["a", "b"], "version": "9" * 40}):
            assert client.post(path, body).status_code < 500


class TestIds:
    @pytest.mark.parametrize("odd", ODD_IDS)
    @pytest.mark.parametrize(
        "path",
        ["/accounts/{}/", "/accounts/{}/edit/", "/accounts/1/contacts/{}/", "/accounts/import/{}/check/", "/accounts/{}/target/"],
    )
    def test_what_is_no_id_is_not_found(self, client, manager, path, odd):
        assert client.get(path.format(odd)).status_code == 404

    @pytest.mark.parametrize("odd", ODD_IDS)
    def test_nor_in_the_back_office(self, odd):
        client = Client(raise_request_exception=False)
        client.force_login(make_administrator())
        assert client.get(f"/admin/accounts/user/{odd}/change/").status_code in {200, 302, 404}
        assert client.get("/admin/accounts/user/", {"role__exact": odd, "is_active__exact": odd}).status_code in {200, 302, 404}

    @pytest.mark.parametrize("field", ["owner", "team", "parent", "currency", "country", "version"])
    def test_an_odd_choice_is_told_beside_its_field(self, client, manager, field):
        for value in ("99999999999999999999", "-1", "abc", NUL):
            data = {"name": "A", "currency": "EUR", "owner": manager.pk} | {field: value}
            answer = client.post(reverse("accounts:new"), data)
            assert answer.status_code == 422, value
            assert field in answer.context["form"].errors

    @pytest.mark.parametrize("version", ["", "-1", "abc", NUL, "9" * 30, "1.5"])
    def test_an_odd_version_is_a_stale_one(self, client, manager, version):
        account = make_account(owner=manager)
        answer = client.post(reverse("accounts:archive", args=[account.pk]), {"archived": "yes", "version": version})
        assert answer.status_code == 409
        assert not Account.objects.get().is_archived


@pytest.mark.one_database
class TestRequests:
    def ask(self, body: bytes, kind: str, path="/accounts/new/", **more):
        client = Client(raise_request_exception=False)
        client.force_login(make_user())
        return client.generic("POST", path, body, content_type=kind, **more)

    def test_too_many_fields(self):
        answer = self.ask(b"&".join(b"f%d=1" % n for n in range(6000)), "application/x-www-form-urlencoded")
        assert answer.status_code == 400
        assert "could not read" in answer.text

    def test_too_much_text(self):
        answer = self.ask(b"name=" + b"x" * (13 * 1024 * 1024), "application/x-www-form-urlencoded")
        assert answer.status_code == 400

    @pytest.mark.parametrize(
        "kind",
        [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\x01",
            "multipart/form-data; boundary=" + "x" * 5000,
            "application/x-www-form-urlencoded; charset=nonsense",
            "application/json",
            "nonsense",
            "",
        ],
    )
    @pytest.mark.parametrize("path", ["/accounts/new/", "/accounts/import/", "/login/", "/language/"])
    def test_a_body_that_is_not_what_it_says(self, kind, path):
        assert self.ask(b'--x\r\nContent-Disposition: form-data; name="a\x00b"\r\n\r\n\xff\x00', kind, path).status_code < 500

    @pytest.mark.parametrize("length", ["", "abc", "-5", "0"])
    def test_a_wrong_length(self, length):
        assert self.ask(b"name=A", "application/x-www-form-urlencoded", CONTENT_LENGTH=length).status_code < 500

    def test_a_session_key_with_a_nul_byte(self):
        client = Client(raise_request_exception=False)
        client.cookies.load({django_settings.SESSION_COOKIE_NAME: "abcdefgh\x00ijkl"})
        assert client.get("/accounts/").status_code == 302

    @pytest.mark.parametrize("value", ["", "x" * 4000, "../../etc", "nl\x00", "é", "en-US-POSIX-xx"])
    def test_odd_cookies_and_headers(self, value):
        client = Client(raise_request_exception=False)
        for name in (django_settings.SESSION_COOKIE_NAME, "django_language", "messages", "csrftoken"):
            client.cookies.load({name: value})
        headers = {"accept-language": value, "hx-request": "true", "hx-current-url": value, "referer": value}
        for path in ("/login/", "/accounts/"):
            assert client.get(path, headers=headers).status_code < 500
        assert client.post("/language/", {"language": value}, headers=headers).status_code < 500

    def test_an_address_of_whoever_asks_that_is_none(self, client, manager, settings):
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        data = {"name": "A", "currency": "EUR", "owner": manager.pk}
        assert client.post("/accounts/new/", data, headers={"x-forwarded-for": "x" * 500}).status_code == 302

    @pytest.mark.parametrize("path", ["/static/%00", "/static/..%2f..%2fmanage.py", "/static/" + "x" * 3000, "/%ff%fe/"])
    def test_odd_paths_are_not_found(self, path):
        assert Client(raise_request_exception=False).get(path).status_code in {301, 404}


ACCOUNT_TEXTS = [
    "name", "external_id", "source", "segment", "city", "tags", "charter", "strengths", "vulnerabilities", "trends",
    "opportunities", "notes",
]  # fmt: skip
ACCOUNT_OTHERS = ["website", "currency", "employees", "revenue", "customer_since", "parent", "country", "team"]


class TestNaughtyStrings:
    """Stored and shown as text, or refused with a message; never a 500."""

    def test_in_each_text_of_an_account(self, naughty, client, manager):
        """All texts at once, each cut to what its field holds; where one is refused, all are asked for again."""
        kept = 0
        for text in naughty:
            data = {"name": "A", "currency": "EUR", "owner": manager.pk} | dict.fromkeys(ACCOUNT_TEXTS, text[:60])
            answer = client.post("/accounts/new/", data)
            if answer.status_code == 422 and answer.context["alike"]:
                answer = client.post("/accounts/new/", data | {"seen": answer.context["seen"]})
            assert answer.status_code in {302, 422}
            kept += answer.status_code == 302
        assert kept > len(naughty) * 0.9
        assert Account.objects.count() == kept

    def test_in_each_other_field_of_an_account(self, naughty, client, manager):
        for text in naughty[::8]:
            data = {"name": "A", "owner": manager.pk} | dict.fromkeys(ACCOUNT_OTHERS, text)
            answer = client.post("/accounts/new/", data)
            assert answer.status_code == 422
            assert "currency" in answer.context["form"].errors

    def test_in_each_field_of_a_contact(self, naughty, client, manager):
        address = reverse("accounts:contact_new", args=[make_account(owner=manager).pk])
        for text in naughty[::6]:
            data = {"name": text, "title": text, "buying_role": "user", "influence": 2, "part_of_decision": "on"}
            assert client.post(address, data).status_code in {302, 422}
            assert client.post(address, {"name": "A", "buying_role": text, "influence": text, "email": text}).status_code == 422
        assert Contact.objects.exists()

    def test_all_of_them_show_as_text(self, naughty, edition, client, manager):
        texts = [text for text in naughty if text.strip() and "\x00" not in text]
        Account.objects.bulk_create(Account(name=text[:200], segment=text[:120], owner=manager) for text in texts)
        shown, after = 0, ""
        while shown == 0 or after:
            answer = client.get(reverse("accounts:list"), {"after": after})
            page, after, shown = answer.text, answer.context["page"].after, shown + len(answer.context["page"])
            assert "<script>alert" not in page and "<img src=x" not in page and "<svg/onload" not in page
        assert shown == len(texts)
        for account in Account.objects.order_by("pk")[::20]:
            assert client.get(account.get_absolute_url()).status_code == 200
            assert client.get(reverse("accounts:edit", args=[account.pk])).status_code == 200

    def test_in_the_search(self, naughty, client, manager):
        make_account(owner=manager)
        for text in naughty:
            query = dict.fromkeys(
                ("q", "segment", "sort", "page", "after", "before", "level", "owner", "team", "status", "tag", "account"),
                text[:2000],
            )
            assert client.get(reverse("accounts:list"), query).status_code == (404 if "\x00" in text else 200)

    def test_in_ones_own_name(self, naughty, client, manager):
        for text in naughty[::10]:
            manager.refresh_from_db()
            data = {"name": text, "language": "", "time_zone": "", "version": manager.version}
            assert client.post(reverse("accounts:settings"), data).status_code in {302, 422}

    def test_in_the_door(self, naughty, client):
        for text in naughty[::15]:
            assert client.post("/login/", {"login": text, "password": text}).status_code in {422, 429}
            assert client.post("/password/reset/", {"email": text}).status_code in {200, 302, 429}


class TestExtremes:
    @pytest.mark.parametrize("name", ["x" * 200, "Ä" * 200, "🏢" * 200, "مؤسسة نورث ويند", "W" * 199 + "‮"])
    def test_long_and_foreign_names_are_kept_and_shown(self, edition, client, manager, name):
        answer = client.post("/accounts/new/", {"name": name, "currency": "EUR", "owner": manager.pk})
        account = Account.objects.get()
        assert account.name == name
        assert name in client.get(answer.url).text and name in client.get("/accounts/").text

    @pytest.mark.parametrize("revenue", ["9999999999999.99", "0", "0.01", "-0"])
    def test_the_largest_and_smallest_revenue_is_stored_and_added_up(self, edition, client, manager, revenue):
        ExchangeRate.objects.create(currency="KWD", rate="9999999.99999999", as_of=date(2026, 1, 1))
        for currency in ("EUR", "KWD"):
            client.post("/accounts/new/", {"name": currency, "currency": currency, "owner": manager.pk, "revenue": revenue})
        assert Account.objects.count() == 2
        for path in ("/", "/accounts/?sort=-revenue", *(account.get_absolute_url() for account in Account.objects.all())):
            assert client.get(path).status_code == 200

    @pytest.mark.parametrize("revenue", ["10000000000000", "-0.01", "1e30", "NaN", "Infinity", "1.234", "٣", "x"])
    def test_what_is_no_revenue_is_told_beside_the_field(self, client, manager, revenue):
        answer = client.post("/accounts/new/", {"name": "A", "currency": "EUR", "owner": manager.pk, "revenue": revenue})
        if answer.status_code == 302:  # Arabic digits are digits
            assert Account.objects.get().revenue == 3
        else:
            assert answer.status_code == 422 and answer.context["form"].errors.keys() == {"revenue"}

    @pytest.mark.parametrize("since", ["0001-01-01", "9999-12-31", "10000-01-01", "2024-02-30", "-1"])
    def test_dates_at_the_ends_of_time(self, edition, client, manager, since):
        answer = client.post("/accounts/new/", {"name": "A", "currency": "EUR", "owner": manager.pk, "customer_since": since})
        assert answer.status_code in {302, 422}
        if answer.status_code == 302:
            assert client.get(answer.url).status_code == 200


HOSTILE_FILES = {
    "nothing": b"",
    "one byte": b"\x00",
    "zeros": b"\x00" * 100_000,
    "noise": bytes(range(256)) * 400,
    "a NUL in a cell": b"name,city\nAcme,Os\x00lo\n",
    "eleven megabytes": b"name\n" + b"Acme\n" * (11 * 1024 * 1024 // 5),
    "one cell of five megabytes": b"name\n" + b"x" * (5 * 1024 * 1024),
    "a quote that never closes": b'name\n"Acme\n' + b"Bravo\n" * 100_000,
    "ten thousand columns": b",".join(b"c%d" % n for n in range(10_000)) + b"\n" + b"," * 9_999,
    "more than a hundred thousand rows": b"name\n" + b"A\n" * 100_001,
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\x00" * 500,
    "an archive": b"PK\x03\x04" + b"\x00" * 500,
    "a page": b"<!doctype html><html><table><tr><td>name",
    "half a character": b"\xff\xfen\x00a",
    "only a header": b"name,city\n",
    "blank lines": b"\n\n\n   \n",
}


@pytest.mark.parametrize("content", HOSTILE_FILES.values(), ids=HOSTILE_FILES)
def test_a_hostile_file_is_refused_beside_the_field(client, manager, content):
    answer = client.post(reverse("importing:upload"), {"file": SimpleUploadedFile("list.csv", content)})
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]
    assert not ImportJob.objects.exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\x00b.csv", "x" * 400 + ".csv", "<script>.csv", "🏢.csv", ".csv"])
def test_a_hostile_file_name_is_only_a_name(client, manager, name):
    client.post(reverse("importing:upload"), {"file": SimpleUploadedFile(name, b"name\nAcme\n")})
    for job in ImportJob.objects.all():
        assert client.get(reverse("importing:columns", args=[job.pk])).status_code == 200
        assert "/" not in job.filename


def test_the_policy_allows_nothing_inline(client, manager):
    make_contact(make_account(owner=manager))
    for path in ("/login/", "/accounts/", "/accounts/new/", "/settings/", "/accounts/import/", "/no/such/page/"):
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy and "http" not in policy and "default-src 'none'" in policy
        assert " style=" not in answer.text and " onclick=" not in answer.text and "<style>" not in answer.text
