from django.db import migrations

INDEX = """
CREATE INDEX account_search ON accounts_account USING gin (
    upper(name) gin_trgm_ops, upper(external_id) gin_trgm_ops, upper(city) gin_trgm_ops
)
"""


def index(apps, schema_editor):
    """Only where the extension is there, or may be made: without it search reads row by row, and finds the same."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        made = cursor.fetchone()
        cursor.execute("SELECT has_database_privilege(current_database(), 'CREATE')")
        (may_make,) = cursor.fetchone()
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
        if made or (may_make and cursor.fetchone()):
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute(INDEX)


def drop(apps, schema_editor):
    schema_editor.execute("DROP INDEX IF EXISTS account_search")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_sorted_columns")]
    operations = [migrations.RunPython(index, drop)]
