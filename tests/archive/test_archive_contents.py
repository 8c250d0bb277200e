"""What is in an archive and what is not: nothing forgotten, nothing that opens anything."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from api.models import ApiKey
from archive import VERSION
from archive.contents import FIELDS_LEFT_OUT, IN_ORDER, LEFT_OUT, archived, counts, fields_of, kind_of
from plans.models import CalendarFeed
from surveys.models import SurveyLink
from tests.archive.archives import organisation, written

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "archive.md").read_text(encoding="utf-8")


def test_every_model_is_in_the_archive_or_left_out_with_a_reason():
    assert sorted([*IN_ORDER, *LEFT_OUT]) == sorted(model._meta.label for model in apps.get_models())
    assert all(reason.strip() for reason in LEFT_OUT.values())


def test_every_field_that_is_left_out_is_there_and_has_a_reason():
    left_out = {(model, field): why for model, fields in FIELDS_LEFT_OUT.items() for field, why in fields.items()}
    there = {(model._meta.label, field.name) for model in archived() for field in model._meta.get_fields()}
    assert [name for name in left_out if name not in there] == []
    assert all(reason.strip() for reason in left_out.values())


def test_the_document_names_every_kind_in_its_order():
    listed = DOCUMENT.partition("The kinds of records")[2].partition("\n## ")[0]
    assert re.findall(r"`(\w+\.\w+)`", listed.partition("A field that is added")[0]) == [kind_of(model) for model in archived()]


def test_a_command_prints_every_field_of_every_kind_and_writes_nothing(capsys, tmp_path):
    call_command("archive", "--fields")
    printed = [line.partition(": ") for line in capsys.readouterr().out.splitlines()]
    assert [(kind, fields.split(", ")) for kind, _colon, fields in printed] == [
        (kind_of(model), fields_of(model)) for model in archived()
    ]
    account = {kind: fields for kind, _colon, fields in printed}["accounts.account"]
    assert "turnover" in account and "worth" not in account


def test_without_a_file_nothing_is_archived():
    with pytest.raises(CommandError, match="FILE"):
        call_command("archive")


def test_the_document_names_what_is_left_out():
    missing = [name for name in LEFT_OUT if f"`{name.lower()}`" not in DOCUMENT]
    assert missing == []
    assert f"format {VERSION}" in DOCUMENT


def test_nothing_in_it_opens_anything(db, edition):
    found = organisation()
    text = written().decode()
    secrets = [
        found.api_secret,
        found.calendar_secret,
        found.hook.secret,
        found.admin.password,
        *ApiKey.objects.values_list("key_hash", flat=True),
        *CalendarFeed.objects.values_list("key_hash", flat=True),
        *SurveyLink.objects.values_list("token_hash", flat=True),
    ]
    assert len(secrets) == 7
    assert [secret for secret in secrets if secret in text] == []


def test_the_scene_of_these_tests_has_something_of_every_kind(db):
    organisation()
    assert [kind for kind, count in counts().items() if not count] == []
