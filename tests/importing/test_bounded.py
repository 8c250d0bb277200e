"""A list of very many rows: some hundreds of them in the memory at a time, stored in batches, the same outcome as all at once."""

import csv
import gc
import tracemalloc

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Account, Contact
from audit import trail
from audit.models import Event
from importing import apply as applying
from importing import check as checking
from importing import list_work, review
from importing.check import check
from importing.list_work import Outcome, chunks
from importing.reading import table as reading_table
from importing.reading import text as reading
from importing.reading.table import Row, UnreadableFile, read_table
from importing.reading.text import encoding_of
from importing.rejected import rejected_csv
from importing.review import Review
from tests.factories import make_account, make_administrator, make_user
from tests.import_pages import choose, upload
from tests.importing.running import checked, counts_of, import_list, problems_of, read_in_small_pieces

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(monkeypatch):
    """Few rows at a time are read and compared, and two are stored."""
    monkeypatch.setattr(checking, "CHUNK", 2)
    monkeypatch.setattr(list_work, "BATCH", 2)
    monkeypatch.setattr(applying, "LARGEST", 8)
    monkeypatch.setattr(applying, "SMALLEST", 1)
    monkeypatch.setattr(applying, "SECONDS", 0.0)  # each batch is half of the one before


def test_rows_are_read_as_often_as_one_likes():
    rows = read_table(b"name,city\nAcme,Oslo\nBravo,Rome\nCore,Bonn\n").rows
    assert [row.cells[0] for row in rows] == [row.cells[0] for row in rows] == ["Acme", "Bravo", "Core"]
    assert (len(rows), rows[-1].line, [row.line for row in rows[1:]]) == (3, 4, [3, 4])


@pytest.fixture
def fewer(monkeypatch):
    """So that hundreds of rows show what thousands do."""
    read_in_small_pieces(monkeypatch)
    monkeypatch.setattr(applying, "SMALLEST", 50)
    monkeypatch.setattr(applying, "LARGEST", 50)


@pytest.mark.one_database
@pytest.mark.parametrize("again", [False, True])
def test_checking_a_row_takes_little_memory(again, fewer):
    """So many rows are in the memory at a time, however many there are."""
    admin = make_administrator()

    def peak(rows):
        if again:
            Account.objects.bulk_create(Account(name=f"Name {n}", external_id=f"A{n}-{rows}", owner=admin) for n in range(rows))
        text = "id,name,city,notes\n" + "".join(f"A{n}-{rows},Name {n},Oslo,{'x' * 20}\n" for n in range(rows))
        job, _work = checked(text, admin)
        gc.collect()
        tracemalloc.start()
        try:
            check(job, lambda done: gc.collect())  # accounts and their contacts refer to each other
            assert counts_of(job)["updated" if again else "created"] == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = peak(200), peak(600)
    assert (many - few) / 400 < 500  # bytes; a row as an object, with its values and its account, takes some thousands


@pytest.mark.one_database
def test_storing_a_row_takes_little_memory(fewer, monkeypatch):
    monkeypatch.setattr(applying, "pause", gc.collect)  # accounts and their contacts refer to each other
    admin = make_administrator()

    def peak(rows):
        text = "id,name,city,contact name\n" + "".join(f"A{n}-{rows},Name {n} {rows},Oslo,Jo {n}\n" for n in range(rows))
        job, _work = checked(text, admin)
        job.store(state=job.State.RUNNING)
        gc.collect()
        tracemalloc.start()
        try:
            assert applying.store_all(job)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            gc.collect()

    few, many = peak(150), peak(350)
    assert (many - few) / 200 < 1500


def test_parents_and_doubles_far_away_in_the_file_are_found(small):
    admin = make_administrator()
    text = "id,name,parent\nC,Child,Middle\nX,Extra,\nM,Middle,T\nY,Yet,\nX,Other,\nT,Top,\n"
    report = import_list(text, admin, skip_rejected=True)
    assert report.summary == "created 5, updated 0, unchanged 0, rejected 1"
    assert "stands in row 3 already" in report.problems[0]
    assert report.job.batches.count() > 2
    assert Account.objects.get(name="Child").parent.parent.name == "Top"
    created = Event.objects.get(act="account.created", object_id=Account.objects.get(name="Child").pk)
    assert created.after["parent"] == Account.objects.get(name="Middle").pk
    assert import_list(text, admin, skip_rejected=True).summary == "created 0, updated 0, unchanged 5, rejected 1"


def test_a_stored_account_gets_a_parent_that_stands_further_down(small):
    admin = make_administrator()
    child = make_account(name="Child", external_id="C")
    import_list("id,name,parent\nC,Child,T\nX,Extra,\nY,Yet,\nT,Top,\n", admin)
    child.refresh_from_db()
    assert child.parent.name == "Top"
    changed = Event.objects.get(act="account.changed", object_id=child.pk)
    assert (changed.before, changed.after) == ({"parent": None}, {"parent": child.parent_id})


def test_rows_below_a_rejected_one_further_down_are_rejected_and_no_longer_shown_as_new(small):
    job, work = checked("name,parent,employees\nLow,Child,\nX,,\nChild,Top,\nY,,\nTop,,some\n", make_administrator())
    assert counts_of(job) == {"created": 2, "updated": 0, "unchanged": 0, "rejected": 3}
    found = Review(work)
    assert [row["name"] for row in found.created] == ["X", "Y"]
    assert [(one.line, "is rejected" in one.reason) for one in found.problems] == [(2, True), (4, True), (6, False)]


def test_a_long_chain_of_parents_in_the_wrong_order_comes_in():
    rows = 60
    report = import_list("name,parent\n" + "".join(f"N{n},N{n + 1}\n" for n in range(rows)) + f"N{rows},\n", make_administrator())
    assert report.created == rows + 1
    assert Account.objects.filter(parent__isnull=False).count() == rows


def test_a_circle_of_thousands_is_found():
    rows = 3000
    job, _work = checked("name,parent\n" + "".join(f"N{n},N{(n + 1) % rows}\n" for n in range(rows)), make_administrator())
    assert counts_of(job)["rejected"] == rows
    assert "circle" in problems_of(job)[0]


def test_of_very_many_problems_the_first_are_told_and_the_others_counted(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(review, "SHOWN_PROBLEMS", 2)
    monkeypatch.setattr("importing.cli.MOST_PROBLEMS", 2)
    admin = make_administrator()
    text = "name,employees\n" + "".join(f"N{n},some\n" for n in range(5))
    found = Review(checked(text, admin)[1])
    assert ([one.line for one in found.problems], found.more_problems, found.counts["rejected"]) == ([2, 3], 3, 5)
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(SystemExit):
        call_command("import_accounts", str(path))
    told = capsys.readouterr().err
    assert told.count("some") == 2 and "and more: 5 rows are rejected" in told


def test_of_each_outcome_the_first_rows_are_shown_and_all_are_counted(client, monkeypatch):
    monkeypatch.setattr(review, "FIRST_ROWS", 2)
    client.force_login(make_user())
    job = upload(client, "name\nA\nB\nC\nD\n")
    choose(client, job)
    page = client.get(reverse("importing:check", args=[job.pk])).text
    assert "Import 4 accounts" in page and "and 2 more accounts" in page


def test_very_many_rejected_rows_come_back_as_a_file(client, monkeypatch):
    client.force_login(make_user())
    job = upload(client, "name,employees\n" + "".join(f"N{n},some\n" for n in range(700)))
    choose(client, job, column_0="name", column_1="employees")
    lines = client.get(reverse("importing:rejected", args=[job.pk])).getvalue().decode("utf-8-sig").splitlines()
    assert (len(lines), lines[0], "N699" in lines[-1]) == (701, "Why not imported,name,employees", True)


def test_problems_first_rows_and_rejected_rows_stand_in_the_order_of_the_file(small, monkeypatch):
    monkeypatch.setattr(review, "SHOWN_PROBLEMS", 3)
    monkeypatch.setattr(review, "FIRST_ROWS", 2)
    owner = make_user()
    for name in ("Zeta", "Acme"):
        make_account(name=name, owner=owner)
    text = "name,employees\nZeta,5\nA,some\nM,5\nB,some\nAcme,5\nN,5\nC,some\nO,5\nD,some\n"
    job, work = checked(text, owner)
    found = Review(work)
    assert counts_of(job) == {"created": 3, "updated": 2, "unchanged": 0, "rejected": 4}
    assert ([one.line for one in found.problems], found.more_problems) == ([3, 5, 8], 1)
    assert [row["name"] for row in found.created] == ["M", "N"]
    assert ([row.heading for row in found.updated], found.more_created) == (["Zeta", "Acme"], 1)
    _names, *lines = csv.reader(b"".join(rejected_csv(job)).decode("utf-8-sig").splitlines())
    assert [cells[1] for cells in lines] == ["A", "B", "C", "D"]


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


def test_of_long_rows_fewer_are_in_the_memory_at_a_time(monkeypatch):
    monkeypatch.setattr(list_work, "LONG", 10)

    def numbers(*lengths, most):
        rows = [Row(line, ("x" * length,)) for line, length in enumerate(lengths, start=2)]
        return [len(chunk) for chunk in chunks(rows, most)]

    assert numbers(1, 1, 1, 1, 1, most=2) == [2, 2, 1]
    assert numbers(6, 6, 6, 6, 6, most=3) == [2, 2, 1]
    assert numbers(50, 50, most=3) == [1, 1]
    assert numbers(most=3) == []


def test_an_import_over_many_batches_says_in_the_trail_what_it_stored(small):
    admin = make_administrator()
    report = import_list("id,name,tags,contact name\n" + "".join(f"{n},N{n},new,Jo {n}\n" for n in range(7)), admin)
    kept = dict(pair for changes in report.job.batches.values_list("changes", flat=True) for pair in changes)
    assert sorted(kept) == sorted(Event.objects.values_list("pk", flat=True))
    assert set(kept.values()) == {1}
    assert (Account.objects.count(), Contact.objects.count(), Account.objects.filter(tags__name="new").count()) == (7, 7, 7)
    told = Event.objects.filter(act="account.created").values_list("object_id", "after__name", "after__tags_added")
    assert sorted(told) == [(pk, name, ["new"]) for pk, name in Account.objects.order_by("pk").values_list("pk", "name")]
    assert list(trail.broken_links()) == []


def test_what_is_over_leaves_only_the_rejected_rows(small):
    job = import_list("name,employees\nA,5\nB,some\nC,5\n", make_administrator(), skip_rejected=True).job
    assert list(job.rows.values_list("line", "outcome")) == [(3, Outcome.REJECTED)]
    assert bytes(job.content) == b""
