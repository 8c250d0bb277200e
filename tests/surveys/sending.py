"""What a browser sends for a form of statements, and what it finds on the page."""

import re

from tests.factories import filled


def fields(marks: str, **others) -> dict:
    """What a browser sends for these marks."""
    given = {f"q-{code}": "dk" if value is None else str(value) for code, value in filled(marks).answers.items()}
    return given | others


def hidden(response) -> dict:
    """The hidden fields of the page: what it saw."""
    return dict(re.findall(r'type="hidden" name="(version|round|edition)" value="(\d+)"', response.content.decode()))


def checked(response) -> dict:
    return dict(re.findall(r'name="q-(\w+)" value="(\w+)" checked', response.content.decode()))
