from django.urls import path

from reviews import pages

app_name = "reviews"
urlpatterns = [
    path("accounts/<id:pk>/review/", pages.review, name="review"),
    path("accounts/<id:pk>/review/mark/", pages.mark, name="mark"),
    path("accounts/<id:pk>/review/take-back/", pages.undo, name="undo"),
    path("reviews/", pages.several, name="several"),
]
