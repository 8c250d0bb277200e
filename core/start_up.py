"""What this app adds to Django when the site starts; `config.apps` loads it."""

from django.urls import register_converter

from core.converters import IdConverter

register_converter(IdConverter, "id")
