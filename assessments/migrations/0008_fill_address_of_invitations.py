from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """Whom mail was sent to before is taken to have the address still; by statements of some thousand rows."""
    Invitation, Contact = apps.get_model("assessments", "Invitation"), apps.get_model("accounts", "Contact")
    address = Subquery(Contact.objects.filter(pk=OuterRef("contact")).values("email")[:1])
    last = 0
    while found := list(Invitation.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:5000]):
        last = found[-1]
        Invitation.objects.filter(pk__range=(found[0], last)).update(address=address)


class Migration(migrations.Migration):
    dependencies = [("assessments", "0007_confidential_links_and_browsers")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
