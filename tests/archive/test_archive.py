"""`manage.py archive` and `manage.py import_archive`: all that is the organisation's, there and back."""

import gzip
import json
import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, User
from api.models import ApiKey
from archive import restoring, writing
from archive.contents import archived, counts
from archive.writing import document
from audit.models import Event
from surveys.models import Invitation
from tests.archive.archives import PASSWORD, content, empty_everything, organisation, queued_invitation, rows, take, written
from tests.factories import make_account, make_user
from tests.migrated import migrated_copy
from webhooks.models import Webhook

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def moved(tmp_path):
    """The organisation, brought from an archive into an emptied installation; what it was, and its archive."""
    scene = organisation()
    path = tmp_path / "all.json"
    whole = take(path)
    empty_everything()
    call_command("import_archive", str(path))
    scene.whole = whole
    return scene


class TestTheFile:
    def test_is_one_json_document_for_everybody(self):
        scene = organisation()
        document = json.loads(written())
        assert list(document) == ["header", "records", "end"]
        assert document["header"]["format"] == "standing-archive"
        assert document["header"]["edition"] == {"id": scene.edition.pk, "name_en": "First edition", "name_nl": "Eerste editie"}
        assert document["header"]["counts"] == counts()
        assert len(document["records"]) == sum(counts().values())

    def test_a_record_stands_as_djangos_serializers_write_it(self):
        scene = organisation()
        records = {(record["model"], record["pk"]): record["fields"] for record in json.loads(written())["records"]}
        told = records["accounts.account", scene.account.pk]
        assert (told["name"], told["revenue"], told["currency"]) == ("Northwind", "1234567890123.45", "USD")
        assert told["tags"] == sorted(scene.account.tags.values_list("pk", flat=True))
        assert (told["parent"], told["owner"]) == (scene.account.parent_id, scene.owner.pk)

    def test_moments_keep_all_their_digits(self):
        moment = timezone.now().replace(microsecond=123456)
        user = make_user()
        User.objects.filter(pk=user.pk).update(date_joined=moment)
        (told,) = (record["fields"] for record in json.loads(written())["records"] if record["model"] == "accounts.user")
        assert told["date_joined"] == moment.strftime("%Y-%m-%dT%H:%M:%S.123456Z")

    def test_half_a_character_does_not_stop_it(self):
        assert json.loads(writing.as_json({"name": "half \ud83d"})) == {"name": "half \ud83d"}  # SQLite keeps it in JSON

    def test_packed_it_is_the_same(self, tmp_path):
        organisation()
        plain, packed = take(tmp_path / "all.json"), take(tmp_path / "all.json.gz")
        assert content(gzip.decompress(packed)) == content(plain)

    def test_an_empty_installation_has_one_too_and_takes_it(self, tmp_path):
        document = json.loads(take(tmp_path / "all.json"))
        assert document["records"] == []
        call_command("import_archive", str(tmp_path / "all.json"))

    def test_nobody_else_on_the_machine_may_read_it(self, tmp_path):
        take(tmp_path / "all.json")
        assert stat.S_IMODE((tmp_path / "all.json").stat().st_mode) == 0o600

    def test_a_half_one_never_takes_the_place_of_a_whole_one(self, tmp_path, monkeypatch):
        before = take(tmp_path / "all.json")
        monkeypatch.setattr(writing, "product_version", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take(tmp_path / "all.json")
        assert [path.name for path in tmp_path.iterdir()] == ["all.json"]
        assert (tmp_path / "all.json").read_bytes() == before

    @pytest.mark.parametrize("name", ["all.csv", "all.json.zip", "all"])
    def test_other_endings_are_refused(self, name, tmp_path):
        with pytest.raises(CommandError, match=r"ends neither in \.json nor in \.json\.gz"):
            call_command("archive", str(tmp_path / name))
        with pytest.raises(CommandError, match=r"ends neither in \.json nor in \.json\.gz"):
            call_command("import_archive", str(tmp_path / name))

    def test_a_folder_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(CommandError, match="cannot be written: No such file"):
            call_command("archive", str(tmp_path / "nowhere" / "all.json"))

    def test_it_takes_the_same_statements_for_few_and_for_many(self, django_assert_num_queries, monkeypatch):
        monkeypatch.setattr(writing, "BATCH", 10)
        owner = make_user()
        for _ in range(3):
            make_account(owner=owner)
        with django_assert_num_queries(2 + len(archived()) + 1):  # edition, counts, each kind, and the tags
            written()
        for _ in range(6):
            make_account(owner=owner)
        with django_assert_num_queries(2 + len(archived()) + 1):
            written()


class TestThereAndBack:
    def test_the_archive_of_an_import_is_the_archive(self, moved):
        assert content(written()) == content(moved.whole)

    def test_every_column_is_as_it_was(self, tmp_path):
        organisation()
        before = rows()
        take(tmp_path / "all.json.gz")
        empty_everything()
        call_command("import_archive", str(tmp_path / "all.json.gz"))
        anew = {"password", "last_login"}, {"secret", "is_active"}
        after = rows()
        for label, fields in (("accounts.User", anew[0]), ("webhooks.Webhook", anew[1])):
            for row in [*before[label], *after[label]]:
                for field in fields:
                    del row[field]
        assert after == before

    def test_in_batches_too(self, tmp_path, monkeypatch):
        monkeypatch.setattr(writing, "BATCH", 2)
        monkeypatch.setattr(restoring, "BATCH", 3)
        organisation()
        whole = take(tmp_path / "all.json")
        empty_everything()
        call_command("import_archive", str(tmp_path / "all.json"))
        assert content(written()) == content(whole)

    def test_the_trail_still_proves_itself(self, moved, capsys):
        call_command("verify_audit")
        assert f"{Event.objects.count()} events, all in order." in capsys.readouterr().out

    def test_derived_columns_are_what_the_history_says(self, moved, capsys):
        account = Account.objects.get(pk=moved.account.pk)
        assert (account.customer_level, account.target_level, account.level) == (2, 4, 2)
        assert account.worth is not None
        call_command("verify_derived")
        assert "is what its history says" in capsys.readouterr().out

    def test_new_rows_get_ids_that_nothing_had(self, moved):
        assert make_account().pk > moved.account.pk
        key = ApiKey.objects.create(user=User.objects.get(pk=moved.owner.pk), name="new", scope="read", key_hash="x")
        old = Event.objects.get(act="api_key.made").object_id  # the key itself was left out
        assert key.pk > old

    def test_it_says_what_to_do_next(self, tmp_path, capsys):
        organisation()
        take(tmp_path / "all.json")
        empty_everything()
        capsys.readouterr()
        call_command("import_archive", str(tmp_path / "all.json"))
        said = capsys.readouterr().out
        assert "manage.py changepassword ada@example.com" in said
        assert re.search(r"^imported \d+ records$", said, re.MULTILINE)

    def test_without_an_administrator_it_says_to_make_one(self, tmp_path, capsys):
        make_user()
        take(tmp_path / "all.json")
        empty_everything()
        call_command("import_archive", str(tmp_path / "all.json"))
        assert "manage.py createsuperuser" in capsys.readouterr().out


class TestAfterwards:
    def test_nobody_gets_in_with_an_old_password(self, moved, client, fresh_cache):
        assert not User.objects.get(pk=moved.admin.pk).has_usable_password()
        assert client.post("/login/", {"login": "ada@example.com", "password": PASSWORD}).status_code == 422

    def test_the_first_administrator_gets_in_by_the_command(self, moved, client, fresh_cache, monkeypatch):
        monkeypatch.setattr("getpass.getpass", lambda *args, **kwargs: "another long secret")
        call_command("changepassword", "ada@example.com")
        assert client.post("/login/", {"login": "ada@example.com", "password": "another long secret"}).status_code == 302

    def test_others_choose_a_password_by_mail(self, moved, client, fresh_cache, settings):
        settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
        mail.outbox.clear()
        client.post("/password/reset/", {"email": "mila@example.com"})
        path = re.search(r"http\S+", mail.outbox[0].body)[0].removeprefix(settings.BASE_URL)
        form = client.get(path, follow=True).redirect_chain[-1][0]
        client.post(form, {"password1": "another long secret", "password2": "another long secret"})
        assert client.post("/login/", {"login": "mila@example.com", "password": "another long secret"}).status_code == 302

    def test_whoever_could_not_sign_in_still_cannot(self, moved):
        assert not User.objects.get(pk=moved.mate.pk).is_active

    def test_webhooks_come_back_switched_off_with_a_secret_that_nobody_knows(self, moved):
        hook = Webhook.objects.get(pk=moved.hook.pk)
        assert (hook.is_active, hook.url) == (False, moved.hook.url)
        assert hook.secret not in {"", moved.hook.secret}

    def test_a_webhook_that_was_removed_stays_so(self, moved):
        assert Webhook.objects.get(removed_at__isnull=False).secret == ""

    def test_the_account_page_shows_the_history(self, moved, client):
        client.force_login(User.objects.get(pk=moved.owner.pk))
        page = client.get(reverse("portfolio:account", args=[moved.account.pk]))
        assert page.status_code == 200
        assert "Northwind" in page.text

    def test_an_invitation_whose_mail_still_waited_can_be_sent_again(self, tmp_path):
        account = organisation().account.parent
        waiting = queued_invitation(account)
        take(tmp_path / "all.json")
        empty_everything()
        call_command("import_archive", str(tmp_path / "all.json"))
        invitation = Invitation.objects.get(pk=waiting.pk)
        assert (invitation.state, invitation.may_be_repeated) == ("failed", True)


def test_everything_is_read_before_anything_is_stored(tmp_path, monkeypatch):
    organisation()
    whole = take(tmp_path / "all.json")
    (tmp_path / "all.json").write_bytes(whole[:-40])
    empty_everything()
    monkeypatch.setattr(restoring, "_store_all", lambda archive: pytest.fail("it began to store"))
    with pytest.raises(CommandError, match="cut off"):
        call_command("import_archive", str(tmp_path / "all.json"))


# On a database of its own in a file: in memory all threads share one.
MEANWHILE = """
import sys, threading
import django
django.setup()
from django.db import connection
from accounts.models import User
from archive.writing import document

def write():
    User.objects.create_user("late@example.com")
    connection.close()

User.objects.create_user("early@example.com")
pieces = document()
whole = next(pieces)
writer = threading.Thread(target=write)
writer.start()
writer.join()
whole += b"".join(pieces)
assert User.objects.count() == 2, "the writer was kept out"
User.objects.create_user("later@example.com")
sys.stdout.buffer.write(whole)
"""


@pytest.mark.own_server
def test_on_sqlite_it_is_as_of_one_moment_and_keeps_no_writer_out(tmp_path):
    migrated_copy(tmp_path / "site.sqlite3")
    environment = in_a_file(tmp_path / "site.sqlite3") | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    told = subprocess.run([sys.executable, "-c", MEANWHILE], cwd=ROOT, env=environment, capture_output=True, check=True).stdout
    assert [record["fields"]["email"] for record in json.loads(told)["records"]] == ["early@example.com"]


@pytest.mark.on_postgres
@pytest.mark.django_db(transaction=True)
def test_on_postgres_it_is_as_of_one_moment_and_keeps_no_writer_out():
    make_user(email="early@example.com")
    pieces = document()
    whole = next(pieces)
    writer = threading.Thread(target=lambda: (make_user(email="late@example.com"), connection.close()))
    writer.start()
    writer.join()
    whole += b"".join(pieces)
    assert User.objects.count() == 2
    assert [record["fields"]["email"] for record in json.loads(whole)["records"]] == ["early@example.com"]


@pytest.mark.on_postgres
def test_from_sqlite_to_postgres_and_back_it_stays_the_same(tmp_path):
    """The moving of an installation, on the demo: an archive of SQLite, of PostgreSQL, and of SQLite again."""
    old, new = tmp_path / "old.sqlite3", tmp_path / "new.sqlite3"
    migrated_copy(old)
    migrated_copy(new)
    manage(old, ("load",), ("demo", "--accounts=12"), ("archive", str(tmp_path / "sqlite.json")))
    call_command("import_archive", str(tmp_path / "sqlite.json"))
    take(tmp_path / "postgres.json")
    manage(new, ("import_archive", str(tmp_path / "postgres.json")), ("archive", str(tmp_path / "again.json")))
    first, second, third = (content((tmp_path / f"{name}.json").read_bytes()) for name in ("sqlite", "postgres", "again"))
    assert len(first) > 5000
    assert second == first
    assert third == first


def in_a_file(path: Path) -> dict[str, str]:
    return os.environ | {"DEMO": "1", "DATABASE_URL": f"sqlite:///{path}"}


# Commands of one installation after each other, in a process with its database; "load" is the first edition.
COMMANDS = """
import json, sys
import django
django.setup()
from django.core.management import call_command
from hierarchy.loading import load_first_edition
for words in json.loads(sys.argv[1]):
    load_first_edition() if words == ["load"] else call_command(*words)
"""


def manage(database: Path, *commands: tuple[str, ...]) -> None:
    environment = in_a_file(database) | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", COMMANDS, json.dumps(commands)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
