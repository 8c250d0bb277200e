"""Whom a person may make the owner of an account, and which teams they may give it to."""

from django.db.models import Q, QuerySet

from accounts.models import Team, User


def assignable_owners(user: User | None) -> QuerySet[User]:
    """Whom `user` may make the owner: oneself, the members of teams one leads; the administrator everyone."""
    people = User.objects.filter(is_active=True).exclude(role=User.Role.VIEWER)
    if user is None or user.is_administrator:
        return people.order_by("name", "pk")
    reachable = Q(pk=user.pk) | Q(pk__in=User.objects.filter(teams__in=user.led_teams.all()).values("pk"))
    return people.filter(reachable).order_by("name", "pk")


def assignable_teams(user: User | None) -> QuerySet[Team]:
    """The teams that `user` may give an account: those one is in or leads; the administrator all."""
    if user is None or user.is_administrator:
        return Team.objects.all()
    return Team.objects.filter(Q(pk__in=user.teams.values("pk")) | Q(pk__in=user.led_teams.values("pk")))
