"""Appearance of the back-office, and links to the pages where parts of the catalogue are edited."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module

from allauth.account.models import EmailAddress
from django.contrib.admin import AdminSite
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from hierarchy.models import Edition, Play, PlayAction
from hierarchy.publishing import MissingPart

#: Models of libraries that administrators do not use: by the app that registers them.
UNUSED_MODELS = {
    "allauth.account": EmailAddress,
    "django.contrib.auth": Group,
    "django_tasks_db": DBTaskResult,
}


@dataclass(frozen=True, slots=True)
class MissingPartLink:
    """A missing part of an edition, with the URL of the page where it is added."""

    text: str
    url: str


def customise(site: AdminSite) -> None:
    """Set the titles, switch off the sidebar, and unregister unused models."""
    site.site_title = _("Back-office of Standing")
    site.site_header = _("Back-office")
    site.index_title = _("Back-office")
    site.enable_nav_sidebar = False
    for app, model in UNUSED_MODELS.items():
        import_module(f"{app}.admin")  # registers the model, if that has not happened yet
        if site.is_registered(model):
            site.unregister(model)


def edition_page(edition: Edition) -> str:
    return reverse("admin:hierarchy_edition_change", args=[edition.pk])


def play_page(play: Play) -> str:
    return reverse("admin:hierarchy_play_change", args=[play.pk])


def links_to_missing_parts(missing_parts: Iterable[MissingPart], edition: Edition) -> list[MissingPartLink]:
    return [MissingPartLink(part.text, _address(part, edition)) for part in missing_parts]


def _address(part: MissingPart, edition: Edition) -> str:
    match part.obj:
        case PlayAction() as action:
            return f"{play_page(action.play)}#actions-of-{action.pk}"
        case Play() as play if part.kind == "actions":
            return f"{play_page(play)}#actions-group"
        case Play() as play if part.kind == "addresses":
            return f"{play_page(play)}#id_addresses"
        case None:
            return f"{edition_page(edition)}#{part.kind}-group"
        case Edition():
            return edition_page(edition)
    return f"{edition_page(edition)}#{part.kind}-of-{part.obj.pk}"
