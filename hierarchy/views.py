"""The page of the published edition: its levels, statements and plays."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hierarchy.models import Edition
from hierarchy.reading import edition_levels


@login_required
@require_safe
def levels(request: HttpRequest) -> HttpResponse:
    edition = Edition.objects.published()
    context = {"section": "hierarchy", "edition": edition, "levels": edition_levels(edition) if edition else []}
    return render(request, "hierarchy/levels.html", context)
