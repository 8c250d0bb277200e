from django.contrib import admin
from django.urls import path

from assessments import scale_pages
from assessments.rating import pages as rating

app_name = "assessments"
urlpatterns = [
    # A page of the back-office, where an edition is looked after; `hierarchy` does not know what is measured with it.
    path("admin/hierarchy/edition/<id:pk>/scale/", admin.site.admin_view(scale_pages.scale_check_page), name="scale_check"),
    path("accounts/<id:pk>/assess/", rating.assess, name="assess"),
    path("accounts/<id:pk>/customer/", rating.customer_choice, name="customer_choice"),
    path("accounts/<id:pk>/customer/<id:contact_pk>/", rating.customer_answers, name="customer_answers"),
]
