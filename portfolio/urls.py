from django.urls import path

from portfolio import benchmark_views, views

app_name = "portfolio"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("benchmarks/", benchmark_views.benchmarks, name="benchmarks"),
    path("accounts/<id:pk>/", views.account_page, name="account"),
]
