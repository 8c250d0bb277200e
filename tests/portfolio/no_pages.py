"""Addresses of a site without any page, for tests."""

urlpatterns: list = []
