"""The benchmarks page: how accounts stand and move beside each other."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Account, User
from accounts.permissions import SignedInRequest, may_add_accounts, scope_of
from audit.figure_cache import cached_figures
from audit.trail import newest
from core import days
from core.forms import typed_id
from hierarchy.models import Edition
from portfolio.benchmark_queries import among_its_like, completed_by, members_of, results_of
from portfolio.figures.benchmark_figures import Benchmarks, choices_of, figures_of, moves_by_segment
from portfolio.figures.benchmarks import FEWEST
from portfolio.figures.forecast import Expected
from portfolio.pages.benchmark_form import BenchmarkForm
from portfolio.pages.benchmarks import beside_sentence, other_editions, page_context
from portfolio.saved_views.acts import kept_links_of
from portfolio.target_forecast import expected_of, expected_sentence

LONGEST = 120  # characters of a choice; a longer one is none of ours


@login_required
@require_safe
def benchmarks(request: SignedInRequest) -> HttpResponse:
    today = days.today()
    editions = list(Edition.objects.exclude(state=Edition.State.DRAFT))
    typed = tuple(request.GET.get(name, "")[: LONGEST + 1] for name in BenchmarkForm.base_fields)
    state = newest()
    figures, expected = cached_figures(
        "benchmarks",
        scope_of(request.user),
        today,
        typed,
        make=lambda: _figures(request.user, request.GET, editions, today),
        state=state,
    )
    form = BenchmarkForm(request.GET, choices=figures.choices, editions=editions, today=today)
    chosen = form.chosen()
    context = {
        "section": "benchmarks",
        "saved_views": kept_links_of(request.user, state=state, today=today),
        "form": form,
        "figures": figures,
        "expected": expected and expected_sentence(expected),
        "unforeseen": expected.unknown if expected else 0,
        "chosen": chosen,
        "may_add": may_add_accounts(request.user),
        "fewest": FEWEST,
        "narrowed": bool(chosen.segment or chosen.team or chosen.country),
        "other_editions": other_editions(figures, chosen, editions, request.GET),
    }
    if beside := _beside(request):
        context |= {"beside": beside, "beside_sentence": beside_sentence(beside, among_its_like(beside, request.user))}
    if figures.heard >= FEWEST:
        context |= page_context(figures, chosen, now=chosen.at == today)
    return render(request, "portfolio/benchmarks.html", context)


def _beside(request: SignedInRequest) -> Account | None:
    """The account that is compared with its like. One that may not be seen is none: the address may be a colleague's."""
    pk = typed_id(request.GET.get("account", ""))
    return None if pk is None else Account.objects.visible_to(request.user).filter(pk=pk).first()


def _figures(user: User, data: QueryDict, editions: Sequence[Edition], today: date) -> tuple[Benchmarks, Expected | None]:
    """The figures, and what is expected of the targets when one looks at today. Three statements, whatever the number of accounts."""
    accounts = Account.objects.visible_to(user).active()
    everyone = members_of(accounts)
    form = BenchmarkForm(data, choices=choices_of(everyone), editions=editions, today=today)
    chosen = form.chosen()
    narrow = {name: value for name in ("segment", "team", "country") if (value := getattr(chosen, name))}
    fitting = None if user.sees_all_accounts and not narrow else accounts.filter(**narrow)
    results = results_of(fitting)
    expected = None
    if chosen.at == today:
        # The results may be those of archived accounts too, whose pace does not count.
        paces = moves_by_segment(everyone, results.of(everyone.ids), today, chosen.edition)
        expected = expected_of(everyone.within(**narrow), paces, today)
    return figures_of(everyone, results, completed_by(fitting), chosen), expected
