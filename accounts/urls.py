from django.urls import path, re_path

from accounts.pages import accounts, bulk_change, contact_merging, contacts, crm_sources, erasure, export, jobs, merging, settings

app_name = "accounts"
urlpatterns = [
    path("accounts/", accounts.account_list, name="list"),
    path("accounts/new/", accounts.new, name="new"),
    path("accounts/change/", bulk_change.change, name="bulk"),
    path("accounts/change/<id:pk>/", bulk_change.changed, name="bulk_change"),
    path("accounts/change/<id:pk>/cancel/", bulk_change.cancel, name="bulk_cancel"),
    path("accounts/change/<id:pk>/undo/", bulk_change.undo, name="bulk_undo"),
    re_path(r"^accounts/export\.(?P<kind>csv|xlsx)$", export.export, name="export"),
    path("accounts/<id:pk>/edit/", accounts.edit, name="edit"),
    path("accounts/<id:pk>/archive/", accounts.archive, name="archive"),
    path("accounts/<id:pk>/merge/", merging.find, name="merge_find"),
    path("accounts/<id:pk>/merge/alike/", merging.alike, name="merge_alike"),
    path("accounts/<id:pk>/merge/undo/", merging.undo, name="merge_undo"),
    path("accounts/<id:pk>/merge/<id:other_pk>/", merging.merge, name="merge"),
    path("accounts/<id:pk>/contacts/new/", contacts.new, name="contact_new"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/", contacts.edit, name="contact_edit"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/merge/", contact_merging.merge, name="contact_merge"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/move/", contact_merging.move, name="contact_move"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/undo/", contact_merging.undo, name="contact_undo"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/export/", erasure.export, name="contact_export"),
    path("accounts/<id:pk>/contacts/<id:contact_pk>/erase/", erasure.erase, name="contact_erase"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("settings/", settings.edit, name="settings"),
    path("settings/crm/", crm_sources.sources, name="crm"),
    path("settings/crm/<id:pk>/", crm_sources.change, name="crm_source"),
    path("settings/crm/<id:pk>/delete/", crm_sources.delete, name="crm_delete"),
]
