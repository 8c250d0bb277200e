from accounts.import_models import ImportJob
from accounts.models.account import Account, Tag
from accounts.models.contact import Contact
from accounts.models.money import ExchangeRate
from accounts.models.people import Team, User

__all__ = ["Account", "Contact", "ExchangeRate", "ImportJob", "Tag", "Team", "User"]
