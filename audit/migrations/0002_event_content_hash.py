from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField("event", "content_salt", models.CharField(max_length=32, editable=False, default=""), False),
        migrations.AddField("event", "content_hash", models.CharField(max_length=64, editable=False, default=""), False),
        migrations.AddField(
            "event", "redacted_on", models.DateField(null=True, editable=False, verbose_name="content removed on")
        ),
    ]
