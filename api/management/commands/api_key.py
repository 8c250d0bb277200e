from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from api.keys import make_key
from api.models import ApiKey


class Command(BaseCommand):
    help = "Make an API key for a person and print it, alone. It is shown this once: only its hash is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="whose key it is: it sees and may do what that person does")
        parser.add_argument("--scope", choices=ApiKey.Scope.values, default=ApiKey.Scope.READ, help="read (the default) or write")
        parser.add_argument("--name", default="manage.py", help="what it is for, as the page of keys shows it")

    def handle(self, *, email: str, scope: str, name: str, **options: Any) -> None:
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody with the e-mail address {email} may sign in.")
        try:
            _key, secret = make_key(user, by=None, name=name, scope=scope)
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        self.stdout.write(secret)
