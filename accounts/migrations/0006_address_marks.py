from itertools import batched

from django.db import migrations, models

from accounts.address_mark import LONG_AGO, mark_of


def fill_marks(apps, schema_editor):
    """Contacts who are there have had their address for long: since when exactly was not kept."""
    quoted = schema_editor.connection.ops.quote_name
    contacts = apps.get_model("accounts", "Contact")
    rows = contacts.objects.order_by("pk").values_list("pk", "email")
    for batch in batched(list(rows), 2000):
        with schema_editor.connection.cursor() as cursor:
            statement = f"UPDATE {quoted(contacts._meta.db_table)} SET address_mark = %s WHERE id = %s"
            cursor.executemany(statement, [(mark_of(email, LONG_AGO), pk) for pk, email in batch])


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0005_levels_of_customers"),
    ]

    operations = [
        migrations.AddField("contact", "address_mark", models.TextField(blank=True, default="", editable=False)),
        migrations.RunPython(fill_marks, migrations.RunPython.noop, elidable=True),
    ]
