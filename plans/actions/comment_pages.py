"""Pages of comments on actions: write one, delete one, and take a mention from one's own desk."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import SignedInRequest
from core.form_keys import sent_once
from core.forms import redirect_within
from notes.mentions import mark_read
from plans.access import action_to_read
from plans.actions.comments import add_comment, delete_comment, may_comment
from plans.actions.forms import CommentForm
from plans.actions.pages import action_page
from plans.models import CommentMention


@login_required
@require_POST
@sent_once
def add(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everybody who sees the account and does more than read."""
    action = action_to_read(request.user, pk)
    if not may_comment(request.user):
        raise PermissionDenied
    form = CommentForm(request.POST, account=action.plan.account, by=request.user)
    if not form.is_valid():
        return action_page(request, action, status=422, comment_form=form)
    comment = add_comment(action, by=request.user, **form.cleaned_data)
    messages.success(request, _("Comment stored on “%(action)s”.") % {"action": action})
    return redirect(f"{reverse('plans:action', args=[action.pk])}#comment-{comment.pk}")


@login_required
@require_POST
def delete(request: SignedInRequest, pk: int, comment_pk: int) -> HttpResponse:
    action = action_to_read(request.user, pk)
    comment = get_object_or_404(action.comments.select_related("action__plan"), pk=comment_pk)
    delete_comment(comment, by=request.user)
    messages.success(request, _("Comment on “%(action)s” deleted for good.") % {"action": action})
    return redirect("plans:action", action.pk)


@login_required
@require_POST
def mention_read(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a mention from one's own desk."""
    mark_read(get_object_or_404(CommentMention, pk=pk, user=request.user))
    return redirect_within(request, request.POST.get("next", ""), reverse("portfolio:dashboard"))
