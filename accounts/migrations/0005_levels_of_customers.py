"""Figures count the customer's word: the level a year ago is theirs, and so is the level that the list sorts by."""

from typing import Any

from django.db import migrations, models


def forget_ours(apps: Any, _schema_editor: Any) -> None:
    """The former column held our own level where the customer has none."""
    apps.get_model("accounts", "Account").objects.filter(customer_level=None).update(customer_level_year_ago=None)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_merged_accounts_and_former_contacts")]

    operations = [
        migrations.RemoveIndex(model_name="account", name="account_level_up"),
        migrations.RemoveIndex(model_name="account", name="account_level_down"),
        migrations.RemoveField(model_name="account", name="level_year_ago"),
        migrations.RenameField(model_name="account", old_name="moved_from", new_name="customer_level_year_ago"),
        migrations.AddField(
            model_name="account",
            name="target_kind",
            field=models.CharField(
                blank=True, choices=[("climb", "to climb"), ("hold", "to hold")], default="", editable=False, max_length=5
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["status", "customer_level", "name", "id"], name="account_level_up"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["status", "-customer_level", "name", "id"], name="account_level_down"),
        ),
        migrations.RunPython(forget_ours, migrations.RunPython.noop),
    ]
