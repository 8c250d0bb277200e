"""The button of a message that can be taken back."""

from django import template

from core.undo import undo_of

register = template.Library()
register.filter(undo_of)
