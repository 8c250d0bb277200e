"""What an operator names at the command line of an import: the file, the owner, the team. Each raises CommandError."""

from pathlib import Path

from django.core.management.base import CommandError

from accounts.assignable import assignable_owners, assignable_teams
from accounts.models import Team, User
from importing.reading.table import MAX_BYTES, Table, UnreadableFile, read_table


def table_in(path: Path, *, most_rows: int | None = None) -> Table:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CommandError(f"{path} is larger than {MAX_BYTES // 1024**2} MB. Divide it into smaller files.")
        return read_table(path.read_bytes(), most_rows=most_rows)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except UnreadableFile as error:
        raise CommandError(f"{path}: {error}") from error


def owner_called(email: str | None) -> User | None:
    """The one who is named, else the first administrator, who can hand the accounts out."""
    people = assignable_owners(None)
    if email is None:
        return people.filter(role=User.Role.ADMINISTRATOR).order_by("pk").first()
    person = people.filter(email__iexact=email).first()
    if person is None:
        raise CommandError(f"{email} is not someone here who may own accounts.")
    return person


def team_called(name: str | None) -> Team | None:
    if name is None:
        return None
    team = assignable_teams(None).filter(name__iexact=name).first()
    if team is None:
        raise CommandError(f"There is no team called {name}.")
    return team
