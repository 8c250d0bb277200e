"""Exchange rates and the trail in the back-office: what changes leaves a trail, and nobody overwrites another."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.models import ExchangeRate
from audit import trail
from audit.models import Event
from tests.factories import make_account, make_administrator, make_team, make_user, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_cache")]


@pytest.fixture
def administrator(client):
    user = make_administrator()
    client.force_login(user)
    return user


def change(client, obj, data):
    return client.post(reverse(f"admin:accounts_{obj._meta.model_name}_change", args=[obj.pk]), data)


class TestExchangeRates:
    @pytest.fixture
    def rate(self):
        return ExchangeRate.objects.create(currency="USD", rate="0.9", as_of=date(2026, 1, 1))

    def test_a_stale_one_gets_409_and_sent_again_is_stored(self, client, administrator, rate):
        ExchangeRate.objects.filter(pk=rate.pk).update(rate="0.7", version=2)
        mine = {"currency": "USD", "rate": "0.8", "as_of": "2026-02-01", "seen": 1}
        answer = change(client, rate, mine)
        assert answer.status_code == 409
        seen = answer.context["adminform"].form["seen"].value()
        assert change(client, rate, mine | {"seen": seen}).status_code == 302

    def test_a_form_that_does_not_say_what_it_saw_is_stale(self, client, administrator, rate):
        mine = {"currency": "USD", "rate": "0.8", "as_of": "2026-02-01", "seen": ""}
        assert change(client, rate, mine).status_code == 409

    def test_only_what_changed_is_told(self, client, administrator, rate):
        change(client, rate, {"currency": "USD", "rate": "0.8", "as_of": "2026-01-01", "seen": 1})
        event = Event.objects.get(act="exchangerate.changed")
        assert event.actor == administrator and set(event.before) == set(event.after) == {"rate"}

    def test_changing_nothing_leaves_no_trace(self, client, administrator, rate):
        assert change(client, rate, {"currency": "USD", "rate": "0.9", "as_of": "2026-01-01", "seen": 1}).status_code == 302
        assert not Event.objects.exists()


class TestTheTrail:
    def test_is_read_by_time_by_act_and_by_object(self, client, administrator):
        account = make_account(name="Northwind")
        trail.record("account.changed", account, by=administrator, before={"name": "<b>Old"}, after={"name": "Northwind"})
        trail.record("team.changed", make_team(), by=None)
        address = reverse("admin:audit_event_changelist")
        assert [event.act for event in client.get(address).context["cl"].result_list] == ["team.changed", "account.changed"]
        for query in ({"act": "account.changed"}, {"q": str(account.pk)}, {"q": "account.ch"}, {"q": administrator.email}):
            acts = {event.act for event in client.get(address, query).context["cl"].result_list}
            assert acts - {"team.changed"} == {"account.changed"}, query
        page = client.get(reverse("admin:audit_event_change", args=[Event.objects.get(act="account.changed").pk])).text
        assert "&lt;b&gt;Old" in page and "Northwind" in page

    @pytest.mark.parametrize("query", ["9" * 40, "-1", "'; drop", "a b c", "٣"])
    def test_an_odd_search_finds_nothing_and_breaks_nothing(self, client, administrator, query):
        assert client.get(reverse("admin:audit_event_changelist"), {"q": query}).status_code == 200

    def test_is_changed_by_nobody(self, client, administrator):
        event = trail.record("team.changed", make_team(), by=None)
        assert client.get(reverse("admin:audit_event_add")).status_code == 403
        assert client.post(reverse("admin:audit_event_change", args=[event.pk]), {"act": "x"}).status_code == 403
        assert client.post(reverse("admin:audit_event_delete", args=[event.pk]), {"post": "yes"}).status_code == 403
        actions = {"action": "delete_selected", "_selected_action": [event.pk]}
        client.post(reverse("admin:audit_event_changelist"), actions)
        assert Event.objects.get() == event and list(trail.broken_links()) == []

    @pytest.mark.parametrize("make", [make_user, make_viewer])
    def test_is_for_the_administrator(self, client, make):
        client.force_login(make())
        assert client.get(reverse("admin:audit_event_changelist"), follow=True).status_code == 403

    @pytest.mark.parametrize("rows", [1, 50])
    def test_costs_the_same_whatever_the_rows(self, client, administrator, rows, django_assert_max_num_queries):
        account = make_account()
        trail.record_many([trail.Change("account.changed", account) for _ in range(rows)], by=administrator)
        with django_assert_max_num_queries(8):
            client.get(reverse("admin:audit_event_changelist"))
