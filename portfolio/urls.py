from django.urls import path, re_path

from portfolio import benchmark_views, export_views, lead_views, saved_view_pages, views

app_name = "portfolio"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("portfolio/movement/", lead_views.movement, name="movement"),
    path("portfolio/groups/", lead_views.groups, name="groups"),
    path("start/", saved_view_pages.start, name="start"),
    path("benchmarks/", benchmark_views.benchmarks, name="benchmarks"),
    path("export/", export_views.choose, name="export"),
    re_path(r"^export/(?P<what>[a-z]+)\.(?P<kind>csv|xlsx)$", export_views.download, name="export_file"),
    path("accounts/<id:pk>/", views.account_page, name="account"),
    path("views/save/", saved_view_pages.save, name="save_view"),
    path("settings/views/", saved_view_pages.views, name="views"),
    path("settings/views/<id:pk>/rename/", saved_view_pages.rename, name="view_rename"),
    path("settings/views/<id:pk>/start/", saved_view_pages.choose_start, name="view_start"),
    path("settings/views/<id:pk>/delete/", saved_view_pages.delete, name="view_delete"),
]
