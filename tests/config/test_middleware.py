"""What every request passes through: NUL bytes, methods that are not there, the language and the time zone of a person."""

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.utils import timezone, translation

from config import errors
from config.errors import CircuitBreaker
from config.middleware import ApiProblemMiddleware, PersonalMiddleware, RefusedMethodMiddleware, RefuseNulBytesMiddleware
from core.database_limits import AnswerTimeout
from tests.factories import make_user

PROBLEM = "application/problem+json"


def answer_of(middleware, path="/", response=None, **request):
    made = RequestFactory().get(path, **request)
    return middleware(lambda _request: response or HttpResponse("ok"))(made)


class TestNulBytes:
    @pytest.mark.parametrize("path", ["/a%00b/", "/?q=%00", "/?q=a%00b&x=1", "/?%00=1"])
    def test_an_address_with_one_is_not_there(self, path):
        with pytest.raises(Http404):
            answer_of(RefuseNulBytesMiddleware, path)

    @pytest.mark.parametrize("path", ["/", "/?q=%20", "/?q=%2500", "/accounts/00/"])
    def test_other_addresses_pass(self, path):
        assert answer_of(RefuseNulBytesMiddleware, path).status_code == 200

    @pytest.mark.parametrize(("name", "value"), [("a", "x\0y"), ("a\0b", "x")])
    def test_a_cookie_with_one_is_ignored_and_the_others_stay(self, name, value):
        request = RequestFactory().get("/")
        request.COOKIES = {name: value, "kept": "1"}
        RefuseNulBytesMiddleware(lambda _request: HttpResponse())(request)
        assert request.COOKIES == {"kept": "1"}


class TestApiErrors:
    @pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 500, 503])
    def test_an_error_becomes_a_problem_and_keeps_the_headers_that_callers_need(self, status):
        page = HttpResponse("<h1>x</h1>", status=status, headers={"Retry-After": "5", "X-Other": "1"})
        answer = answer_of(ApiProblemMiddleware, "/api/v1/x", page)
        assert (answer.status_code, answer["Content-Type"], answer["Retry-After"]) == (status, PROBLEM, "5")
        assert "X-Other" not in answer and answer["Cache-Control"] == "no-store" and b"<h1>" not in answer.content

    def test_a_problem_and_a_success_pass_as_they_are(self):
        for response in (HttpResponse("{}", status=404, content_type=PROBLEM), HttpResponse("ok"), HttpResponse(status=304)):
            content = response.content
            assert answer_of(ApiProblemMiddleware, "/api/v1/x", response).content == content

    @pytest.mark.parametrize("path", ["/accounts/", "/apiary/", "/x/api/"])
    def test_pages_are_left_alone(self, path):
        answer = answer_of(ApiProblemMiddleware, path, HttpResponse("page", status=404))
        assert answer.content == b"page" and "Vary" not in answer and "Cache-Control" not in answer

    def test_how_long_an_answer_may_be_kept_is_its_own_when_it_says_so(self):
        answer = answer_of(ApiProblemMiddleware, "/api/v1/x", HttpResponse(headers={"Cache-Control": "max-age=9"}))
        assert answer["Cache-Control"] == "max-age=9"
        assert answer_of(ApiProblemMiddleware, "/api/v1/x")["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("status", "content", "has_page"), [(405, b"", True), (405, b"own", False), (404, b"", False), (200, b"", False)]
)
def test_only_an_empty_answer_to_a_wrong_method_gets_a_page(status, content, has_page):
    answer = answer_of(RefusedMethodMiddleware, "/", HttpResponse(content, status=status))
    assert answer.status_code == status
    assert (b"<html" in answer.content) == has_page
    assert has_page or answer.content == content


@pytest.mark.django_db
class TestPersonal:
    def seen(self, **fields) -> tuple[str | None, str]:
        request = RequestFactory().get("/")
        request.user = make_user(**fields)
        found = []

        def view(_request):
            found.append((translation.get_language(), timezone.get_current_timezone_name()))
            return HttpResponse()

        PersonalMiddleware(view)(request)
        return found[0]

    def test_language_and_zone_are_those_of_the_person(self):
        assert self.seen(language="nl", time_zone="Asia/Tokyo") == ("nl", "Asia/Tokyo")

    def test_who_chose_none_has_those_of_the_site(self, settings):
        assert self.seen(language="", time_zone="") == ("en", settings.TIME_ZONE)

    def test_the_zone_of_one_is_not_that_of_the_next(self, settings):
        self.seen(time_zone="Asia/Tokyo")
        assert timezone.get_current_timezone_name() == settings.TIME_ZONE


class TestCircuitBreaker:
    @pytest.fixture
    def clock(self, monkeypatch):
        class Clock:
            now = 100.0

            def monotonic(self) -> float:
                return self.now

        clock = Clock()
        monkeypatch.setattr(errors, "time", clock)
        return clock

    def test_it_opens_for_two_seconds_after_the_database_did_not_answer(self, clock):
        breaker = CircuitBreaker()
        assert not breaker.is_open()
        breaker.record(AnswerTimeout(), is_safe=False)
        clock.now += 1.9
        assert breaker.is_open()
        clock.now += 0.1
        assert not breaker.is_open()

    @pytest.mark.parametrize(("apart", "is_safe", "opens"), [(2.4, True, True), (2.5, True, False), (0.1, False, False)])
    def test_three_lock_timeouts_of_pages_within_five_seconds_open_it(self, clock, apart, is_safe, opens):
        breaker = CircuitBreaker()
        for _ in range(2):
            breaker.record(errors.LockNotAvailable(), is_safe=is_safe)
            assert not breaker.is_open()
            clock.now += apart
        breaker.record(errors.LockNotAvailable(), is_safe=is_safe)
        assert breaker.is_open() is opens

    def test_lock_timeouts_that_opened_it_count_no_more(self, clock):
        breaker = CircuitBreaker()
        for _ in range(3):
            breaker.record(errors.LockNotAvailable(), is_safe=True)
        clock.now += breaker.SECONDS
        breaker.record(errors.LockNotAvailable(), is_safe=True)
        assert not breaker.is_open()

    @pytest.mark.parametrize("error", [None, ValueError(), KeyError("x")])
    def test_another_error_does_not_open_it(self, clock, error):
        breaker = CircuitBreaker()
        for _ in range(5):
            breaker.record(error, is_safe=True)
        assert not breaker.is_open()


class TestPagesAsSent:
    """Compressed, and of a signed-in person kept nowhere."""

    def test_a_page_is_compressed_and_its_length_tells_nothing(self, client, db):
        client.force_login(make_user())
        sent = [client.get("/settings/", headers={"Accept-Encoding": "gzip"}) for _again in range(6)]
        assert {response.headers["Content-Encoding"] for response in sent} == {"gzip"}
        assert len({len(response.content) for response in sent}) > 1  # the same page each time, with a random length (BREACH)
        assert len(sent[0].content) < 15_000

    def test_the_api_and_downloads_are_sent_as_they_are(self, client, db):
        client.force_login(make_user())
        for path in ("/accounts/export.csv", "/api/v1/openapi.json"):
            assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip"}).headers

    @pytest.mark.parametrize("path", ["/settings/", "/accounts/", "/accounts/999/", "/side-bar/"])
    def test_no_one_keeps_a_copy_of_a_signed_in_page(self, client, db, path):
        client.force_login(make_user())
        assert client.get(path).headers["Cache-Control"] == "private, no-store"
