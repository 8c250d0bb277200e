import audit.days
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0001_initial'),
    ]

    operations = [
        # The default is Python's alone: no database need copy its table for it.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='actionplan',
                    name='started_on',
                    field=models.DateField(default=audit.days.today, verbose_name='started on'),
                ),
            ]
        ),
    ]
