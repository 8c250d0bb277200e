"""Due date and state of an action, changed where they stand."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.permissions import SignedInRequest, may
from core.in_place import Edit, InPlaceField, check_field, edit_in_place
from plans.access import action_to_tick
from plans.actions.acts import change_action
from plans.actions.forms import ActionForm
from plans.models import Action
from plans.words import moved_words

ACTION_FIELDS = (
    InPlaceField(
        Action, "due_on", gettext_lazy("due date"), "plans:action_in_place", lambda action: [action.pk],
        lambda action: date_format(action.due_on, "j F Y"),
    ),
    InPlaceField(
        Action, "state", gettext_lazy("state"), "plans:action_in_place", lambda action: [action.pk],
        lambda action: action.get_state_display(),
    ),
)  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def action(request: SignedInRequest, pk: int, field: str) -> HttpResponse:
    """The date is changed by whoever may change the plan, the state by the owner of the action too."""
    check_field(Action, field)
    found = action_to_tick(request.user, pk)
    whole = may(request.user, "plan.change", found.plan.account)
    if field == "due_on" and not whole:
        raise PermissionDenied
    form = ActionForm(request.POST or None, instance=found, whole=whole)
    form.keep_only(field)

    def store(form: Any) -> None:
        change_action(form.instance, by=request.user, seen=form.seen_version, fields=[field])

    edit = Edit(form, store, lambda: _told(found, field), "actions", found.plan.get_absolute_url())
    return edit_in_place(request, found, field, edit)


def _told(action: Action, field: str) -> str:
    if field == "state":
        return moved_words(action)
    return _("Due date moved to %(day)s: %(action)s") % {"day": date_format(action.due_on, "j F"), "action": action}
