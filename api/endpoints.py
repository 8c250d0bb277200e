"""The API: it includes the routers of all apps, and turns exceptions into problem details."""

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as NotAsDescribed
from ninja.operation import Operation
from ninja.security import HttpBearer

from accounts.api import router as accounts
from accounts.merge_api import router as mergers
from api.access import access_controlled
from api.description import describe
from api.docs_page import DocsPage
from api.head_method import with_head
from assessments.api import router as assessments
from assessments.rounds.closing import RoundClosed
from core.api import ApiProblem, problem_response, refused, stale
from core.versions import StaleEdit
from hierarchy.api import router as catalogue
from notes.api import router as notes
from plans.api import router as plans
from plans.targets.api import router as targets
from portfolio.api import router as portfolio


class KeyBearer(HttpBearer):
    """Declares the authentication in the OpenAPI document; `api.access` has checked the key before."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return request.user


class StandingAPI(NinjaAPI):
    """The API with a completed OpenAPI document, and with HEAD for each GET."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._documents: dict[str, Any] = {}

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None) -> Any:
        """The document for the path of the API, made once in a process; whoever reads it leaves it as it is."""
        prefix = path_prefix if path_prefix is not None else self.get_root_path(path_params or {})
        if prefix not in self._documents:
            self._documents[prefix] = describe(super().get_openapi_schema(path_prefix=prefix))
        return self._documents[prefix]

    @property
    def urls(self) -> Any:
        patterns, app, namespace = super().urls
        return [with_head(pattern) for pattern in patterns], app, namespace

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = StandingAPI(
    title="Standing",
    version="1",
    description=(
        "Where you stand with your customers, for other programs. Keys are made in the settings; a key sees and may do what "
        "its owner does. Errors are problems as RFC 9457 describes them. Whatever answers GET answers HEAD, without the body."
    ),
    urls_namespace="api",
    auth=KeyBearer(),
    docs=DocsPage(),
    docs_decorator=require_safe,
)
api.add_decorator(access_controlled, mode="view")
for router in (catalogue, accounts, mergers, notes, assessments, targets, plans, portfolio):
    api.add_router("", router)


@api.exception_handler(ApiProblem)
def _problem(request: HttpRequest, error: ApiProblem) -> HttpResponse:
    return problem_response(error.status, error.detail, error.errors, error.headers)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, _error: Http404) -> HttpResponse:
    return problem_response(404, _("There is nothing here that you may see."))


@api.exception_handler(PermissionDenied)
def _forbidden(request: HttpRequest, _error: PermissionDenied) -> HttpResponse:
    return problem_response(403, _("You see this, and may not do that."))


@api.exception_handler(StaleEdit)
def _stale(request: HttpRequest, _error: StaleEdit) -> HttpResponse:
    """Somebody else changed the object after its version was checked."""
    told = stale()
    return problem_response(told.status, told.detail)


@api.exception_handler(RoundClosed)
def _closed(request: HttpRequest, error: RoundClosed) -> HttpResponse:
    return problem_response(409, error.messages[0])


@api.exception_handler(ValidationError)
def _refused(request: HttpRequest, error: ValidationError) -> HttpResponse:
    told = refused(error)
    return problem_response(told.status, told.detail, told.errors)


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem_response(error.status_code, str(error))


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return problem_response(413, _("This is more than one call may send."))


@api.exception_handler(NotAsDescribed)
def _not_as_described(request: HttpRequest, error: NotAsDescribed) -> HttpResponse:
    if any(found["loc"][0] == "path" for found in error.errors):
        return _not_found(request, Http404())  # a malformed id
    errors = [_where(found["loc"]) | {"detail": found["msg"].removeprefix("Value error, ")} for found in error.errors]
    return problem_response(422, _("The call is not as the API describes it."), errors)


def _where(loc: tuple[str | int, ...]) -> dict[str, str]:
    """Where the error is: the JSON pointer starts after the name of the argument that holds the body."""
    if loc[0] == "body":
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in loc[2:])
        return {"pointer": "#/" + "/".join(steps)}
    return {"parameter" if loc[0] == "query" else "header": str(loc[-1])}
