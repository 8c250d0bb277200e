"""The pages of one's own: settings, language and jobs; and for administrators what a system owns."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import BulkChange, CrmSource, User
from accounts.pages.jobs import PAGE
from audit.models import Event
from core import days
from tests.factories import make_account, make_administrator, make_user, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

CRM = reverse("accounts:crm")


@pytest.fixture
def manager(client):
    user = make_user(name="Mila Vermeer")
    client.force_login(user)
    return user


@pytest.fixture
def admin(client):
    user = make_administrator()
    client.force_login(user)
    return user


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def rule_of(*names, source="Salesforce"):
    return CrmSource.objects.create(source=source, key=source.casefold(), owned=list(names))


class TestSettings:
    def save(self, client, **fields):
        version = client.get(reverse("accounts:settings")).context["form"]["version"].value()
        sent = {
            "name": "Mila Vermeer",
            "language": "",
            "time_zone": "",
            "wants_digest": "on",
            "wants_keys": "on",
            "version": version,
        }
        return client.post(reverse("accounts:settings"), sent | fields, follow=True)

    def test_saving_is_said_and_without_a_change_leaves_no_trace(self, client, manager):
        assert said(self.save(client)) == ["Your settings: nothing was changed"]
        assert not Event.objects.filter(act="user.changed").exists()

    @pytest.mark.parametrize(
        ("language", "told"), [("nl", "Je instellingen: taal gewijzigd"), ("en", "Your settings: language changed")]
    )
    def test_it_is_said_in_the_language_that_was_chosen(self, client, manager, language, told):
        User.objects.filter(pk=manager.pk).update(language="en" if language == "nl" else "nl")
        assert said(self.save(client, language=language)) == [told]

    @pytest.mark.parametrize("zone", ["", "Europe/Amsterdam", "America/Argentina/Buenos_Aires"])
    def test_a_place_or_the_organisation_gives_the_time_zone(self, client, manager, zone):
        self.save(client, time_zone=zone)
        manager.refresh_from_db()
        assert manager.time_zone == zone

    @pytest.mark.parametrize("zone", ["Etc/GMT+5", "UTC", "CET", "Europe/Nowhere", "europe/amsterdam"])
    def test_what_is_no_place_is_refused(self, client, manager, zone):
        answer = self.save(client, time_zone=zone)
        assert answer.status_code == 422 and answer.context["form"].errors.keys() == {"time_zone"}

    def test_everybody_has_settings_also_who_only_reads(self, client):
        client.force_login(make_viewer(name="Mila Vermeer"))
        assert said(self.save(client, name="Other")) == ["Your settings: name changed"]
        assert User.objects.get().name == "Other"


class TestLanguage:
    def choose(self, client, language, **more):
        return client.post(reverse("set_language"), {"language": language, "next": "/accounts/"} | more)

    def test_the_one_that_one_has_already_leaves_no_trace_and_no_new_version(self, client, manager):
        User.objects.filter(pk=manager.pk).update(language="nl")
        assert self.choose(client, "nl").status_code == 302
        manager.refresh_from_db()
        assert manager.version == 1 and not Event.objects.filter(act="user.changed").exists()

    def test_settings_that_were_open_meanwhile_are_stale(self, client, manager):
        sent = {"name": "Mila", "language": "", "time_zone": "", "version": manager.version}
        self.choose(client, "nl")
        assert client.post(reverse("accounts:settings"), sent).status_code == 409
        manager.refresh_from_db()
        assert (manager.name, manager.language) == ("Mila Vermeer", "nl")

    def test_without_javascript_there_is_a_page_of_all_languages_that_keeps_where_one_was(self, client):
        page = client.get(reverse("set_language"), {"next": "/accounts/?q=x"})
        assert page.context["next"] == "/accounts/?q=x"
        assert "English" in page.text and "Nederlands" in page.text
        assert client.get(reverse("set_language")).context["next"] == "/"

    @pytest.mark.parametrize("elsewhere", ["//evil.example", "https:evil.example", "javascript:alert(1)", "\\evil.example"])
    def test_it_leads_to_no_other_site(self, client, elsewhere):
        assert self.choose(client, "nl", next=elsewhere).url == "/"


class TestJobs:
    def changes(self, user, number):
        for n in range(number):
            change = BulkChange.objects.create(user=user, act="tag", value_name=f"{n:02}", total=1)
            BulkChange.objects.filter(pk=change.pk).update(started_at=timezone.now() - timedelta(hours=n))

    def shown(self, client, **query):
        rows = client.get(reverse("accounts:jobs"), query).context["rows"]
        return [row.job.value_name for row in rows]

    def test_a_page_holds_25_and_the_others_are_on_the_next(self, client, manager):
        self.changes(manager, PAGE + 1)
        assert PAGE == 25
        assert self.shown(client) == [f"{n:02}" for n in range(25)]
        assert self.shown(client, page=2) == ["25"]

    @pytest.mark.parametrize(("page", "first"), [("0", "25"), ("-1", "25"), ("x", "00"), ("99", "25"), ("", "00")])
    def test_a_page_that_is_none_is_the_nearest(self, client, manager, page, first):
        self.changes(manager, PAGE + 1)
        assert self.shown(client, page=page)[0] == first

    def test_the_part_alone_for_htmx_and_the_page_on_going_back(self, client, manager):
        part = client.get(reverse("accounts:jobs"), headers={"HX-Request": "true"})
        assert "<html" not in part.text and "HX-Request" in part.headers["Vary"]
        back = client.get(reverse("accounts:jobs"), headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
        assert "<html" in back.text

    def test_no_cache_keeps_it(self, client, manager):
        assert "no-store" in client.get(reverse("accounts:jobs")).headers["Cache-Control"]


class TestWhatASystemOwns:
    @pytest.mark.parametrize("make", [make_user, make_viewer])
    def test_is_for_administrators(self, client, make):
        rule = rule_of("name")
        client.force_login(make())
        for address in (CRM, f"{CRM}{rule.pk}/", f"{CRM}{rule.pk}/delete/"):
            assert client.post(address, {"source": "HubSpot", "version": 1}).status_code == 403
        assert list(CrmSource.objects.values_list("source", "owned")) == [("Salesforce", ["name"])]

    def test_a_change_that_changes_nothing_leaves_no_trace_and_its_day(self, client, admin):
        rule = rule_of("name")
        assert client.post(f"{CRM}{rule.pk}/", {"owned": ["name"], "version": 1}).status_code == 302
        assert CrmSource.objects.get().since == rule.since
        assert not Event.objects.filter(act="crm_source.changed").exists()

    def test_archived_accounts_are_counted_too(self, client, admin):
        make_account(source="Salesforce", external_id="1", status="archived")
        rule_of("name")
        make_account(source="HubSpot", external_id="2", status="archived")
        page = client.get(CRM)
        assert [number for _rule, _labels, number in page.context["rules"]] == [1]
        assert page.context["others"] == [("HubSpot", 1)]

    def test_what_is_done_is_said(self, client, admin):
        made = client.post(CRM, {"source": "HubSpot", "owned": ["name"]}, follow=True)
        assert said(made) == ["Saved: HubSpot owns what you chose."]
        rule = CrmSource.objects.get()
        changed = client.post(f"{CRM}{rule.pk}/", {"owned": ["city"], "version": 1}, follow=True)
        assert said(changed) == ["Saved: HubSpot owns what you chose."]
        removed = client.post(f"{CRM}{rule.pk}/delete/", {"version": 2}, follow=True)
        assert said(removed) == ["The rule is deleted: every field of these accounts can be changed here again."]

    def test_a_rule_that_someone_changed_meanwhile_is_shown_before_it_is_removed(self, client, admin):
        rule = rule_of("name")
        client.post(f"{CRM}{rule.pk}/", {"owned": ["city"], "version": 1})
        answer = client.post(f"{CRM}{rule.pk}/delete/", {"version": 1})
        assert answer.status_code == 409 and answer.context["form"]["owned"].value() == ["city"]
        assert CrmSource.objects.exists() and not Event.objects.filter(act="crm_source.removed").exists()

    def test_the_trail_keeps_what_a_removed_rule_said(self, client, admin):
        rule = rule_of("name", "city")
        client.post(f"{CRM}{rule.pk}/delete/", {"version": 1})
        event = Event.objects.get(act="crm_source.removed")
        assert (event.actor, event.before) == (admin, {"source": "Salesforce", "owned": ["name", "city"]})

    @pytest.mark.parametrize("act", ["", "delete/"])
    def test_a_rule_that_is_gone_is_not_found(self, client, admin, act):
        assert client.post(f"{CRM}999/{act}", {"version": 1}).status_code == 404

    @pytest.mark.parametrize("source", ["x" * 61, "  ", "nul \x00"])
    def test_a_name_that_cannot_be_is_refused(self, client, admin, source):
        answer = client.post(CRM, {"source": source, "owned": ["name"]})
        assert answer.status_code == 422 and answer.context["form"].errors.keys() == {"source"}

    def test_a_rule_of_nothing_owns_what_the_system_finds_its_accounts_by(self, client, admin):
        assert client.post(CRM, {"source": "HubSpot"}).status_code == 302
        account = make_account(source="HubSpot", external_id="1", owner=admin)
        form = client.get(reverse("accounts:edit", args=[account.pk])).context["form"]
        assert {name for name, field in form.fields.items() if field.disabled} == {"source", "external_id"}


class TestErasing:
    def test_the_second_of_two_clicks_is_told_that_it_is_done(self, client, manager, edition):
        account = make_account(owner=manager)
        contact = account.contacts.create(name="Ines", buying_role="user", erased_on=days.today())
        address = reverse("accounts:contact_erase", args=[account.pk, contact.pk])
        assert said(client.post(address, {"name": "Ines"}, follow=True)) == ["This person is erased already."]
        assert not Event.objects.filter(act="contact.erased").exists()

    @pytest.mark.parametrize("typed", ["Ines Duarte", " ines  DUARTE ", "\uff29nes Duarte", "INES\u00a0DUARTE"])
    def test_a_name_is_the_same_however_it_is_spaced_capitalised_or_composed(self, client, manager, edition, typed):
        account = make_account(owner=manager)
        contact = account.contacts.create(name="Ines Duarte", buying_role="user")
        answer = client.post(reverse("accounts:contact_erase", args=[account.pk, contact.pk]), {"name": typed}, follow=True)
        assert said(answer) == ["The person is erased. What they answered still counts, without anyone's name."]

    @pytest.mark.parametrize("typed", ["", "Ines", "Duarte Ines", "InesDuarte", "Inés Duarte", "x" * 201])
    def test_another_name_erases_nobody(self, client, manager, typed):
        account = make_account(owner=manager)
        contact = account.contacts.create(name="Ines Duarte", buying_role="user")
        answer = client.post(reverse("accounts:contact_erase", args=[account.pk, contact.pk]), {"name": typed})
        contact.refresh_from_db()
        assert answer.status_code == 422 and (contact.name, contact.erased_on) == ("Ines Duarte", None)
