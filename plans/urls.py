from django.urls import path

from plans import action_views, views
from plans.calendar import pages

app_name = "plans"
urlpatterns = [
    path("accounts/<id:pk>/target/", views.target, name="target"),
    path("accounts/<id:pk>/plan/", views.plan, name="plan"),
    path("plans/<id:pk>/", views.plan_change, name="plan_change"),
    path("plans/<id:pk>/end/", views.plan_end, name="plan_end"),
    path("plans/<id:pk>/plays/", views.play_add, name="play_add"),
    path("plans/<id:pk>/actions/", views.action_add, name="action_add"),
    path("actions/", action_views.actions, name="actions"),
    path("actions/<id:pk>/", action_views.action, name="action"),
    path("actions/<id:pk>/move/", action_views.action_move, name="action_move"),
    path("calendar/<str:secret>.ics", pages.feed, name="calendar"),  # fetched by calendars, without sign-in
    path("settings/calendar/", pages.calendar_settings, name="calendar_settings"),
]
