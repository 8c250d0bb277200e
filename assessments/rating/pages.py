"""Pages to fill in a response: our own view, and what the customer's people said, entered by hand."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Account
from accounts.permissions import SignedInRequest, account_for
from assessments import words
from assessments.models import Assessment, Response
from assessments.rating.acts import Rater, rate, response_of
from assessments.rating.forms import ResponseForm
from assessments.rating.questionnaire import Questionnaire, questionnaire_of, summary_of
from assessments.rating.raters import may_rate
from assessments.rounds.blinding import blinding_of
from assessments.rounds.closing import RoundClosed
from assessments.rounds.contacts import people_to_ask, roles_not_heard
from core.versions import StaleEdit
from hierarchy.models import Edition

PREVIEW, DRAFT, SUBMIT = "preview", "draft", "submit"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def assess(request: SignedInRequest, pk: int) -> HttpResponse:
    """Our own view: for users who may assess the account, and for raters of the open round."""
    account = account_for(request.user, pk)
    assessment = account.assessments.open_round()
    if not may_rate(request.user, account, assessment):
        raise PermissionDenied
    blinding = blinding_of(assessment, request.user)
    page = {
        "not_blind": blinding.unblinded and not blinding.gave,
        "title": _("How does %(account)s see us?") % {"account": account},
        "intro": _("Answer as you think this customer sees it, not as you wish it were."),
    }
    return _rate(request, _rating_of(account, assessment, Rater.ours(request.user)), page)


@login_required
@require_safe
def customer_choice(request: SignedInRequest, pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="customer.answers")
    assessment = account.assessments.open_round()
    people = people_to_ask(account, assessment)
    context = {
        "section": "accounts",
        "account": account,
        "assessment": assessment,
        "people": people,
        "unheard": roles_not_heard(asked.contact.buying_role for asked in people if asked.answered),
        "unknown": roles_not_heard(asked.contact.buying_role for asked in people),
        "own_view_first": blinding_of(assessment, request.user).would_be_blind,
    }
    return render(request, "assessments/customer_choice.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def customer_answers(request: SignedInRequest, pk: int, contact_pk: int) -> HttpResponse:
    """The answers of one contact, entered by hand; not in a confidential round, whose answers nobody of ours may know."""
    account = account_for(request.user, pk, to="customer.answers")
    contact = get_object_or_404(account.contacts.filter(erased_on=None), pk=contact_pk)
    assessment = account.assessments.open_round()
    if assessment and assessment.is_confidential:
        raise PermissionDenied
    rating = _rating_of(account, assessment, Rater.told(contact))
    if rating.response is None and not contact.active:
        messages.warning(
            request,
            _("%(contact)s has left this customer, so cannot be asked any more.") % {"contact": contact},
        )
        return redirect("assessments:customer_choice", account.pk)
    if rating.response is not None and rating.response.origin == Response.Origin.LINK:
        messages.info(
            request,
            _("%(contact)s answers by link: what they write is theirs, and they can change it until the assessment is closed.")
            % {"contact": contact},
        )
        return redirect("assessments:customer_choice", account.pk)
    typed_in = rating.response is None or (rating.response.entered_by_id, rating.response.origin) == (
        request.user.pk,
        Response.Origin.TOLD,
    )
    blinding = blinding_of(assessment, request.user)
    if not typed_in and blinding.rates_first:
        messages.info(request, _("Give your own view first: after that you see what they said."))
        return redirect("assessments:assess", account.pk)
    page = {
        "title": _("What did %(contact)s say?") % {"contact": contact},
        "intro": _("Enter the answers as they were given. They are shown as told to us, and by whom they were entered."),
        "contact": contact,
        "own_view_first": blinding.would_be_blind,
    }
    return _rate(request, rating, page)


@dataclass(frozen=True, slots=True)
class Rating:
    """What the page of one rater works on: the account, its open round, and the response so far."""

    account: Account
    assessment: Assessment | None
    rater: Rater
    response: Response | None

    @property
    def edition(self) -> Edition | None:
        return self.assessment.edition if self.assessment else Edition.objects.published()

    def form(self, request: SignedInRequest, questionnaire: Questionnaire) -> ResponseForm:
        return ResponseForm(
            request.POST if request.method == "POST" else None,
            questionnaire=questionnaire,
            side=self.rater.side,
            response=self.response,
            round_pk=self.assessment.pk if self.assessment else 0,
            storing=request.POST.get("do") in {DRAFT, SUBMIT},
        )

    def again(self) -> "Rating":
        """The same, read again from the database."""
        return _rating_of(self.account, self.account.assessments.open_round(), self.rater)


def _rating_of(account: Account, assessment: Assessment | None, rater: Rater) -> Rating:
    return Rating(account, assessment, rater, response_of(assessment, rater))


def _rate(request: SignedInRequest, rating: Rating, page: dict[str, Any]) -> HttpResponse:
    """The page with the statements. A preview stores nothing; a draft and a submission call `acts.rate`."""
    page |= {"section": "accounts"}
    if rating.edition is None:
        return render(request, "assessments/rate.html", page | {"account": rating.account})
    questionnaire = questionnaire_of(rating.edition)
    form = rating.form(request, questionnaire)
    if not form.is_bound:
        return _render(request, rating, form, page)
    do = request.POST.get("do", PREVIEW)
    if not form.is_valid():
        return _render(request, rating, form, page, status=422)
    if do not in {DRAFT, SUBMIT}:
        return _render(request, rating, form, page)
    try:
        response = rate(
            rating.account, rating.rater, form.filled,
            by=request.user, seen=form.seen["version"], seen_round=form.seen["round"], submit=do == SUBMIT,
        )  # fmt: skip
    except (StaleEdit, RoundClosed) as late:
        return _late(request, rating, questionnaire, page, late)
    except ValidationError as error:
        form.add_error(None, error)
        return _render(request, rating, form, page, status=422)
    if request.htmx:
        rating = rating.again()
        kept = rating.form(request, questionnaire)
        kept.is_valid()
        kept.renew()
        return _render(request, rating, kept, page)
    _show_message(request, response, form, counts=not page.get("not_blind"))
    if do == SUBMIT:
        return redirect(response.assessment)
    return redirect(request.path)


def _late(
    request: SignedInRequest,
    rating: Rating,
    questionnaire: Questionnaire,
    page: dict[str, Any],
    late: StaleEdit | RoundClosed,
) -> HttpResponse:
    """409 for a stale form: both versions on the page, the typed one still in the form. Sent again, it is stored."""
    rating = rating.again()
    form = rating.form(request, questionnaire)
    form.is_valid()
    late_page = {"conflict": form.conflict()} if isinstance(late, StaleEdit) else {"closed_meanwhile": True}
    if not request.htmx:  # in the background nobody has seen the other version yet
        form.renew()
    return _render(request, rating, form, page | late_page, status=409)


def _render(
    request: SignedInRequest, rating: Rating, form: ResponseForm, page: dict[str, Any], status: int = 200
) -> HttpResponse:
    questionnaire = form.questionnaire
    reading = questionnaire.read(form.shown_answers)
    context = page | {
        "account": rating.account,
        "assessment": rating.assessment,
        "response": rating.response,
        "submitted": rating.response is not None and rating.response.is_submitted,
        "edition": questionnaire.edition,
        "form": form,
        "held_at": questionnaire.held_at,
        "outcome": summary_of(reading, questionnaire),
        "in_background": bool(request.htmx),
        "first_error": next((error for errors in form.errors.values() for error in errors), ""),
    }
    template = "assessments/_rate_kept.html" if request.htmx else "assessments/rate.html"
    answer = render(request, template, context, status=status)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _show_message(request: SignedInRequest, response: Response, form: ResponseForm, *, counts: bool) -> None:
    """Show a message: what was stored, whether it `counts`, and how many statements have no answer."""
    left = form.asked - form.answered
    if not response.is_submitted:
        messages.success(request, _("Draft saved. It counts once it is submitted.") if counts else _("Draft saved."))
        return
    if response.is_in_words:
        messages.success(request, _("Submitted, in words alone: this gives no level."))
        return
    if response.level is None:
        messages.warning(request, _("Submitted.") + " " + words.nothing_known())
        return
    if response.unblinded:
        messages.success(request, _("Kept. It does not count: the customer's answers could be read before it was given."))
        return
    if response.fixed_at and response.corrections.exists():
        messages.success(request, _("Kept beside your first view as a correction. The first view counts."))
        return
    text = _("Submitted: these answers come to level %(level)s.") % {"level": response.level}
    if left:
        text += " " + ngettext("%(left)s statement was left open.", "%(left)s statements were left open.", left) % {"left": left}
    messages.success(request, text)
