"""Which rule of the database a change broke: only the one that is meant may be told to a person as theirs."""

from django.db import IntegrityError, models


def violates(error: BaseException, model: type[models.Model], *names: str) -> bool:
    """Whether `error` is that a row of `model` breaks one of these constraints.

    SQLite does not name a unique constraint on plain columns, but the columns.
    """
    if not isinstance(error, IntegrityError):
        return False
    known = {constraint.name: constraint for constraint in model._meta.constraints}
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:
        return diagnosis.constraint_name in {name for name in names if name in known}
    told = str(error)
    return any(_is_told(known[name], model, told) for name in names)


def _is_told(constraint: models.BaseConstraint, model: type[models.Model], told: str) -> bool:
    fields = getattr(constraint, "fields", ())
    column_of = {field.name: field.column for field in model._meta.concrete_fields}
    columns = ", ".join(f"{model._meta.db_table}.{column_of[name]}" for name in fields)
    return constraint.name in told or (bool(columns) and told == f"UNIQUE constraint failed: {columns}")
