"""The owners and teams that a user may assign to an account."""

from django.db.models import Q, QuerySet

from accounts.models import Team, User


def assignable_owners(user: User | None) -> QuerySet[User]:
    """Users whom `user` may make the owner: themselves and the members of teams they lead. Administrators, and None, get all."""
    people = User.objects.filter(is_active=True).exclude(role=User.Role.VIEWER)
    if user is None or user.is_administrator:
        return people.order_by("name", "pk")
    reachable = Q(pk=user.pk) | Q(pk__in=User.objects.filter(teams__in=user.led_teams.all()).values("pk"))
    return people.filter(reachable).order_by("name", "pk")


def assignable_teams(user: User | None) -> QuerySet[Team]:
    """Teams that `user` may assign: those they are in or lead. Administrators, and None, get all."""
    if user is None or user.is_administrator:
        return Team.objects.all()
    return Team.objects.filter(Q(pk__in=user.teams.values("pk")) | Q(pk__in=user.led_teams.values("pk")))
