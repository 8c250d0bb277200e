from django.urls import path, re_path

from accounts import api_key_views, bulk_views, crm_views, erasure_views, export_views, import_views, views, webhook_views

app_name = "accounts"
urlpatterns = [
    path("accounts/", views.account_list, name="list"),
    path("accounts/new/", views.new, name="new"),
    path("accounts/change/", bulk_views.change, name="bulk"),
    path("accounts/change/<id:pk>/", bulk_views.changed, name="bulk_change"),
    path("accounts/change/<id:pk>/undo/", bulk_views.undo, name="bulk_undo"),
    re_path(r"^accounts/export\.(?P<kind>csv|xlsx)$", export_views.export, name="export"),
    path("accounts/import/", import_views.upload, name="import"),
    path("accounts/import/<id:pk>/columns/", import_views.columns, name="import_columns"),
    path("accounts/import/<id:pk>/check/", import_views.check, name="import_check"),
    path("accounts/import/<id:pk>/report/", import_views.report, name="import_report"),
    path("accounts/import/<id:pk>/rejected.csv", import_views.rejected, name="import_rejected"),
    path("accounts/import/<id:pk>/cancel/", import_views.cancel, name="import_cancel"),
    path("accounts/import/<id:pk>/undo/", import_views.take_back, name="import_undo"),
    path("accounts/import/sample/<slug:kind>.csv", import_views.sample, name="import_sample"),
    path("accounts/imports/", import_views.imports, name="imports"),
    path("accounts/<id:pk>/edit/", views.edit, name="edit"),
    path("accounts/<id:pk>/archive/", views.archive, name="archive"),
    path("accounts/<id:pk>/contacts/new/", views.contact_new, name="contact_new"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/", views.contact_edit, name="contact_edit"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/export/", erasure_views.export, name="contact_export"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/erase/", erasure_views.erase, name="contact_erase"),
    path("settings/", views.settings, name="settings"),
    path("settings/api-keys/", api_key_views.keys, name="settings_api_keys"),
    path("settings/crm/", crm_views.sources, name="crm"),
    path("settings/crm/<id:pk>/", crm_views.change, name="crm_source"),
    path("settings/crm/<id:pk>/delete/", crm_views.delete, name="crm_delete"),
    path("settings/webhooks/", webhook_views.hooks, name="webhooks"),
    path("settings/webhooks/<id:pk>/", webhook_views.change, name="webhook"),
    path("settings/webhooks/<id:pk>/test/", webhook_views.test, name="webhook_test"),
    path("settings/webhooks/<id:pk>/switch/", webhook_views.switch, name="webhook_switch"),
    path("settings/webhooks/<id:pk>/delete/", webhook_views.delete, name="webhook_delete"),
    path("settings/webhooks/messages/<id:pk>/again/", webhook_views.again, name="webhook_again"),
]
