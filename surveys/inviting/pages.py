"""Pages to invite contacts, and to send again, copy the link of, or withdraw one invitation."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Contact
from accounts.permissions import SignedInRequest, account_for, may
from assessments.models import Assessment
from assessments.rounds.closing import RoundClosed
from core import form_keys
from core.forms import posted_number
from core.versions import StaleEdit
from surveys import invitations
from surveys.invitations import Invited
from surveys.inviting.context import InvitePage
from surveys.models import Invitation

SHOWN_ONCE = gettext_lazy(
    "This was sent twice, and done once. Links were shown in the first answer alone: copy one here for each person who is to "
    "get one from you."
)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@form_keys.sent_once
def invite(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose whom to ask and how; `preview` shows the mail, `links` makes links to give by hand."""
    account = account_for(request.user, pk, to="customer.invite")
    page = InvitePage(account)
    form = page.form(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _show(request, page.context(form), 422 if form.is_bound else 200)
    if "preview" in request.POST and page.may_ask:
        return _show(request, page.context(form, previewed=True, previews=page.previews(form, request.user)))
    try:
        invited = invitations.invite(
            account, form.people, form.ask(by_mail=form.by_mail), by=request.user,
            seen_round=form.seen["round"], seen=form.seen["version"],
        )  # fmt: skip
    except StaleEdit as stale:
        conflict = form.conflict(stale.current)  # type: ignore[arg-type]
        form.renew(stale.current)  # type: ignore[arg-type]
        return _show(request, page.context(form, conflict=conflict), 409)
    except RoundClosed as closed:
        fresh = InvitePage(account)
        form.add_error(None, closed)
        form.renew(fresh.assessment)
        return _show(request, page.context(form), 409)
    except ValidationError as error:
        form.add_error(None, error)
        return _show(request, page.context(form), 422)
    if invited.links:
        return _links(request, invited.assessment, invited.links, mailed=sum(one.by_mail for one in invited.new))
    messages.success(request, _invited_message(invited))
    return redirect(invited.assessment)


@login_required
@require_POST
def send_again(request: SignedInRequest, pk: int) -> HttpResponse:
    invitation = _invitation(request, pk)
    try:
        sent = invitations.send_again(invitation, by=request.user, seen=posted_number(request, "letters"))
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        contact = {"contact": invitation.contact}
        if sent:
            messages.success(request, _("The mail to %(contact)s is on its way again.") % contact)
        else:
            messages.info(request, _("The mail to %(contact)s is on its way already.") % contact)
    return redirect(invitation.assessment)


@login_required
@never_cache
@require_POST
@form_keys.sent_once
def copy_link(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a new link once: it is stored nowhere, so nobody can show it again."""
    invitation = _invitation(request, pk)
    try:
        link = invitations.copy_link(invitation, by=request.user)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect(invitation.assessment)
    return _links(request, invitation.assessment, [(invitation.contact, link)])


@login_required
@require_POST
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    invitation = _invitation(request, pk)
    try:
        invitations.revoke(invitation, by=request.user)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        contact = {"contact": invitation.contact}
        messages.success(request, _("Withdrawn: the link that %(contact)s has leads nowhere any more.") % contact)
    return redirect(invitation.assessment)


def _invitation(request: SignedInRequest, pk: int) -> Invitation:
    """Not theirs to see: 404. Seen, but not to act on: 403."""
    found = Invitation.objects.visible_to(request.user).select_related("assessment__account", "contact")
    invitation = get_object_or_404(found, pk=pk)
    if not may(request.user, "customer.invite", invitation.assessment.account):
        raise PermissionDenied
    return invitation


def _show(request: SignedInRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "surveys/invite.html", context, status=status)


def _links(request: SignedInRequest, assessment: Assessment, links: list[tuple[Contact, str]], mailed: int = 0) -> HttpResponse:
    context = {
        "section": "accounts",
        "account": assessment.account,
        "assessment": assessment,
        "links": links,
        "mailed": mailed,
    }
    form_keys.made(request, leads_to=assessment.get_absolute_url(), warning=SHOWN_ONCE)
    response = render(request, "surveys/invite_links.html", context)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _invited_message(invited: Invited) -> str:
    count = len(invited.new)
    if not count:
        return _("Saved. Nobody new was asked.")
    return ngettext("%(n)s person is asked by mail.", "%(n)s people are asked by mail.", count) % {"n": count}
