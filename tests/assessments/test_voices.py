"""Who should be heard, whose answers count, and who does not count in a confidential round."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact
from assessments.rounds.closing import close
from assessments.rounds.voices import voices_of
from tests.factories import answer, make_account, make_assessment, make_contact, make_user

R1, R2, R4 = "5445 4434 3433 2212 1121", "5544 5444 4443 332- ---2", "5555 --4- 4544 4434 3234"
FOURS = "4" * 20


@pytest.fixture
def account(edition):
    return make_account()


class TestVoices:
    def test_are_those_who_are_there_and_part_of_the_decision_with_their_influence(self, account):
        there = make_contact(account, influence=3)
        make_contact(account, active=False)
        make_contact(account, erased_on=timezone.localdate())
        make_contact(account, part_of_decision=False, not_part_because="Only signs for parcels")
        make_contact()
        assert voices_of(make_assessment(account)).influence == {there.pk: 3}

    def test_cost_one_statement_and_two_in_confidence(self, account, django_assert_num_queries):
        other = make_account()
        for _ in range(12):
            make_contact(account)
            make_contact(other)
        named, confidential = make_assessment(account), make_assessment(other, visibility="confidential")
        with django_assert_num_queries(1):
            voices_of(named)
        with django_assert_num_queries(2):
            voices_of(confidential)


class TestCoverage:
    def test_is_frozen_when_the_round_closes(self, account):
        round_ = make_assessment(account)
        answer(round_, make_contact(account, influence=1), R2)
        silent = make_contact(account, influence=3)
        closed = close(round_, by=account.owner)
        assert (closed.coverage, closed.unheard, closed.band) == (0.25, 1, (1, 5))
        Contact.objects.filter(pk=silent.pk).update(active=False)
        closed.refresh_from_db()
        assert closed.coverage == 0.25

    def test_counts_a_contact_who_left_after_answering_as_heard(self, account):
        round_ = make_assessment(account)
        contact = make_contact(account, influence=3)
        answer(round_, contact, R2)
        Contact.objects.filter(pk=contact.pk).update(active=False)
        closed = close(round_, by=account.owner)
        assert (closed.coverage, closed.unheard) == (1, 0)

    def test_counts_who_answered_without_a_level_or_only_began_as_not_heard(self, account):
        round_ = make_assessment(account)
        answer(round_, make_contact(account), R2)
        answer(round_, make_contact(account), "-" * 20)
        answer(round_, make_contact(account), R2, submit=False)
        closed = close(round_, by=account.owner)
        assert (closed.coverage, closed.unheard, closed.respondents) == (0.3333, 2, 1)

    def test_is_nothing_heard_where_only_we_gave_a_view(self, account):
        round_ = make_assessment(account)
        make_contact(account)
        answer(round_, account.owner, R2)
        closed = close(round_, by=account.owner)
        assert (closed.coverage, closed.unheard, closed.band) == (0, 1, None)


class TestHighConfidence:
    def closed(self, account, *, by_link=True, marks=(R2, R2, R2)):
        round_ = make_assessment(account)
        for role, given in zip(("economic", "user", "technical"), marks, strict=True):
            answer(round_, make_contact(account, buying_role=role), given, by_link=by_link)
        return close(round_, by=account.owner)

    def test_of_three_who_answered_by_link(self, account):
        assert self.closed(account).confidence == "high"

    def test_not_of_what_we_were_told(self, account):
        closed = self.closed(account, by_link=False)
        assert (closed.confidence, closed.told) == ("medium", 3)
        assert "told_to_us" in closed.confidence_reasons

    def test_not_where_one_answered_all_alike(self, account):
        closed = self.closed(account, marks=(R4, R4, FOURS))
        assert closed.confidence == "medium" and "unsound_responses" in closed.confidence_reasons

    def test_not_where_those_who_were_not_heard_could_change_the_level(self, account):
        make_contact(account, influence=3)
        make_contact(account, influence=3)
        closed = self.closed(account, marks=(R1, R2, R4))
        assert closed.confidence == "medium" and "band_wide" in closed.confidence_reasons


class TestUnsoundAnswers:
    @pytest.fixture
    def round_(self, account):
        round_ = make_assessment(account)
        answer(round_, make_contact(account), R1)
        self.careless = answer(round_, make_contact(account), FOURS)
        return round_

    def test_are_marked_and_count_for_the_level(self, round_, account):
        assert (self.careless.uniform, self.careless.is_sound) == (True, False)
        assert close(round_, by=account.owner).respondents == 2

    def test_do_not_count_where_the_organisation_set_it_so(self, round_, account, settings):
        settings.UNSOUND_RESPONSES_COUNT = False
        closed = close(round_, by=account.owner)
        assert (closed.respondents, closed.unheard, closed.coverage) == (1, 1, 0.5)
        self.careless.refresh_from_db()
        assert not self.careless.counted


class TestWhoDoesNotCountInConfidence:
    @pytest.fixture
    def round_(self, account):
        round_ = make_assessment(account, visibility="confidential", opened_at=timezone.now() - timedelta(hours=1))
        answer(round_, account.owner, R4)
        for _ in range(2):
            answer(round_, make_contact(account), R1)
        return round_

    def made_now(self, account):
        return Contact.objects.create(account=account, name="New", buying_role="user")

    def moved_now(self, account):
        contact = make_contact(account, email="old@acme.test")
        contact.email = "new@acme.test"
        contact.save_version(contact.version, ["email"])
        return contact

    def moved_and_back(self, account):
        contact = make_contact(account, email="old@acme.test")
        for email in ("me@elsewhere.test", "old@acme.test"):
            Contact.objects.filter(pk=contact.pk).update(email=email)
        return contact

    def ours(self, account):
        make_user(email="colleague@vermeer.test")
        return make_contact(account, email="somebody.else@vermeer.test")

    @pytest.mark.parametrize("who", ["made_now", "moved_now", "moved_and_back", "ours"])
    def test_a_contact_that_we_could_answer_for(self, round_, account, who):
        contact = getattr(self, who)(account)
        answer(round_, contact, R1)
        assert voices_of(round_).left_out == {contact.pk}
        closed = close(round_, by=account.owner)
        assert (closed.customer_level, closed.confidence_reasons) == (None, ["too_few_to_tell"])

    @pytest.mark.parametrize("who", ["made_now", "moved_now", "moved_and_back", "ours"])
    def test_and_it_moves_no_figure_where_three_others_answered(self, round_, account, who):
        answer(round_, make_contact(account), R1)
        contact = getattr(self, who)(account)
        answer(round_, contact, "5" * 20)
        closed = close(round_, by=account.owner)
        assert (closed.customer_level, closed.respondents, closed.unheard) == (2, 3, 1)
        assert not closed.responses.get(contact=contact).counted

    def test_counts_in_a_named_round(self, account):
        round_ = make_assessment(account)
        answer(round_, self.made_now(account), R1)
        assert close(round_, by=account.owner).respondents == 1

    def test_another_change_of_a_contact_takes_nothing_away(self, round_, account):
        contact = make_contact(account, email="anna@acme.test")
        contact.title, contact.email = "Buyer", "Anna@Acme.test"
        contact.save_version(contact.version, ["title", "email"])
        assert voices_of(round_).left_out == set()

    def test_an_answer_by_a_link_to_such_an_address_counts_for_nothing_whoever_it_belongs_to_now(self, round_, account):
        # Merged into an old contact, or erased, the contact itself would tell nothing any more.
        response = answer(round_, make_contact(account), R1)
        response.address_since = timezone.now()
        response.save(update_fields=["address_since"])
        assert close(round_, by=account.owner).customer_level is None

    def test_nor_does_what_did_not_come_by_a_link(self, round_, account):
        answer(round_, make_contact(account), R1)
        round_.responses.filter(side="customer").update(origin="told", entered_by=account.owner)
        assert close(round_, by=account.owner).customer_level is None

    def test_a_shared_provider_is_nobodys_own_domain(self, round_, account):
        make_user(email="colleague@gmail.com")
        make_contact(account, email="somebody@gmail.com")
        assert voices_of(round_).left_out == set()
