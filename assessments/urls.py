from django.urls import path

from assessments import round_views, views

app_name = "assessments"
urlpatterns = [
    path("accounts/<id:pk>/assess/", views.assess, name="assess"),
    path("accounts/<id:pk>/customer/", views.customer_choice, name="customer_choice"),
    path("accounts/<id:pk>/customer/<id:contact_pk>/", views.customer_answers, name="customer_answers"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/", round_views.round_page, name="round"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/details/", round_views.details, name="details"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/close/", round_views.close, name="close"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/reopen/", round_views.reopen, name="reopen"),
]
