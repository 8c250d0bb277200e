"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from accounts import side_bar
from accounts.palette import PaletteAct, register_palette_acts
from audit import acts
from mailing import outbox
from portfolio import digest
from portfolio.saved_views.side_bar import views_of
from portfolio.trail_acts import ACTS

outbox.register_letter(digest.KIND, digest.write, digest.settled)
acts.register_acts(*ACTS)
side_bar.register_views(views_of)
register_palette_acts(
    PaletteAct(_("Go to the portfolio"), "portfolio:dashboard", _("home desk dashboard"), "g p"),
    PaletteAct(_("Go to the benchmarks"), "portfolio:benchmarks", _("compare"), "g b"),
    PaletteAct(_("See the movement"), "portfolio:movement", _("climbed slid")),
    PaletteAct(_("See the groups"), "portfolio:groups", _("segments teams owners")),
    PaletteAct(_("Export data"), "portfolio:export", _("download csv excel spreadsheet")),
    PaletteAct(_("Manage views"), "portfolio:views", _("saved")),
    PaletteAct(_("Go to the hierarchy"), "hierarchy:levels", _("levels statements plays playbook"), "g h"),
    PaletteAct(_("Open the back-office"), "admin:index", _("admin catalogue trail"), allowed=lambda user: user.is_staff),
)
