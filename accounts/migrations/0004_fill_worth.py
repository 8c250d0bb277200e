from django.conf import settings
from django.db import migrations
from django.db.models import Case, DecimalField, ExpressionWrapper, F, OuterRef, Subquery, Value, When

WORTH = DecimalField(max_digits=30, decimal_places=2)


def fill(apps, schema_editor):
    Account, ExchangeRate = apps.get_model("accounts", "Account"), apps.get_model("accounts", "ExchangeRate")
    rate = Case(
        When(currency=settings.REPORTING_CURRENCY, then=Value(1)),
        default=Subquery(ExchangeRate.objects.filter(currency=OuterRef("currency")).values("rate")[:1]),
        output_field=DecimalField(max_digits=18, decimal_places=8),
    )
    Account.objects.filter(revenue__isnull=False).update(worth=ExpressionWrapper(F("revenue") * rate, output_field=WORTH))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_standing_on_the_row")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
