"""Views that people save: the menu, saving and replacing, keeping order, the start page, and addresses that are shared."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from portfolio.models import SavablePage, SavedView
from portfolio.saved_views.acts import MOST, address_of, lasting_query, save_view
from tests.factories import make_account, make_team, make_user, make_viewer

pytestmark = pytest.mark.django_db
ACCOUNTS = SavablePage.ACCOUNTS.value


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


def make_view(user, name="Level three", page=ACCOUNTS, query="level=3", **fields):
    return SavedView.objects.create(user=user, name=name, page=page, query=query, **fields)


def post(client, name="Level three", page=ACCOUNTS, query="level=3", **more):
    return client.post(reverse("portfolio:save_view"), {"name": name, "page": page, "query": query, **more})


def text(response):
    return " ".join(response.content.decode().split())


def acts():
    return list(Event.objects.filter(object_type="portfolio.savedview").order_by("pk").values_list("act", flat=True))


class TestWhatIsKept:
    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ("level=3&sort=-gap", "level=3&sort=-gap"),
            ("?level=3", "level=3"),
            ("level=3&page=7&after=x&before=y&account=12", "level=3"),
            ("q=&level=3&team=", "level=3"),
            ("q=caf%C3%A9+%26+co", "q=caf%C3%A9+%26+co"),
            ("segment=a&segment=b", "segment=a&segment=b"),
            ("q=a%00b&level=3", "level=3"),
            ("q=%0d%0aLocation:%20x", "q=%0D%0ALocation%3A+x"),
            ("", ""),
        ],
    )
    def test_only_what_says_how_to_look(self, query, kept):
        assert lasting_query(query) == kept

    def test_the_same_of_a_query_that_is_kept_already(self):
        once = lasting_query("q=a%20b&q=%F0%9F%98%80&page=2")
        assert lasting_query(once) == once

    def test_a_page_that_is_not_offered_has_no_address(self):
        assert [address_of(page, "") for page in ("accounts:new", "account_logout", "https://evil.example/", "")] == [None] * 4

    def test_a_page_that_is_not_here_has_no_address(self, settings):
        settings.ROOT_URLCONF = "tests.portfolio.no_pages"
        assert address_of(SavablePage.BENCHMARKS, "") is None


class TestSaving:
    def test_leads_back_to_the_page_with_its_filters(self, client, manager):
        response = post(client, query="level=3&page=2")
        assert response.url == reverse("accounts:list") + "?level=3"
        view = SavedView.objects.get()
        assert (view.user, view.name, view.page, view.query, view.is_start) == (
            manager,
            "Level three",
            ACCOUNTS,
            "level=3",
            False,
        )
        assert acts() == ["view.saved"]

    def test_a_name_is_one_line_without_what_nobody_sees(self, client, manager):
        post(client, name=" Level\n\u200b  three\u202e ")
        assert SavedView.objects.get().name == "Level three"

    @pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 61])
    def test_without_a_good_name_nothing_is_stored_and_the_page_is_not_lost(self, client, manager, name):
        response = post(client, name=name)
        assert response.status_code == 422
        assert 'name="query" value="level=3"' in text(response)
        assert not SavedView.objects.exists()

    @pytest.mark.parametrize("page", ["", "accounts:new", "//evil.example", "https://evil.example/", "account_logout"])
    def test_another_page_is_refused_and_led_to_from_nowhere(self, client, manager, page):
        response = post(client, page=page)
        assert response.status_code == 422
        assert "This page cannot be saved as a view." in text(response)
        assert 'href="' + page + '"' not in text(response)
        assert not SavedView.objects.exists()

    @pytest.mark.parametrize("query", ["//evil.example=1", "@evil.example/=1", "next=https://evil.example/", "#x=1"])
    def test_a_query_leads_to_no_other_site(self, client, manager, query):
        assert post(client, query=query).url.startswith(reverse("accounts:list") + "?")

    def test_a_query_as_long_as_may_be_is_kept(self, client, manager):
        assert post(client, query="q=" + "x" * 998).status_code == 302
        assert len(SavedView.objects.get().query) == 1000

    @pytest.mark.parametrize("query", ["q=" + "x" * 999, "&".join(["a=1"] * 1500)])
    def test_a_longer_one_is_refused_in_words(self, client, manager, query):
        response = post(client, query=query)
        assert response.status_code == 422
        assert "too many filters" in text(response)

    def test_at_most_fifty(self, client, manager):
        for n in range(MOST - 1):
            make_view(manager, name=f"View {n}")
        assert post(client).status_code == 302
        response = post(client, name="One more")
        assert response.status_code == 422
        assert "You have 50 views" in text(response)
        assert 'value="One more"' in text(response)

    def test_others_views_do_not_count(self, client, manager):
        make_view(make_user())
        assert post(client).status_code == 302

    def test_what_cannot_be_refused_by_the_form_is_refused_by_the_act(self, manager):
        with pytest.raises(ValidationError):
            save_view(manager, name="Level three", page="accounts:new", query="")


class TestSameName:
    @pytest.mark.parametrize("typed", ["Level three", "LEVEL THREE"])
    def test_is_said_and_offers_to_replace_keeping_what_was_typed(self, client, manager, typed):
        view = make_view(manager)
        response = post(client, name=typed, query="level=4")
        found = text(response)
        assert response.status_code == 422
        assert "You have a view named “Level three” already." in found
        assert f'value="{typed}"' in found and 'name="query" value="level=4"' in found
        assert f'name="replace" value="{view.pk}"' in found
        view.refresh_from_db()
        assert view.query == "level=3"

    def test_whatever_the_case_of_any_letter(self, client, manager):
        make_view(manager, name="École")
        assert post(client, name="école").status_code == 422

    def test_replaced_it_leads_elsewhere_and_stays_the_start_page(self, client, manager):
        view = make_view(manager, is_start=True)
        response = post(client, name="LEVEL three", query="level=4", replace=view.pk, version=1)
        assert response.url == reverse("accounts:list") + "?level=4"
        view.refresh_from_db()
        assert (view.name, view.query, view.is_start, view.version) == ("LEVEL three", "level=4", True, 2)
        assert acts() == ["view.replaced"]

    def test_changed_meanwhile_it_is_not_replaced_but_offered_again(self, client, manager):
        view = make_view(manager, version=2)
        response = post(client, query="level=4", replace=view.pk, version=1)
        assert response.status_code == 409
        assert 'name="version" value="2"' in text(response) and 'value="level=4"' in text(response)
        view.refresh_from_db()
        assert (view.query, view.version) == ("level=3", 2)
        assert acts() == []

    def test_another_persons_view_is_never_replaced(self, client, manager):
        view = make_view(make_user())
        post(client, query="level=4", replace=view.pk, version=1)
        view.refresh_from_db()
        assert view.query == "level=3"
        assert SavedView.objects.get(user=manager).query == "level=4"

    def test_another_view_than_the_one_offered_is_not_replaced(self, client, manager):
        view, other = make_view(manager), make_view(manager, name="Other")
        assert post(client, name="Other", query="level=4", replace=view.pk, version=1).status_code == 422
        other.refresh_from_db()
        assert other.query == "level=3"


class TestMenu:
    @pytest.mark.parametrize("page", ["portfolio:dashboard", "portfolio:benchmarks"])
    def test_lists_the_own_views_of_all_pages(self, client, manager, page):
        make_account(owner=manager)
        make_view(manager, name="Mine <b>", query="level=3&q=a")
        make_view(manager, name="Compared", page=SavablePage.BENCHMARKS, query="segment=Food")
        make_view(make_user(), name="Not mine")
        found = text(client.get(reverse(page)))
        assert f'href="{reverse("accounts:list")}?level=3&amp;q=a"' in found
        assert f'href="{reverse("portfolio:benchmarks")}?segment=Food"' in found
        assert "Mine &lt;b&gt;" in found and "Not mine" not in found
        assert reverse("portfolio:views") in found

    def test_saves_the_page_that_it_stands_on_without_where_one_stands_in_it(self, client, manager):
        found = text(client.get(reverse("accounts:list"), {"level": "3", "q": "", "page": "1"}))
        assert 'name="page" value="accounts:list"' in found and 'name="query" value="level=3"' in found

    def test_marks_the_view_one_looks_at(self, client, manager):
        make_view(manager, name="This one")
        make_view(manager, name="Another", query="level=4")
        found = text(client.get(reverse("accounts:list"), {"level": "3", "page": "1"}))
        assert re.findall(r'data-query="[^"]*" aria-current="page">(\w+ \w+)', found) == ["This one"]
        assert re.findall(r'<a href="/accounts/\?level=\d"[^>]*>(\w+(?: one)?)', found) == ["Another", "This one"]

    def test_leaves_out_pages_that_are_not_here(self, client, manager, monkeypatch):
        make_view(manager)
        make_view(manager, name="Gone", page=SavablePage.BENCHMARKS)
        monkeypatch.setattr(
            "portfolio.saved_views.acts.reverse", lambda name: reverse(name if name != SavablePage.BENCHMARKS else "no:such")
        )
        found = text(client.get(reverse("accounts:list")))
        assert "Level three" in found and "Gone" not in found
        assert "This page is no longer here." in text(client.get(reverse("portfolio:views")))

    def test_a_new_view_shows_at_once_though_the_list_is_kept(self, client, manager):
        make_account(owner=manager)
        client.get(reverse("portfolio:dashboard"))
        post(client)
        assert "Level three" in text(client.get(reverse("portfolio:dashboard"), follow=True)).split("</details>")[1]

    @pytest.mark.parametrize("views", [1, MOST])
    def test_costs_one_statement_whatever_the_number(self, client, manager, views, django_assert_num_queries):
        make_account(owner=manager)
        for n in range(views):
            make_view(manager, name=f"View {n}")
        client.get(reverse("accounts:list"))  # what is kept is at hand from now on
        with django_assert_num_queries(7):  # the six of the list, and the views
            client.get(reverse("accounts:list"))
        with django_assert_num_queries(3):  # session, person, views
            client.get(reverse("portfolio:views"))

    def test_a_part_of_the_list_asks_for_none(self, client, manager):
        make_view(manager)
        part = client.get(reverse("accounts:list"), headers={"HX-Request": "true"})
        assert "Level three" not in text(part)


class TestKeepingOrder:
    def test_nothing_yet_says_how(self, client, manager):
        assert "No views yet" in text(client.get(reverse("portfolio:views")))

    def test_settings_lead_there(self, client, manager):
        assert f'href="{reverse("portfolio:views")}"' in text(client.get(reverse("accounts:settings")))

    def test_rename(self, client, manager):
        view = make_view(manager)
        client.post(reverse("portfolio:view_rename", args=[view.pk]), {"name": " Third ", "version": 1})
        view.refresh_from_db()
        assert (view.name, view.version) == ("Third", 2)
        event = Event.objects.get()
        assert (event.act, event.before, event.after) == ("view.renamed", {"name": "Level three"}, {"name": "Third"})

    def test_rename_in_another_case(self, client, manager):
        view = make_view(manager)
        client.post(reverse("portfolio:view_rename", args=[view.pk]), {"name": "level THREE", "version": 1})
        view.refresh_from_db()
        assert view.name == "level THREE"

    @pytest.mark.parametrize("name", ["", "OTHER", "\u200b", "x" * 61])
    def test_a_bad_name_stays_in_its_field(self, client, manager, name):
        view = make_view(manager)
        make_view(manager, name="Other")
        response = client.post(reverse("portfolio:view_rename", args=[view.pk]), {"name": name, "version": 1})
        assert response.status_code == 422
        assert f'id="id_{view.pk}_name" name="name" value="{name}"' in response.content.decode()
        view.refresh_from_db()
        assert view.name == "Level three"

    def test_renamed_meanwhile_both_names_are_shown_and_nothing_is_stored(self, client, manager):
        view = make_view(manager, name="Theirs", version=2)
        response = client.post(reverse("portfolio:view_rename", args=[view.pk]), {"name": "Mine", "version": 1})
        assert response.status_code == 409
        assert "<td>Theirs</td><td>Mine</td>" in text(response)
        assert f'id="id_{view.pk}_name" name="name" value="Mine"' in text(response)
        view.refresh_from_db()
        assert view.name == "Theirs"
        sent_again = re.search(rf'name="version" value="(\d+)" id="id_{view.pk}_version"', text(response))
        assert sent_again and sent_again[1] == "2"

    def test_delete(self, client, manager):
        view = make_view(manager)
        client.post(reverse("portfolio:view_delete", args=[view.pk]), {"version": 1})
        assert not SavedView.objects.exists()
        event = Event.objects.get()
        assert (event.act, event.object_id, event.before["query"]) == ("view.deleted", view.pk, "level=3")

    @pytest.mark.parametrize("act", ["view_delete", "view_start"])
    def test_an_act_on_what_changed_meanwhile_does_nothing_and_says_so(self, client, manager, act):
        view, other = make_view(manager, version=2), make_view(manager, name="Other", is_start=True)
        response = client.post(reverse(f"portfolio:{act}", args=[view.pk]), {"version": 1})
        assert response.status_code == 409
        assert "This view was changed since you opened this page." in text(response)
        assert list(SavedView.objects.filter(is_start=True)) == [other]
        assert SavedView.objects.count() == 2 and acts() == []

    @pytest.mark.parametrize("act", ["view_delete", "view_start", "view_rename"])
    def test_another_persons_view_is_not_found(self, client, manager, act):
        view = make_view(make_user())
        response = client.post(reverse(f"portfolio:{act}", args=[view.pk]), {"version": 1, "name": "Mine now"})
        assert response.status_code == 404
        assert "Level three" not in text(response)
        view.refresh_from_db()
        assert (view.name, view.version, view.is_start) == ("Level three", 1, False)


class TestStartPage:
    def start(self, client):
        return client.get(reverse("portfolio:start")).url

    def test_is_the_portfolio_unless_chosen(self, client, manager):
        make_view(manager)
        make_view(make_user(), is_start=True)
        assert self.start(client) == reverse("portfolio:dashboard")

    def test_is_the_chosen_view_after_signing_in_and_by_the_name_in_the_bar(self, fresh_cache):
        person = make_user(email="mila@example.com", password="a long enough secret")
        make_view(person, is_start=True)
        client = Client()
        response = client.post("/login/", {"login": person.email, "password": "a long enough secret"}, follow=True)
        assert response.redirect_chain[-1][0] == reverse("accounts:list") + "?level=3"
        assert f'class="brand" href="{reverse("portfolio:start")}"' in text(response)

    def test_does_not_come_between_where_one_wanted_to_be(self, fresh_cache):
        person = make_user(email="mila@example.com", password="a long enough secret")
        make_view(person, is_start=True)
        signing_in = {"login": person.email, "password": "a long enough secret", "next": "/benchmarks/"}
        assert Client().post("/login/", signing_in).url == "/benchmarks/"

    def test_the_plain_address_stays_the_portfolio(self, client, manager):
        make_view(manager, is_start=True)
        assert client.get("/").status_code == 200

    def test_choosing_another_leaves_one(self, client, manager):
        before, view = make_view(manager, name="Before", is_start=True), make_view(manager)
        client.post(reverse("portfolio:view_start", args=[view.pk]), {"version": 1})
        before.refresh_from_db()
        assert list(SavedView.objects.filter(is_start=True)) == [view]
        assert before.version == 2  # a page that still shows it as the start page is stale
        assert acts() == ["view.start_unset", "view.start_set"]
        assert self.start(client) == reverse("accounts:list") + "?level=3"

    def test_unchosen_it_is_the_portfolio_again(self, client, manager):
        view = make_view(manager, is_start=True)
        client.post(reverse("portfolio:view_start", args=[view.pk]), {"version": 1, "start": "no"})
        assert self.start(client) == reverse("portfolio:dashboard")
        assert acts() == ["view.start_unset"]

    def test_of_another_person_stays(self, client, manager):
        theirs, view = make_view(make_user(), is_start=True), make_view(manager)
        client.post(reverse("portfolio:view_start", args=[view.pk]), {"version": 1})
        assert set(SavedView.objects.filter(is_start=True)) == {theirs, view}

    def test_on_a_page_that_is_gone_it_is_the_portfolio(self, client, manager, monkeypatch):
        make_view(manager, is_start=True)
        monkeypatch.setattr("portfolio.saved_views.acts.address_of", lambda page, query: None)
        assert self.start(client) == reverse("portfolio:dashboard")


class TestSharedAddress:
    @pytest.mark.parametrize("page", ["accounts:list", "portfolio:benchmarks"])
    def test_shows_each_reader_what_that_one_may_see(self, page):
        team, reader = make_team(name="Hidden team"), make_user()
        make_account(name="Hidden account", team=team, segment="Hidden segment")
        make_account(name="Own account", owner=reader, segment="Food")
        shared = {"team": team.pk, "segment": "Hidden segment"}
        client = Client()
        client.force_login(make_viewer())
        assert "Hidden team" in text(client.get(reverse(page), shared))
        client.force_login(reader)
        found = text(client.get(reverse(page), shared))
        assert "Hidden team" not in found and "Hidden account" not in found

    @pytest.mark.parametrize("page", ["accounts:list", "portfolio:benchmarks"])
    def test_a_team_one_may_not_see_is_answered_as_one_that_is_not_there(self, client, manager, page):
        hidden = make_team()
        make_account(team=hidden)
        make_account(owner=manager)

        def answered(pk):
            response = client.get(reverse(page), {"team": pk})
            plain = re.sub(r'(name="(?:csrfmiddlewaretoken|form_key)" value|nonce)="[^"]*"', "", text(response))
            return response.status_code, re.findall(r"\S+", re.sub(rf"team(=|%3D){pk}\b", "team=", plain))

        assert answered(hidden.pk) == answered(hidden.pk + 1000)


class TestConstraints:
    @pytest.mark.parametrize(
        ("fields", "constraint"),
        [
            ({"name": "LEVEL three"}, "saved_view_name_once_per_person"),
            ({"name": "Second", "is_start": True}, "saved_view_one_start_page"),
            ({"name": ""}, "saved_view_has_a_name"),
            ({"name": "Second", "page": "accounts:new"}, "saved_view_of_a_known_page"),
        ],
    )
    def test_hold_in_the_database(self, manager, fields, constraint):
        make_view(manager, is_start=True)
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            make_view(manager, **fields)
        assert constraint in str(refused.value) or "UNIQUE" in str(refused.value)

    def test_views_go_with_their_owner(self, manager):
        make_view(manager)
        User.objects.filter(pk=manager.pk).delete()
        assert not SavedView.objects.exists()
