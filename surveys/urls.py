from django.urls import path

from surveys import bulk_pages
from surveys.inviting import pages as inviting
from surveys.round import pages as round_pages
from surveys.survey import code_pages
from surveys.survey import pages as survey

app_name = "surveys"
urlpatterns = [
    path("accounts/<id:pk>/assessments/<id:round_pk>/", round_pages.round_page, name="round"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/details/", round_pages.details, name="details"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/close/", round_pages.close, name="close"),
    path("accounts/<id:pk>/assessments/<id:round_pk>/reopen/", round_pages.reopen, name="reopen"),
    path("accounts/<id:pk>/invite/", inviting.invite, name="invite"),
    path("invitations/<id:pk>/send/", inviting.send_again, name="invitation_send"),
    path("invitations/<id:pk>/link/", inviting.copy_link, name="invitation_link"),
    path("invitations/<id:pk>/revoke/", inviting.revoke, name="invitation_revoke"),
    path("rounds/new/", bulk_pages.rounds, name="rounds"),  # for many accounts from the list
    path("rounds/<id:pk>/", bulk_pages.progress, name="rounds_progress"),
    path("rounds/<id:pk>/cancel/", bulk_pages.cancel, name="rounds_cancel"),
    path("survey/", survey.survey, name="survey"),  # after the link was swapped for a short session
    path("survey/thanks/", survey.thanks, name="survey_thanks"),
    path("survey/code/", code_pages.code, name="survey_code"),  # to go on in another browser
    path("survey/stop/", survey.do_not_ask, name="survey_do_not_ask"),
    path("survey/<str:token>/", survey.enter, name="survey_enter"),
]
