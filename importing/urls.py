from django.urls import path

from importing.pages import imports, questions, row_choices

app_name = "importing"
urlpatterns = [
    path("accounts/import/", imports.upload, name="upload"),
    path("accounts/import/<id:pk>/columns/", imports.columns, name="columns"),
    path("accounts/import/<id:pk>/names/", questions.choose_names, name="names"),
    path("accounts/import/<id:pk>/questions/", questions.questions, name="questions"),
    path("accounts/import/<id:pk>/check/", imports.check, name="check"),
    path("accounts/import/<id:pk>/same/", row_choices.choose, name="same"),
    path("accounts/import/<id:pk>/report/", imports.report, name="report"),
    path("accounts/import/<id:pk>/rejected.csv", imports.rejected, name="rejected"),
    path("accounts/import/<id:pk>/cancel/", imports.cancel, name="cancel"),
    path("accounts/import/<id:pk>/go-on/", imports.go_on, name="go_on"),
    path("accounts/import/<id:pk>/undo/", imports.take_back, name="undo"),
    path("accounts/import/sample/<slug:kind>.csv", imports.sample, name="sample"),
    path("accounts/imports/", imports.imports, name="list"),
]
