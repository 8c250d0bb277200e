from django.urls import path, re_path

from portfolio.pages import account_views, benchmark_views, export, lead_views, peek, styleguide, views
from portfolio.saved_views import pages

app_name = "portfolio"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("first-hour/close/", views.close_first_hour, name="first_hour_close"),
    path("portfolio/movement/", lead_views.movement, name="movement"),
    path("portfolio/groups/", lead_views.groups, name="groups"),
    path("start/", pages.start, name="start"),
    path("benchmarks/", benchmark_views.benchmarks, name="benchmarks"),
    path("export/", export.choose, name="export"),
    re_path(r"^export/(?P<what>[a-z]+)\.(?P<kind>csv|xlsx)$", export.download, name="export_file"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("accounts/<id:pk>/", account_views.overview, name="account"),
    path("accounts/<id:pk>/people/", account_views.people, name="account_people"),
    path("accounts/<id:pk>/history/", account_views.history, name="account_history"),
    path("accounts/<id:pk>/activity/", account_views.activity, name="account_activity"),
    path("accounts/<id:pk>/peek/", peek.peek, name="peek"),
    path("views/save/", pages.save, name="save_view"),
    path("settings/views/", pages.views, name="views"),
    path("settings/views/<id:pk>/rename/", pages.rename, name="view_rename"),
    path("settings/views/<id:pk>/start/", pages.choose_start, name="view_start"),
    path("settings/views/<id:pk>/delete/", pages.delete, name="view_delete"),
]
