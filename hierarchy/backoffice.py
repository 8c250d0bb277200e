"""How the back-office presents itself, and where in it a thing of the catalogue is changed."""

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

#: Machinery of the libraries.
NOT_FOR_PEOPLE = {
    "allauth.account": EmailAddress,
    "django.contrib.auth": Group,
    "django_tasks_db": DBTaskResult,
}


@dataclass(frozen=True, slots=True)
class MissingPartLink:
    """Something that is missing, and the address where it is mended."""

    text: str
    url: str


def tidy(site: AdminSite) -> None:
    """Our name, no sidebar, and only what an administrator has use for."""
    site.site_title = _("Back-office of Standing")
    site.site_header = _("Back-office")
    site.index_title = _("Back-office")
    site.enable_nav_sidebar = False
    for app, model in NOT_FOR_PEOPLE.items():
        import_module(f"{app}.admin")  # that registers it, whichever comes first
        if site.is_registered(model):
            site.unregister(model)


def edition_page(edition: Edition) -> str:
    return reverse("admin:hierarchy_edition_change", args=[edition.pk])


def play_page(play: Play) -> str:
    return reverse("admin:hierarchy_play_change", args=[play.pk])


def links_to_missing_parts(missing_parts: Iterable[MissingPart], edition: Edition) -> list[MissingPartLink]:
    return [MissingPartLink(lack.text, _address(lack, edition)) for lack in missing_parts]


def _address(lack: MissingPart, edition: Edition) -> str:
    match lack.obj:
        case PlayAction() as action:
            return f"{play_page(action.play)}#actions-of-{action.pk}"
        case Play() as play if lack.kind == "actions":
            return f"{play_page(play)}#actions-group"
        case None:
            return f"{edition_page(edition)}#{lack.kind}-group"
        case Edition():
            return edition_page(edition)
    return f"{edition_page(edition)}#{lack.kind}-of-{lack.obj.pk}"
