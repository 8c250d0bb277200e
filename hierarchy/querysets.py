"""Querysets that refuse to change frozen editions. `save` and `delete` of the models check single objects, these check bulk
operations.

Results refer to frozen editions, so these must not change; a constraint cannot check it, as it cannot look at another table.
Raw SQL is not checked, nor is the cascade of a deleted edition, which is always a draft.
"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

DRAFT = "draft"


class FrozenEdition(ValidationError):
    """A published or retired edition cannot be changed, because results were measured with it."""

    def __init__(self) -> None:
        super().__init__(
            _("This edition is published or retired, and results were measured with it: it does not change. "
              "Make a new draft from it."),
            code="frozen",
        )  # fmt: skip


class FrozenRows(models.QuerySet[Any]):
    """Rows that change only while their edition is a draft.

    Their model names the lookup of the state of the edition in `to_state`, and in `changes_frozen` the exempt columns.
    """

    def update(self, **values: Any) -> int:
        if not values.keys() <= self.model.changes_frozen:
            refuse_frozen(self)
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        refuse_frozen(self)
        return super().delete()

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        objs = list(objs)
        if any(obj.owning_edition.is_frozen for obj in objs):
            raise FrozenEdition
        return super().bulk_create(objs, *args, **kwargs)


class FrozenManager(models.Manager[Any]):
    """A manager with the querysets that refuse changes."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return FrozenRows(self.model, using=self._db)


class EditionManager(FrozenManager):
    """The manager of editions."""

    def published(self) -> Any:
        """The one published edition, or None."""
        return self.filter(state="published").first()


def refuse_frozen(rows: models.QuerySet[Any]) -> None:
    """Raise FrozenEdition when one of `rows` belongs to an edition that is no draft. One statement."""
    if rows.order_by().exclude(**{rows.model.to_state: DRAFT}).exists():
        raise FrozenEdition
