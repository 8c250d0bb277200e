"""The page to invite colleagues."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.permissions import SignedInRequest
from core import form_keys
from core.forms import status_of
from mailing.mail import written_to
from people.acts import create_team
from people.forms import ColleaguesForm
from people.inviting import Terms
from people.inviting import invite as invite_them
from people.pages.access import administrators_only, steps_of

SHOWN_ONCE = gettext_lazy(
    "This was sent twice, and done once. The links were shown in the first answer alone: on the page of a person you make a new one."
)


@administrators_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@form_keys.sent_once
def invite(request: SignedInRequest) -> HttpResponse:
    """Paste addresses, choose what they get, and a letter goes to each; where mail is not set up their links are shown."""
    form = ColleaguesForm(request.POST if request.method == "POST" else None)
    context = {"section": "people", "here": "invite", "form": form, "mail_folder": written_to()} | steps_of(
        request, skip="importing:upload"
    )
    if not form.is_valid():
        return render(request, "people/invite.html", context, status=status_of(form))
    said = form.cleaned_data
    try:
        team = create_team(said["new_team"], by=request.user) if said["new_team"] else said["team"]
        terms = Terms(said["role"], said["language"], team, said["is_lead"])
        links = invite_them(said["people"], terms, by=request.user)
    except ValidationError as error:
        form.add_error(None, error.messages[0])
        return render(request, "people/invite.html", context, status=422)
    count = len(said["people"])
    if links:
        form_keys.made(request, leads_to=f"{reverse('people:list')}?state=invited", warning=SHOWN_ONCE)
        return render(request, "people/links.html", {"section": "people", "links": links, "mail_folder": written_to()})
    told = ngettext(
        "%(n)s colleague is invited: the letter is on its way.",
        "%(n)s colleagues are invited: their letters are on their way.",
        count,
    )
    messages.success(request, told % {"n": count})
    return redirect(f"{reverse('people:list')}?state=invited")
