"""The page where a contact types the code that was mailed, to go on with a confidential survey in another browser."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from core.rate_limits import CODE_MAILS, CODE_MAILS_A_DAY, CODE_TRIES, DAY, WINDOW, count, too_many
from surveys.models import SurveyCode
from surveys.survey.codes import DIGITS, CodeCheck, ask_for_code, check_code, code_of
from surveys.survey.page import screen_address, show
from surveys.survey.response import Survey, SurveyOver, survey_of
from surveys.survey.session import SurveyVisit, for_respondent

MALFORMED = gettext_lazy("The code has six digits, such as 123 456. You find it in the mail.")


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("code from the mail"), max_length=40,
        error_messages={"required": MALFORMED, "max_length": MALFORMED},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autocapitalize": "off"}),
    )  # fmt: skip

    def clean_code(self) -> str:
        """Six digits; spaces and hyphens between them do no harm."""
        digits = "".join(self.cleaned_data["code"].replace("-", " ").split())
        if not (digits.isascii() and digits.isdecimal() and len(digits) == DIGITS):
            raise ValidationError(MALFORMED, code="malformed")
        return digits


@for_respondent
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, visit: SurveyVisit) -> HttpResponse:
    """Ask for a code, or type it. Whoever needs none is led to the survey."""
    found = survey_of(visit.invitation, visit.browser)
    if not (found.begun_elsewhere or found.sent_elsewhere):
        return redirect("surveys:survey")
    if request.method != "POST":
        return _page(request, visit, found, CodeForm())
    if request.POST.get("survey") != visit.mark:
        raise SurveyOver  # another survey was opened in this browser
    if "language" in request.POST:
        visit.speak(request.POST["language"])
        return redirect("surveys:survey_code")
    if "mail" in request.POST:
        return _mail(request, visit, found)
    return _check(request, visit, found)


def masked(address: str) -> str:
    """An address by which its owner knows it, and nobody else learns it: i•••@example.com."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}" if domain else ""


def _mail(request: HttpRequest, visit: SurveyVisit, found: Survey) -> HttpResponse:
    survey = str(visit.invitation.pk)
    if too_many("code-mail", survey, CODE_MAILS) or count("code-mail", survey, DAY) > CODE_MAILS_A_DAY:
        return _busy(request, visit, found, CodeForm(initial={"code": request.POST.get("code", "")}))
    ask_for_code(visit.invitation, visit.browser)
    return redirect("surveys:survey_code")


def _check(request: HttpRequest, visit: SurveyVisit, found: Survey) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, found, form, status=422)
    if too_many("code", str(visit.invitation.pk), CODE_TRIES):
        return _busy(request, visit, found, form)
    checked = check_code(visit.invitation, visit.browser, form.cleaned_data["code"])
    if checked is CodeCheck.RIGHT:
        # What was filled in here is sent by its own button, when it was looked at with what was begun elsewhere.
        return redirect(screen_address(0 if found.stored.is_empty else found.last))
    asked = code_of(visit.invitation, visit.browser)
    form.add_error("code", _no_longer() if checked is CodeCheck.OVER else _wrong(asked))
    return _page(request, visit, found, form, status=422)


def _busy(request: HttpRequest, visit: SurveyVisit, found: Survey, form: CodeForm) -> HttpResponse:
    response = _page(request, visit, found, form, status=429, busy=True)
    response.headers["Retry-After"] = str(WINDOW)
    return response


def _page(
    request: HttpRequest, visit: SurveyVisit, found: Survey, form: CodeForm, *, status: int = 200, busy: bool = False
) -> HttpResponse:
    return show(
        request, visit, "surveys/survey/code.html", status=status, survey=found, form=form, busy=busy,
        asked=code_of(visit.invitation, visit.browser), address=masked(visit.invitation.contact.email),
        minutes=int(SurveyCode.HOLDS.total_seconds() // 60),
    )  # fmt: skip


def _no_longer() -> str:
    return _("No code holds at the moment: each holds for 15 minutes and five tries. Ask for a new one below.")


def _wrong(code: SurveyCode | None) -> str:
    left = code.tries_left if code else 0
    if not left:
        return _("This is not the code, and it was tried five times. Ask for a new one below.")
    return ngettext(
        "This is not the code of the newest mail. Compare the digits; you have %(n)s more try.",
        "This is not the code of the newest mail. Compare the digits; you have %(n)s more tries.",
        left,
    ) % {"n": left}
