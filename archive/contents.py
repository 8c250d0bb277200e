"""The models and fields of an archive in their order, and those that are left out, with the reason.

Every model is in one of the two lists, and every field of an archived model is in the archive unless `FIELDS_LEFT_OUT` names it.
Tests check both. `docs/archive.md` lists the kinds, and `manage.py archive --fields` prints every field of each.
"""

from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import CharField, Count, Prefetch, Value

from archive.in_confidence import without_confidential_answers

#: A model refers only to models above it, except for accounts and contacts, which refer to each other.
IN_ORDER = (
    "core.Organisation",
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
    "hierarchy.AddressedStatement",
    "accounts.Account",
    "accounts.Contact",
    "notes.Note",
    "notes.NoteMention",
    "assessments.Assessment",
    "assessments.Response",
    "assessments.Answer",
    "assessments.Evidence",
    "assessments.Correction",
    "surveys.Invitation",
    "plans.Target",
    "plans.ActionPlan",
    "plans.Action",
    "plans.ActionComment",
    "plans.CommentMention",
    "portfolio.SavedView",
    "reviews.AccountReview",
    "reviews.SlideTemplate",
    "importing.ImportMemory",
    "webhooks.Webhook",
    "audit.Event",
)

_SECRET = "gives access: a reader of the file must not get in by it"  # noqa: S105 a reason, no secret
_UNDER_WAY = "work in progress, kept for some weeks; its results are in the objects and in the trail"
_MACHINE = "belongs to the installation, not to the organisation; it is created anew"

#: Models that are not in the archive.
LEFT_OUT = {
    "api.ApiKey": _SECRET,
    "plans.CalendarFeed": _SECRET,
    "surveys.SurveyLink": _SECRET,
    "plans.ForecastBasis": "counted anew from the assessments that are in the archive",
    "surveys.SurveyCode": _SECRET,
    "people.SetUpLink": _SECRET,
    "people.ColleagueInvitation": _SECRET,
    "surveys.BrowserDraft": "answers that a person has not sent, for their browser alone",
    "mailing.Letter": "mail on its way: sent from here, it is not to be sent again from there",
    "webhooks.WebhookDelivery": "messages on their way: sent from here, they are not to be sent again from there",
    "api.IdempotencyRecord": "answers to calls of the API, kept for a day",
    "core.FormKey": "answers to forms that were sent, kept for a week",
    "accounts.BulkChange": _UNDER_WAY,
    "accounts.BulkBatch": _UNDER_WAY,
    "importing.ImportJob": _UNDER_WAY,
    "importing.ImportBatch": _UNDER_WAY,
    "importing.ImportRow": _UNDER_WAY,
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
    "core.Organisation": {"mail_worked_at": "tells of the mail server of the old installation"},
    "accounts.User": {
        "password": _SECRET,
        "last_login": "when they last signed in at the old installation",
        "sessions_ended": "of sessions at the old installation",
    },
    "webhooks.Webhook": {"secret": _SECRET, "is_active": "each comes back switched off: it has a new secret"},
    "assessments.Response": {
        "browser": "the key that it stands for is in a cookie of the old installation",
    },
    "accounts.Account": dict.fromkeys(
        (
            "customer_position",
            "customer_level",
            "team_position",
            "team_level",
            "told_to_us",
            "last_heard_on",
            "target_level",
            "target_due_on",
            "target_status",
            "target_kind",
            "target_chance",
            "customer_level_year_ago",
            "worth",
            "level",
            "gap",
            "urgency",
            "search_key",
            "domain_key",
            "name_key",
        ),
        _DERIVED,
    ),
    "accounts.Contact": {"search_key": _DERIVED, "domain_key": _DERIVED},
    "hierarchy.Edition": {"name": _SPOKEN},
    "hierarchy.Level": dict.fromkeys(("name", "seen_as", "seen_as_ours", "description", "position"), _SPOKEN),
    "hierarchy.Indicator": dict.fromkeys(("customer", "team"), _SPOKEN),
    "hierarchy.Play": dict.fromkeys(("title", "why"), _SPOKEN),
    "hierarchy.PlayAction": {"title": _SPOKEN},
}


def archived() -> list[type[models.Model]]:
    """The models of an archive, in its order."""
    return [apps.get_model(label) for label in IN_ORDER]


def kind_of(model: type[models.Model]) -> str:
    """The name of the model in a record."""
    return model._meta.label_lower


def fields_of(model: type[models.Model]) -> list[str]:
    """The names of the fields in a record, in their order, without the primary key."""
    left_out = FIELDS_LEFT_OUT.get(model._meta.label, {})
    every = [*model._meta.local_fields, *model._meta.local_many_to_many]
    return [field.name for field in every if not field.primary_key and field.name not in left_out]


def rows_of(model: type[models.Model], *, with_answers: bool = False) -> models.QuerySet[Any]:
    """The rows in the order of their ids, from the primary database, without the filters of the managers of the model.

    All of them; of confidential rounds what `archive.in_confidence` leaves, unless the archive is `with_answers`.
    """
    every = _rows(model, with_answers=with_answers)
    for field in model._meta.local_many_to_many:
        others: models.QuerySet = models.QuerySet(field.related_model, using=DEFAULT_DB_ALIAS).only("pk").order_by("pk")
        every = every.prefetch_related(Prefetch(field.name, others))
    return every.order_by("pk")


def counts(*, with_answers: bool = False) -> dict[str, int]:
    """The number of records of each kind, also of those without any, in the order of the archive. One statement."""
    parts = [
        _rows(model, with_answers=with_answers)
        .order_by()
        .annotate(kind_of_record=Value(kind_of(model), output_field=CharField()))
        .values("kind_of_record")
        .annotate(records=Count("pk"))
        .values_list("kind_of_record", "records")
        for model in archived()
    ]
    found = dict(parts[0].union(*parts[1:], all=True).order_by())
    return {kind_of(model): found.get(kind_of(model), 0) for model in archived()}


def _rows(model: type[models.Model], *, with_answers: bool) -> models.QuerySet[Any]:
    every: models.QuerySet = models.QuerySet(model, using=DEFAULT_DB_ALIAS)
    return every if with_answers else without_confidential_answers(every)
