from datetime import timedelta

from django.db import migrations
from django.db.models import Case, OuterRef, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone


def fill(apps, schema_editor):
    Account, Assessment = apps.get_model("accounts", "Account"), apps.get_model("assessments", "Assessment")
    year_ago = timezone.localdate() - timedelta(days=365)
    closed = Assessment.objects.filter(account=OuterRef("pk"), state="closed", held_on__lte=year_ago)
    latest = closed.order_by("-held_on", "-closed_at", "-pk")
    theirs = Subquery(latest.filter(customer_level__isnull=False).values("customer_level")[:1])
    ours = Subquery(latest.filter(team_level__isnull=False).values("team_level")[:1])
    Account.objects.update(
        level_year_ago=Coalesce(theirs, ours),
        moved_from=Case(When(customer_level__isnull=False, then=theirs), default=ours),
    )


class Migration(migrations.Migration):
    dependencies = [("assessments", "0003_asking_many"), ("accounts", "0003_standing_on_the_row")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
