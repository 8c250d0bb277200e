from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.models import Event
from audit.trail import broken_links


class Command(BaseCommand):
    help = (
        "Check the hash chain of the audit trail; names each event that was altered, whose predecessor is gone, "
        "or whose content was removed without saying so."
    )

    def handle(self, **options: Any) -> None:
        broken = list(broken_links())
        for event in broken:
            self.stderr.write(f"Event {event.pk} ({event.act}, {event.at:%Y-%m-%d %H:%M}) does not fit the chain.")
        if broken:
            raise CommandError(f"{len(broken)} of {Event.objects.count()} events do not fit.")
        self.stdout.write(f"{Event.objects.count()} events, all in order.")
        if redacted := Event.objects.exclude(redacted_on=None).count():
            self.stdout.write(f"{redacted} of them had content removed on request, each announced in the trail.")
