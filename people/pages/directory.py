"""The list of colleagues and the page of one, for administrators."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Team, User
from accounts.permissions import SignedInRequest
from accounts.sign_in.reset_link import reset_link_of, send_reset_link
from audit import trail
from core.folding import ids_found
from core.forms import conflict_page, posted_number, status_of
from core.versions import StaleEdit
from mailing.mail import is_set_up, written_to
from mailing.models import Letter, failure_in_words
from people import acts, inviting
from people.forms import PeopleFilter, PersonForm
from people.holdings import holdings_of, holds_anything
from people.models import ColleagueInvitation
from people.pages.access import administrators_only

ROWS = 50  # a page


@administrators_only
@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    """Search and filters stand in the address. At most eight statements."""
    narrowing = PeopleFilter(request.GET)
    found = _found(narrowing)
    page = Paginator(found.prefetch_related("teams", "led_teams").order_by("name", "pk"), ROWS).get_page(request.GET.get("page"))
    context = {
        "section": "people",
        "here": "people",
        "filter": narrowing,
        "is_narrowed": any(request.GET.get(name) for name in narrowing.fields),
        "page": page,
        "rows": [_row(person) for person in page],
        "mail_folder": written_to(),
    }
    return render(request, "people/people.html", context)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    stored = get_object_or_404(User, pk=pk)
    form = PersonForm(request.POST if request.method == "POST" else None, instance=User.objects.get(pk=pk))
    context = context_of(stored) | {"form": form}
    if form.is_valid():
        try:
            acts.change_person(form, by=request.user)
        except StaleEdit as stale:
            return conflict_page(request, "people/person.html", context, stale)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": form.instance})
            return redirect("people:person", pk)
    return render(request, "people/person.html", context, status=status_of(form))


@administrators_only
@require_POST
def switch(request: SignedInRequest, pk: int) -> HttpResponse:
    """Disable or enable a colleague's sign-in."""
    stored = get_object_or_404(User, pk=pk)
    active = request.POST.get("active") == "yes"
    try:
        acts.set_active(stored, active=active, by=request.user, seen=posted_number(request))
    except StaleEdit as stale:
        fresh = User.objects.get(pk=pk)
        context = context_of(fresh) | {"form": PersonForm(instance=stale.current), "moved_on": True}
        return render(request, "people/person.html", context, status=409)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        told = (
            _("%(name)s may sign in again.") if active else _("%(name)s cannot sign in any more, and is signed out everywhere.")
        )
        messages.success(request, told % {"name": stored})
    return redirect("people:person", pk)


@administrators_only
@never_cache
@require_POST
def invitation(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send an invitation again, or withdraw it."""
    stored = get_object_or_404(User, pk=pk)
    try:
        if "withdraw" in request.POST:
            inviting.withdraw(stored, by=request.user)
            messages.success(
                request, _("The invitation of %(name)s is withdrawn: its link opens nothing any more.") % {"name": stored}
            )
        elif link := inviting.invite_again(stored, by=request.user):
            return render(
                request, "people/links.html", {"section": "people", "links": [(stored, link)], "mail_folder": written_to()}
            )
        else:
            messages.success(request, _("The invitation of %(name)s is on its way.") % {"name": stored})
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("people:person", pk)


@administrators_only
@never_cache
@require_POST
def password(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send a colleague a link to choose a new password; where mail is not set up show it."""
    stored = get_object_or_404(User, pk=pk, is_active=True)
    trail.record("user.password_link", stored, by=request.user)
    if not is_set_up():
        links = [(stored, reset_link_of(stored))]
        return render(
            request, "people/links.html", {"section": "people", "links": links, "mail_folder": written_to(), "is_reset": True}
        )
    send_reset_link.enqueue(stored.pk, stored.language or get_language())
    messages.success(request, _("A link to choose a new password is on its way to %(email)s.") % {"email": stored.email})
    return redirect("people:person", pk)


def context_of(stored: User) -> dict[str, Any]:
    """What the page of a person shows besides the form. Six statements."""
    holdings = holdings_of(stored)
    members, leads = set(stored.teams.values_list("pk", flat=True)), set(stored.led_teams.values_list("pk", flat=True))
    teams = list(Team.objects.all())
    asked = ColleagueInvitation.objects.filter(user=stored).select_related("invited_by").first()
    letter = inviting.letter_of(asked) if asked else None
    return {
        "section": "people",
        "here": "people",
        "person": stored,
        "asked": asked,
        "trouble": failure_in_words(letter.error) if letter and letter.state == Letter.State.FAILED else "",
        "on_its_way": bool(letter and letter.is_on_its_way),
        "holdings": holdings,
        "holds_anything": holds_anything(holdings),
        "teams": [(team, team.pk in leads) for team in teams if team.pk in members | leads],
        "other_teams": [team for team in teams if team.pk not in members | leads],
        "mail_folder": written_to(),
    }


def _found(narrowing: PeopleFilter) -> QuerySet[User]:
    """At most one statement, for a search."""
    narrowing.is_valid()
    chosen = narrowing.cleaned_data
    found: QuerySet[User] = User.objects.in_state(chosen["state"]) if chosen.get("state") else User.objects.all()
    if role := chosen.get("role"):
        found = found.filter(role=role)
    if team := chosen.get("team"):
        found = found.filter(Q(pk__in=team.members.values("pk")) | Q(pk__in=team.leads.values("pk")))
    if text := (chosen.get("q") or "").strip():
        found = found.filter(pk__in=ids_found(text, User.objects.values_list("pk", "name", "email")))
    return found


def _row(person: User) -> dict[str, Any]:
    leads = {team.pk for team in person.led_teams.all()}
    teams = {team.pk: team for team in [*person.teams.all(), *person.led_teams.all()]}
    named = sorted(teams.values(), key=lambda team: team.name.casefold())
    return {"person": person, "teams": [(team, team.pk in leads) for team in named]}
