from accounts.api_models import ApiKey, IdempotencyRecord
from accounts.bulk_models import BulkBatch, BulkChange
from accounts.calendar_models import CalendarFeed
from accounts.crm_models import CrmSource
from accounts.import_models import ImportBatch, ImportJob, ImportMemory
from accounts.models.account import Account, Tag
from accounts.models.contact import Contact
from accounts.models.money import ExchangeRate
from accounts.models.people import Team, User
from accounts.outbox_models import Letter
from accounts.webhook_models import Delivery, Webhook

__all__ = [
    "Account",
    "ApiKey",
    "BulkBatch",
    "BulkChange",
    "CalendarFeed",
    "Contact",
    "CrmSource",
    "Delivery",
    "ExchangeRate",
    "IdempotencyRecord",
    "ImportBatch",
    "ImportJob",
    "ImportMemory",
    "Letter",
    "Tag",
    "Team",
    "User",
    "Webhook",
]
