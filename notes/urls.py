from django.urls import path

from notes import pages

app_name = "notes"
urlpatterns = [
    path("accounts/<id:pk>/notes/", pages.notes, name="list"),
    path("accounts/<id:pk>/notes/<id:note_pk>/", pages.edit, name="edit"),
    path("accounts/<id:pk>/notes/<id:note_pk>/delete/", pages.delete, name="delete"),
    path("accounts/<id:pk>/notes/restore/<id:event_pk>/", pages.restore, name="restore"),
    path("mentions/notes/<id:pk>/read/", pages.mention_read, name="mention_read"),
]
