"""The page of saved views: what it offers for each, what it says after each act, and the order of the views."""

import re

import pytest
from django.urls import reverse

from audit.models import Event
from portfolio.models import SavablePage, SavedView
from portfolio.saved_views.acts import delete_view, lasting_query, rename_view, replace_view, set_start
from portfolio.saved_views.forms import plain_name
from tests.factories import make_account, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ACCOUNTS = SavablePage.ACCOUNTS.value
VIEWS = reverse("portfolio:views")


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


def make_view(user, name="Level three", page=ACCOUNTS, query="level=3", **fields):
    return SavedView.objects.create(user=user, name=name, page=page, query=query, **fields)


def text(response):
    return " ".join(response.content.decode().split())


def act(client, name, view, /, **sent):
    return client.post(reverse(f"portfolio:{name}", args=[view.pk]), {"version": view.version, **sent}, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


class TestMessages:
    def test_saving_says_under_which_name_and_where(self, client, manager):
        typed = {"name": " Level\tthree ", "page": ACCOUNTS, "query": "level=3"}
        response = client.post(reverse("portfolio:save_view"), typed, follow=True)
        assert said(response) == ["Saved as “Level three”, to be found under Views."]

    @pytest.mark.parametrize(
        ("name", "sent", "message"),
        [
            ("view_rename", {"name": "Other"}, "The view is called “Other” now."),
            ("view_start", {}, "You now start with “Level three”."),
            ("view_start", {"start": "yes"}, "You now start with “Level three”."),
            ("view_start", {"start": "no"}, "You now start with the portfolio."),
            ("view_delete", {}, "“Level three” is deleted."),
        ],
    )
    def test_each_act_leads_back_and_says_what_it_did(self, client, manager, name, sent, message):
        response = act(client, name, make_view(manager, is_start=sent.get("start") == "no"), **sent)
        assert (response.redirect_chain, said(response)) == ([(VIEWS, 302)], [message])

    def test_in_the_language_of_the_reader(self, client):
        person = make_user(language="nl")
        client.force_login(person)
        (message,) = said(act(client, "view_delete", make_view(person)))
        assert "“Level three”" in message and "deleted" not in message

    @pytest.mark.parametrize("name", ["view_rename", "view_start", "view_delete"])
    def test_a_link_alone_does_nothing(self, client, manager, name):
        view = make_view(manager)
        assert client.get(reverse(f"portfolio:{name}", args=[view.pk])).status_code == 405
        assert SavedView.objects.get() == view and not Event.objects.exists()

    @pytest.mark.parametrize("name", ["view_rename", "view_start", "view_delete"])
    @pytest.mark.parametrize("version", ["", "x", "-1", "0", "9" * 40, None])
    def test_without_the_version_that_was_seen_nothing_is_done(self, client, manager, name, version):
        view = make_view(manager)
        sent = {"name": "Other"} | ({} if version is None else {"version": version})
        assert client.post(reverse(f"portfolio:{name}", args=[view.pk]), sent).status_code in {409, 422}
        view.refresh_from_db()
        assert (view.name, view.version, view.is_start) == ("Level three", 1, False)
        assert not Event.objects.exists()


class TestPage:
    def test_has_each_view_with_its_page_and_address(self, client, manager):
        make_view(manager, name="Food <b>", page=SavablePage.GROUPS, query="by=segment&segment=Food")
        found = text(client.get(VIEWS))
        assert f'<a href="{reverse("portfolio:groups")}?by=segment&amp;segment=Food"><b>Food &lt;b&gt;</b></a>' in found
        assert "<small>Groups</small>" in found

    def test_a_view_without_filters_has_the_plain_address(self, client, manager):
        make_view(manager, query="")
        assert f'<a href="{reverse("accounts:list")}"><b>' in text(client.get(VIEWS))

    def test_shows_no_view_of_somebody_else(self, client, manager):
        make_view(make_user(), name="Not mine")
        assert "Not mine" not in text(client.get(VIEWS))

    def test_marks_the_start_page_and_offers_the_other_way_for_each(self, client, manager):
        first, other = make_view(manager, name="A", is_start=True), make_view(manager, name="B")
        rows = text(client.get(VIEWS)).split("<li>")
        for view, button, start, marked in (
            (first, "Not my start page", "no", True),
            (other, "Make it my start page", "yes", False),
        ):
            (row,) = (row for row in rows if reverse("portfolio:view_start", args=[view.pk]) in row)
            assert button in row and f'name="start" value="{start}"' in row
            assert ('<span class="tag">start page</span>' in row) == marked

    def test_a_start_page_that_is_gone_can_be_given_up_and_another_one_not_chosen(self, client, manager, monkeypatch):
        gone, other = make_view(manager, name="A", is_start=True), make_view(manager, name="B")
        monkeypatch.setattr("portfolio.saved_views.pages.address_of", lambda page, query: None)
        found = text(client.get(VIEWS))
        assert reverse("portfolio:view_start", args=[gone.pk]) in found
        assert reverse("portfolio:view_start", args=[other.pk]) not in found
        assert reverse("portfolio:view_delete", args=[other.pk]) in found

    def test_only_the_row_with_the_bad_name_stands_open(self, client, manager):
        view, other = make_view(manager, name="A"), make_view(manager, name="B")
        response = client.post(reverse("portfolio:view_rename", args=[view.pk]), {"name": "b", "version": 1})
        assert response.status_code == 422
        rows = [row for row in text(response).split("<li>") if "row-acts" in row]
        opened = [row for row in rows if '<details class="row-acts" open>' in row]
        assert len(rows) == 2 and len(opened) == 1
        assert reverse("portfolio:view_rename", args=[view.pk]) in opened[0]
        assert 'aria-invalid="true"' in opened[0] and 'value="b"' in opened[0]
        assert "You have a view of this name already." in text(response)
        other.refresh_from_db()
        assert other.name == "B"


class TestOrder:
    NAMES = ("beta", "Alpha", "Émile", "alpha two", "Zulu")

    @pytest.fixture(autouse=True)
    def account(self, manager):
        """Without accounts the portfolio pages have no menu."""
        return make_account(owner=manager)

    def test_is_that_of_the_alphabet_whatever_the_case(self, client, manager):
        for name in self.NAMES:
            make_view(manager, name=name)
        page = text(client.get(VIEWS))
        menu = text(client.get(reverse("portfolio:movement")))
        expected = ["Alpha", "alpha two", "beta", "Zulu", "Émile"]
        assert re.findall(r"level=3\"><b>([^<]*)</b>", page) == expected
        assert re.findall(r"level=3\"><span>([^<]*)</span>", menu) == expected

    def test_the_menu_tells_page_and_start_page_of_each(self, client, manager):
        make_view(manager, name="A", page=SavablePage.MOVEMENT, query="moved=slid", is_start=True)
        make_view(manager, name="B")
        menu = text(client.get(reverse("portfolio:movement")))
        assert "<span>A</span><small>Movement · start page</small>" in menu
        assert "<span>B</span><small>Accounts</small>" in menu

    def test_without_any_the_menu_says_so(self, client, manager):
        assert "None saved yet." in text(client.get(reverse("portfolio:movement")))

    @pytest.mark.parametrize("page", ["portfolio:dashboard", "portfolio:movement", "portfolio:groups", "portfolio:benchmarks"])
    def test_the_cached_menu_of_one_person_is_not_that_of_another(self, client, manager, page):
        make_account(owner=manager)
        make_view(manager, name="Of Mila")
        other = make_user()
        make_account(owner=other)
        make_view(other, name="Of Otto")
        assert "Of Mila" in text(client.get(reverse(page)))
        client.force_login(other)
        found = text(client.get(reverse(page)))
        assert "Of Otto" in found and "Of Mila" not in found


class TestNames:
    @pytest.mark.parametrize(
        ("typed", "name"),
        [
            ("  a  b ", "a b"),
            ("a\nb", "a b"),
            ("a\tb\r\nc", "a b c"),
            ("a\u00a0b", "a b"),
            ("a\u2028b", "a b"),
            ("a\u200bb", "ab"),
            ("\u202eabc", "abc"),
            ("a\x00b", "ab"),
            ("\U0001f600 ok", "\U0001f600 ok"),
            ("Crème", "Crème"),
        ],
    )
    def test_are_one_line_of_what_one_can_see(self, typed, name):
        assert plain_name(typed) == name

    def test_the_field_of_the_token_is_never_kept(self):
        assert lasting_query("csrfmiddlewaretoken=secret&level=3") == "level=3"

    def test_only_a_question_mark_at_the_front_is_taken_off(self):
        assert lasting_query("?q=a?b") == "q=a%3Fb"


class TestTrail:
    def test_replacing_records_both_sides_of_what_differs(self, manager):
        replace_view(make_view(manager), name="Level three", page=ACCOUNTS, query="level=4", seen=1)
        event = Event.objects.get()
        assert (event.act, event.actor, event.before, event.after) == (
            "view.replaced", manager, {"query": "level=3"}, {"query": "level=4"},
        )  # fmt: skip

    def test_the_same_again_is_no_event(self, manager):
        view = make_view(manager)
        rename_view(view, name="Level three", seen=1)
        replace_view(view, name="Level three", page=ACCOUNTS, query="level=3", seen=view.version)
        assert not Event.objects.exists()

    def test_choosing_the_start_page_again_is_no_event(self, manager):
        view = make_view(manager, is_start=True)
        set_start(view, is_start=True, seen=1)
        assert SavedView.objects.get().is_start and not Event.objects.exists()

    def test_choosing_another_tells_of_both(self, manager):
        before, view = make_view(manager, name="Before", is_start=True), make_view(manager)
        set_start(view, is_start=True, seen=1)
        assert list(Event.objects.order_by("pk").values_list("act", "object_id", "actor", "before", "after")) == [
            ("view.start_unset", before.pk, manager.pk, {"is_start": True}, {"is_start": False}),
            ("view.start_set", view.pk, manager.pk, {"is_start": False}, {"is_start": True}),
        ]

    def test_deleting_keeps_all_that_the_view_said(self, manager):
        view = make_view(manager, is_start=True)
        delete_view(view, seen=1)
        assert Event.objects.get().before == {"name": "Level three", "page": ACCOUNTS, "query": "level=3", "is_start": True}


class TestStart:
    @pytest.mark.parametrize(
        ("page", "query", "address"),
        [
            (SavablePage.PORTFOLIO, "", "/"),
            (SavablePage.GROUPS, "by=segment", "/groups/?by=segment"),
            (SavablePage.ACCOUNTS, "q=%2F%2Fevil.example", "/accounts/?q=%2F%2Fevil.example"),
        ],
    )
    def test_leads_to_the_chosen_page_with_its_filters(self, client, manager, page, query, address):
        make_view(manager, page=page, query=query, is_start=True)
        response = client.get(reverse("portfolio:start"))
        assert response.status_code == 302
        assert response.url.endswith(address)

    def test_an_address_of_another_site_is_not_followed(self, client, manager, monkeypatch):
        monkeypatch.setattr("portfolio.saved_views.pages.start_address", lambda user: "https://evil.example/")
        assert client.get(reverse("portfolio:start")).url == reverse("portfolio:dashboard")

    def test_is_for_people_who_are_signed_in(self, client, db):
        assert client.get(reverse("portfolio:start")).url.startswith("/login/")
        assert client.get(VIEWS).url.startswith("/login/")
