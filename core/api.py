"""Shared parts of the API: problem details (RFC 9457), versions as entity tags, lists with cursors, and types of body fields."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from http.client import responses
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from core import paging
from core.versions import Versioned

PROBLEM = "application/problem+json"
LARGEST_ID = 2**63 - 1
MOST, USUAL = 200, 50  # of a list


class ApiProblem(Exception):
    """A call that is refused, as RFC 9457 describes it; each of `errors` names a field (`pointer`), a `parameter` or a `header`."""

    def __init__(
        self, status: int, detail: str = "", errors: Iterable[Mapping[str, str]] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, list(errors), dict(headers or {})


def problem_response(
    status: int, detail: str = "", errors: Iterable[Mapping[str, str]] = (), headers: Mapping[str, str] | None = None
) -> HttpResponse:
    title = responses.get(status, "Error")
    content = {"type": "about:blank", "title": title, "status": status, "detail": str(detail) or title}
    if errors := list(errors):
        content["errors"] = errors
    text = json.dumps(content)  # in ASCII: a wrong value may hold characters that UTF-8 cannot encode
    return HttpResponse(text, status=status, content_type=PROBLEM, headers=dict(headers or {}))


def refused(error: ValidationError | BaseForm, names: Mapping[str, str] | None = None) -> ApiProblem:
    """Status 422 for the errors of a form or of a ValidationError. `names` maps names of fields to their names in the API."""
    names = names or {}
    if isinstance(error, BaseForm):
        by_field: dict[str, list[str]] = {str(name): [str(text) for text in texts] for name, texts in error.errors.items()}
    elif hasattr(error, "error_dict"):
        by_field = error.message_dict
    else:
        by_field = {"__all__": error.messages}
    errors = []
    for name, texts in by_field.items():
        where = {} if name == "__all__" else {"pointer": f"#/{names.get(name, name)}"}
        errors += [where | {"detail": text} for text in texts]
    return ApiProblem(422, " ".join(dict.fromkeys(found["detail"] for found in errors)), errors)


def wrong(field: str, detail: str) -> ApiProblem:
    """Status 422 for one field of the body."""
    return ApiProblem(422, str(detail), [{"pointer": f"#/{field}", "detail": str(detail)}])


# --- Versions


def tag_of(obj: Versioned) -> str:
    return f'"v{obj.version}"'


def tagged(response: HttpResponse, obj: Versioned) -> None:
    response.headers["ETag"] = tag_of(obj)


def seen_version(request: HttpRequest, obj: Versioned) -> int:
    """The version of `obj`, which `If-Match` has to name. Raises ApiProblem 428 without the header, 412 for another version."""
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise ApiProblem(428, _("Name the version that you saw: send If-Match with the ETag that GET gave."))
    tags = {tag.strip() for tag in header.split(",")}
    if "*" not in tags and tag_of(obj) not in tags:
        raise stale()
    return obj.version


def stale() -> ApiProblem:
    return ApiProblem(
        412, _("It was changed since you read it. Nothing was stored: read it again, and send your change with its new ETag.")
    )


# --- Lists


class Paging(Schema):
    limit: Annotated[int, Field(USUAL, ge=1, le=MOST, description="How many at most.")]
    cursor: Annotated[str, Field("", max_length=200, description="What the page before gave as `next`.")]


def page_of(rows: QuerySet, query: Paging, shown: Callable[[list[Any]], list[Any]]) -> dict[str, Any]:
    """Rows by id from the cursor on, as a list of the API. One statement beside those of `shown`. Raises ApiProblem 422."""
    place = paging.cursor_place(query.cursor, rows.model, paging.BY_ID) if query.cursor else None
    if query.cursor and place is None:
        told = _("This cursor was not given by a list. Leave it out to begin at the start.")
        raise ApiProblem(422, told, [{"parameter": "cursor", "detail": told}])
    found, more = paging.rows_after(rows, paging.BY_ID, place, query.limit)
    return {"items": shown(found), "next": paging.cursor_of(found[-1], paging.BY_ID) if more else None}


# --- Types of body fields: strict, so that no value is converted from another type


class Body(Schema):
    """The body of a call. An unknown field is refused, because it is usually a misspelt one."""

    model_config = ConfigDict(extra="forbid")


def _is_day(value: Any) -> Any:
    if not isinstance(value, str | date) or (isinstance(value, str) and (len(value) != 10 or not value.isascii())):
        raise ValueError("a date is written 2028-06-30")
    return value


def _storable(value: str) -> str:
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("a text holds no NUL character and no half of one")
    return value


Day = Annotated[date, BeforeValidator(_is_day), WithJsonSchema({"type": "string", "format": "date"})]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
WholeId = Annotated[int, Field(ge=1, le=LARGEST_ID, strict=True)]
Rank = Annotated[int, Field(ge=1, le=5, strict=True)]
Text = Annotated[str, AfterValidator(_storable), Field(max_length=4000)]
Line = Annotated[str, AfterValidator(_storable), Field(max_length=300)]
Code = Annotated[str, AfterValidator(_storable), Field(max_length=60)]
