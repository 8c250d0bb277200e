"""The view of the benchmarks page."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.permissions import SignedInRequest, may_add_accounts, scope_of
from accounts.querysets import AccountQuerySet
from audit.figure_cache import cached_figures
from audit.trail import newest
from core import days
from core.choice_order import Offered
from core.forms import typed_id
from hierarchy.measures import Measure, measures
from plans.forecast.basis import newest_basis
from plans.forecast.chain import NO_PACE
from plans.forecast.climbs import ClimbOutlook, climbs_of
from plans.forecast.expected import Expected, expected_of
from plans.models import ForecastBasis
from portfolio.benchmark_queries import among_its_like, completed_by, members_of, results_of
from portfolio.figures.benchmark_figures import Benchmarks, choices_of, figures_of, newest_with_enough
from portfolio.figures.benchmarks import FEWEST
from portfolio.filters import BenchmarkFilter
from portfolio.pages.benchmarks import beside_sentence, measured_with, newer_edition, other_editions, page_context
from portfolio.saved_views.acts import kept_links_of
from portfolio.target_forecast import expected_sentence

LONGEST = 120  # characters of a choice; a longer one is none of ours


@login_required
@require_safe
def benchmarks(request: SignedInRequest) -> HttpResponse:
    today = days.today()
    known = measures()
    typed = tuple(request.GET.get(name, "")[: LONGEST + 1] for name in BenchmarkFilter.names)
    state = newest()
    accounts = Account.objects.visible_to(request.user).active()
    figures, expected, climbs = cached_figures(
        "benchmarks",
        scope_of(request.user),
        today,
        typed,
        make=lambda: _figures(request, accounts, known, today),
        state=state,
    )
    narrowed = _filter(request, accounts, figures.choices, known, today)
    question = narrowed.question(figures.editions)
    context = {
        "section": "benchmarks",
        "saved_views": kept_links_of(request.user, state=state, today=today),
        "form": narrowed.form,
        "figures": figures,
        "expected": expected and expected_sentence(expected),
        "unforeseen": expected.unknown if expected else 0,
        "chosen": question,
        "may_add": may_add_accounts(request.user),
        "fewest": FEWEST,
        "narrowed": bool(narrowed.stated),
        "measured_with": measured_with(figures, known),
        "newer_edition": newer_edition(figures, known),
        "other_editions": other_editions(figures, known, request.GET),
    }
    if beside := _beside(request):
        context |= {"beside": beside, "beside_sentence": beside_sentence(beside, among_its_like(beside, request.user))}
    if figures.heard >= FEWEST:
        context |= page_context(figures, narrowed.stated if question.at == today else None, climbs)
    return render(request, "portfolio/benchmarks.html", context)


def _beside(request: SignedInRequest) -> Account | None:
    """The account to compare with its segment; None for one that the reader may not see, since addresses are shared."""
    pk = typed_id(request.GET.get("account", ""))
    return None if pk is None else Account.objects.visible_to(request.user).filter(pk=pk).first()


def _filter(
    request: SignedInRequest, accounts: AccountQuerySet, offered: Offered, known: Sequence[Measure], today: date
) -> BenchmarkFilter:
    return BenchmarkFilter(
        request.GET, user=request.user, queryset=accounts, offered=offered, measures=known, today=today
    )  # fmt: skip


def _figures(
    request: SignedInRequest, accounts: AccountQuerySet, known: Sequence[Measure], today: date
) -> tuple[Benchmarks, Expected | None, ClimbOutlook | None]:
    """The figures; when the later day is today also how many targets will be reached, and how likely climbs are.

    Four statements, whatever the number of accounts.
    """
    everyone = members_of(accounts)
    narrowed = _filter(request, accounts, choices_of(everyone), known, today)
    fitting = None if request.user.sees_all_accounts and not narrowed.stated else narrowed.qs
    results = results_of(fitting)
    # Where all results were read, those of archived accounts are among them.
    until = narrowed.days()[1]
    question = narrowed.question(newest_with_enough(results.of(everyone.ids).until(until), [one.edition_ids for one in known]))
    expected = climbs = None
    if question.at == today:
        basis = newest_basis() or ForecastBasis.of(today, NO_PACE, {})
        chosen = everyone.within(**narrowed.stated)
        expected = expected_of(chosen.targets, [chosen.groups[place].segment for place in chosen.group.tolist()], basis, today)
        climbs = climbs_of(basis.pace, question.segment, basis.factors.get(question.segment, 1.0))
    return figures_of(everyone, results, completed_by(fitting), question), expected, climbs
