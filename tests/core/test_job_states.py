"""What holds for a job in each state: whether it may be cancelled or taken back, and what happens to it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from accounts.acts.bulk_change import BulkChangeKind
from accounts.models import BulkChange
from core import job_runner
from core.job_runner import take_up_lost_jobs
from core.jobs import KEPT, JobCancelled, JobRefused
from tests.factories import make_administrator, make_user
from tests.jobs import work_on

pytestmark = pytest.mark.django_db

State = BulkChange.State
OVER = {State.DONE, State.FAILED, State.CANCELLED, State.UNDOING, State.UNDONE}
ALL = list(State)


def make_job(state: str, **fields) -> BulkChange:
    over = {"finished_at": timezone.now()} if state in OVER else {}
    undone = {"undone_at": timezone.now()} if state == State.UNDONE else {}
    return BulkChange.objects.create(user=fields.pop("user", None) or make_user(), state=state, **over | undone | fields)


@pytest.mark.parametrize("state", ALL)
class TestEachState:
    def test_it_is_under_way_until_it_is_over(self, state):
        job = make_job(state, total=5)
        assert job.is_under_way == (state in {"checking", "waiting", "running", "undoing"})
        assert job.shows_progress == job.is_under_way

    def test_without_a_known_total_there_is_no_progress_to_show(self, state):
        assert not make_job(state, total=0).shows_progress

    def test_it_may_be_cancelled_while_it_is_done_and_not_while_it_is_taken_back(self, state):
        job = make_job(state)
        may = state in {"checking", "waiting", "running"}
        assert (job.may_be_cancelled, job.cancel()) == (may, may)
        job.refresh_from_db()
        assert job.state == ("cancelled" if may else state)
        assert not may or (job.finished_at and job.heartbeat_at is None)

    def test_it_may_be_taken_back_when_it_is_over(self, state):
        job = make_job(state, done=3, changed=3)
        assert job.may_be_undone == (state in {"done", "failed", "cancelled"})

    def test_it_is_taken_back_or_about_to_be(self, state):
        job = make_job(state)
        assert job.is_taken_back == (state in {"undoing", "undone"})
        assert job.is_being_undone == (state == "undoing")

    def test_it_has_a_name(self, state):
        with translation.override("en"):
            assert make_job(state).state_in_words == str(State(state).label)

    def test_it_is_kept_for_ninety_days_and_never_forgotten_under_way(self, state):
        job = make_job(state)
        BulkChange.objects.update(started_at=timezone.now() - timedelta(days=89))
        assert not BulkChange.objects.outdated().exists()
        BulkChange.objects.update(started_at=timezone.now() - KEPT - timedelta(seconds=1))
        assert BulkChange.objects.outdated().exists() == (not job.is_under_way)

    def test_a_worker_goes_on_only_with_one_that_is_under_way(self, state, monkeypatch):
        ran = []
        monkeypatch.setattr(BulkChangeKind, "run", lambda self, job: ran.append(job.state) and False)
        job = make_job(state)
        work_on(job)
        assert bool(ran) == job.is_under_way
        if state == "waiting":
            assert ran == ["running"]
        elif ran:
            assert ran == [state]


class TestTakingBack:
    def test_it_is_possible_until_its_time_is_over(self):
        job = make_job("done", done=3, changed=3)
        with time_machine.travel(job.undo_until - timedelta(seconds=1), tick=False):
            assert job.may_be_undone
        with time_machine.travel(job.undo_until, tick=False):
            assert not job.may_be_undone

    def test_a_kind_that_cannot_be_taken_back_has_no_such_time(self, monkeypatch):
        monkeypatch.setattr(BulkChange, "UNDO_WITHIN", None)
        job = make_job("done", done=3, changed=3)
        assert job.undo_until is None and not job.may_be_undone

    def test_where_nothing_changed_there_is_nothing_to_take_back(self):
        assert not make_job("done", done=3, changed=0).may_be_undone

    @pytest.mark.parametrize("make", [make_user, make_administrator])
    def test_the_job_of_somebody_else_is_not_there(self, make):
        job = make_job("done", done=3, changed=3)
        with pytest.raises(BulkChange.DoesNotExist):
            job_runner.undo(job, by=make())
        job.refresh_from_db()
        assert job.state == "done"

    @pytest.mark.parametrize("state", ["waiting", "running", "undoing", "undone"])
    def test_a_second_time_or_too_early_nothing_happens(self, state):
        job = make_job(state, done=3, changed=3, total=7)
        assert job_runner.undo(job, by=job.user).state == state
        job.refresh_from_db()
        assert (job.state, job.total) == (state, 7)

    def test_where_it_fails_it_can_be_tried_again(self):
        job = make_job("undoing", done=3, changed=3)
        job.fail("The reason.")
        job.refresh_from_db()
        assert (job.state, job.failure, job.heartbeat_at) == ("done", "The reason.", None)
        assert job.may_be_undone

    def test_it_ends_with_its_moment(self):
        job = make_job("undoing", heartbeat_at=timezone.now())
        finished = job.finished_at
        job.finish()
        assert job.state == "undone" and job.undone_at and job.heartbeat_at is None
        assert job.finished_at == finished


class TestWorking:
    @pytest.mark.parametrize("act", ["finish", "fail"])
    def test_an_outcome_does_not_replace_a_cancelling(self, act):
        job = make_job("running")
        BulkChange.objects.get().cancel()
        job.finish() if act == "finish" else job.fail("x")
        job.refresh_from_db()
        assert (job.state, job.failure) == ("cancelled", "")

    def test_a_beat_of_a_job_that_was_cancelled_says_so_and_stores_nothing(self):
        job = make_job("running")
        BulkChange.objects.get().cancel()
        with pytest.raises(JobCancelled):
            job.beat(done=9)
        job.refresh_from_db()
        assert (job.done, job.heartbeat_at) == (0, None)

    def test_a_refusal_is_told_in_its_own_words(self, monkeypatch):
        def refuse(self, job):
            raise JobRefused("The file is gone.")

        monkeypatch.setattr(BulkChangeKind, "run", refuse)
        job = make_job("waiting")
        assert work_on(job) == "failed"
        job.refresh_from_db()
        assert job.failure == "The file is gone."

    @pytest.mark.parametrize(("of_job", "of_user", "spoken"), [("nl", "en", "nl"), ("", "nl", "nl"), ("en", "nl", "en")])
    def test_it_speaks_the_language_in_which_it_was_started(self, monkeypatch, of_job, of_user, spoken):
        heard = []
        monkeypatch.setattr(BulkChangeKind, "run", lambda self, job: heard.append(translation.get_language()) and False)
        work_on(make_job("waiting", language=of_job, user=make_user(language=of_user)))
        assert heard == [spoken]

    def test_one_whose_language_is_unknown_is_worked_on_too(self):
        assert work_on(make_job("waiting")) == "done"

    def test_what_waits_in_the_queue_is_no_loss_of_a_worker(self):
        job = make_job("waiting", queued_at=timezone.now() - timedelta(minutes=6))
        assert take_up_lost_jobs() == 1
        job.refresh_from_db()
        assert (job.losses, job.state) == (0, "waiting")
        assert timezone.now() - job.queued_at < timedelta(minutes=1)

    def test_one_sees_the_jobs_that_one_started(self):
        mine, _theirs = make_job("done"), make_job("done")
        assert list(BulkChange.objects.visible_to(mine.user)) == [mine]
        assert not BulkChange.objects.visible_to(make_administrator()).exists()

    def test_the_newest_job_is_first(self):
        jobs = [make_job("done") for _ in range(3)]
        assert list(BulkChange.objects.all()) == jobs[::-1]
