"""A parent and what lies below it, on the parent's page."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Account
from portfolio.figures.ladder import middle_by_worth
from portfolio.pages.account_frame import accounts_whole
from portfolio.pages.family import family_card
from tests.factories import make_account, make_team, make_user, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def top(user):
    return place(make_account(owner=user, name="Top", revenue=100), customer=4.2)


def below(parent, position=None, *, team=False, **fields):
    account = make_account(parent=parent, **{"owner": parent.owner} | fields)
    return place(account, **{"team" if team else "customer": position}) if position else account


def card(account, user):
    return family_card(accounts_whole().get(pk=account.pk), user)


@pytest.mark.parametrize(
    ("stands", "level"),
    [
        ([(1, 10), (4, 90)], 4),
        ([(4, 50), (2, 50)], 2),  # the lower one
        ([(5, 30), (1, 30), (3, 40)], 3),
        ([(2, 0), (5, 1)], 5),
        ([(3, 0)], None),
        ([], None),
    ],
)
def test_middle_by_revenue_is_where_half_of_it_stands(stands, level):
    assert middle_by_worth((at, Decimal(worth)) for at, worth in stands) == level


class TestTogether:
    def test_three_generations_counted_by_hand(self, user, top):
        child = below(top, 1.2, revenue=300, name="Child")
        grandchild = below(child, 2.5, revenue=250, team=True, name="Grandchild")
        last = below(grandchild, revenue=50, name="Last")
        below(last, 5.0, revenue=9999, name="Too deep")
        found = card(top, user)
        assert [(one.account.name, one.direct, one.under and one.under.name) for one in found.children] == [
            ("Child", True, None),
            ("Grandchild", False, "Child"),
            ("Last", False, "Grandchild"),
        ]
        all_ = found.together
        assert (all_.accounts, all_.worth, all_.only_our_view, all_.not_assessed) == (4, 700, (1, 250), 1)
        assert all_.by_level == ((1, 1, 300), (4, 1, 100))
        assert all_.level == 1
        # of 700 by revenue: level 1, level 4, only our view, not assessed
        assert [(piece.level, piece.width) for piece in all_.bar] == [(1, 42.86), (4, 14.29), (6, 35.71), (7, 7.14)]

    def test_parents_own_level_stays_as_it_is(self, client, user, top):
        below(top, 1.2, revenue=900)
        client.force_login(user)
        response = client.get(top.get_absolute_url() + "people/")
        assert response.context["account"].level == 4
        assert "By revenue the customer's word puts the group on level <b>1</b>." in response.content.decode()

    def test_what_one_may_not_see_is_neither_counted_nor_told(self, client, user, top):
        hidden = below(top, 1.2, revenue=900, owner=make_user(), team=make_team(), name="Hidden")
        seen = below(hidden, 2.5, revenue=10, owner=user, name="Seen")
        found = card(top, user)
        assert [(one.account, one.under, one.direct) for one in found.children] == [(seen, None, False)]
        assert (found.together.accounts, found.together.worth) == (2, 110)
        client.force_login(user)
        page = client.get(top.get_absolute_url() + "people/").content.decode()
        assert "Hidden" not in page
        assert "of the 2 accounts that you see" in page

    def test_archived_accounts_show_and_do_not_count(self, user, top):
        below(top, 1.2, revenue=900, status=Account.Status.ARCHIVED)
        below(top, 2.5, revenue=1)
        found = card(top, user)
        assert [one.account.is_archived for one in found.children] == [False, True]
        assert (found.together.accounts, found.together.worth) == (2, 101)

    def test_nobody_below_nothing_together(self, user, top):
        child = below(top, 1.2)
        found = card(child, user)
        assert (found.parent, found.children, found.together) == (top, (), None)

    def test_revenue_without_a_rate_is_said(self, user, top):
        below(top, revenue=5, currency="JPY")
        assert card(top, user).together.no_rate == ("JPY",)

    def test_of_many_the_largest_show_and_the_list_holds_all(self, client, user, top):
        for n in range(12):
            below(top, revenue=n)
        found = card(top, user)
        assert [one.account.worth for one in found.children] == [11, 10, 9, 8, 7, 6, 5, 4]
        assert (found.more, found.together.accounts) == (4, 13)
        client.force_login(user)
        url = f"{reverse('accounts:list')}?family={top.pk}"
        assert url in client.get(top.get_absolute_url() + "people/").content.decode()
        assert client.get(url).context["count"] == 13

    @pytest.mark.parametrize("children", [1, 30])
    def test_one_statement_whatever_the_rows(self, user, top, children, django_assert_num_queries):
        top.parent = make_account(owner=user)
        top.save()
        for _ in range(children):
            below(below(top, 2.5, revenue=3), 3.5, revenue=2)
        account = Account.objects.get(pk=top.pk)
        found = accounts_whole().get(pk=account.pk)
        with django_assert_num_queries(1):
            family_card(found, user)


class TestList:
    def test_says_whose_family_it_shows(self, client, user, top):
        below(top, name="Below")
        make_account(owner=user, name="Elsewhere")
        client.force_login(user)
        page = client.get(reverse("accounts:list"), {"family": top.pk}).content.decode()
        assert "Only <b>Top</b> and the accounts below it" in page
        assert "Elsewhere" not in page

    @pytest.mark.parametrize("family", ["hidden", "x", "9" * 40, "-1"])
    def test_of_a_parent_that_one_may_not_see_it_shows_nothing(self, client, user, family):
        hidden = make_account(name="Hidden Holding")
        make_account(owner=user, parent=hidden, name="Mine")
        client.force_login(user)
        response = client.get(reverse("accounts:list"), {"family": hidden.pk if family == "hidden" else family})
        assert response.context["count"] == 0
        assert "Hidden Holding" not in response.content.decode()
