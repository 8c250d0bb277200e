from django.urls import path

from accounts import erasure_views, import_views, views

app_name = "accounts"
urlpatterns = [
    path("accounts/", views.account_list, name="list"),
    path("accounts/new/", views.new, name="new"),
    path("accounts/import/", import_views.upload, name="import"),
    path("accounts/import/<id:pk>/columns/", import_views.columns, name="import_columns"),
    path("accounts/import/<id:pk>/check/", import_views.check, name="import_check"),
    path("accounts/import/<id:pk>/report/", import_views.report, name="import_report"),
    path("accounts/<id:pk>/edit/", views.edit, name="edit"),
    path("accounts/<id:pk>/archive/", views.archive, name="archive"),
    path("accounts/<id:pk>/contacts/new/", views.contact_new, name="contact_new"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/", views.contact_edit, name="contact_edit"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/export/", erasure_views.export, name="contact_export"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/erase/", erasure_views.erase, name="contact_erase"),
    path("settings/", views.settings, name="settings"),
]
