"""What many rows at once may not do: `save` and `delete` guard one object, these guard its table.

Freezing is an invariant of history, and a constraint cannot look at the edition that a row hangs on.
What still passes is raw SQL, and the cascade of a deleted edition, which a frozen one never is.
"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

DRAFT = "draft"


class FrozenEdition(ValidationError):
    """A published or retired edition does not change: results were measured with it. Clone it."""

    def __init__(self) -> None:
        super().__init__(
            _("This edition is published or retired, and results were measured with it: it does not change. "
              "Make a new draft from it."),
            code="frozen",
        )  # fmt: skip


class FrozenRows(models.QuerySet):
    """Rows that change only while their edition is a draft.

    Their model names the way to its state in `to_state`, in `changes_frozen` the columns that change anyway.
    """

    def update(self, **values: Any) -> int:
        if not values.keys() <= self.model.changes_frozen:  # type: ignore[attr-defined]
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


class FrozenManager(models.Manager):
    def get_queryset(self) -> models.QuerySet:
        return FrozenRows(self.model, using=self._db)


class EditionManager(FrozenManager):
    def published(self):
        """The one published edition, or None."""
        return self.filter(state="published").first()


def refuse_frozen(rows: models.QuerySet) -> None:
    """Raise FrozenEdition when one of `rows` belongs to an edition that is no draft; one statement."""
    if rows.order_by().exclude(**{rows.model.to_state: DRAFT}).exists():
        raise FrozenEdition
