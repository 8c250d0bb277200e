"""A list of very many rows: some hundreds of them in the memory at a time, and the same outcome as all at once."""

import tracemalloc

import pytest
from django.core.management import call_command
from django.urls import reverse
from importing.bounded import Postponed, reserved_ids
from importing.plan import Outcome

from accounts.models import Account, Contact
from audit import trail
from audit.models import Event
from importing import check as checking
from importing import packing, whole_file
from importing import plan as planning
from importing.apply import apply
from importing.check import check
from importing.jobs import guessed, start_job, table_of
from importing.owner_lookup import Options
from importing.reading import table as reading_table
from importing.reading import text as reading
from importing.reading.table import UnreadableFile, read_table
from importing.reading.text import encoding_of
from tests.factories import make_account, make_administrator, make_contact, make_user
from tests.import_pages import choose, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(monkeypatch):
    for module in (checking, whole_file):
        monkeypatch.setattr(module, "CHUNK", 2)


def planned(text, by, **options):
    table = read_table(text.encode())
    return check(table, guessed(table), Options(by, by), **options)


def run(text, by, **options):
    table = read_table(text.encode())
    return apply(table, guessed(table), Options(by, by), **options)


def test_rows_are_read_as_often_as_one_likes():
    rows = read_table(b"name,city\nAcme,Oslo\nBravo,Rome\nCore,Bonn\n").rows
    assert [row.cells[0] for row in rows] == [row.cells[0] for row in rows] == ["Acme", "Bravo", "Core"]
    assert (len(rows), rows[-1].line, [row.line for row in rows[1:]]) == (3, 4, [3, 4])


def test_a_row_takes_little_memory():
    admin = make_administrator()

    def peak(rows):
        text = "id,name,city,notes,contact name\n" + "".join(f"A{n},Name {n},Oslo,{'x' * 200},Jo {n}\n" for n in range(rows))
        table = read_table(text.encode())
        tracemalloc.start()
        try:
            assert check(table, guessed(table), Options(admin, admin)).counts["created"] == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = peak(1000), peak(5000)
    assert (many - few) / 4000 < 1000  # bytes; a row as an object, with its values and its account, takes some thousands


def test_parents_and_doubles_far_away_in_the_file_are_found(small):
    admin = make_administrator()
    text = "id,name,parent\nC,Child,Middle\nX,Extra,\nM,Middle,T\nY,Yet,\nX,Other,\nT,Top,\n"
    report = run(text, admin, skip_rejected=True)
    assert report.summary == "created 5, updated 0, unchanged 0, rejected 1"
    assert "stands in row 3 already" in str(report.problems[0])
    assert Account.objects.get(name="Child").parent.parent.name == "Top"
    created = Event.objects.get(act="account.created", object_id=Account.objects.get(name="Child").pk)
    assert created.after["parent"] == Account.objects.get(name="Middle").pk
    assert run(text, admin, skip_rejected=True).summary == "created 0, updated 0, unchanged 5, rejected 1"


def test_a_stored_account_gets_a_parent_that_stands_further_down(small):
    admin = make_administrator()
    child = make_account(name="Child", external_id="C")
    run("id,name,parent\nC,Child,T\nX,Extra,\nY,Yet,\nT,Top,\n", admin)
    child.refresh_from_db()
    assert child.parent.name == "Top"
    changed = Event.objects.get(act="account.changed", object_id=child.pk)
    assert (changed.before, changed.after) == ({"parent": None}, {"parent": child.parent_id})


def test_rows_below_a_rejected_one_further_down_are_rejected_and_no_longer_shown_as_new(small):
    plan = planned("name,parent,country\nLow,Child,\nX,,\nChild,Top,\nY,,\nTop,,Atlantis\n", make_administrator())
    assert plan.counts == {"created": 2, "updated": 0, "unchanged": 0, "rejected": 3}
    assert [row.name for row in plan.of(Outcome.CREATED)] == ["X", "Y"]
    assert [(problem.line, "is rejected" in problem.reason) for problem in plan.problems] == [(2, True), (4, True), (6, False)]


def test_a_chain_of_thousands_of_parents_in_the_wrong_order_comes_in():
    rows = 3000
    report = run("name,parent\n" + "".join(f"N{n},N{n + 1}\n" for n in range(rows)) + f"N{rows},\n", make_administrator())
    assert report.created == rows + 1
    assert Account.objects.filter(parent__isnull=False).count() == rows


def test_a_circle_of_thousands_is_found():
    rows = 3000
    plan = planned("name,parent\n" + "".join(f"N{n},N{(n + 1) % rows}\n" for n in range(rows)), make_administrator())
    assert plan.counts["rejected"] == rows
    assert "circle" in plan.problems[0].reason


def test_of_very_many_problems_the_first_are_told_and_the_others_counted(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(planning, "MOST_PROBLEMS", 2)
    admin = make_administrator()
    text = "name,country\n" + "".join(f"N{n},Atlantis\n" for n in range(5))
    plan = planned(text, admin)
    assert ([problem.line for problem in plan.problems], plan.more_problems, plan.counts["rejected"]) == ([2, 3], 3, 5)
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(SystemExit):
        call_command("import_accounts", str(path))
    assert "and 3 more" in capsys.readouterr().err


def test_of_each_outcome_the_first_rows_are_shown_and_all_are_counted(client, monkeypatch):
    monkeypatch.setattr(planning, "FIRST_ROWS", 2)
    client.force_login(manager := make_user())
    job = start_job(manager, "list.csv", b"name\nA\nB\nC\nD\n", rows=4)
    fields = {"owner": manager.pk, "team": "", "currency": "", "column_0": "name"}
    page = client.post(reverse("importing:columns", args=[job.pk]), fields, follow=True).text
    assert "Import 4 accounts" in page and "and 2 more accounts" in page


def test_a_long_file_is_kept_packed_and_comes_back_as_it_was(client, monkeypatch):
    monkeypatch.setattr(packing, "SMALL", 100)
    client.force_login(make_user())
    text = "name,country\n" + "".join(f"N{n},Atlantis\n" for n in range(200))
    job = upload(client, text)
    assert packing.is_packed(bytes(job.content)) and len(job.content) < len(text)
    assert len(table_of(job).rows) == 200
    choose(client, job, column_0="name", column_1="country")
    answer = client.get(reverse("importing:rejected", args=[job.pk]))
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert (len(lines), lines[0], "N199" in lines[-1]) == (201, "Why not imported,name,country", True)


@pytest.mark.parametrize("length", [0, 1, 99, 100, 101, 100_000])
def test_packing_loses_nothing(monkeypatch, length):
    monkeypatch.setattr(packing, "SMALL", 100)
    monkeypatch.setattr(packing, "PIECE", 1000)
    content = bytes(n % 251 for n in range(length))
    packed = packing.packed(content)
    assert packing.is_packed(packed) == (length > 100)
    assert packing.unpacked(packed) == b"".join(packing.pieces(packed)) == content


@pytest.mark.parametrize("endless", [b"," * 2000, b'"\n",' * 500], ids=["in one line", "in many lines"])
def test_a_row_that_goes_on_for_ever_is_refused(monkeypatch, endless):
    monkeypatch.setattr(reading, "LONGEST_ROW", 1000)
    with pytest.raises(UnreadableFile, match="Row 3 is longer than 1000 characters"):
        read_table(b"name,city\nAcme,Oslo\n" + endless)


def test_rows_are_measured_one_by_one(monkeypatch):
    monkeypatch.setattr(reading, "LONGEST_ROW", 20)
    assert len(read_table(b"name,city\n" + b'"Acme\nLtd",Oslo\n' * 50).rows) == 50


@pytest.mark.parametrize("line", [b"\n", b"\r\n", b"\r", b",\n", b'"\n"\n'])
def test_a_file_of_very_many_lines_is_refused_before_they_are_read(monkeypatch, line):
    monkeypatch.setattr(reading, "MAX_LINES", 50)
    assert len(read_table(b"name,city\nAcme,Oslo\n" + line * 20).rows) == 1
    monkeypatch.setattr(reading_table, "Lines", None)
    with pytest.raises(UnreadableFile, match="more than 50 lines"):
        read_table(b"name,city\nAcme,Oslo\n" + line * 50)


def test_empty_lines_at_the_end_are_gone_through_once(monkeypatch):
    table = read_table(b"name\nAcme\n" + b"\n" * 50)
    seen = []
    opened = reading_table.opened
    monkeypatch.setattr(reading_table, "opened", lambda *of: (seen.append(line) or line for line in opened(*of)))
    assert [row.cells for row in table.rows] == [("Acme",)]
    assert seen == ["name\n", "Acme\n"]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [("é" * 10, "utf-8"), ("é" * 10, "cp1252"), ("\x81é", "latin-1"), ("é" * 10, "utf-16")],
)
def test_the_encoding_is_found_whatever_pieces_the_file_is_read_in(monkeypatch, content, encoding):
    monkeypatch.setattr(reading, "PIECE", 3)
    assert encoding_of(content.encode(encoding)) == encoding


def test_the_ids_that_an_import_gives_are_nobody_elses_and_never_given_again():
    gone = make_account()
    number = gone.pk
    gone.delete()
    ids = list(reserved_ids(Account, 3))
    assert min(ids) > number
    Account.objects.bulk_create(Account(pk=pk, name="New", owner=make_user()) for pk in ids)
    assert make_account().pk > max(ids)


def test_what_is_told_to_the_trail_later_is_told_in_order_and_whole():
    account = make_account(revenue="12.50")
    person = make_contact(account)
    with Postponed() as later:
        later.add([trail.Change("account.created", account, None, trail.snapshot(account, "revenue", "created_at"), "why")])
        later.add([trail.Change("contact.changed", person, {"name": "A"}, {"name": "B"})])
        first, second = (change for batch in later.batches(1) for change in batch)
    trail.record_many([first, second], by=None)
    told = Event.objects.order_by("pk").values_list("act", "object_type", "object_id", "account_id", "note")
    assert list(told) == [
        ("account.created", "accounts.account", account.pk, account.pk, "why"),
        ("contact.changed", "accounts.contact", person.pk, account.pk, ""),
    ]
    assert first.after == trail.snapshot(account, "revenue", "created_at")
    assert list(trail.broken_links()) == []


def test_an_import_over_many_chunks_says_in_the_trail_what_it_stored(small):
    admin = make_administrator()
    report = run("id,name,tags,contact name\n" + "".join(f"{n},N{n},new,Jo {n}\n" for n in range(7)), admin)
    kept = dict(report.kept)
    assert sorted(kept) == sorted(Event.objects.values_list("pk", flat=True))
    assert set(kept.values()) == {1}
    assert (Account.objects.count(), Contact.objects.count(), Account.objects.filter(tags__name="new").count()) == (7, 7, 7)
    told = Event.objects.filter(act="account.created").values_list("object_id", "after__name", "after__tags_added")
    assert sorted(told) == [(pk, name, ["new"]) for pk, name in Account.objects.order_by("pk").values_list("pk", "name")]
