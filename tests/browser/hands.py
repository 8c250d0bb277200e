"""How a person works a page: with mouse and keyboard, or by the keyboard alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from playwright.sync_api import Locator, Page, expect


class Mouse:
    def __init__(self, page: Page) -> None:
        self.page = page

    def follow(self, what: Locator) -> None:
        """A link or a button that leads to another page."""
        with self._leaving():
            what.click()

    def write(self, field: Locator, text: str) -> None:
        field.fill(text)

    def write_date(self, field: Locator, day: date) -> None:
        field.fill(day.isoformat())

    def mark(self, statement: Locator, value: int) -> None:
        """Answer a statement on the five-point scale."""
        statement.locator(f"label:has(input[value='{value}'])").click()

    def choose(self, radio: Locator) -> None:
        radio.check()

    def tick(self, box: Locator) -> None:
        box.check()

    def pick(self, select: Locator, option: str) -> None:
        """One option of a drop-down list, by what stands there."""
        select.select_option(label=option)

    def give_file(self, field: Locator, path: str) -> None:
        field.set_input_files(path)

    @contextmanager
    def _leaving(self) -> Iterator[None]:
        """What comes next must not reach the page that is about to leave: it is marked, and has to go."""
        self.page.locator("#main").evaluate("main => main.dataset.before = 'yes'")
        yield
        expect(self.page.locator("#main[data-before]")).to_have_count(0)
        self.page.wait_for_load_state()


class Keyboard(Mouse):
    """No mouse: Tab to what is wanted, then the key that a person would press."""

    def follow(self, what: Locator) -> None:
        self._reach(what)
        with self._leaving():
            self.page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        self._reach(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def write_date(self, field: Locator, day: date) -> None:
        self._reach(field)
        self.page.keyboard.type(day.strftime("%m%d%Y"))  # the order of the browser's own language
        expect(field).to_have_value(day.isoformat())

    def mark(self, statement: Locator, value: int) -> None:
        self._reach(statement.locator("input").first)
        self.page.keyboard.press("Space")
        for _ in range(value - 1):
            self.page.keyboard.press("ArrowRight")

    def choose(self, radio: Locator) -> None:
        name = radio.get_attribute("name")
        group = self.page.locator(f"input[name='{name}']")
        self._reach(group.first)
        self.page.keyboard.press("Space")
        while not radio.is_checked():
            self.page.keyboard.press("ArrowDown")

    def tick(self, box: Locator) -> None:
        self._reach(box)
        self.page.keyboard.press("Space")

    def pick(self, select: Locator, option: str) -> None:
        self._reach(select)
        self.page.keyboard.type(option)  # a list goes to what is typed
        expect(select.locator("option:checked")).to_have_text(option)

    def _reach(self, what: Locator) -> None:
        for _ in range(300):
            if what.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{what} cannot be reached by Tab on {self.page.url}")
