"""People and past assessments from a file, to the account and back again."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Account, Contact
from assessments.models import Assessment
from importing.models import ImportJob
from tests.browser.conftest import PHONE, check_page
from tests.browser.hands import Keyboard, Mouse
from tests.factories import make_account, make_user
from tests.jobs import work_on

PEOPLE = "Account,Name,E-mail,Influence\nCafé Zuid,Jo Bos,jo@zuid.example,high\nNobody,Kim Kok,,low\n"
PAST = "account,held_on,customer_level,team_level\nCafé Zuid,3/4/2024,2.75,4\nNoordkade,5/4/2024,3,\n"


@pytest.fixture
def manager(transactional_db, edition):
    manager = make_user(name="Mila Vermeer")
    make_account(name="Café Zuid", owner=manager)
    return manager


@pytest.fixture
def files(tmp_path):
    for name, text in {"people": PEOPLE, "past": PAST}.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("hands", "how"),
    [
        pytest.param(Keyboard, {}, id="keyboard"),
        pytest.param(Mouse, {"java_script_enabled": False}, id="without JavaScript"),
        pytest.param(Mouse, {"size": PHONE, "color_scheme": "dark"}, id="phone in the dark"),
    ],
)
def test_people_and_the_past_come_in_from_files(hands, how, open_page, sign_in, manager, files):
    page = open_page(**how)
    me = hands(page)
    look = check_page if how.get("java_script_enabled", True) else (lambda page: None)  # axe is a script
    sign_in(page, manager)
    import_people(page, me, look, str(files / "people.csv"))
    person = Contact.objects.get()
    assert (person.name, person.account.name, person.influence) == ("Jo Bos", "Café Zuid", 3)
    import_the_past(page, me, look, str(files / "past.csv"))
    assert set(Assessment.objects.values_list("account__name", "held_on", "customer_position")) == {
        ("Café Zuid", date(2024, 4, 3), 2.75), ("Noordkade", date(2024, 4, 5), 3),
    }  # fmt: skip
    me.follow(page.get_by_role("button", name="Take the import back"))
    expect(page.get_by_text("3 accounts, contacts and results were deleted.")).to_be_visible()
    look(page)
    assert (Assessment.objects.count(), Account.objects.count(), Contact.objects.count()) == (0, 1, 1)


LONG = "Account name;City\nCafé Zuid B.V.;Utrecht\n" + "".join(f"Shop {number};Oslo\n" for number in range(20))


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({}, id="desktop"),
        pytest.param({"java_script_enabled": False}, id="without JavaScript"),
        pytest.param({"size": PHONE, "color_scheme": "dark"}, id="phone in the dark"),
    ],
)
def test_a_long_list_is_checked_and_imported_while_one_waits(how, open_page, sign_in, manager, tmp_path, monkeypatch):
    monkeypatch.setattr("importing.models.LARGE", 10)
    (tmp_path / "long.csv").write_text(LONG, encoding="utf-8")
    page = open_page(**how)
    look = check_page if how.get("java_script_enabled", True) else (lambda page: None)  # axe is a script
    sign_in(page, manager)
    page.goto("/accounts/import/")
    page.get_by_label("List to import").set_input_files(tmp_path / "long.csv")
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_text("0 of 21 rows")).to_be_visible()
    look(page)
    at_work()  # the page finds out by itself when it is done
    expect(page.get_by_role("heading", name="These may be accounts you have already")).to_be_visible()
    look(page)
    page.get_by_label("Café Zuid B.V.").select_option(label="It is Café Zuid")
    page.get_by_role("button", name="Keep these choices").click()
    expect(page.get_by_text("0 of 21 rows")).to_be_visible()
    look(page)
    at_work()
    expect(page.get_by_role("cell", name="Utrecht")).to_be_visible()
    page.get_by_role("button", name="Import 21 accounts").click()
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    at_work()
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()
    assert Account.objects.count() == 21
    assert Account.objects.get(city="Utrecht").name == "Café Zuid B.V."


def at_work() -> None:
    work_on(ImportJob.objects.get())


def import_people(page: Page, me: Mouse, look, path: str) -> None:
    page.goto("/accounts/import/")
    look(page)
    me.give_file(page.get_by_label("List to import"), path)
    me.follow(page.get_by_role("button", name="Read the file"))
    look(page)
    me.pick(page.get_by_label("The file holds"), "Accounts")  # not so: it is seen, and chosen anew
    change = page.locator("form").filter(has_text="The file holds").get_by_role("button", name="Apply")
    me.follow(change)
    me.pick(page.get_by_label("The file holds"), "Contacts")
    me.follow(change)
    expect(page.get_by_label("E-mail", exact=True)).to_have_value("email")
    me.follow(page.get_by_role("button", name="Check the rows"))
    expect(page.get_by_text("No account here is called “Nobody”.")).to_be_visible()
    expect(page.get_by_text("Jo Bos")).to_be_visible()
    look(page)
    me.follow(page.get_by_role("button", name="Import the other row"))
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()
    look(page)


def import_the_past(page: Page, me: Mouse, look, path: str) -> None:
    me.follow(page.get_by_role("link", name="Import another list"))
    me.choose(page.get_by_label("Past assessments", exact=True))
    me.give_file(page.get_by_label("List to import"), path)
    me.follow(page.get_by_role("button", name="Read the file"))
    me.tick(page.get_by_label("Make accounts that are not here yet"))
    me.follow(page.get_by_role("button", name="Check the rows"))
    expect(page.get_by_text("Say what stands first in this file").last).to_be_visible()
    look(page)
    me.pick(page.get_by_label("Dates such as 3/4/2024"), "day first: 3 April")
    me.follow(page.get_by_role("button", name="Check the rows"))
    expect(page.get_by_role("cell", name="Noordkade")).to_be_visible()
    look(page)
    me.follow(page.get_by_role("button", name="Import 2 rows"))
    look(page)
