"""Several workers, or several clicks, at the same moment."""

import time

import pytest

from tests.assessments.test_rating_races import TOGETHER, all_at_once
from tests.factories import make_account, make_user, make_webhook
from webhooks import endpoints
from webhooks.deliveries import deliver_due
from webhooks.endpoints import Told
from webhooks.models import Webhook, WebhookDelivery

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]


def test_several_workers_at_once_send_each_message_once():
    account = make_account()
    make_webhook(account.owner)
    endpoints.tell(Told("level.climbed", account.pk, {}) for _ in range(12))
    sent: list[str] = []

    def send(url, body, headers) -> int:
        sent.append(headers["Standing-Delivery"])
        time.sleep(0.01)  # so that the workers meet
        return 200

    all_at_once(*(lambda: deliver_due(send=send) for _ in range(TOGETHER)))
    assert sorted(sent, key=int) == [str(pk) for pk in WebhookDelivery.objects.order_by("pk").values_list("pk", flat=True)]
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"sent"}


def test_one_form_sent_several_times_at_once_makes_one_webhook():
    mila = make_user()
    make = lambda: endpoints.make_webhook(mila, url="https://hooks.example.com/", kinds=["target.set"])  # noqa: E731
    all_at_once(*(make for _ in range(TOGETHER)))
    assert Webhook.objects.count() == 1


def test_telling_and_removing_at_once_fails_neither():
    account = make_account()
    hook = make_webhook(account.owner)
    tell = lambda: endpoints.tell([Told("level.climbed", account.pk, {})])  # noqa: E731
    found = all_at_once(tell, tell, lambda: endpoints.remove(hook, by=account.owner, seen=1), tell)
    assert not [one for one in found if isinstance(one, BaseException)], found
    assert deliver_due(send=lambda *_told: pytest.fail("sent to a removed one")) == 0
