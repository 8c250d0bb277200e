from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_front_door")]

    operations = [
        migrations.AddField(
            model_name="user", name="list_layout", field=models.JSONField(blank=True, default=dict, editable=False)
        ),
    ]
