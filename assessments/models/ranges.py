"""Conditions of constraints: figures in their range."""

from django.db.models import Q


def in_range(name: str, low: int, high: int) -> Q:
    # A database lets a condition pass that an empty value makes neither true nor false, hence `isnull` beside `range`.
    return Q(**{f"{name}__isnull": False, f"{name}__range": (low, high)})


def level_with_position(level: str, position: str) -> Q:
    """Both are empty, or both are there and in range."""
    return Q(**{level: None, position: None}) | (in_range(level, 1, 5) & in_range(position, 0, 5))
