from django.urls import path

from portfolio import benchmark_views, lead_views, views

app_name = "portfolio"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("portfolio/movement/", lead_views.movement, name="movement"),
    path("portfolio/groups/", lead_views.groups, name="groups"),
    path("benchmarks/", benchmark_views.benchmarks, name="benchmarks"),
    path("accounts/<id:pk>/", views.account_page, name="account"),
]
