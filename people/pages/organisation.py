"""The pages of the organisation and of its mail, for administrators."""

from smtplib import SMTPException, SMTPResponseException

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.mail import mailers
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import SignedInRequest
from core.forms import conflict_page, status_of
from core.versions import StaleEdit
from mailing.mail import Mail, is_set_up, mailbox, written_to
from people import set_up as act
from people.forms import OrganisationForm
from people.pages.access import administrators_only, steps_of
from people.set_up import mail_worked


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: SignedInRequest) -> HttpResponse:
    """Name, language, time zone and reporting currency."""
    form = OrganisationForm(request.POST if request.method == "POST" else None, instance=act.stored_or_proposed())
    context = {"section": "settings", "form": form}
    if form.is_valid():
        try:
            act.change_organisation(form.instance, by=request.user, seen=form.seen_version)
        except StaleEdit as stale:
            return conflict_page(request, "people/organisation.html", context, stale)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The organisation is saved."))
            return redirect("people:organisation")
    return render(request, "people/organisation.html", context, status=status_of(form))


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: SignedInRequest) -> HttpResponse:
    """How mail is sent, how to set it up, and a test to oneself that tells what the mail server says."""
    told, status = "", 200
    if request.method == "POST":
        told = send_test(request)
        if not told:
            if is_set_up():
                mail_worked()
                messages.success(
                    request,
                    _("The mail server took the test mail: look whether it arrived at %(email)s.")
                    % {"email": request.user.email},
                )
            else:
                messages.success(request, _("The test mail was written to %(folder)s") % {"folder": written_to()})
            return redirect("people:mail")
        status = 422
    options = settings.MAILERS["default"].get("OPTIONS", {}) if is_set_up() else {}
    context = {
        "section": "settings",
        "trouble": told,
        "mail_folder": written_to(),
        "server": f"{options['host']}:{options['port']}" if "host" in options else "",
        "safe": options.get("use_tls") or options.get("use_ssl"),
        "sender": settings.DEFAULT_FROM_EMAIL,
    } | steps_of(request, skip="people:invite")
    return render(request, "people/mail.html", context, status=status)


def send_test(request: SignedInRequest) -> str:
    """Send a test mail to the one who asks; what went wrong, as the mail server or the network says it, else ""."""
    text = _("This is the test mail that you asked for. Mail of Standing works.")
    test = Mail(_("A test of Standing"), text, None, [mailbox(request.user.name, request.user.email)])
    try:
        mailers.default.send_messages([test])
    except SMTPResponseException as error:
        said = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
        return f"{error.smtp_code} {said}"
    except (SMTPException, OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return ""
