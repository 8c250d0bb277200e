import pytest
from django.urls import reverse

from hierarchy.models import Edition, Indicator, Play
from hierarchy.publishing import clone, publish
from tests.factories import make_administrator, make_user, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGE = reverse("hierarchy:levels")


def test_whoever_is_not_signed_in_goes_to_the_sign_in_page(client, edition):
    response = client.get(PAGE)
    assert (response.status_code, response.url) == (302, f"{reverse('account_login')}?next={PAGE}")


def test_shows_levels_statements_plays_and_dated_actions(client, edition):
    client.force_login(make_viewer())
    page = client.get(PAGE).content.decode()
    for text in (
        "“The partner we cannot do without”",
        "Open to any competitor",
        "Their deliveries are on time and complete.",
        "RATER service review",
        "Set a standard for the weakest dimension and report on it",
        "day 60",
    ):
        assert text in page


def test_is_in_the_language_of_the_reader(client, edition):
    client.force_login(make_user(language="nl"))
    page = client.get(PAGE).content.decode()
    assert "De partner die we niet kunnen missen" in page and "The partner we cannot do without" not in page


def test_each_level_and_step_has_an_address_of_its_own(client, edition):
    client.force_login(make_user())
    page = client.get(PAGE).content.decode()
    for anchor in ("level-1", "level-5", "step-1-2", "step-3-4", "step-4-5"):
        assert f'id="{anchor}"' in page


def test_goes_from_level_1_up(client, edition):
    client.force_login(make_user())
    assert [entry.rank for entry in client.get(PAGE).context["levels"]] == [1, 2, 3, 4, 5]


def test_a_statement_that_is_not_asked_is_not_shown(client, edition):
    draft = clone(edition, by=None)
    draft.indicators.filter(code="1a").update(active=False)
    publish(draft, by=None)
    client.force_login(make_user())
    assert "What they deliver meets the specifications we agreed." not in client.get(PAGE).content.decode()


def test_without_a_published_edition_it_says_so(client):
    Edition.objects.create(name_en="Draft")
    client.force_login(make_user())
    response = client.get(PAGE)
    assert response.status_code == 200
    assert "The catalogue is not published yet" in response.content.decode()
    assert reverse("admin:hierarchy_edition_changelist") not in response.content.decode()


def test_without_a_published_edition_the_administrator_is_led_to_the_back_office(client):
    client.force_login(make_administrator())
    assert reverse("admin:hierarchy_edition_changelist") in client.get(PAGE).content.decode()


@pytest.mark.parametrize("more", [0, 100])
def test_costs_the_same_whatever_the_rows(client, edition, more, django_assert_num_queries):
    draft = clone(edition, by=None)
    Indicator.objects.bulk_create(
        Indicator(edition=draft, rank=1, code=f"x{n}", customer_en="x", customer_nl="x", team_en="x", team_nl="x")
        for n in range(more)
    )
    plays = Play.objects.bulk_create(
        Play(edition=draft, code=f"x{n}", from_rank=1, to_rank=2, title_en="x", title_nl="x", why_en="x", why_nl="x")
        for n in range(more)
    )
    for play in plays:
        play.actions.create(days=1, title_en="x", title_nl="x")
        play.addresses.create(indicator=draft.indicators.first())
    publish(draft, by=None)
    client.force_login(make_user())
    with django_assert_num_queries(8):  # session, user, edition, levels, statements, plays, their actions and statements
        client.get(PAGE)
