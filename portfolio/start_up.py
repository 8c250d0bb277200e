"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from accounts import side_bar
from audit import acts
from mailing import outbox
from portfolio import digest
from portfolio.saved_views.side_bar import views_of
from portfolio.trail_acts import ACTS

outbox.register_letter(digest.KIND, digest.write, digest.settled)
acts.register_acts(*ACTS)
side_bar.register_views(views_of)
