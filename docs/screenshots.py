"""Make the pictures of the docs from the demo: `script/screenshots` writes docs/images/*.png.

The demo is built with its own seed as of the day `AS_OF`, so a second run shows the same people, levels and dates. The site runs
in this process, on a database of its own, since its clock is set back; Chromium shows it. Pictures have a palette of 256 colours.
"""

import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import django
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

AS_OF = datetime(2026, 11, 30, 9, tzinfo=UTC)
IMAGES = Path(__file__).resolve().parent / "images"
DESKTOP, PHONE = ViewportSize(width=1280, height=860), ViewportSize(width=360, height=740)
MANAGER, ADMINISTRATOR = "manager@example.com", "admin@example.com"
LARGEST, LARGEST_TOGETHER = 150_000, 2_000_000  # bytes
EXPORT = """Account Name;Account ID;Industry;Annual Revenue;Billing Country
Zilverberg Papier;C-1;Paper;1.250.000,50;Netherlands
Café Zuid;C-2;Food;80.000;Belgium
Noordkade Staal;C-3;Metal;12.400.000;Netherlands
"""


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


class QuietServer(ThreadedWSGIServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of connections that the browser closed early."""


@contextmanager
def site() -> Iterator[str]:
    """Fill an empty database with the demo and serve it at the URL that is returned, while the block runs."""
    server = QuietServer(("127.0.0.1", 0), QuietHandler)
    port = server.server_port
    os.environ["PORT"] = str(port)  # before the settings are read: links in surveys and letters hold it
    django.setup()
    with time_machine.travel(AS_OF, tick=False):  # no time of day depends on how fast the machine is
        call_command("prepare")
    server.set_app(get_wsgi_application())
    logging.getLogger("django_structlog").setLevel(logging.WARNING)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser, and the site that it visits."""

    browser: Browser
    site: str

    def window(self, size: ViewportSize) -> Page:
        context = self.browser.new_context(base_url=self.site, viewport=size, locale="en-GB", reduced_motion="reduce")
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.clock.set_fixed_time(AS_OF)
        return page

    def of(self, email: str) -> Page:
        """Returns a window in which the person has signed in by the form."""
        page = self.window(DESKTOP)
        page.goto("/login/")
        page.locator("input[name=login]").fill(email)
        page.locator("input[name=password]").fill("demo")
        with page.expect_navigation():
            page.get_by_role("button", name="Sign in", exact=True).click()
        return page


def picture(page: Page, name: str) -> Image.Image:
    """Store what the window shows as docs/images/<name>.png."""
    page.wait_for_load_state("networkidle")
    image = Image.open(BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    return store(image, name)


def store(image: Image.Image, name: str) -> Image.Image:
    # Without dithering, flat areas stay flat, which makes a PNG small; this method keeps the colours of thin lines.
    small = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    small.save(IMAGES / f"{name}.png", optimize=True)
    return image


def account_pages(page: Page, account: str) -> tuple[Image.Image, str]:
    """The pages of the account manager; returns the picture of the account and the link of a survey."""
    for name, address in (("portfolio", "/"), ("accounts", "/accounts/"), ("actions", "/actions/")):
        page.goto(address)
        picture(page, name)
    page.goto(account)
    shown = picture(page, "account")
    page.goto(f"{account}review/")
    picture(page, "review")
    page.goto(f"{account}assess/")
    picture(page, "assess")
    page.goto("/accounts/import/")
    page.locator("input[type=file]").set_input_files({"name": "accounts.csv", "mimeType": "text/csv", "buffer": EXPORT.encode()})
    with page.expect_navigation():
        page.get_by_role("button", name="Read the file").click()
    picture(page, "import")
    return shown, survey_link(page, account)


def survey_link(page: Page, account: str) -> str:
    """Ask the first person of the account who can be asked, by a link to hand on."""
    page.goto(f"{account}invite/")
    people = page.locator("input[type=checkbox][name=contacts]:enabled")
    for box in people.all():
        box.set_checked(False)
    people.first.set_checked(True)
    with page.expect_navigation():
        page.locator("button[name=links]").click()
    return page.locator("input[readonly]").first.input_value()


def survey_page(visit: Visit, link: str) -> Image.Image:
    """The first statements of the survey on a phone, one of them answered."""
    page = visit.window(PHONE)
    page.goto(link)
    with page.expect_navigation():
        page.locator(".welcome .main").click()
    page.locator("fieldset label:has(input[value='4'])").first.click()
    return picture(page, "survey")


def together(account: Image.Image, survey: Image.Image) -> None:
    """The picture of the README: the account page, and the survey on a phone before its lower right corner."""
    phone = survey.resize((260, 260 * survey.height // survey.width), Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", (account.width + 120, account.height + 60), "white")
    draw = ImageDraw.Draw(canvas)
    canvas.paste(account, (0, 0))
    draw.rectangle((0, 0, account.width, account.height), outline="#c9d1da")
    left, top = canvas.width - phone.width - 16, canvas.height - phone.height - 16
    draw.rounded_rectangle((left - 14, top - 14, left + phone.width + 13, top + phone.height + 13), 24, fill="#23313b")
    canvas.paste(phone, (left, top))
    store(canvas.resize((canvas.width * 3 // 4, canvas.height * 3 // 4), Image.Resampling.LANCZOS), "standing")


def administrator_pages(page: Page) -> None:
    page.goto("/people/")
    picture(page, "people")
    page.goto("/admin/hierarchy/edition/")
    with page.expect_navigation():
        page.locator("#result_list tbody a").first.click()
    picture(page, "edition")


def account_to_show() -> str:
    """The URL of the third account of the manager: it has a gap, a target, a plan and notes (`demo/stories.py`)."""
    accounts = apps.get_model("accounts", "Account").objects
    return accounts.filter(owner__email=MANAGER).order_by("pk")[2].get_absolute_url()


def too_large() -> list[str]:
    """What is wrong with the size of the pictures, a line each."""
    sizes = {path.name: path.stat().st_size for path in IMAGES.glob("*.png")}
    wrong = [f"{name} has {size} bytes, more than {LARGEST}" for name, size in sizes.items() if size > LARGEST]
    if sum(sizes.values()) > LARGEST_TOGETHER:
        wrong.append(f"All pictures have {sum(sizes.values())} bytes, more than {LARGEST_TOGETHER}")
    return wrong


def main() -> None:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("No Chromium: apt-get install -y --no-install-recommends chromium fonts-dejavu-core")
    IMAGES.mkdir(exist_ok=True)
    with site() as address, time_machine.travel(AS_OF):
        account = account_to_show()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            visit = Visit(browser, address)
            shown, link = account_pages(visit.of(MANAGER), account)
            together(shown, survey_page(visit, link))
            administrator_pages(visit.of(ADMINISTRATOR))
            browser.close()
    if wrong := too_large():
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
