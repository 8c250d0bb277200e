"""What this app tells the apps below it when the site starts; `config.apps` loads it."""

from django.utils.translation import gettext_lazy as _

from accounts import side_bar
from accounts.palette import PaletteAct, register_palette_acts
from accounts.tabs import AccountTab, register_tab, register_whole
from audit import acts
from mailing import outbox
from portfolio import digest
from portfolio.pages.account_frame import accounts_whole
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
register_whole(accounts_whole)
register_tab(AccountTab("overview", _("Overview"), "portfolio:account", 10))
register_tab(AccountTab("people", _("People"), "portfolio:account_people", 30))
register_tab(AccountTab("history", _("History"), "portfolio:account_history", 40))
register_tab(AccountTab("activity", _("Activity"), "portfolio:account_activity", 60))
