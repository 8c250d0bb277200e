from django.urls import path

from hierarchy import views

app_name = "hierarchy"
urlpatterns = [path("", views.levels, name="levels")]
