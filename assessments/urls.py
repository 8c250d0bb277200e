from django.urls import path

from assessments import views

app_name = "assessments"
urlpatterns = [
    path("accounts/<id:pk>/assess/", views.assess, name="assess"),
    path("accounts/<id:pk>/customer/", views.customer_choice, name="customer_choice"),
    path("accounts/<id:pk>/customer/<id:contact_pk>/", views.customer_answers, name="customer_answers"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/", views.round, name="round"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/details/", views.details, name="details"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/close/", views.close, name="close"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/reopen/", views.reopen, name="reopen"),
]
