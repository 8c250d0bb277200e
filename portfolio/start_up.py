"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from mailing import outbox
from portfolio import digest

outbox.kind(digest.KIND, digest.write, digest.settled)
