from django.db import migrations


class Migration(migrations.Migration):
    """Rows that turn out unchanged are counted from the staging table; the column was never written."""

    dependencies = [("importing", "0002_staging")]

    operations = [migrations.RemoveField(model_name="importbatch", name="unchanged")]
