"""Where the reader's system decides the colours, a chosen answer still differs from the others."""

from django.urls import reverse

from hierarchy.loading import load_first_edition
from plans.action_plans.acts import start_plan
from plans.actions.acts import add_action
from tests.browser.conftest import PHONE
from tests.factories import make_account
from tests.surveys.surveying import address_of, ask

FORCED = {"forced_colors": "active"}
LOOK = """label => {
  const style = getComputedStyle(label), dot = getComputedStyle(label, "::before");
  return [style.backgroundColor, style.color, dot.content === "none" ? "" : dot.borderTopColor + dot.borderTopWidth];
}"""


def looks(page, name: str, value: str) -> tuple[list, list]:
    """How an answer looks before and after it is chosen."""
    label = page.locator(f"label:has(input[name='{name}'][value='{value}'])")
    before = label.evaluate(LOOK)
    label.click()
    return before, label.evaluate(LOOK)


def test_a_chosen_answer_differs_where_one_assesses(open_page, sign_in, transactional_db):
    load_first_edition()
    account = make_account()
    page = open_page(**FORCED)
    sign_in(page, account.owner)
    page.goto(reverse("assessments:assess", args=[account.pk]))
    for value in ("4", "dk"):
        (ground, ink, _dot), (chosen_ground, chosen_ink, _chosen_dot) = looks(page, "q-1a", value)
        assert ground != chosen_ground
        assert ink != chosen_ink
    unchosen, _chosen = looks(page, "q-1a", "2")
    assert page.locator("label:has(input[name='q-1a'][value='4'])").evaluate(LOOK) == unchosen


def test_a_chosen_answer_differs_in_the_survey(open_page, transactional_db, fresh_cache):
    load_first_edition()
    page = open_page(size=PHONE, **FORCED)
    page.goto(address_of(ask()))
    with page.expect_navigation():
        page.locator(".welcome .main").click()
    name = page.locator("fieldset input").first.get_attribute("name")
    (ground, ink, _dot), (chosen_ground, chosen_ink, _chosen_dot) = looks(page, name, "4")
    assert (ground != chosen_ground, ink != chosen_ink) == (True, True)
    before, after = looks(page, name, "dk")
    assert before[2] != after[2]


def test_what_is_ticked_and_the_chosen_tab_differ(open_page, sign_in, transactional_db):
    load_first_edition()
    account = make_account(customer_level=2)
    plan = start_plan(account, by=account.owner, from_rank=2, owner=account.owner)
    for title in ("Map the journey", "Visit them"):
        add_action(plan, by=account.owner, title=title, owner=account.owner, due_on=plan.started_on)
    page = open_page(**FORCED)
    sign_in(page, account.owner)
    page.goto(reverse("plans:plan", args=[account.pk]))
    tick = page.locator("button.tick").first
    assert not tick.locator("span").is_visible()
    tick.click()
    page.wait_for_selector("button.tick.done span")
    assert page.locator("button.tick.done").evaluate(LOOK) != page.locator("button.tick:not(.done)").evaluate(LOOK)
    page.goto(reverse("plans:actions"))
    tabs = page.locator(".tabs a")
    assert tabs.nth(0).evaluate(LOOK) != tabs.nth(1).evaluate(LOOK)
