"""The commands of the archive at their edges: what they print, how files are named, and what is mended on the way in."""

import gzip
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import translation

from accounts.models import User
from archive import reading, restoring
from archive.contents import FIELDS_LEFT_OUT, LEFT_OUT, archived, counts, fields_of, kind_of
from archive.reading import Archive, UnusableArchive
from archive.writing import with_sorted_keys
from hierarchy.loading import load_first_edition
from hierarchy.models import Level
from tests.archive.archives import empty_everything, summed, take
from tests.factories import make_account, make_administrator, make_user, make_webhook
from webhooks.models import Webhook

pytestmark = pytest.mark.django_db


class TestWriting:
    def test_without_a_file_it_says_what_is_missing(self):
        with pytest.raises(CommandError, match="Name the FILE to write, or ask for --fields"):
            call_command("archive")

    def test_fields_are_printed_for_each_kind_and_nothing_is_written(self, tmp_path, capsys):
        call_command("archive", str(tmp_path / "all.json"), fields=True)
        lines = capsys.readouterr().out.splitlines()
        assert lines == [f"{kind_of(model)}: {', '.join(fields_of(model))}" for model in archived()]
        assert list(tmp_path.iterdir()) == []

    def test_it_says_how_many_records_it_wrote_and_where(self, tmp_path, capsys):
        make_account()
        call_command("archive", str(tmp_path / "all.json"))
        assert capsys.readouterr().out == f"archived 2 records in {tmp_path / 'all.json'}\n"

    @pytest.mark.parametrize(
        ("name", "packed"), [("A.JSON", False), ("A.JSON.GZ", True), ("a.json.Gz", True), ("a.b.json", False)]
    )
    def test_an_ending_counts_in_any_case_both_ways(self, tmp_path, name, packed):
        make_user(email="mila@example.com")
        whole = take(tmp_path / name)
        assert whole.startswith(b"\x1f\x8b") == packed
        json.loads(gzip.decompress(whole) if packed else whole)
        empty_everything()
        call_command("import_archive", str(tmp_path / name))
        assert User.objects.get().email == "mila@example.com"

    def test_a_file_that_was_there_is_replaced(self, tmp_path):
        (tmp_path / "all.json").write_text("old")
        assert take(tmp_path / "all.json").startswith(b'{"header"')
        assert [path.name for path in tmp_path.iterdir()] == ["all.json"]

    def test_keys_of_json_are_sorted_at_every_depth_and_lists_keep_their_order(self):
        value = {"b": [{"d": 1, "c": {"z": 1, "y": None}}, 3, 2], "a": "x"}
        assert json.dumps(with_sorted_keys(value)) == '{"a": "x", "b": [{"c": {"y": null, "z": 1}, "d": 1}, 3, 2]}'


class TestContents:
    @pytest.mark.parametrize("secret", ["password", "last_login"])
    def test_nothing_that_gives_access_is_a_field_of_a_person(self, secret):
        assert secret not in fields_of(User)

    def test_every_reason_is_a_sentence(self):
        reasons = [*LEFT_OUT.values(), *(reason for fields in FIELDS_LEFT_OUT.values() for reason in fields.values())]
        assert all(len(reason) > 20 for reason in reasons)

    def test_counts_name_each_kind_though_there_is_none(self):
        make_account()
        found = counts()
        assert list(found) == [kind_of(model) for model in archived()]
        assert {kind: count for kind, count in found.items() if count} == {"accounts.account": 1, "accounts.user": 1}


class TestReading:
    @pytest.fixture
    def file(self, tmp_path):
        make_user(email="mila@example.com")
        take(tmp_path / "all.json")
        empty_everything()
        return tmp_path / "all.json"

    def test_records_are_told_with_their_line_and_kind(self, file):
        (record,) = Archive(file).records()
        assert (record.line, record.kind, record.content["fields"]["email"]) == (3, "accounts.user", "mila@example.com")

    def test_a_line_as_long_as_may_be_is_read(self, file, monkeypatch):
        longest = max(len(line) for line in file.read_bytes().splitlines(keepends=True))
        monkeypatch.setattr(reading, "MOST_BYTES", longest)
        Archive(file).check()
        monkeypatch.setattr(reading, "MOST_BYTES", longest - 1)
        with pytest.raises(UnusableArchive, match="longer than any record"):
            Archive(file).check()

    def test_a_folder_is_no_archive(self, tmp_path):
        (tmp_path / "all.json").mkdir()
        with pytest.raises(CommandError, match="cannot be read: Is a directory"):
            call_command("import_archive", str(tmp_path / "all.json"))

    @pytest.mark.parametrize(("end", "why"), [({"end": None}, "SHA-256"), ({"end": {}}, "SHA-256"), ({"fin": {}}, "SHA-256")])
    def test_an_end_without_its_sum_is_refused(self, file, end, why):
        lines = file.read_bytes().splitlines(keepends=True)
        lines[-1] = json.dumps(end).encode().removeprefix(b"{") + b"\n"
        file.write_bytes(b"".join(lines))
        with pytest.raises(CommandError, match=why):
            call_command("import_archive", str(file))

    @pytest.mark.parametrize("constant", [b"NaN", b"Infinity", b"-Infinity"])
    def test_what_json_has_not_is_refused(self, file, constant):
        whole = file.read_bytes().replace(b'"wants_digest": true', b'"wants_digest": ' + constant)
        file.write_bytes(summed(whole.splitlines(keepends=True)[:-1]))
        with pytest.raises(CommandError, match="Line 3 is not JSON"):
            call_command("import_archive", str(file))


class TestRestoring:
    def test_only_administrators_who_may_sign_in_are_named(self, tmp_path, capsys):
        make_administrator(email="gone@example.com", is_active=False)
        make_administrator(email="ada@example.com")
        make_administrator(email="zoe@example.com")
        take(tmp_path / "all.json")
        empty_everything()
        capsys.readouterr()
        call_command("import_archive", str(tmp_path / "all.json"))
        said = capsys.readouterr().out
        assert "changepassword ada@example.com" in said and "gone@example.com" not in said

    @pytest.mark.parametrize("language", ["en", "nl"])
    def test_texts_of_the_catalogue_come_back_whatever_language_is_active(self, tmp_path, language):
        load_first_edition()
        before = list(Level._base_manager.order_by("pk").values())
        take(tmp_path / "all.json")
        empty_everything()
        with translation.override(language):
            call_command("import_archive", str(tmp_path / "all.json"))
        assert list(Level._base_manager.order_by("pk").values()) == before

    def test_each_webhook_gets_a_secret_of_its_own(self, tmp_path):
        owner = make_user()
        for _ in range(3):
            make_webhook(owner)
        take(tmp_path / "all.json")
        empty_everything()
        call_command("import_archive", str(tmp_path / "all.json"))
        secrets = set(Webhook.objects.values_list("secret", flat=True))
        assert len(secrets) == 3 and min(map(len, secrets)) >= 40

    def test_a_database_that_goes_away_is_not_blamed_on_the_file(self, tmp_path, monkeypatch):
        make_user()
        take(tmp_path / "all.json")
        empty_everything()

        def gone(items):
            raise OperationalError("connection lost")

        monkeypatch.setattr(restoring, "_insert", gone)
        monkeypatch.setattr(restoring, "is_away", lambda error: True)
        with pytest.raises(OperationalError, match="connection lost"):
            call_command("import_archive", str(tmp_path / "all.json"))
        monkeypatch.setattr(restoring, "is_away", lambda error: False)
        with pytest.raises(CommandError, match="Lines 3 to 3 cannot be stored: connection lost"):
            call_command("import_archive", str(tmp_path / "all.json"))

    def test_a_second_import_finds_the_first(self, tmp_path):
        make_user()
        take(tmp_path / "all.json")
        empty_everything()
        call_command("import_archive", str(tmp_path / "all.json"))
        with pytest.raises(CommandError, match="not empty: it holds 1 person"):
            call_command("import_archive", str(tmp_path / "all.json"))
        assert User.objects.count() == 1
