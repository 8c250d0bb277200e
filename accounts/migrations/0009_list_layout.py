from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_told_to_us")]

    operations = [
        migrations.AddField(
            model_name="user", name="list_layout", field=models.JSONField(blank=True, default=dict, editable=False)
        ),
    ]
