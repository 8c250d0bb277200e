"""Complete the OpenAPI document: problem details, headers, statuses, and how a write is repeated."""

from typing import Any

from api.access import WRITES

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457. `errors` name the fields that are wrong, by JSON pointer, or the parameter or header.",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("pointer", "parameter", "header", "detail")},
                "required": ["detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}
WHY = {
    400: "The call cannot be read.",
    401: "No key, or one that opens nothing.",
    403: "Seen, but not yours to do.",
    404: "Nothing here that you may see.",
    405: "There is no such act at this address.",
    409: "It does not go with what is there, or the same call is under way.",
    412: "Changed since you read it.",
    413: "More than one call may send.",
    422: "The call is not as described here, or was refused.",
    428: "`If-Match` is missing.",
    429: "Too many calls: wait for `Retry-After` seconds.",
    503: "The database is away: try again after `Retry-After` seconds.",
}
HEADERS: dict[int, list[str]] = {401: ["WWW-Authenticate"], 405: ["Allow"], 429: ["Retry-After"], 503: ["Retry-After"]}
LIMITS = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "Sent again with the same key within a day, the same call is done once and answers what it answered.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "description": "The `ETag` that GET gave.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
}
#: Operations that change one object, and whether `If-Match` is required: not where the object may not exist yet, as a target.
VERSIONED = {"change": True, "delete": True, "change_action": True, "put_target": False}


def describe(schema: Any) -> Any:
    """Add to each operation of the schema, in place, what all calls have in common."""
    schema["components"]["schemas"]["Problem"] = PROBLEM
    for methods in schema["paths"].values():
        for method, operation in methods.items():
            _complete(method.upper(), operation)
    return schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    writes, versioned = method in WRITES, operation["operationId"] in VERSIONED
    parameters = operation.setdefault("parameters", [])
    statuses = {401, 404, 405, 422, 429, 503}
    if writes:
        statuses |= {400, 403, 409, 413}
        parameters.append(IDEMPOTENCY_KEY)
    if versioned:
        statuses |= {412, 428}
        parameters.append(IF_MATCH | {"required": VERSIONED[operation["operationId"]]})
    for status, answer in operation["responses"].items():
        answer["headers"] = _headers([*LIMITS, *(["ETag"] if _is_one(answer) and int(status) < 300 else [])])
    for status in sorted(statuses):
        operation["responses"][status] = {
            "description": WHY[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            "headers": _headers(HEADERS.get(status, [])),
        }


def _is_one(answer: dict[str, Any]) -> bool:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return schema.get("$ref", "").endswith(("AccountOut", "ContactOut", "TargetOut", "PlanOut", "ActionOut", "AssessmentOut"))


def _headers(names: list[str]) -> dict[str, Any]:
    return {name: {"schema": {"type": "string"}} for name in names}
