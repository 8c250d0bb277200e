from django.urls import path

from plans.action_plans import pages as action_plans
from plans.actions import adding, comment_pages, in_place
from plans.actions import pages as actions
from plans.calendar import pages as calendar
from plans.targets import pages as targets

app_name = "plans"
urlpatterns = [
    path("accounts/<id:pk>/target/", targets.target, name="target"),
    path("accounts/<id:pk>/plan/", action_plans.plan, name="plan"),
    path("plans/<id:pk>/", action_plans.plan_change, name="plan_change"),
    path("plans/<id:pk>/end/", action_plans.plan_end, name="plan_end"),
    path("plans/<id:pk>/plays/", action_plans.play_add, name="play_add"),
    path("plans/<id:pk>/actions/", action_plans.action_add, name="action_add"),
    path("actions/", actions.actions, name="actions"),
    path("actions/new/", adding.new, name="action_new"),
    path("actions/<id:pk>/", actions.action, name="action"),
    path("actions/<id:pk>/move/", actions.action_move, name="action_move"),
    path("actions/<id:pk>/fields/<slug:field>/", in_place.action, name="action_in_place"),
    path("actions/<id:pk>/due/", actions.action_due, name="action_due"),
    path("actions/<id:pk>/comments/", comment_pages.add, name="comment_add"),
    path("actions/<id:pk>/comments/<id:comment_pk>/delete/", comment_pages.delete, name="comment_delete"),
    path("mentions/comments/<id:pk>/read/", comment_pages.mention_read, name="mention_read"),
    path("calendar/<str:secret>.ics", calendar.feed, name="calendar"),  # fetched by calendars, without sign-in
    path("settings/calendar/", calendar.calendar_settings, name="calendar_settings"),
]
