from itertools import batched

from django.db import migrations, models

from accounts.name_keys import name_key
from core.folding import search_key
from core.stored_keys import SearchIndex

KEY = {"blank": True, "default": "", "editable": False}


def fill_keys(apps, schema_editor):
    quoted = schema_editor.connection.ops.quote_name
    Account, Contact = apps.get_model("accounts", "Account"), apps.get_model("accounts", "Contact")
    accounts = Account.objects.order_by("pk").values_list("pk", "name", "external_id", "city")
    contacts = Contact.objects.order_by("pk").values_list("pk", "name", "email")
    written = (
        (f"UPDATE {quoted(Account._meta.db_table)} SET search_key = %s, name_key = %s WHERE id = %s", accounts,
         lambda pk, name, *others: (search_key(name, *others), name_key(name), pk)),
        (f"UPDATE {quoted(Contact._meta.db_table)} SET search_key = %s WHERE id = %s", contacts,
         lambda pk, *texts: (search_key(*texts), pk)),
    )
    for statement, rows, values in written:
        for batch in batched(list(rows), 2000):
            with schema_editor.connection.cursor() as cursor:
                cursor.executemany(statement, [values(*row) for row in batch])


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL("DROP INDEX IF EXISTS account_search", migrations.RunSQL.noop),
        migrations.AddField("account", "name_key", models.TextField(**KEY)),
        migrations.AddField("account", "search_key", models.TextField(**KEY)),
        migrations.AddField("contact", "search_key", models.TextField(**KEY)),
        migrations.RunPython(fill_keys, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex("account", models.Index(fields=["name_key"], name="account_by_name_key")),
        migrations.AddIndex("account", SearchIndex(fields=["search_key"], name="account_search_key")),
        migrations.AddIndex("contact", SearchIndex(fields=["search_key", "account"], name="contact_search_key")),
    ]
