"""The back-office page of the scale check: whether people's answers put an edition's levels in one order."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.models import Response
from assessments.rating.questionnaire import questionnaire_of
from assessments.scale_check import scale_check
from assessments.scale_figures import scale_figures
from audit.trail import newest
from hierarchy.measures import measure_of
from hierarchy.models import Edition


@require_safe
def scale_check_page(request: HttpRequest, pk: int) -> HttpResponse:
    edition = get_object_or_404(Edition, pk=pk)
    measure = measure_of(edition)
    questionnaire = questionnaire_of(edition)
    side = Response.Side.TEAM if request.GET.get("side") == "team" else Response.Side.CUSTOMER
    context = {
        **admin.site.each_context(request),
        "title": _("Scale check"),
        "original": edition,
        "side": side,
        "sides": [(Response.Side.CUSTOMER, _("What they answered")), (Response.Side.TEAM, _("What we answered"))],
        "check": scale_check(questionnaire, scale_figures(questionnaire, measure.edition_ids, side, state=newest()), side),
        "together_with": [one for one in measure.editions if one != edition],
    }
    request.current_app = admin.site.name
    return TemplateResponse(request, "admin/assessments/scale_check.html", context)
