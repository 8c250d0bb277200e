from django.urls import path

from webhooks import pages

app_name = "webhooks"
urlpatterns = [
    path("settings/webhooks/", pages.hooks, name="list"),
    path("settings/webhooks/<id:pk>/", pages.change, name="change"),
    path("settings/webhooks/<id:pk>/test/", pages.test, name="test"),
    path("settings/webhooks/<id:pk>/switch/", pages.switch, name="switch"),
    path("settings/webhooks/<id:pk>/delete/", pages.delete, name="delete"),
    path("settings/webhooks/messages/<id:pk>/again/", pages.again, name="again"),
]
