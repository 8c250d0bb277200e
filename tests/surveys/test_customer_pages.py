"""What the customer's people said, entered by hand."""

import pytest
from django.urls import reverse

from assessments.models import Assessment, Response
from tests.factories import answer, make_account, make_assessment, make_contact, make_team, make_user, make_viewer
from tests.surveys.sending import checked, fields

pytestmark = pytest.mark.one_database

R1 = "5445 4434 3433 2212 1121"


@pytest.fixture
def account(edition):
    return make_account()


@pytest.fixture
def owner(client, account):
    client.force_login(account.owner)
    return account.owner


def page_of(account) -> str:
    return reverse("assessments:assess", args=[account.pk])


class TestTheCustomersSide:
    def choice(self, account) -> str:
        return reverse("assessments:customer_choice", args=[account.pk])

    def answers_of(self, contact) -> str:
        return reverse("assessments:customer_answers", args=[contact.account_id, contact.pk])

    def test_offers_who_is_there_with_role_influence_and_whether_answered(self, client, account, owner):
        heard = make_contact(account, name="Ines", buying_role="economic", influence=3)
        make_contact(account, name="Tom", do_not_ask=True)
        make_contact(account, name="Gone", active=False)
        make_contact(account, name="Erased", erased_on="2026-01-01")
        answer(make_assessment(account), heard, R1)
        text = client.get(self.choice(account)).content.decode()
        assert "Ines" in text and "Tom" in text and "no survey invitations" in text
        assert "Gone" not in text and "Erased" not in text
        assert text.count("told to us</span>") == 1
        assert "Not heard yet: user buyer, technical buyer, coach." in text

    def test_with_nobody_known_offers_to_add_a_contact(self, client, account, owner):
        text = client.get(self.choice(account)).content.decode()
        assert "Nobody to ask yet" in text
        assert reverse("accounts:contact_new", args=[account.pk]) in text

    def test_opening_the_pages_writes_nothing(self, client, account, owner):
        client.get(self.choice(account))
        client.get(self.answers_of(make_contact(account)))
        assert not Assessment.objects.exists()

    def test_asks_in_the_customers_wording(self, client, account, owner):
        text = client.get(self.answers_of(make_contact(account))).content.decode()
        assert "What they deliver meets the specifications we agreed." in text

    def test_a_submission_weighs_the_influence_and_keeps_role_and_who_entered_it(self, client, account, owner):
        contact = make_contact(account, influence=3, buying_role="technical")
        client.post(self.answers_of(contact), fields(R1, do="submit"))
        response = Response.objects.get()
        assert (response.side, response.contact, response.user) == ("customer", contact, None)
        assert (response.weight, response.buying_role, response.entered_by) == (3, "technical", owner)

    def test_a_contact_of_another_account_is_not_found(self, client, account, owner):
        stranger = make_contact()
        path = reverse("assessments:customer_answers", args=[account.pk, stranger.pk])
        assert client.get(path).status_code == 404
        assert client.post(path, fields(R1, do="submit")).status_code == 404

    def test_an_erased_contact_is_not_found(self, client, account, owner):
        assert client.get(self.answers_of(make_contact(account, erased_on="2026-01-01"))).status_code == 404

    def test_who_left_is_no_longer_asked(self, client, account, owner):
        contact = make_contact(account, active=False)
        response = client.post(self.answers_of(contact), fields(R1, do="submit"), follow=True)
        assert "has left this customer" in response.content.decode()
        assert not Response.objects.exists()

    def test_the_day_on_which_somebody_left_is_told_where_it_is_known(self, client, account, owner):
        for fields_of_contact, told in (({}, "has left"), ({"left_on": "2026-03-31"}, "left on 31 Mar 2026")):
            contact = make_contact(account, active=False, **fields_of_contact)
            answer(make_assessment(account), contact, R1)
            assert told in client.get(self.answers_of(contact)).content.decode()
            account.assessments.all().delete()

    def test_who_left_after_answering_can_still_be_corrected(self, client, account, owner):
        answer(make_assessment(account), contact := make_contact(account), R1)
        contact.active = False
        contact.save()
        assert client.get(self.answers_of(contact)).status_code == 200

    def test_is_for_who_may_read_named_answers(self, client, edition):
        mate = make_user()
        account = make_account(team=make_team(members=[mate]))
        contact = make_contact(account)
        for user, status in ((mate, 403), (make_viewer(), 403), (make_user(), 404)):
            client.force_login(user)
            assert client.get(self.choice(account)).status_code == status
            assert client.get(self.answers_of(contact)).status_code == status

    def test_in_a_confidential_round_nobody_enters_or_reads_them(self, client, account, owner):
        contact = make_contact(account)
        answer(make_assessment(account, visibility="confidential"), contact, R1)
        assert client.get(self.answers_of(contact)).status_code == 403
        assert "cannot be entered by hand" in client.get(self.choice(account)).content.decode()

    def test_what_a_colleague_entered_waits_for_ones_own_view(self, client, account, owner):
        round_ = make_assessment(account)
        answer(round_, contact := make_contact(account), R1, by=make_user())
        answer(round_, owner, "5", submit=False)
        response = client.get(self.answers_of(contact), follow=True)
        assert response.redirect_chain[-1][0] == page_of(account)
        assert "Give your own view first" in response.content.decode()
        answer(round_, owner, R1)
        assert checked(client.get(self.answers_of(contact))) != {}


@pytest.mark.parametrize("contacts", [1, 12])
def test_the_pages_cost_the_same_whatever_was_answered(client, account, owner, django_assert_num_queries, contacts):
    round_ = make_assessment(account)
    for _ in range(contacts):
        answer(round_, make_contact(account), R1)
    answer(round_, owner, R1 if contacts > 1 else "5", evidence={1: "so"})
    contact = account.contacts.first()
    # session, user, account, round, response, answers, notes, corrections of the fixed view, what could be read, levels, statements
    with django_assert_num_queries(11):
        client.get(page_of(account))
    with django_assert_num_queries(7):  # session, user, account, round, contacts, responses, the own one
        client.get(reverse("assessments:customer_choice", args=[account.pk]))
    with django_assert_num_queries(11):  # as the first, with the contact; what they said has no corrections
        client.get(reverse("assessments:customer_answers", args=[account.pk, contact.pk]))
