from accounts.models.account import Account, Tag
from accounts.models.bulk_change import BulkBatch, BulkChange
from accounts.models.contact import Contact
from accounts.models.crm_source import CrmSource
from accounts.models.money import ExchangeRate
from accounts.models.people import Team, User

__all__ = ["Account", "BulkBatch", "BulkChange", "Contact", "CrmSource", "ExchangeRate", "Tag", "Team", "User"]
