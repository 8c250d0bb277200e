"""The customer's survey pages, without sign-in: a link starts a short session, and the address then has no secret."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from audit.origin import current_origin
from core.forms import typed_id
from core.rate_limits import ANSWERS, UNKNOWN_LINKS, WINDOW, neighbourhood, too_many
from core.versions import StaleEdit
from surveys.survey.links import link_of
from surveys.survey.page import screen_address, show
from surveys.survey.response import AnsweredElsewhere, SurveyOver, ask_no_more, keep_answers, note_opened, survey_of
from surveys.survey.screen import LIST_AT_MOST, Screen, SurveyForm
from surveys.survey.session import SurveyVisit, begin, for_respondent, over, private_response


@private_response
@require_safe
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Start the session of a link. A GET changes nothing, so robots that follow links in mail do no harm.

    `?stop` redirects to *do not ask me again*. A valid link works also where others behind the same network address
    tried too many invalid ones: the secret is too long to guess, so only invalid links are rate-limited.
    """
    link = link_of(token)
    if link is None or not link.invitation.is_usable:
        if too_many("link", neighbourhood(current_origin()), UNKNOWN_LINKS):
            response = render(request, "surveys/survey/busy.html", status=429)
            response.headers["Retry-After"] = str(WINDOW)
            return response
        return over(request)
    response = redirect("surveys:survey_do_not_ask" if "stop" in request.GET else "surveys:survey")
    begin(request, link.pk, link.invitation).keep(response)
    return response


@for_respondent
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, visit: SurveyVisit) -> HttpResponse:
    """The screen that `at` names: welcome, statements, or the last one. Every button stores the answers of its screen."""
    if request.method == "POST":
        return _store_screen(request, visit)
    if request.method == "GET":  # a HEAD shows nobody anything
        _note_opened(visit)
    found = survey_of(visit.invitation, visit.browser)
    if found.sent_elsewhere:
        return redirect("surveys:survey_thanks")
    number = _number(request.GET.get("at"), found.last)
    if number == 0:
        return show(request, visit, "surveys/survey/welcome.html", survey=found)
    return _screen(request, visit, Screen(found, SurveyForm(survey=found), number, to_end="end" in request.GET))


@for_respondent
@require_http_methods(["GET", "HEAD", "POST"])
def thanks(request: HttpRequest, visit: SurveyVisit) -> HttpResponse:
    if request.method == "POST":
        visit.speak(request.POST.get("language", ""))
        return redirect("surveys:survey_thanks")
    found = survey_of(visit.invitation, visit.browser)
    if not (found.is_sent or found.sent_elsewhere):
        return redirect("surveys:survey")
    return show(request, visit, "surveys/survey/thanks.html", survey=found)


@for_respondent
@require_http_methods(["GET", "HEAD", "POST"])
def do_not_ask(request: HttpRequest, visit: SurveyVisit) -> HttpResponse:
    if request.method == "POST":
        if "language" in request.POST:
            visit.speak(request.POST["language"])
        elif request.POST.get("survey") == visit.mark:
            ask_no_more(visit.invitation)
        return redirect("surveys:survey_do_not_ask")
    return show(request, visit, "surveys/survey/stop.html")


def _note_opened(visit: SurveyVisit) -> None:
    if visit.invitation.opened_at is None:
        note_opened(visit.invitation)


def _store_screen(request: HttpRequest, visit: SurveyVisit) -> HttpResponse:
    """Store the answers of a screen, and redirect to the screen of the button."""
    if request.POST.get("survey") != visit.mark:
        raise SurveyOver  # another survey was opened in this browser: these answers do not belong to it
    visit.speak(request.POST.get("language", ""))
    found = survey_of(visit.invitation, visit.browser)
    if found.sent_elsewhere:
        return redirect("surveys:survey_thanks")
    number = _number(request.POST.get("at"), found.last)
    form = SurveyForm(request.POST, survey=found)
    screen = Screen(found, form, number, to_end="end" in request.POST)
    if too_many("answers", str(visit.invitation.pk), ANSWERS):
        response = _screen(request, visit, screen, status=429, busy=True)
        response.headers["Retry-After"] = str(WINDOW)
        return response
    if not form.is_valid():
        return _screen(request, visit, screen, status=422)
    send = "send" in request.POST
    try:
        kept = keep_answers(
            visit.invitation, form.answers, form.comment,
            seen=_number(request.POST.get("version")), send=send, browser=visit.browser,
        )  # fmt: skip
    except AnsweredElsewhere:  # in the same moment
        return redirect("surveys:survey_thanks")
    except StaleEdit:
        return _late(request, visit, number, screen)
    except ValidationError as error:
        form.add_error(None, error)
        return _screen(request, visit, screen, status=422)
    if send:  # kept, and not sent, where another browser holds the survey
        return redirect("surveys:survey_thanks" if kept else "surveys:survey_code")
    if "language" in request.POST:
        return redirect(screen_address(number, to_end=screen.to_end))
    to = _number(request.POST.get("to"), found.last)
    few = len(found.open_statements) <= LIST_AT_MOST
    return redirect(screen_address(to, to_end=number == found.last and few and 0 < to < number - 1))


def _late(request: HttpRequest, visit: SurveyVisit, number: int, screen: Screen) -> HttpResponse:
    """409 for a stale screen: the answers stored by another window beside those chosen here; sent again, these are stored."""
    found = survey_of(visit.invitation, visit.browser)
    form = SurveyForm(request.POST, survey=found)
    form.is_valid()
    return _screen(request, visit, Screen(found, form, number, to_end=screen.to_end, conflict=True), status=409)


def _screen(request: HttpRequest, visit: SurveyVisit, screen: Screen, *, status: int = 200, busy: bool = False) -> HttpResponse:
    template = (
        "surveys/survey/last.html"
        if screen.is_last
        else "surveys/survey/statements.html"
        if screen.number
        else "surveys/survey/welcome.html"
    )
    return show(request, visit, template, status=status, survey=screen.survey, screen=screen, form=screen.form, busy=busy)


def _number(text: str | None, most: int = 2_000_000_000) -> int:
    """A number from an address or a form; 0 for whatever is none, or out of range."""
    number = typed_id(text or "") or 0
    return number if number <= most else 0
