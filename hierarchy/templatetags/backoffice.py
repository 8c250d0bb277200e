"""Words for the front page of the back-office."""

from django import template
from django.contrib import admin

register = template.Library()

FIRST = ("hierarchy", "accounts")
LAST = ("audit",)


@register.filter
def by_use(app_list: list[dict]) -> list[dict]:
    """The admin's app list: what administrators come for first, the trail last."""
    order = {label: number for number, label in enumerate(FIRST)} | dict.fromkeys(LAST, 1000)
    return sorted(app_list, key=lambda app: order.get(app["app_label"], 100))


@register.filter
def intro(entry: dict) -> str:
    """One sentence about what is kept there, the `intro` of its admin; `entry` is of the app list."""
    return getattr(admin.site.get_model_admin(entry["model"]), "intro", "")
