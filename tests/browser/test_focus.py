"""Where the keyboard is can be seen: a ring on everything that Tab reaches, in the light and in the dark."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from hierarchy.loading import load_first_edition
from plans.action_plans.acts import start_plan
from plans.actions.acts import add_action
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import answer, make_account, make_administrator, make_assessment, make_contact
from tests.surveys.surveying import address_of, ask

# What has the focus, the width of its ring in pixels, and the least contrast of the ring with what it lies on. A scale draws
# its ring around the label, a row of a table around the row.
RING = """() => {
  const element = document.activeElement;
  if (element === document.body || element === document.documentElement) return null;
  const label = element.closest(".scale label, .choices label");
  const drawn = label && element.matches("input[type=radio], input[type=checkbox]") ? label : element;
  const style = getComputedStyle(drawn, element.matches(".row-link") ? "::after" : null);
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.map((part) => part / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const [r, g, b, opaque = 1] = parts(getComputedStyle(node).backgroundColor);
      if (opaque === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ring = parts(style.outlineColor).slice(0, 3);
  const inside = parseFloat(style.outlineOffset) < 0;
  const kind = element.tagName.toLowerCase() + (element.type ? `[${element.type}]` : "");
  return {
    kind: kind + [...element.classList].map((name) => `.${name}`).join(""),
    id: element.outerHTML.slice(0, 160),
    width: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    contrast: contrast(ring, ground(inside ? drawn : drawn.parentElement)),
    place: [...document.querySelectorAll("*")].indexOf(element),
  };
}"""


def rings(page: Page) -> list[dict]:
    """All that Tab reaches on the page, in order."""
    found, places = [], set()
    for _ in range(250):
        page.keyboard.press("Tab")
        ring = page.evaluate(RING)
        if ring is None or ring["place"] in places:
            break
        places.add(ring["place"])
        found.append(ring)
    return found


def check_rings(found: list[dict], kinds: set[str]) -> None:
    unseen = [ring for ring in found if ring["width"] < 2 or ring["contrast"] < 3]
    assert unseen == []
    reached = {ring["kind"] for ring in found}
    assert {kind for kind in kinds if not any(one.startswith(kind) for one in reached)} == set()


@pytest.fixture
def scene(transactional_db):
    load_first_edition()
    account = make_account(name="Northwind", owner=make_administrator(), customer_level=2)
    plan = start_plan(account, by=account.owner, from_rank=2, owner=account.owner)
    add_action(plan, by=account.owner, title="Map the journey", owner=account.owner, due_on=plan.started_on)
    answer(make_assessment(account), account.owner, "5445 4434 3433 2212 1121")
    make_contact(account)
    return account


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_everything_that_the_keyboard_reaches_has_a_ring(open_page, sign_in, scene, colours):
    page = open_page(color_scheme=colours)
    sign_in(page, scene.owner)
    names = ("accounts:edit", "assessments:assess", "surveys:invite", "plans:plan", "plans:target")
    paths = [scene.get_absolute_url(), *(reverse(name, args=[scene.pk]) for name in names)]
    paths += [reverse(name) for name in ("accounts:list", "accounts:new", "importing:upload", "portfolio:benchmarks")]
    paths += [f"{reverse('accounts:bulk')}?account={scene.pk}", reverse("plans:actions"), reverse("api_keys:list")]
    found = []
    for path in paths:
        page.goto(path)
        page.locator("details[name], #main details").evaluate_all("all => all.forEach(one => (one.open = true))")
        found += rings(page)
    fields = {
        "input[text]",
        "input[search]",
        "input[date]",
        "input[radio]",
        "input[checkbox]",
        "input[file]",
        "textarea",
        "select",
    }
    buttons = {"button[submit].btn.main", "button[submit].btn", "button[submit].tick", "a.btn.main", "a.btn", "summary.btn"}
    check_rings(found, {"a", "a.brand", "a.visually-hidden-focusable", "a.row-link", "summary"} | fields | buttons)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_so_it_is_on_the_phone_before_signing_in_and_in_the_back_office(open_page, sign_in, scene, colours):
    page = open_page(size=PHONE, color_scheme=colours)
    page.goto(reverse("account_login"))
    found = rings(page)
    sign_in(page, scene.owner)
    page.goto(scene.get_absolute_url())
    found += rings(page)
    page.set_viewport_size(DESKTOP)
    edition = reverse("admin:hierarchy_edition_changelist")
    for path in (
        reverse("admin:index"),
        edition,
        reverse("admin:accounts_exchangerate_add"),
        reverse("people:invite"),
        reverse("people:teams"),
    ):
        page.goto(path)
        found += rings(page)
    check_rings(found, {"input[email]", "input[password]", "button[submit].btn.main", "input[submit]", "a"})


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_so_it_is_on_the_customers_page(open_page, scene, fresh_cache, colours):
    page = open_page(size=PHONE, color_scheme=colours)
    page.goto(address_of(ask()))
    found = rings(page)
    with page.expect_navigation():
        page.locator(".welcome .main").click()
    found += rings(page)
    check_rings(found, {"button[submit].btn.main", "button[submit].language", "input[radio]", "a"})
