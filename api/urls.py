from django.urls import path

from api import key_pages

app_name = "api_keys"
urlpatterns = [path("settings/api-keys/", key_pages.keys, name="list")]
