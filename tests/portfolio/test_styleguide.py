"""The style guide: for administrators, without a statement of its own, and with every token and component."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    user = make_administrator()
    client.force_login(user)
    return user


def page_of(client, **asked) -> str:
    response = client.get(reverse("portfolio:styleguide"), asked)
    assert response.status_code == 200
    return response.content.decode()


def test_whoever_is_no_administrator_is_refused(client):
    client.force_login(make_user())
    assert client.get(reverse("portfolio:styleguide")).status_code == 403


def test_the_back_office_leads_there(client, administrator):
    assert f'href="{reverse("portfolio:styleguide")}"' in client.get(reverse("admin:index")).content.decode()


def test_no_statement_beyond_those_of_every_page(client, administrator):
    page_of(client)
    with CaptureQueriesContext(connection) as statements:
        page_of(client)
    tables = {re.search(r'FROM "(\w+)"', one["sql"])[1] for one in statements if "FROM" in one["sql"]}
    assert (len(statements), tables) == (2, {"django_session", "accounts_user"})


def test_every_token_of_the_style_sheet_is_shown(client, administrator):
    text = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    names = re.findall(r"--([\w-]+):", text.partition("\n}")[0])
    shown = re.findall(r"<code>--([\w-]+)</code>", page_of(client))
    assert set(names) - set(shown) == {"shadow", "sans", "mono"}  # no swatch shows these: menus, text and code are made of them


def test_every_size_and_space_has_its_rule(client, administrator):
    html, css = page_of(client), (settings.BASE_DIR / "static/css/styleguide.css").read_text()
    classes = set(re.findall(r'"(?:space |corner )?((?:size|space|corner)-[\w-]+)"', html))
    assert {"size-t1", "space-s7", "corner-r"} <= classes
    assert [name for name in sorted(classes) if f".{name} {{" not in css] == []


@pytest.mark.parametrize(
    "state",
    [
        'class="btn main"', 'class="btn quiet"', 'class="btn danger"', "disabled>", 'class="menu', 'class="lv lv5 ', 'class="lv our ',
        'class="lv goal ', "lv unknown", "tag good", "tag warn", "tag bad", "tag plain", 'class="figs', 'class="av"', 'class="rows"',
        'class="tick done"', "tick still", 'class="empty"', 'class="token"', 'aria-sort="ascending"', 'class="selection"',
        'class="pages"', "is-invalid", 'class="scale"', 'class="value" role="button"', 'class="in-place-form"', "alert-danger",
        "alert-success toast", "conflict", 'class="wizard"', 'class="steps"', "<progress", 'class="milestones"', 'class="rung"',
        "chart-wide", 'class="stand', 'class="next', "<blockquote>", 'id="spread"', 'class="sample"', 'class="steps up"', 'class="steps down"',
    ],
)  # fmt: skip
def test_a_component_is_shown_in_its_state(client, administrator, state):
    assert state in page_of(client)


def test_the_sample_table_is_sorted_by_what_was_asked(client, administrator):
    def names(sort: str) -> list[str]:
        return re.findall(r'<th scope="row">([A-Z][\w ]+)</th>', page_of(client, sort=sort).partition('id="tables"')[2])[:2]

    assert names("-revenue") == ["Noordzee Havens", "Alpenglas"]
    assert names("level") == ["Van Dalen Logistiek", "Ostara Energie"]
    assert names("nonsense") == ["Alpenglas", "Noordzee Havens"]


def test_what_a_sample_sends_leads_back(client, administrator):
    response = client.post(reverse("portfolio:styleguide"), {"level": "4"})
    assert (response.status_code, response.url) == (302, reverse("portfolio:styleguide"))
