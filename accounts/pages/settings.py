"""The page of one's own settings: name, language, time zone and weekly mail."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.acts.changing import change_profile
from accounts.forms import SettingsForm
from accounts.models import User
from accounts.permissions import SignedInRequest
from core.forms import changed_words, conflict_page, status_of
from core.versions import StaleEdit
from mailing.mail import written_to


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest) -> HttpResponse:
    person = User.objects.get(pk=request.user.pk)  # not `request.user`: the navigation shows the stored values
    form = SettingsForm(request.POST or None, instance=person)
    context = {"section": "settings", "form": form, "mail_folder": written_to()}
    if form.is_valid():
        try:
            change_profile(form, by=request.user)
        except StaleEdit as stale:
            return conflict_page(request, "accounts/settings.html", context, stale)
        with translation.override(person.language or translation.get_language()):
            messages.success(request, changed_words(form, _("Your settings")))
        return redirect("accounts:settings")
    return render(request, "accounts/settings.html", context, status=status_of(form))
