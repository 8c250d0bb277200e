"""Registers the path converter `id`. `config.apps` imports this module when the site starts."""

from django.urls import register_converter

from core.converters import IdConverter

register_converter(IdConverter, "id")
