from django.urls import path, re_path

from accounts.pages import accounts, bulk_change, contacts, crm_sources, erasure, export, finder, jobs, settings

app_name = "accounts"
urlpatterns = [
    path("accounts/", accounts.account_list, name="list"),
    path("accounts/find/", finder.find, name="find"),
    path("accounts/new/", accounts.new, name="new"),
    path("accounts/change/", bulk_change.change, name="bulk"),
    path("accounts/change/<id:pk>/", bulk_change.changed, name="bulk_change"),
    path("accounts/change/<id:pk>/cancel/", bulk_change.cancel, name="bulk_cancel"),
    path("accounts/change/<id:pk>/undo/", bulk_change.undo, name="bulk_undo"),
    re_path(r"^accounts/export\.(?P<kind>csv|xlsx)$", export.export, name="export"),
    path("accounts/<id:pk>/edit/", accounts.edit, name="edit"),
    path("accounts/<id:pk>/archive/", accounts.archive, name="archive"),
    path("accounts/<id:pk>/contacts/new/", contacts.new, name="contact_new"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/", contacts.edit, name="contact_edit"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/export/", erasure.export, name="contact_export"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/erase/", erasure.erase, name="contact_erase"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("settings/", settings.edit, name="settings"),
    path("settings/crm/", crm_sources.sources, name="crm"),
    path("settings/crm/<id:pk>/", crm_sources.change, name="crm_source"),
    path("settings/crm/<id:pk>/delete/", crm_sources.delete, name="crm_delete"),
]
