"""Filters for the index page of the back-office."""

from typing import Any

from django import template
from django.contrib import admin

register = template.Library()

FIRST = ("hierarchy", "accounts")
LAST = ("audit",)


@register.filter
def by_use(app_list: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The app list of the admin, sorted: the most used apps first, the audit trail last."""
    order = {label: number for number, label in enumerate(FIRST)} | dict.fromkeys(LAST, 1000)
    return sorted(app_list, key=lambda app: order.get(app["app_label"], 100))


@register.filter
def intro(entry: dict[str, Any]) -> str:
    """The `intro` of the admin of a model; `entry` is its entry of the app list."""
    return getattr(admin.site.get_model_admin(entry["model"]), "intro", "")
