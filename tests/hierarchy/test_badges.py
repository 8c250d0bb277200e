"""The badges of levels: whose level it is stands in a word for those who hear the page, and in a class for those who see it."""

import pytest
from django.utils import translation

from hierarchy.templatetags.backoffice import by_use
from hierarchy.templatetags.levels import level_badge, stand_badge


@pytest.mark.parametrize("level", range(1, 6))
@pytest.mark.parametrize(
    ("kind", "css", "words"),
    [("theirs", "lv{level}", "level"), ("ours", "our", "our view: level"), ("target", "goal", "target: level")],
)
def test_a_badge_says_whose_level_it_is(level, kind, css, words):
    assert level_badge(level, kind) == (
        f'<span class="lv {css.format(level=level)} "><span class="visually-hidden">{words} </span>{level}</span>'
    )


def test_a_badge_is_of_the_customer_unless_told_otherwise():
    assert level_badge(3) == level_badge(3, "theirs")


def test_a_large_badge_has_the_class_for_it():
    assert 'class="lv lv2 big"' in level_badge(2, "theirs", "big")


@pytest.mark.parametrize("kind", ["theirs", "ours", "target"])
@pytest.mark.parametrize("level", [None, 0])
def test_without_a_level_there_is_a_dash(level, kind):
    assert level_badge(level, kind) == '<span class="muted">–</span>'


@pytest.mark.parametrize(
    ("level", "by_customer", "css"), [(3, 3, "lv lv3"), (3, True, "lv lv3"), (3, None, "lv our"), (3, 0, "lv our")]
)
def test_the_stand_of_an_account_is_the_customers_view_if_there_is_one(level, by_customer, css):
    assert f'class="{css} ' in stand_badge(level, by_customer)


@pytest.mark.parametrize("by_customer", [None, 2])
def test_an_account_without_a_level_has_a_question_mark_that_is_not_read_out(by_customer):
    assert stand_badge(None, by_customer) == '<span class="lv unknown" aria-hidden="true">?</span>'


@pytest.mark.parametrize("kind", ["theirs", "ours", "target"])
def test_each_language_has_its_own_words_whichever_came_first(kind):
    english = level_badge(4, kind)
    with translation.override("nl"):
        dutch = level_badge(4, kind)
    assert "niveau" in dutch and "niveau" not in english
    assert level_badge(4, kind) == english


def test_the_back_office_sorts_apps_by_use():
    apps = [{"app_label": name} for name in ("audit", "accounts", "sites", "hierarchy", "plans")]
    assert [app["app_label"] for app in by_use(apps)] == ["hierarchy", "accounts", "sites", "plans", "audit"]
