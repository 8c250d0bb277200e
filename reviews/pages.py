"""The review of an account as page, PDF and slides, and of several accounts in sequence."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import SignedInRequest, account_for, may
from core import days
from core.form_keys import sent_once
from core.forms import posted_number, typed_id
from reviews.acts import mark_reviewed, take_back
from reviews.handover import HandOver, handover_of
from reviews.pdf import pdf_of, what_is_missing
from reviews.reading import ReviewFacts, read_facts, review_accounts
from reviews.sheet import ReviewSheet, sheet_of
from reviews.slides.filling import slides_of
from reviews.slides.template import template_in_use

MOST = 25  # accounts of one presentation: a PDF of them takes some four seconds
FORMATS = {
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


@login_required
@never_cache
@require_safe
def review(request: SignedInRequest, pk: int) -> HttpResponse:
    account = account_for(request.user, pk, accounts=review_accounts())
    today = days.today()
    facts = read_facts([account], request.user, today)
    if answered := _document(request, facts, today, slugify(account.name)):
        return answered
    may_mark = may(request.user, "account.change", account) and not account.is_archived
    context = _context(request) | {"account": account, "sheet": sheet_of(facts[0]), "may_mark": may_mark}
    if context["handover"]:
        context["more"] = handover_of(facts[0])
    return render(request, "reviews/review.html", context)


@login_required
@never_cache
@require_safe
def several(request: SignedInRequest) -> HttpResponse:
    """The accounts of `?ids=` that the reader sees, one a screen (`?at=`, from 1), or all of them in one file."""
    ids = _ids(request.GET.get("ids", ""))
    found = {account.pk: account for account in review_accounts().visible_to(request.user).filter(pk__in=ids[:MOST])}
    accounts = [found[pk] for pk in ids[:MOST] if pk in found]
    today = days.today()
    context = _context(request) | {"total": len(accounts), "left_out": max(0, len(ids) - MOST), "most": MOST}
    if not accounts:
        return render(request, "reviews/several.html", context)
    if request.GET.get("format") and (
        answered := _document(request, read_facts(accounts, request.user, today), today, _("reviews"))
    ):
        return answered
    at = min(max(1, typed_id(request.GET.get("at", "")) or 1), len(accounts))
    facts = read_facts([accounts[at - 1]], request.user, today)[0]
    context |= {"account": facts.account, "sheet": sheet_of(facts), "at": at, "names": list(enumerate(accounts, start=1))}
    context |= {"ids": ",".join(str(account.pk) for account in accounts)}
    if context["handover"]:
        context["more"] = handover_of(facts)
    return render(request, "reviews/several.html", context)


@login_required
@require_POST
@sent_once
def mark(request: SignedInRequest, pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="account.change")
    try:
        mark_reviewed(account, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(
            request, _("“%(name)s” is marked as reviewed today. The next review tells what changed since.") % {"name": account}
        )
    return redirect("reviews:review", pk)


@login_required
@require_POST
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    account = account_for(request.user, pk, to="account.change")
    if take_back(account, posted_number(request, "review"), by=request.user):
        messages.success(request, _("“%(name)s” is no longer marked as reviewed today.") % {"name": account})
    else:
        messages.info(request, _("That was taken back already."))
    return redirect("reviews:review", pk)


def _document(request: SignedInRequest, facts: Sequence[ReviewFacts], today: date, name: str) -> HttpResponse | None:
    """The file that `?format=` asks for; None where it asks for none, or for a PDF that cannot be made here."""
    kind = request.GET.get("format", "")
    if not kind:
        return None
    if kind not in FORMATS:
        raise Http404(f"unknown format {kind!r}")
    if kind == "pdf" and (missing := what_is_missing()):
        messages.error(request, f"{missing} {_('Printing from the browser works without it.')}")
        return None
    makers: dict[str, Callable[[], bytes]] = {
        "pdf": lambda: _pdf(request, facts),
        "pptx": lambda: slides_of((sheet_of(one) for one in facts), template_in_use(), today),
    }
    response = HttpResponse(makers[kind](), content_type=FORMATS[kind])
    filename = f"{_('review')}-{name or 'standing'}-{today:%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{slugify(filename.rsplit(".", 1)[0])}.{kind}"'
    return response


def _pdf(request: SignedInRequest, facts: Sequence[ReviewFacts]) -> bytes:
    pairs: list[tuple[ReviewSheet, HandOver | None]] = [
        (sheet_of(one), handover_of(one) if _is_handover(request) else None) for one in facts
    ]
    return pdf_of(pairs)


def _context(request: SignedInRequest) -> dict[str, Any]:
    handover = _is_handover(request)
    return {
        "section": "accounts",
        "handover": handover,
        "language": get_language(),
        "no_pdf": what_is_missing(),
        "suffix": "&for=handover" if handover else "",
    }


def _is_handover(request: SignedInRequest) -> bool:
    return request.GET.get("for") == "handover"


def _ids(text: str) -> list[int]:
    """The ids in a list with commas, each once, in their order; what is no id is left out."""
    return list(dict.fromkeys(pk for one in text.split(",") if (pk := typed_id(one.strip())) is not None))
