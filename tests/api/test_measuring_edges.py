"""Assessments through the API: days, limits, what is refused, and who may do what."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from assessments.models import Assessment, Response
from tests.factories import answer, filled, make_account, make_assessment, make_contact, make_result, make_user, make_viewer

pytestmark = pytest.mark.django_db

R1, R4, R6 = "5445 4434 3433 2212 1121", "5555 --4- 4544 4434 3234", "-" * 20


@pytest.fixture
def round_(account, edition) -> Assessment:
    return make_assessment(account)


def respond(api, round_, marks: str = R1, side: str = "customer", **more):
    return api.post(f"/assessments/{round_.pk}/responses", {"side": side, "answers": dict(filled(marks).answers)} | more)


def pointer(response) -> str:
    assert response.status_code == 422
    return response.json()["errors"][0]["pointer"]


class TestOpening:
    def path(self, account) -> str:
        return f"/accounts/{account.pk}/assessments"

    def test_is_dated_today_where_no_day_is_named_and_has_no_result(self, api, account, edition):
        made = api.post(self.path(account), {})
        told = made.json()
        assert (told["held_on"], told["edition"], told["origin"]) == (timezone.localdate().isoformat(), edition.pk, "measured")
        assert (told["visibility"], told["closes_on"], told["status"]) == ("named", None, "open")
        assert [told[name] for name in ("customer_level", "team_level", "gap", "confidence", "respondents")] == [None] * 5
        assert made["ETag"] == f'"v{told["version"]}"'

    @pytest.mark.parametrize(("day", "status"), [("1989-12-31", 422), ("1990-01-01", 201)])
    def test_a_year_before_1990_cannot_be_meant(self, api, account, day, status):
        assert api.post(self.path(account), {"held_on": day}).status_code == status

    @pytest.mark.parametrize("sent", [{"held_on": "1-1-2026"}, {"held_on": 20260101}, {"day": "2026-01-01"}])
    def test_a_day_that_is_none_and_a_field_that_is_unknown_are_refused(self, api, account, sent):
        assert pointer(api.post(self.path(account), sent)) == f"#/{next(iter(sent))}"
        assert not Assessment.objects.exists()

    def test_the_list_holds_open_and_closed_ones_in_the_order_in_which_they_were_made(self, api, account, edition):
        late = make_result(account, date(2026, 9, 1), customer=2.9)
        early = make_result(account, date(2026, 3, 1), team=3.2)
        going = make_assessment(account)
        make_result(make_account(owner=account.owner), date(2026, 3, 1), team=3.2)
        items = api.get(self.path(account)).json()["items"]
        assert [(one["id"], one["status"]) for one in items] == [(late.pk, "closed"), (early.pk, "closed"), (going.pk, "open")]

    def test_who_only_reads_lists_them_and_opens_none(self, api, caller, account):
        call = caller(make_viewer())
        assert call.get(self.path(account)).status_code == 200
        assert call.post(self.path(account), {}).status_code == 403

    def test_others_do_not_find_them(self, api, stranger, account, round_):
        assert stranger.get(self.path(account)).status_code == 404
        assert stranger.post(self.path(account), {}).status_code == 404
        assert stranger.get(f"/assessments/{round_.pk}").status_code == 404
        assert stranger.post(f"/assessments/{round_.pk}/close").status_code == 404
        assert respond(stranger, round_).status_code == 404


class TestAnswering:
    def test_an_erased_contact_is_refused(self, api, account, round_):
        contact = make_contact(account, erased_on=timezone.localdate(), active=False)
        assert pointer(respond(api, round_, contact=contact.pk)) == "#/contact"
        assert not Response.objects.exists()

    def test_who_left_after_answering_may_be_sent_again(self, api, account, round_):
        contact = make_contact(account)
        first = respond(api, round_, contact=contact.pk).json()
        contact.active = False
        contact.save()
        assert respond(api, round_, contact=contact.pk).json()["id"] == first["id"]

    def test_a_contact_does_not_answer_for_us(self, api, account, round_):
        assert pointer(respond(api, round_, side="team", contact=make_contact(account).pk)) == "#/contact"

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"side": "both"}, "side"), ({"contact": "1"}, "contact"), ({"contact": 0}, "contact"), ({"contact": True}, "contact"),
            ({"contact": 2**63}, "contact"), ({"comment": "x" * 4001}, "comment"), ({"comment": "nul \x00 byte"}, "comment"),
            ({"comment": None}, "comment"), ({"answers": {f"{n}x": 3 for n in range(201)}}, "answers"), ({"draft": True}, "draft"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_refused_at_its_field_and_nothing_stored(self, api, round_, sent, field):
        assert pointer(respond(api, round_, **sent)).startswith(f"#/{field}")
        assert not Response.objects.exists()

    def test_a_null_is_dont_know_and_what_is_left_out_is_not_answered(self, api, round_):
        api.post(f"/assessments/{round_.pk}/responses", {"side": "customer", "answers": {"1a": 5, "1b": None}})
        stored = Response.objects.get().answers
        assert dict(stored.values_list("indicator__code", "value")) == {"1a": 5, "1b": None}

    def test_a_comment_is_kept(self, api, round_):
        respond(api, round_, comment="They call back.")
        assert Response.objects.get().comment == "They call back."

    def test_who_entered_it_is_kept_and_it_is_submitted_at_once(self, api, manager, round_):
        respond(api, round_)
        stored = Response.objects.get()
        assert (stored.entered_by, stored.is_submitted, stored.contact) == (manager, True, None)

    def test_who_only_reads_answers_for_neither_side(self, api, caller, round_):
        call = caller(make_viewer())
        assert respond(call, round_).status_code == respond(call, round_, side="team").status_code == 403
        assert not Response.objects.exists()


class TestClosing:
    def test_gives_a_version_that_reading_gives_too(self, api, round_):
        respond(api, round_)
        closed = api.post(f"/assessments/{round_.pk}/close")
        assert closed["ETag"] == api.get(f"/assessments/{round_.pk}")["ETag"]

    def test_with_our_view_alone_says_that_nobody_of_theirs_was_heard(self, api, round_):
        respond(api, round_, R4, side="team")
        told = api.post(f"/assessments/{round_.pk}/close").json()
        assert (told["customer_level"], told["team_level"], told["gap"], told["respondents"]) == (None, 4, None, 0)
        assert (told["confidence"], told["confidence_reasons"]) == ("none", ["no_customer_response"])

    def test_is_not_for_who_only_gives_a_view(self, api, caller, team, round_, account):
        mate = make_user()
        team.members.add(mate)
        answer(round_, account.owner, R1)
        assert caller(mate).post(f"/assessments/{round_.pk}/close").status_code == 403
        round_.refresh_from_db()
        assert round_.is_open


class TestHistory:
    def test_since_a_day_includes_that_day(self, api, account, edition):
        for month in (3, 6, 9):
            make_result(account, date(2026, month, 1), customer=2.9)
        days = {
            since: [one["held_on"][5:7] for one in api.get(f"/accounts/{account.pk}/history?since={since}").json()["items"]]
            for since in ("2026-06-01", "2026-06-02", "2027-01-01")
        }
        assert days == {"2026-06-01": ["06", "09"], "2026-06-02": ["09"], "2027-01-01": []}

    @pytest.mark.parametrize("since", ["yesterday", "2026-02-30", "20260601", ""])
    def test_a_since_that_is_no_day_is_refused(self, api, account, since):
        assert api.get(f"/accounts/{account.pk}/history?since={since}").status_code == 422

    def test_open_rounds_are_no_history_and_recorded_ones_say_so(self, api, account, edition):
        make_result(account, date(2026, 3, 1), customer=2.9, origin="recorded", respondents=4)
        make_result(account, date(2026, 6, 1), team=3.2)
        make_assessment(account, held_on=timezone.localdate() - timedelta(days=1))
        items = api.get(f"/accounts/{account.pk}/history").json()["items"]
        assert [(one["recorded"], one["respondents"], one["edition"]) for one in items] == [
            (True, 4, edition.pk), (False, 0, edition.pk),
        ]  # fmt: skip
