"""Values that are changed where they stand: the owner in the head of an account, the date in the row of an action.

A room registers its fields in `start_up.py`, and has a view for each model that calls `edit_in_place`. Templates show such a value
with `{% in_place object "field" may_change %}` (`core/templatetags/in_place.py`). What is stored leads back to the page
where the value stands, which htmx swaps as a whole: whatever depends on the value is right, and every form has the new version.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django_htmx.http import reselect, reswap, retarget

from core.forms import conflict_page, own_path, status_of
from core.undo import offer_undo
from core.versions import StaleEdit, Versioned, VersionedForm

type Text = str | Promise


@dataclass(frozen=True, slots=True)
class InPlaceField:
    """A field of a model that is changed in place."""

    model: type[Versioned]
    name: str
    label: Text  # lower case, as that of the form
    url_name: str
    args: Callable[[Any], Sequence[object]]  # of the address, before the name of the field
    shown: Callable[[Any], object]
    nothing: Text = "–"  # what stands there for no value

    def url(self, obj: models.Model) -> str:
        return reverse(self.url_name, args=[*self.args(obj), self.name])

    def spot(self, obj: models.Model) -> str:
        """The id of the element that shows the value."""
        return f"at-{self.model._meta.model_name}-{obj.pk}-{self.name}"


_fields: dict[tuple[type, str], InPlaceField] = {}


def register_in_place(*fields: InPlaceField) -> None:
    """Make the fields known. Raises ValueError for one that is registered already."""
    for field in fields:
        if (field.model, field.name) in _fields:
            raise ValueError(f"{field.name} of {field.model.__name__} is registered twice")
        _fields[field.model, field.name] = field


def field_of(obj: models.Model, name: str) -> InPlaceField:
    """Raises KeyError for a field that is not registered."""
    return _fields[type(obj), name]


def check_field(model: type[Versioned], name: str) -> None:
    """Raises Http404 for an address of a field that is not registered."""
    if (model, name) not in _fields:
        raise Http404


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one value: its form, bound when something was sent, and what becomes of it."""

    form: VersionedForm
    store: Callable[[VersionedForm], object]  # raises StaleEdit, ValidationError, IntegrityError
    told: Callable[[], str]  # what happened, in words, after it was stored
    section: str
    home: str  # where it leads when the request does not say where the value stands
    may_still: Callable[[], bool] = lambda: True  # whether the person may change it after that, and so take it back
    elsewhere: Callable[[], str | None] = lambda: None  # where to go when the page is no longer theirs to see


def edit_in_place(request: HttpRequest, obj: Any, name: str, edit: Edit) -> HttpResponse:
    """The small form: for htmx as a part of the page, else on a page of its own. Sent, it leads back with a message to undo it.

    A stale edit is answered with 409 and the page of comparison.
    """
    field, form = field_of(obj, name), edit.form
    back = own_path(request, request.POST.get("next") or request.GET.get("next") or "") or edit.home
    url, spot, before = field.url(obj), field.spot(obj), _posted(form, name)
    form.auto_id = f"{spot}-%s"  # the page may have another form with this field
    context = {"section": edit.section, "form": form, "bound": form[name], "field": field, "object": obj}
    context |= {"url": url, "spot": spot, "back": back}
    if form.is_valid():
        if name not in form.changed_data and form.seen_version == form.initial["version"]:
            return HttpResponseRedirect(back)
        try:
            edit.store(form)
        except StaleEdit as stale:
            return conflict_page(request, "in_place.html", context, stale)
        except (IntegrityError, ValidationError) as error:
            _refuse(form, error)
        else:
            if edit.may_still():
                offer_undo(request, edit.told(), url, at=spot, version=form.instance.version, **{name: before})
            else:
                messages.success(request, edit.told())
            return HttpResponseRedirect(edit.elsewhere() or back)
    is_part = bool(request.htmx)  # type: ignore[attr-defined]
    template = "components/in_place_form.html" if is_part else "in_place.html"
    response = render(request, template, context | {"is_part": is_part}, status=status_of(form))
    patch_vary_headers(response, ["HX-Request"])
    if is_part and form.is_bound:  # refused: it stays where it stands, and not the whole page is swapped
        return reselect(retarget(reswap(response, "innerHTML"), f"#{spot}"), "form")
    return response


def _posted(form: VersionedForm, name: str) -> str:
    """The stored value as the form would send it."""
    value = form.get_initial_for_field(form.fields[name], name)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _refuse(form: VersionedForm, error: IntegrityError | ValidationError) -> None:
    """Say it in the form; with the form's own words where it has them."""
    if refuse := getattr(form, "refuse", None):
        refuse(error)
    elif isinstance(error, ValidationError):
        form.add_error(None, error.messages)
    else:
        raise error
