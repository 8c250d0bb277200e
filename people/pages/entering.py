"""The pages behind a one-time link: the set-up of an installation, and the welcome of an invited colleague.

GET and HEAD spend nothing: only the form does.
"""

from django.contrib import messages
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.models import User
from audit import trail
from core import organisation
from core.forms import status_of
from people import set_up as act
from people.forms import FirstAdministratorForm, OrganisationForm, WelcomeForm
from people.inviting import invitation_with
from people.pages.access import no_such_link

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first administrator and store the organisation; then the steps of the first hour begin."""
    if act.link_with(token) is None:
        return no_such_link(request, "people/set_up_over.html")
    sent = request.POST if request.method == "POST" else None
    about = act.stored_or_proposed()
    about.language = about.language if about.version else translation.get_language() or about.language
    form, first = OrganisationForm(sent, instance=about), FirstAdministratorForm(sent)
    if form.is_valid() and first.is_valid():
        said = first.cleaned_data
        who = act.FirstPerson(said["person_name"], said["email"], said["password1"], form.cleaned_data["language"])
        person = act.set_up(token, who, form.instance)
        if person is None:
            return no_such_link(request, "people/set_up_over.html")
        return _let_in(
            request,
            person,
            _("This installation is yours now. Four steps are left, and they wait for you on your desk."),
            "people:mail",
        )
    status = max(status_of(form), status_of(first))
    return render(request, "people/set_up.html", {"form": form, "first": first, "parts": [first, form]}, status=status)


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """An invited colleague says their name and chooses a password, and is signed in."""
    invitation = invitation_with(token)
    if invitation is None:
        return no_such_link(request, "people/welcome_over.html")
    person = invitation.user
    language = person.language or translation.get_language()
    with translation.override(language):
        request.LANGUAGE_CODE = language
        sent = request.POST if request.method == "POST" else None
        form = WelcomeForm(person, sent, initial={"name": person.name})
        if form.is_valid():
            if not store_password(form, token):
                return no_such_link(request, "people/welcome_over.html")
            return _let_in(
                request, person, _("Here you see where you stand with your customers, and what to do next."), "portfolio:start"
            )
        context = {"form": form, "person": person, "asker": invitation.invited_by, "organisation": organisation.name()}
        return render(request, "people/welcome.html", context, status=status_of(form))


@transaction.atomic
def store_password(form: WelcomeForm, token: str) -> bool:
    """Store the name and password, and spend the link; False when the link was spent meanwhile."""
    invitation = invitation_with(token, lock=True)
    if invitation is None:
        return False
    form.user.name = form.cleaned_data["name"]
    form.user.version += 1
    form.user.save(update_fields=["name", "version"])
    form.save()  # allauth stores the password, and its adapter records that
    invitation.delete()
    trail.record("user.joined", form.user, by=form.user)
    return True


def _let_in(request: HttpRequest, person: User, what_next: str, where: str) -> HttpResponse:
    login(request, person, backend=BACKEND)
    hello = _("Welcome to Standing, %(name)s.") % {"name": person.get_short_name()}
    messages.success(request, format_html("<b>{}</b><br>{}", hello, what_next))
    return redirect(where)
