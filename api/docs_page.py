"""The HTML documentation of the API, rendered from the OpenAPI document.

It replaces the page of Swagger: it works without JavaScript, under the content security policy, on a phone and with a screen
reader. The descriptions of calls are in English, as in the document; only the rest of the page is translated.
"""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

#: Example values by the name of the field; other fields get an example by their type.
EXAMPLES: dict[str, Any] = {
    "name": "Adler BV", "source": "Salesforce", "external_id": "C-17", "segment": "Manufacturing", "country": "NL", "city": "Delft",
    "website": "https://adler.example", "employees": 120, "revenue": 250000, "currency": "EUR", "owner": "mila@example.com",
    "team": "Benelux", "tags": ["key"], "email": "ines@adler.example", "title": "Map how they work", "goal": "They call us first.",
    "answers": {"1a": 4, "1b": None}, "from_level": 2, "to_level": 3, "level": 3, "language": "nl", "next": None,
}  # fmt: skip
A_DAY, A_MOMENT = "2028-06-30", "2028-06-30T09:00:00Z"
DEEPEST = 5  # nested schemas in an example


@dataclass(frozen=True, slots=True)
class DocumentedField:
    """A parameter, a header or a field of a body."""

    name: str
    kind: str
    required: bool
    text: SafeString


@dataclass(frozen=True, slots=True)
class DocumentedAnswer:
    """A status with its description and an example."""

    status: str
    text: SafeString
    example: str = ""


@dataclass(frozen=True, slots=True)
class DocumentedCall:
    """An operation of the OpenAPI document, as the template shows it."""

    id: str
    method: str
    path: str
    summary: SafeString
    text: SafeString
    parameters: list[DocumentedField]
    headers: list[DocumentedField]
    body: list[DocumentedField]
    curl: str
    answers: list[DocumentedAnswer]
    problems: list[DocumentedAnswer]


class DocsPage(DocsBase):
    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """The page; no statements."""
        document = api.get_openapi_schema(path_params=kwargs)
        context = {
            "about": _marked(document["info"]["description"]),
            "groups": groups(document, request.build_absolute_uri("/").rstrip("/")),
            "document": self.get_openapi_url(api, kwargs),
        }
        return render(request, "api/docs.html", context)


def groups(document: dict[str, Any], site: str) -> list[tuple[str, list[DocumentedCall]]]:
    """The calls grouped by tag, in the order of the document. `site` is the base URL of the examples."""
    found: dict[str, list[DocumentedCall]] = {}
    schemas = Schemas(document["components"]["schemas"])
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            found.setdefault(operation["tags"][0], []).append(_call(method.upper(), path, operation, schemas, site))
    return list(found.items())


class Schemas:
    """Describe JSON schemas: the type of a value in words, and an example."""

    def __init__(self, named: dict[str, Any]) -> None:
        self.named = named

    def whole(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema itself, or the one that it refers to."""
        name = schema.get("$ref", "").rpartition("/")[2]
        return self.named[name] if name else schema

    def fields(self, schema: dict[str, Any]) -> list[DocumentedField]:
        whole = self.whole(schema)
        required = set(whole.get("required", ()))
        return [
            DocumentedField(name, self.kind(found), name in required, _marked(found.get("description", "")))
            for name, found in whole.get("properties", {}).items()
        ]

    def kind(self, schema: dict[str, Any]) -> str:
        whole = self.whole(schema)
        if choices := whole.get("anyOf"):
            return " or ".join(dict.fromkeys(self.kind(choice) for choice in choices))
        if "enum" in whole:
            return " · ".join(json.dumps(value) for value in whole["enum"])
        if "const" in whole:
            return json.dumps(whole["const"])
        name = whole.get("type", "any value")
        if name == "array":
            return f"list of {self.kind(whole.get('items', {}))}"
        words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
        return {"date": "date", "date-time": "moment"}.get(whole.get("format", ""), words.get(name, name)) + _limits(whole)

    def example(self, schema: dict[str, Any], name: str = "", *, wanted: str = "all", depth: int = 0) -> Any:
        """A value that the schema allows. `wanted` is "all" fields of an object, or "required": the required ones, else one."""
        whole = self.whole(schema)
        if "anyOf" in whole:
            kinds = [self.whole(choice).get("type") for choice in whole["anyOf"]]
            if name in EXAMPLES and _type_of(EXAMPLES[name]) in kinds:
                return EXAMPLES[name]
            return self.example(next((one for one in whole["anyOf"] if one.get("type") != "null"), {}), name, depth=depth)
        if "const" in whole or "enum" in whole:
            return whole.get("const", whole.get("enum", [None])[0])
        kind = whole.get("type")
        if (name in EXAMPLES and _type_of(EXAMPLES[name]) == kind) or (kind == "number" and name in EXAMPLES):
            return EXAMPLES[name]
        if kind == "object":
            return dict(self._members(whole, wanted, depth)) if depth < DEEPEST else {}
        if kind == "array":
            return [self.example(whole.get("items", {}), depth=depth + 1)] * max(1, whole.get("minItems", 1))
        if kind == "string":
            return {"date": A_DAY, "date-time": A_MOMENT}.get(whole.get("format", ""), "text")
        return {"integer": max(1, whole.get("minimum", 1)), "number": 2.5, "boolean": True}.get(kind or "")

    def _members(self, whole: dict[str, Any], wanted: str, depth: int) -> Iterator[tuple[str, Any]]:
        properties = whole.get("properties", {})
        required = [name for name in properties if name in whole.get("required", ())]
        names = properties if wanted == "all" else required or (["city"] if "city" in properties else list(properties)[:1])
        for name in names:
            yield name, self.example(properties[name], name, depth=depth + 1)
        if not properties and isinstance(whole.get("additionalProperties"), dict):
            yield "key", self.example(whole["additionalProperties"], depth=depth + 1)


def _call(method: str, path: str, operation: dict[str, Any], schemas: Schemas, site: str) -> DocumentedCall:
    given = operation.get("parameters", [])
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    text, _dot, rest = " ".join(operation.get("description", "").split()).partition(". ")
    answers = [_answer(status, told, schemas) for status, told in sorted(operation["responses"].items())]
    return DocumentedCall(
        id=operation["operationId"],
        method=method,
        path=path,
        summary=_marked(text.rstrip(".") or operation["summary"]),
        text=_marked(rest),
        parameters=[_parameter(one, schemas) for one in given if one["in"] != "header"],
        headers=[_parameter(one, schemas) for one in given if one["in"] == "header"],
        body=schemas.fields(sent) if sent else [],
        curl=_curl(method, site + path, given, sent, schemas),
        answers=[answer for answer in answers if answer.status < "400"],
        problems=[answer for answer in answers if answer.status >= "400"],
    )


def _parameter(told: dict[str, Any], schemas: Schemas) -> DocumentedField:
    return DocumentedField(
        told["name"], schemas.kind(told["schema"]), told.get("required", False), _marked(told.get("description", ""))
    )


def _answer(status: str | int, told: dict[str, Any], schemas: Schemas) -> DocumentedAnswer:
    schema = told.get("content", {}).get("application/json", {}).get("schema")
    example = json.dumps(schemas.example(schema), indent=2, ensure_ascii=False) if schema else ""
    text = "" if told["description"] == "OK" else told["description"]
    return DocumentedAnswer(str(status), _marked(text), example)


def _curl(method: str, address: str, given: list[dict[str, Any]], sent: dict[str, Any] | None, schemas: Schemas) -> str:
    """The call as a shell command, with the key in $KEY."""
    for one in given:
        if one["in"] == "path":
            address = address.replace(f"{{{one['name']}}}", str(schemas.example(one["schema"], one["name"])))
    words = [f'curl "{address}"' if method == "GET" else f'curl -X {method} "{address}"', '-H "Authorization: Bearer $KEY"']
    if any(one["name"] == "If-Match" and one["required"] for one in given):
        words.append("-H 'If-Match: \"v1\"'")
    if sent:
        body = json.dumps(schemas.example(sent, wanted="required"), ensure_ascii=False)
        words += ['-H "Content-Type: application/json"', f"-d {shlex.quote(body)}"]
    return " \\\n  ".join(words)


def _limits(schema: dict[str, Any]) -> str:
    """The limits of a value, without those that only say what the database can hold."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if high is not None and high < 10_000:
        return f" {low}–{high}" if low is not None else f" up to {high}"
    longest = schema.get("maxLength")
    return f", {longest} characters at most" if longest else ""


def _type_of(value: Any) -> str:
    kinds: dict[type, str] = {str: "string", bool: "boolean", int: "integer", list: "array", dict: "object", type(None): "null"}
    return kinds.get(type(value), "number")


def _marked(text: str) -> SafeString:
    """The text as HTML, with `code` and *emphasis*."""
    html = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    return mark_safe(re.sub(r"\*([^*<>]+)\*", r"<em>\1</em>", html))  # noqa: S308 escaped above
