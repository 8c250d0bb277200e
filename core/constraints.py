"""Recognise which database constraint an IntegrityError reports, so that a view can answer the expected one."""

from django.db import IntegrityError, models


def violates(error: BaseException, model: type[models.Model], *names: str) -> bool:
    """Whether `error` says that a row of `model` violates one of the constraints `names`.

    For a unique constraint on plain columns SQLite names the columns instead of the constraint.
    """
    if not isinstance(error, IntegrityError):
        return False
    known = {constraint.name: constraint for constraint in model._meta.constraints}
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:
        return diagnosis.constraint_name in {name for name in names if name in known}
    message = str(error)
    return any(_is_named(known[name], model, message) for name in names)


def _is_named(constraint: models.BaseConstraint, model: type[models.Model], message: str) -> bool:
    fields = getattr(constraint, "fields", ())
    column_of = {field.name: field.column for field in model._meta.concrete_fields}
    columns = ", ".join(f"{model._meta.db_table}.{column_of[name]}" for name in fields)
    return constraint.name in message or (bool(columns) and message == f"UNIQUE constraint failed: {columns}")
