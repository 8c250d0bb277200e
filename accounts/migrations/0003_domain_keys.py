from itertools import batched

from django.db import migrations, models
from django.db.models import Q

from accounts.name_keys import domain_key

KEY = {"blank": True, "default": "", "editable": False}


def fill_keys(apps, schema_editor):
    quoted = schema_editor.connection.ops.quote_name
    for name, column in (("Account", "website"), ("Contact", "email")):
        model = apps.get_model("accounts", name)
        rows = model.objects.exclude(**{column: ""}).order_by("pk").values_list("pk", column)
        for batch in batched(list(rows), 2000):
            with schema_editor.connection.cursor() as cursor:
                statement = f"UPDATE {quoted(model._meta.db_table)} SET domain_key = %s WHERE id = %s"
                cursor.executemany(statement, [(domain_key(text), pk) for pk, text in batch])


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0002_search_keys"),
    ]

    operations = [
        migrations.AddField("account", "domain_key", models.TextField(**KEY)),
        migrations.AddField("contact", "domain_key", models.TextField(**KEY)),
        migrations.RunPython(fill_keys, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            "account", models.Index(condition=~Q(domain_key=""), fields=["domain_key"], name="account_by_domain_key")
        ),
        migrations.AddIndex(
            "contact", models.Index(condition=~Q(domain_key=""), fields=["domain_key"], name="contact_by_domain_key")
        ),
    ]
