"""What is in an archive, in its order, and what is left out with the reason.

A field of an archived model is in the archive unless it is named here; a model is in exactly one of the two lists, or a test
fails. `docs/archive.md` lists every field, and a test holds the two against each other.
"""

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import CharField, Count, Prefetch, Value

#: Nothing names what stands below it, but for accounts and contacts that name each other.
IN_ORDER = (
    "accounts.User",
    "accounts.Team",
    "accounts.Tag",
    "accounts.ExchangeRate",
    "accounts.CrmSource",
    "hierarchy.Edition",
    "hierarchy.Level",
    "hierarchy.Indicator",
    "hierarchy.Play",
    "hierarchy.PlayAction",
    "accounts.Account",
    "accounts.Contact",
    "assessments.Assessment",
    "assessments.Response",
    "assessments.Answer",
    "assessments.Evidence",
    "surveys.Invitation",
    "plans.Target",
    "plans.ActionPlan",
    "plans.Action",
    "portfolio.SavedView",
    "importing.ImportMemory",
    "webhooks.Webhook",
    "audit.Event",
)

_SECRET = "opens something: whoever has the file must not get in by it"  # noqa: S105 no secret but a reason
_UNDER_WAY = "work under way, kept for some weeks; what it did stands in its objects and in the trail"
_MACHINE = "of the installation, not of the organisation: made anew"

#: Models that are not in the archive.
LEFT_OUT = {
    "api.ApiKey": _SECRET,
    "plans.CalendarFeed": _SECRET,
    "surveys.SurveyLink": _SECRET,
    "mailing.Letter": "mail on its way: sent from here, it is not to be sent again from there",
    "webhooks.WebhookDelivery": "messages on their way: sent from here, they are not to be sent again from there",
    "api.IdempotencyRecord": "answers to calls of the API, kept for a day",
    "core.FormKey": "answers to forms that were sent, kept for a week",
    "accounts.BulkChange": _UNDER_WAY,
    "accounts.BulkBatch": _UNDER_WAY,
    "importing.ImportJob": _UNDER_WAY,
    "importing.ImportBatch": _UNDER_WAY,
    "surveys.BulkRounds": _UNDER_WAY,
    "surveys.BulkAccount": _UNDER_WAY,
    "account.EmailAddress": "what the sign-in keeps for itself; a person's address is with the person",
    "account.EmailConfirmation": _SECRET,
    "sessions.Session": _SECRET,
    "admin.LogEntry": "the back-office's own log, which is not written: the trail tells it",
    "auth.Group": "not in use: what people may do is their role",
    "auth.Permission": "not in use: what people may do is their role",
    "contenttypes.ContentType": _MACHINE,
    "django_tasks_database.DBTaskResult": _MACHINE,
}

_DERIVED = "computed anew from what is in the archive"
_SPOKEN = "stands in its languages, such as name_en"
#: Fields of archived models that are not in the archive.
FIELDS_LEFT_OUT: dict[str, dict[str, str]] = {
    "accounts.User": {"password": _SECRET, "last_login": "when they last signed in at the old installation"},
    "webhooks.Webhook": {"secret": _SECRET, "is_active": "each comes back switched off: it has a new secret"},
    "assessments.Response": {"browser": "the key that it stands for is in a cookie of the old installation"},
    "accounts.Account": dict.fromkeys(
        (
            "customer_position",
            "customer_level",
            "team_position",
            "team_level",
            "last_heard_on",
            "target_level",
            "target_due_on",
            "target_status",
            "level_year_ago",
            "moved_from",
            "worth",
            "level",
            "gap",
            "urgency",
        ),
        _DERIVED,
    ),
    "hierarchy.Edition": {"name": _SPOKEN},
    "hierarchy.Level": dict.fromkeys(("name", "seen_as", "description", "position"), _SPOKEN),
    "hierarchy.Indicator": dict.fromkeys(("customer", "team"), _SPOKEN),
    "hierarchy.Play": dict.fromkeys(("title", "why"), _SPOKEN),
    "hierarchy.PlayAction": {"title": _SPOKEN},
}


def archived() -> list[type[models.Model]]:
    """The models of an archive, in its order."""
    return [apps.get_model(label) for label in IN_ORDER]


def kind_of(model: type[models.Model]) -> str:
    """How a record names its model."""
    return model._meta.label_lower


def fields_of(model: type[models.Model]) -> list[str]:
    """The fields of its records, in their order; the id stands beside them, as `pk`."""
    left_out = FIELDS_LEFT_OUT.get(model._meta.label, {})
    every = [*model._meta.local_fields, *model._meta.local_many_to_many]
    return [field.name for field in every if not field.primary_key and field.name not in left_out]


def rows_of(model: type[models.Model]) -> models.QuerySet:
    """All of them, oldest first, from the primary; past managers that narrow, translate or freeze."""
    every: models.QuerySet = models.QuerySet(model, using=DEFAULT_DB_ALIAS)
    for field in model._meta.local_many_to_many:
        others: models.QuerySet = models.QuerySet(field.related_model, using=DEFAULT_DB_ALIAS).only("pk").order_by("pk")
        every = every.prefetch_related(Prefetch(field.name, others))
    return every.order_by("pk")


def counts() -> dict[str, int]:
    """How many records of each kind there are, in order, kinds without any too. One statement."""
    parts = [
        models.QuerySet(model, using=DEFAULT_DB_ALIAS)
        .order_by()
        .annotate(kind_of_record=Value(kind_of(model), output_field=CharField()))
        .values("kind_of_record")
        .annotate(records=Count("pk"))
        .values_list("kind_of_record", "records")
        for model in archived()
    ]
    found = dict(parts[0].union(*parts[1:], all=True).order_by())
    return {kind_of(model): found.get(kind_of(model), 0) for model in archived()}
