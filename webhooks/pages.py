"""The page of one's webhooks: make, test, switch, delete, see what was told and send it again."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import SignedInRequest
from core import form_keys
from core.forms import changed_words, conflict_page, posted_number, status_of
from core.versions import StaleEdit
from webhooks import endpoints
from webhooks.forms import KindsForm, WebhookForm
from webhooks.models import Webhook, WebhookDelivery

LATEST = 25  # messages on the page
SHOWN_ONCE = gettext_lazy(
    "This form was sent twice, and the webhook is made once. Its secret was shown in the first answer alone: if you did not "
    "see it, delete the webhook and make it again."
)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@form_keys.sent_once
def hooks(request: SignedInRequest) -> HttpResponse:
    """The secret of a new one is shown in the answer itself: no page shows it later."""
    form = WebhookForm(request.POST or None, user=request.user)
    if form.is_valid():
        try:
            made = endpoints.make_webhook(request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            form_keys.made(request, leads_to=reverse("webhooks:list"), warning=SHOWN_ONCE)
            return _page(request, WebhookForm(user=request.user), made=made)
    return _page(request, form, status=status_of(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    hook = _own(request, pk)
    form = KindsForm(request.POST or None, instance=hook)
    context = {"section": "settings", "form": form, "hook": hook}
    if form.is_valid():
        try:
            endpoints.choose_kinds(form, by=request.user)
        except StaleEdit as stale:
            return conflict_page(request, "webhooks/webhook.html", context | {"hook": stale.current}, stale)
        messages.success(request, changed_words(form, hook.url))
        return redirect("webhooks:list")
    return render(request, "webhooks/webhook.html", context, status=status_of(form))


@login_required
@require_POST
def switch(request: SignedInRequest, pk: int) -> HttpResponse:
    hook, on = _own(request, pk), request.POST.get("on") != "no"
    try:
        endpoints.switch(hook, by=request.user, on=on, seen=posted_number(request))
    except StaleEdit:
        return _moved_on(request)
    told = _("The webhook to %(url)s is switched on.") if on else _("The webhook to %(url)s is switched off: it is told nothing.")
    messages.success(request, told % {"url": hook.url})
    return redirect("webhooks:list")


@login_required
@require_POST
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    hook = _own(request, pk)
    try:
        endpoints.remove(hook, by=request.user, seen=posted_number(request))
    except StaleEdit:
        return _moved_on(request)
    messages.success(request, _("The webhook to %(url)s is deleted, with its secret and its messages.") % {"url": hook.url})
    return redirect("webhooks:list")


@login_required
@require_POST
@form_keys.sent_once
def test(request: SignedInRequest, pk: int) -> HttpResponse:
    hook = _own(request, pk)
    try:
        endpoints.send_test(hook, by=request.user)
    except ValidationError as error:
        return _refused(request, error)
    messages.success(request, _("A test is on its way. Load this page again in a moment to see how it went."))
    return redirect("webhooks:list")


@login_required
@require_POST
def again(request: SignedInRequest, pk: int) -> HttpResponse:
    delivery = get_object_or_404(WebhookDelivery.objects.visible_to(request.user), pk=pk)
    try:
        queued = endpoints.send_again(delivery, by=request.user)
    except ValidationError as error:
        return _refused(request, error)
    messages.success(request, _("The message is sent again.") if queued else _("The message is on its way already."))
    return redirect("webhooks:list")


def _own(request: SignedInRequest, pk: int) -> Webhook:
    """The webhook that one asks for; another person's is none: 404."""
    return get_object_or_404(Webhook.objects.of(request.user), pk=pk)


def _moved_on(request: SignedInRequest) -> HttpResponse:
    problem = _("Nothing was changed: the webhook was changed since you opened this page. Look at it as it is now.")
    return _page(request, WebhookForm(user=request.user), status=409, problem=problem)


def _refused(request: SignedInRequest, error: ValidationError) -> HttpResponse:
    return _page(request, WebhookForm(user=request.user), status=422, problem=" ".join(error.messages))


def _page(request: SignedInRequest, form: WebhookForm, *, status: int = 200, **context: Any) -> HttpResponse:
    """Two statements: the webhooks and their latest messages."""
    rows = [(hook, [endpoints.label_of(kind) for kind in hook.kinds]) for hook in Webhook.objects.of(request.user)]
    latest = WebhookDelivery.objects.visible_to(request.user).select_related("webhook", "account")[:LATEST]
    told = [(delivery, endpoints.label_of(delivery.kind)) for delivery in latest]
    context |= {"section": "settings", "form": form, "rows": rows, "told": told}
    response = render(request, "webhooks/webhooks.html", context, status=status)
    response.headers["Referrer-Policy"] = "same-origin"
    return response
