"""An archive that is not whole, not known, or does not fit: refused in one line, and nothing is stored."""

import gzip
import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from archive.contents import counts
from core.models import Organisation
from hierarchy.loading import load_first_edition
from tests.archive.archives import empty_everything, organisation, summed, take
from tests.factories import make_user
from tests.sharing import stored_once

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def archive(django_db_setup, django_db_blocker, tmp_path_factory) -> bytes:
    """Of an installation that is taken back."""
    with stored_once(django_db_blocker):
        organisation()
        return take(tmp_path_factory.mktemp("archive") / "all.json")


@pytest.fixture
def file(archive, tmp_path, db):
    """An archive, and an installation that is empty."""
    path = tmp_path / "all.json"
    path.write_bytes(archive)
    empty_everything()
    return path


def refused(path, *, why: str, **options) -> None:
    with pytest.raises(CommandError, match=why) as told:
        call_command("import_archive", str(path), **options)
    assert (told.value.returncode, "\n" in str(told.value)) == (1, False)
    assert sum(counts().values()) == 0


def changed(path, old: bytes, new: bytes, *, sum_too: bool = False):
    """The file with the first `old` replaced; `sum_too` as one would who knows how the sum is made."""
    whole = path.read_bytes()
    assert old in whole
    path.write_bytes(whole.replace(old, new, 1))
    if sum_too:
        path.write_bytes(summed(path.read_bytes().splitlines(keepends=True)[:-1]))
    return path


class TestCutOff:
    @pytest.mark.parametrize("share", [0, 0.0001, 0.01, 0.3, 0.7, 0.99])
    def test_anywhere(self, file, share):
        whole = file.read_bytes()
        file.write_bytes(whole[: int(len(whole) * share)])
        refused(file, why=r"cut off|not an archive of Standing")

    def test_before_the_last_line(self, file):
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(lines[:-1]))
        refused(file, why="cut off: its end is missing")

    def test_before_the_last_character(self, file):
        file.write_bytes(file.read_bytes()[:-1])
        refused(file, why="cut off: its end is missing")

    @pytest.mark.parametrize("missing", [1, 8, 500])
    def test_packed(self, file, missing):
        packed = file.with_name("all.json.gz")
        packed.write_bytes(gzip.compress(file.read_bytes())[:-missing])
        refused(packed, why="cut off: its end is missing")


class TestAltered:
    def test_one_character(self, file):
        refused(changed(file, b"Northwind", b"Northwend"), why="does not fit its SHA-256")

    def test_a_record_taken_out(self, file):
        lines = file.read_bytes().splitlines(keepends=True)
        del lines[10]
        file.write_bytes(b"".join(lines))
        refused(file, why="does not fit its SHA-256")

    def test_a_record_taken_out_with_the_sum_made_anew(self, file):
        lines = file.read_bytes().splitlines(keepends=True)
        del lines[10]
        file.write_bytes(summed(lines[:-1]))
        refused(file, why="not as many as the header says")

    def test_something_added_behind_the_end(self, file):
        file.write_bytes(file.read_bytes() + b"{}\n")
        refused(file, why="behind the end")

    def test_lines_laid_out_anew(self, file):
        file.write_text(json.dumps(json.loads(file.read_bytes()), indent=2))
        refused(file, why="laid out anew")

    def test_a_packed_one_that_is_damaged(self, file):
        packed = bytearray(gzip.compress(file.read_bytes()))
        packed[len(packed) // 2] ^= 255
        path = file.with_name("all.json.gz")
        path.write_bytes(packed)
        refused(path, why="cannot be unpacked|not JSON|SHA-256")

    def test_a_record_that_names_what_is_not_there(self, file):
        refused(changed(file, b'"owner": ', b'"owner": 99', sum_too=True), why="do not fit each other")

    @pytest.mark.parametrize(
        ("old", "new", "why"),
        [
            (b'"held_at": "3.50"', b'"held_at": "9.50"', "cannot be stored"),
            (b'"held_at": "3.50"', b'"held_at": "high"', "not of its kind"),
            (b'"held_on": "2', b'"held_on": "x', "not of its kind"),
            (b'"tags": []', b'"tags": ["x"]', "not of its kind"),
            (b'"tags": []', b'"tags": null', "not of its kind"),
            (b'"wants_digest": true', b'"wants_digest": "perhaps"', "not of its kind"),
            (b'"model": "accounts.team"', b'"model": "accounts.gang"', "knows no 'accounts.gang'"),
            (b'"model": "accounts.team"', b'"model": ["accounts.team"]', "knows no"),
            (b'"wants_digest"', b'"wants_mail"', "lacks 'wants_digest'|unknown field 'wants_mail'"),
            (b'"date_joined"', b'"password": "x", "date_joined"', "unknown field 'password'"),
            (b'"baseline": ', b'"baseline": NaN, "was": ', "is not JSON"),
            (b'"employees": null', b'"employees": 1' + b"0" * 30, "not of its kind|cannot be stored"),
            (b'"name": "Northwind"', b'"name": ""', "cannot be stored"),
            (b'"pk": ', b'"pk": "a", "was": ', "no record"),
            (b'{"model": "accounts.team"', b'[{"model": "accounts.team"', "is not JSON"),
            (b'"records": [', b'"rows": [', "Line 2"),
        ],
    )
    def test_even_where_the_sum_was_made_anew(self, file, old, new, why):
        refused(changed(file, old, new, sum_too=True), why=why)

    def test_two_records_of_one_id(self, file):
        tags = [record["pk"] for record in json.loads(file.read_bytes())["records"] if record["model"] == "accounts.tag"]
        one, other = (b'{"model": "accounts.tag", "pk": %d,' % pk for pk in tags)
        refused(changed(file, other, one, sum_too=True), why="cannot be stored")

    def test_the_trail_tells_what_was_altered_in_it(self, file, capsys):
        changed(file, b'"rationale": "First"', b'"rationale": "Frist"')  # the target
        changed(file, b'"rationale": "First"', b'"rationale": "Frist"', sum_too=True)  # what the trail says of it
        call_command("import_archive", str(file))
        assert "1 events do not fit the chain" in capsys.readouterr().err
        with pytest.raises(CommandError, match="1 of"):
            call_command("verify_audit")


class TestNotAnArchive:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{}",
            b"[]\n",
            b"\x00\xff" * 100,
            b'{"header": [],\n',
            b'{"header": {"format": "other", "version": 1, "counts": {}},\n',
            b'{"header": {"format": "standing-archive", "version": "1", "counts": {}},\n',
            b'{"header": {"format": "standing-archive", "version": 1},\n',
            b'{"header": ' + b"[" * 100_000 + b",\n",
            b'{"header": {"a": "\xff"},\n',
        ],
    )
    def test_whatever_it_is(self, content, tmp_path):
        path = tmp_path / "all.json"
        path.write_bytes(content)
        refused(path, why="not an archive|cut off|not JSON|no JSON object")

    def test_not_packed_though_it_says_so(self, tmp_path):
        path = tmp_path / "all.json.gz"
        path.write_bytes(b"name\nNorthwind\n")
        refused(path, why="cannot be unpacked")

    def test_a_line_without_end(self, tmp_path, monkeypatch):
        monkeypatch.setattr("archive.reading.MOST_BYTES", 1000)
        path = tmp_path / "all.json"
        path.write_bytes(b'{"header": ' + b" " * 2000)
        refused(path, why="longer than any record")

    def test_not_there(self, tmp_path):
        refused(tmp_path / "all.json", why="cannot be read: No such file")


class TestOfAnotherTime:
    def test_a_newer_format_says_to_upgrade(self, file):
        changed(file, b'"version": 4', b'"version": 5', sum_too=True)
        refused(file, why=r"has format 5, by Standing 0\.1\.0; this Standing reads 4\. Upgrade it first")

    def test_an_older_format_says_what_reads_it(self, file):
        changed(file, b'"version": 4', b'"version": 0', sum_too=True)
        refused(file, why=r"has format 0; this Standing reads 1 to 4\. Import it with Standing 0\.1\.0, then upgrade")

    def test_rates_into_another_currency_unless_the_organisation_comes_along(self, tmp_path, settings):
        organisation()
        Organisation.objects.all().delete()  # it was never set up
        file = tmp_path / "all.json"
        file.write_bytes(take(file))
        empty_everything()
        settings.REPORTING_CURRENCY = "USD"
        refused(file, why="set REPORTING_CURRENCY=EUR first")


class TestTheInstallation:
    @pytest.mark.parametrize(
        ("make", "what"),
        [
            (lambda: make_user(), "1 person"),
            (load_first_edition, r"1 edition, 5 levels, 20 statements, .* 2 events"),
        ],
        ids=["a person", "the catalogue"],
    )
    def test_has_to_be_empty(self, file, make, what):
        make()
        before = counts()
        with pytest.raises(CommandError, match=f"not empty: it holds {what}"):
            call_command("import_archive", str(file))
        assert counts() == before

    def test_has_to_have_all_tables(self, file, monkeypatch):
        plan = "django.db.migrations.executor.MigrationExecutor.migration_plan"
        monkeypatch.setattr(plan, lambda self, targets: ["one more"])
        refused(file, why="run `manage.py migrate` first")

    def test_is_left_as_it_is_by_a_dry_run(self, file, capsys):
        call_command("import_archive", str(file), dry_run=True)
        told = capsys.readouterr()
        assert ("Nothing was stored" in told.err, told.out.startswith("imported ")) == (True, True)
        assert sum(counts().values()) == 0
        call_command("import_archive", str(file))
        assert User.objects.filter(email="mila@example.com").exists()

    def test_a_dry_run_finds_what_an_import_would(self, file):
        refused(changed(file, b'"owner": ', b'"owner": 99', sum_too=True), why="do not fit each other", dry_run=True)
