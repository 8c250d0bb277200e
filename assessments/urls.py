from django.contrib import admin
from django.urls import path

from assessments import bulk_views, invite_views, round_views, scale_views, survey_views, views

app_name = "assessments"
urlpatterns = [
    # A page of the back-office, where an edition is looked after; `hierarchy` does not know what is measured with it.
    path("admin/hierarchy/edition/<id:pk>/scale/", admin.site.admin_view(scale_views.scale_check_page), name="scale_check"),
    path("accounts/<id:pk>/assess/", views.assess, name="assess"),
    path("accounts/<id:pk>/customer/", views.customer_choice, name="customer_choice"),
    path("accounts/<id:pk>/customer/<id:contact_pk>/", views.customer_answers, name="customer_answers"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/", round_views.round_page, name="round"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/details/", round_views.details, name="details"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/close/", round_views.close, name="close"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/reopen/", round_views.reopen, name="reopen"),
    path("accounts/<id:pk>/invite/", invite_views.invite, name="invite"),
    path("invitations/<id:pk>/send/", invite_views.send_again, name="invitation_send"),
    path("invitations/<id:pk>/link/", invite_views.copy_link, name="invitation_link"),
    path("invitations/<id:pk>/revoke/", invite_views.revoke, name="invitation_revoke"),
    path("rounds/new/", bulk_views.rounds, name="rounds"),  # for many accounts from the list
    path("rounds/<id:pk>/", bulk_views.progress, name="rounds_progress"),
    path("survey/", survey_views.survey, name="survey"),  # after the link was swapped for a short session
    path("survey/thanks/", survey_views.thanks, name="survey_thanks"),
    path("survey/stop/", survey_views.do_not_ask, name="survey_do_not_ask"),
    path("survey/<str:token>/", survey_views.enter, name="survey_enter"),
]
