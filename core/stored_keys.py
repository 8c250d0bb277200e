"""Columns that are computed from other columns of their row whenever one of these is written, such as the key of a search.

No writer has to know of them: `save`, `save_version`, `bulk_create`, `bulk_update`, `update` and `insert_many` set them.
A generated column of the database would have to be computed by the database, and no function of both folds letters.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class StoredKey(models.TextField):
    """The text that `make` returns for the columns `of`. Migrations know it as a text."""

    def __init__(self, *args: Any, of: tuple[str, ...] = (), make: Callable[..., str] = str, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"default": "", "blank": True, "editable": False}
        super().__init__(*args, **defaults | kwargs)
        self.of, self.make = of, make

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.made_of(model_instance)
        setattr(model_instance, self.attname, value)
        return value

    def made_of(self, row: models.Model) -> str:
        return self.make(*(getattr(row, name) for name in self.of))


class KeyedQuerySet(models.QuerySet):
    """Rows with stored keys, which follow their columns in bulk as well."""

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        rows, names = list(objs), list(fields)
        keys = keys_of(self.model, names)
        for row in rows:
            for key in keys:
                key.pre_save(row, False)
        return super().bulk_update(rows, [*names, *(key.name for key in keys if key.name not in names)], batch_size)

    def update(self, **kwargs: Any) -> int:
        if all(key.name in kwargs for key in keys_of(self.model, kwargs)):
            return super().update(**kwargs)
        pks = list(self.order_by().values_list("pk", flat=True))  # before: the rows may not fit the conditions afterwards
        count = super().update(**kwargs)
        type(self)(self.model, using=self.db).renew_keys(pks)
        return count

    @transaction.atomic
    def renew_keys(self, pks: Iterable[int]) -> None:
        """Compute the stored keys of these rows anew."""
        rows: list[Any] = list(self.order_by("pk").select_for_update(of=("self",)).filter(pk__in=list(pks)))
        for row in rows:
            set_keys(row)
        super().bulk_update(rows, [key.name for key in keys_of(self.model)], batch_size=200)


class Keyed(models.Model):
    """A model with stored keys. Its manager is made of a `KeyedQuerySet`."""

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None:
            names = list(update_fields)
            update_fields = [*names, *(key.name for key in keys_of(type(self), names))]
        super().save(*args, update_fields=update_fields, **kwargs)


class SearchIndex(models.Index):
    """The index of a stored key for searches of parts of it.

    On PostgreSQL one of trigrams of the first column, where the extension pg_trgm is there, else none: then a search reads row by
    row, and finds the same. On other databases an ordinary one: a search reads all its entries and no rows, if the columns that
    the search looks at are in it.
    """

    def create_sql(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **kwargs: Any
    ) -> Any:
        if schema_editor.connection.vendor != "postgresql":
            return super().create_sql(model, schema_editor, using, **kwargs)
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
            if not cursor.fetchone():
                return "SELECT 1"
        index = models.Index(name=self.name, fields=self.fields[:1], opclasses=["gin_trgm_ops"])
        return index.create_sql(model, schema_editor, " USING gin", **kwargs)


def keys_of(model: type[models.Model], names: Iterable[str] | None = None) -> list[StoredKey]:
    """The stored keys of a model; of those that are made of one of the columns `names`."""
    keys = [field for field in model._meta.concrete_fields if isinstance(field, StoredKey)]
    if names is None:
        return keys
    wanted = set(names)
    return [key for key in keys if wanted.intersection(key.of)]


def set_keys(row: models.Model) -> None:
    """Compute the stored keys of a row that is written without them, such as a deserialised one."""
    for key in keys_of(type(row)):
        key.pre_save(row, False)


def wrong_keys(rows: Iterable[Any]) -> Iterator[tuple[Any, dict[str, str]]]:
    """Each row whose stored keys differ from what they are made of, with the right ones."""
    for row in rows:
        right = {key.name: key.made_of(row) for key in keys_of(type(row))}
        if wrong := {name: value for name, value in right.items() if getattr(row, name) != value}:
            yield row, wrong
