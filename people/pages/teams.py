"""The list of teams, the page of one, and who is in it, for administrators."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Account, Team, User
from accounts.permissions import SignedInRequest
from core import form_keys
from core.forms import conflict_page, redirect_within, status_of, typed_id
from core.versions import StaleEdit
from people import acts
from people.forms import TeamForm
from people.pages.access import administrators_only

#: What a button does: whether the person is in the team and leads it afterwards, and the sentence that says so.
ACTS = {
    "add": (True, False, gettext_noop("%(name)s is in team %(team)s now.")),
    "lead": (True, True, gettext_noop("%(name)s leads team %(team)s now.")),
    "member": (True, False, gettext_noop("%(name)s is in team %(team)s, and does not lead it any more.")),
    "remove": (False, False, gettext_noop("%(name)s is not in team %(team)s any more.")),
}


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@form_keys.sent_once
def teams(request: SignedInRequest) -> HttpResponse:
    """All teams, and a form for a new one. Two statements."""
    form = TeamForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = acts.create_team(form.cleaned_data["name"], by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Team %(name)s is there: choose who is in it.") % {"name": made})
            return redirect("people:team", made.pk)
    owned = Account.objects.active().filter(team=OuterRef("pk")).order_by().values("team").annotate(n=Count("pk")).values("n")
    listed = Team.objects.annotate(accounts_there=Coalesce(Subquery(owned), 0)).prefetch_related("members", "leads")
    rows = [(team, sorted(team.leads.all(), key=str), len({*team.members.all(), *team.leads.all()})) for team in listed]
    context = {"section": "people", "here": "teams", "form": form, "rows": rows}
    return render(request, "people/teams.html", context, status=status_of(form))


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: SignedInRequest, pk: int) -> HttpResponse:
    stored = get_object_or_404(Team, pk=pk)
    form = TeamForm(request.POST if request.method == "POST" else None, instance=Team.objects.get(pk=pk))
    context = _context(stored) | {"form": form}
    if form.is_valid():
        try:
            acts.rename_team(form, by=request.user)
        except StaleEdit as stale:
            return conflict_page(request, "people/team.html", context, stale)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The team is called %(name)s now.") % {"name": form.instance})
            return redirect("people:team", pk)
    return render(request, "people/team.html", context, status=status_of(form))


@administrators_only
@require_POST
def membership(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a colleague in the team, make them lead or not, take them out, or move them to another team."""
    stored = get_object_or_404(Team, pk=pk)
    person = _chosen(User, request.POST.get("person", ""))
    back = reverse("people:team", args=[pk])
    if person is None:
        messages.error(request, _("Choose a person."))
        return redirect_within(request, request.POST.get("next", ""), back)
    told = {"name": person, "team": stored}
    what = request.POST.get("act", "")
    if what == "move":
        target = _chosen(Team, request.POST.get("to", ""))
        if target is None:
            messages.error(request, _("Choose the team to move to."))
            return redirect_within(request, request.POST.get("next", ""), back)
        acts.move(person, source=stored, target=target, by=request.user)
        messages.success(request, _("%(name)s moved to team %(team)s. Accounts stay where they are.") % (told | {"team": target}))
    elif what in ACTS:
        is_in, leads, sentence = ACTS[what]
        acts.set_membership(stored, person, by=request.user, member=is_in, lead=leads)
        messages.success(request, _(sentence) % told)
    else:
        raise Http404
    return redirect_within(request, request.POST.get("next", ""), back)


@administrators_only
@require_POST
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    stored = get_object_or_404(Team, pk=pk)
    try:
        acts.remove_team(stored, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("people:team", pk)
    messages.success(request, _("Team %(name)s is deleted.") % {"name": stored})
    return redirect("people:teams")


def _context(stored: Team) -> dict[str, Any]:
    """Five statements."""
    leads = set(stored.leads.values_list("pk", flat=True))
    people = list(User.objects.filter(Q(pk__in=stored.members.values("pk")) | Q(pk__in=leads)).order_by("name", "pk"))
    others = User.objects.filter(is_active=True).exclude(pk__in=[one.pk for one in people]).order_by("name", "pk")
    accounts = Account.objects.filter(team=stored).aggregate(
        all=Count("pk"), active=Count("pk", filter=Q(status=Account.Status.ACTIVE))
    )
    return {
        "section": "people",
        "here": "teams",
        "team": stored,
        "people": [(one, one.pk in leads) for one in people],
        "others": others,
        "other_teams": list(Team.objects.exclude(pk=stored.pk)),
        "accounts": accounts["active"],
        "is_empty": not people and not accounts["all"],
    }


def _chosen[M: (User, Team)](model: type[M], text: str) -> M | None:
    pk = typed_id(text)
    return None if pk is None else model.objects.filter(pk=pk).first()
