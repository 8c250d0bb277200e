from django.urls import path

from people.pages import directory, entering, inviting, organisation, teams

app_name = "people"
urlpatterns = [
    path("setup/<str:token>/", entering.set_up, name="set_up"),
    path("welcome/<str:token>/", entering.welcome, name="welcome"),
    path("people/", directory.people, name="list"),
    path("people/invite/", inviting.invite, name="invite"),
    path("people/<id:pk>/", directory.person, name="person"),
    path("people/<id:pk>/active/", directory.switch, name="switch"),
    path("people/<id:pk>/invitation/", directory.invitation, name="invitation"),
    path("people/<id:pk>/password/", directory.password, name="password"),
    path("people/teams/", teams.teams, name="teams"),
    path("people/teams/<id:pk>/", teams.team, name="team"),
    path("people/teams/<id:pk>/members/", teams.membership, name="membership"),
    path("people/teams/<id:pk>/remove/", teams.remove, name="remove_team"),
    path("settings/organisation/", organisation.organisation, name="organisation"),
    path("settings/mail/", organisation.mail, name="mail"),
]
