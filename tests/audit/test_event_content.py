"""What an event holds: who, when, of which object and account, and the values that differ."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Account, Contact
from audit import acts, trail
from audit.acts import Act
from audit.models import Event
from plans.models import ActionPlan
from tests.factories import make_account, make_contact, make_plan, make_user, make_webhook
from webhooks.models import Webhook

NOW = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ({}, {}, {}, {}),
        ({"a": 1}, {"a": 1}, {}, {}),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 2}, {"b": 3}),
        ({"a": 1}, {"b": 2}, {"b": None}, {"b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}, {}, {}),  # what is no longer named did not change
        ({"a": ""}, {"a": None}, {"a": ""}, {"a": None}),
        ({"a": [1]}, {"a": [1, 2]}, {"a": [1]}, {"a": [1, 2]}),
        ({}, {"a": None}, {}, {}),
    ],
)
def test_a_difference_holds_what_changed_and_nothing_else(before, after, old, new):
    assert trail.difference(before, after) == (old, new)


@pytest.mark.django_db
class TestSnapshot:
    def test_names_the_fields_that_are_asked_for_and_relations_by_their_ids(self):
        account = make_account(name="Adler", city="Delft")
        assert trail.snapshot(account, "city", "owner") == {"city": "Delft", "owner": account.owner_id}

    def test_holds_every_column_but_stored_keys_when_none_is_named(self):
        account = make_account()
        assert trail.snapshot(account).keys() == {field.name for field in Account._meta.concrete_fields} - {
            "search_key",
            "name_key",
            "domain_key",
        }


@pytest.mark.django_db
class TestRecording:
    def test_when_who_and_which_object(self):
        account = make_account()
        with time_machine.travel(NOW, tick=False):
            event = trail.record("account.changed", account, by=account.owner, note="Why")
        event = Event.objects.get(pk=event.pk)
        assert (event.at, event.actor, event.note, event.origin) == (NOW, account.owner, "Why", "")
        assert (event.object_type, event.object_id, event.account_id) == ("accounts.account", account.pk, account.pk)
        assert (event.before, event.after, event.redacted_on) == (None, None, None)

    def test_what_belongs_to_an_account_is_found_by_its_account(self):
        contact, plan = make_contact(), make_plan()
        for obj in (contact, plan):
            assert trail.record("x.y", obj, by=None).account_id == obj.account_id

    def test_what_belongs_to_none_has_none(self):
        assert trail.record("x.y", make_webhook(), by=None).account_id is None

    @pytest.mark.parametrize("by", [None, AnonymousUser()])
    def test_without_a_person_it_is_the_program(self, by):
        event = trail.record("account.changed", make_account(), by=by)
        assert event.actor is None and acts.who_of(event) == "Standing"

    def test_values_are_stored_as_json_holds_them_and_the_hash_fits(self):
        values = {"day": date(2026, 3, 1), "amount": Decimal("1.50"), "at": NOW, "text": "Zoë 😀", "none": None}
        trail.record("account.changed", make_account(), by=None, before=values, after=values)
        stored = Event.objects.get()
        assert stored.before == {
            "day": "2026-03-01",
            "amount": "1.50",
            "at": "2026-03-10T14:30:00Z",
            "text": "Zoë 😀",
            "none": None,
        }
        assert not list(trail.broken_links())

    def test_what_json_holds_otherwise_is_recorded_as_json_holds_it(self):
        account = make_account()
        content = {"days": [date(2026, 3, 1)], "pair": (1, 2), "role": Contact.BuyingRole.USER, 7: {8: "deep"}}
        event = trail.record("account.changed", account, by=None, after=content)
        assert event.after == {"days": ["2026-03-01"], "pair": [1, 2], "role": "user", "7": {"8": "deep"}}
        assert Event.objects.get().after == event.after and not list(trail.broken_links())

    def test_each_event_has_a_salt_of_its_own(self):
        account = make_account()
        made = trail.record_many([trail.Change("account.changed", account, {"a": 1})] * 2, by=None)
        assert made[0].content_salt != made[1].content_salt and made[0].content_hash != made[1].content_hash

    def test_the_first_event_follows_nothing_and_each_other_the_one_before(self):
        account = make_account()
        made = [trail.record("account.changed", account, by=None) for _ in range(3)]
        assert [event.previous_hash for event in made] == [trail.GENESIS, made[0].hash, made[1].hash]

    def test_many_changes_keep_their_order_and_may_have_their_own_moment_and_person(self):
        account, other = make_account(), make_user()
        changes = [trail.Change("account.changed", account, after={"n": n}) for n in range(3)]
        changes.append(trail.Change("account.changed", account, at=NOW, by=other))
        trail.record_many(changes, by=account.owner)
        stored = list(Event.objects.order_by("pk"))
        assert [event.after and event.after["n"] for event in stored] == [0, 1, 2, None]
        assert [event.actor for event in stored] == [account.owner] * 3 + [other]
        assert stored[3].at == NOW and abs(stored[0].at - timezone.now()).seconds < 60

    def test_no_changes_write_nothing(self):
        assert trail.record_many([], by=None) == []
        assert not Event.objects.exists()

    def test_a_printed_event_names_act_and_object(self):
        account = make_account()
        assert str(trail.record("account.changed", account, by=None)) == f"account.changed accounts.account {account.pk}"

    def test_an_object_is_found_under_its_former_name_too(self):
        assert trail.names_of(Webhook) == ["webhooks.webhook", "accounts.webhook"]
        assert trail.names_of(ActionPlan) == ["plans.actionplan"]

    def test_an_empty_trail_is_in_order(self, capsys):
        call_command("verify_audit")
        assert capsys.readouterr().out == "0 events, all in order.\n"


class TestSentences:
    ACT = Act("x.y", "%(who)s did it.", several="%(who)s did it %(n)d times.", by_link="%(n)d did it.", heading="Done")

    @pytest.mark.parametrize(("count", "sentence"), [(1, "Mila did it."), (2, "Mila did it 2 times.")])
    def test_several_are_counted_from_two_on(self, count, sentence):
        assert self.ACT.told("Mila", count) == sentence

    def test_without_a_sentence_for_several_they_are_told_like_one(self):
        assert Act("x.y", "%(who)s did it.").told("Mila", 9) == "Mila did it."

    def test_an_act_by_link_is_told_of_the_customer_only_where_no_person_did_it(self, monkeypatch):
        monkeypatch.setitem(acts._acts, "x.y", self.ACT)
        assert acts.told(Event(act="x.y"), 3) == "3 did it."
        assert acts.told(Event(act="x.y", actor=make_named("Mila")), 3) == "Mila did it 3 times."

    def test_a_heading_is_that_of_the_act_or_its_name(self, monkeypatch):
        monkeypatch.setitem(acts._acts, "x.y", self.ACT)
        assert acts.heading_of(Event(act="x.y")) == "Done"
        assert acts.heading_of(Event(act="account.teleported")) == "account.teleported"

    def test_what_is_no_news_is_left_out_in_order(self, monkeypatch):
        known = {"b": Act("b", "", is_news=False), "a": Act("a", "", is_news=False), "c": Act("c", "")}
        monkeypatch.setattr(acts, "_acts", known)
        assert acts.no_news() == ["a", "b"]
        assert acts.registered() == {"a", "b", "c"}


def make_named(name: str):
    """A person who is not stored."""
    return Event._meta.get_field("actor").related_model(name=name, email="mila@example.com")
