"""The page of the API for people: what it tells is what the description tells."""

import html
import json
import shlex

import jsonschema_rs
import pytest

from api.docs_page import Schemas, _marked, groups
from api.endpoints import api as description

pytestmark = pytest.mark.one_database

PAGE = "/api/v1/docs"


@pytest.fixture(scope="module")
def document():
    return description.get_openapi_schema()


@pytest.fixture(scope="module")
def calls(document):
    return [call for _tag, calls in groups(document, "https://standing.example") for call in calls]


def schemas(document):
    """The document's schemas as a checker of examples reads them."""
    return {"$defs": json.loads(json.dumps(document["components"]["schemas"]).replace("#/components/schemas/", "#/$defs/"))}


def test_every_call_has_its_place_and_its_line_in_the_index(client, db, document, calls):
    page = html.unescape(client.get(PAGE).text)
    named = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert {(call.method, call.path) for call in calls} == named and len({call.id for call in calls}) == len(calls) == len(named)
    for call in calls:
        assert page.count(f'id="{call.id}"') == 1 and page.count(f'href="#{call.id}"') == 1
        assert f"<b>{call.method}</b> {call.path}" in page


def test_every_parameter_field_and_answer_of_the_document_is_told(document, calls):
    for call in calls:
        told = document["paths"][call.path][call.method.lower()]
        assert {field.name for field in call.parameters + call.headers} == {one["name"] for one in told["parameters"]}
        assert {answer.status for answer in call.answers + call.problems} == {str(status) for status in told["responses"]}
        body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        wanted = Schemas(document["components"]["schemas"]).whole(body)["properties"] if body else {}
        assert [field.name for field in call.body] == list(wanted)


def test_what_the_examples_send_is_what_the_call_takes(document, calls):
    sent = 0
    for call in calls:
        words = shlex.split(call.curl)
        assert words[:2] == ["curl", "-X"] or call.method == "GET"
        assert "{" not in next(word for word in words if word.startswith("https://standing.example/api/v1/"))
        if "-d" in words:
            schema = document["paths"][call.path][call.method.lower()]["requestBody"]["content"]["application/json"]["schema"]
            reference = {"$ref": schema["$ref"].replace("#/components/schemas/", "#/$defs/")}
            jsonschema_rs.validate(schemas(document) | reference, json.loads(words[words.index("-d") + 1]))
            sent += 1
    assert sent == sum("requestBody" in told for methods in document["paths"].values() for told in methods.values())


def test_what_the_examples_answer_is_what_the_call_gives(document, calls):
    for call in calls:
        for answer in call.answers:
            told = document["paths"][call.path][call.method.lower()]["responses"]
            content = next(found for status, found in told.items() if str(status) == answer.status).get("content", {})
            assert bool(content) == bool(answer.example)
            if content:
                schema = content["application/json"]["schema"]
                reference = json.loads(json.dumps(schema).replace("#/components/schemas/", "#/$defs/"))
                jsonschema_rs.validate(schemas(document) | reference, json.loads(answer.example))


def test_an_example_can_be_sent_as_it_stands(api, calls):
    call = next(call for call in calls if call.id == "sync")
    words = shlex.split(call.curl)
    path = next(word for word in words if word.startswith("https://")).removeprefix("https://standing.example/api/v1")
    assert api.put(path, json.loads(words[words.index("-d") + 1])).status_code == 201


def test_a_change_that_needs_the_version_shows_how_to_send_it(calls):
    shown = {call.id for call in calls if 'If-Match: "v1"' in call.curl}
    assert shown == {"change", "delete", "change_action"}


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string", "maxLength": 60}, "text, 60 characters at most"),
        ({"type": "integer", "minimum": 1, "maximum": 200}, "whole number 1–200"),
        ({"type": "integer", "minimum": 1, "maximum": 2**63 - 1}, "whole number"),
        ({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}, "date or null"),
        ({"enum": ["active", "archived"]}, '"active" · "archived"'),
        ({"const": 1}, "1"),
        ({"type": "array", "items": {"type": "boolean"}}, "list of true or false"),
        ({"$ref": "#/components/schemas/One"}, "moment"),
        ({}, "any value"),
    ],
)
def test_kinds_are_told_in_words(schema, kind):
    assert Schemas({"One": {"type": "string", "format": "date-time"}}).kind(schema) == kind


def test_a_schema_within_itself_comes_to_an_end():
    tree = {"type": "object", "properties": {"below": {"$ref": "#/components/schemas/Tree"}}}
    told = json.dumps(Schemas({"Tree": tree}).example(tree))
    assert told.count("below") == 5


def test_the_page_needs_no_script_and_no_key(client, db):
    page = client.get(PAGE)
    assert page.status_code == 200 and "<script" not in page.text


def test_marks_of_the_document_are_no_html_of_its_own():
    assert _marked("`a<b>` and *so* <i>") == "<code>a&lt;b&gt;</code> and <em>so</em> &lt;i&gt;"


def test_the_frame_is_told_in_dutch_and_the_calls_are_marked_as_english(client, db):
    client.cookies["django_language"] = "nl"
    page = client.get(PAGE).text
    assert '<html lang="nl">' in page and '<h2 id="sync-name" lang="en">' in page
