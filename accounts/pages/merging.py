"""Pages of mergers: find the other account, compare both and merge them, take it back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.acts.contact_merging import can_be_taken_back
from accounts.acts.merging import MergedAlready, merge_accounts, merger_of, undo_merger
from accounts.duplicates import accounts_like
from accounts.filters import AccountListFilter
from accounts.merge_preview import choices_of, merge_preview, same_people_of
from accounts.models import Account, User
from accounts.permissions import SignedInRequest, account_for, may
from core.forms import posted_number
from core.versions import StaleEdit

FOUND = 20  # accounts that the finder shows


@login_required
@require_safe
def find(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose the account to merge with: those that look like the same customer, and a search."""
    account = account_for(request.user, pk, to="account.merge")
    text = request.GET.get("q", "")[:100].strip()
    context = {
        "section": "accounts",
        "account": account,
        "alike": look_alikes(account, request.user),
        "q": text,
        "found": _found(account, request.user, text) if text else None,
        "most": FOUND,
    }
    return render(request, "accounts/merge_find.html", context)


@login_required
@require_safe
def alike(request: SignedInRequest, pk: int) -> HttpResponse:
    """The look-alikes as a part of the account page, which asks for it: the search reads the names of all accounts."""
    account = account_for(request.user, pk, to="account.merge")
    if not request.htmx:
        return redirect("accounts:merge_find", pk)
    return render(request, "accounts/_merge_alike.html", {"account": account, "alike": look_alikes(account, request.user)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: SignedInRequest, pk: int, other_pk: int) -> HttpResponse:
    """Both accounts beside each other, and what moves; merge the other one into this one."""
    kept = account_for(request.user, pk, to="account.merge")
    merged = account_for(request.user, other_pk, to="account.merge")
    status, context = 200, {"section": "accounts", "account": kept, "merged": merged}
    typed = request.POST if request.method == "POST" else None
    if typed is not None:
        seen = posted_number(request, "version") or -1, posted_number(request, "other_version") or -1
        try:
            merge_accounts(
                kept,
                merged,
                by=request.user,
                seen=seen,
                choices=choices_of(typed.dict()),
                same_people=same_people_of(typed.dict()),
            )
        except MergedAlready:
            return redirect(kept)
        except StaleEdit:
            status, context = 409, context | {"is_stale": True}
            kept, merged = (account_for(request.user, one, to="account.merge") for one in (pk, other_pk))
            context |= {"account": kept, "merged": merged}
        except ValidationError as error:
            status, context = 422, context | {"reasons": error.messages}
        else:
            told = _("%(merged)s is part of %(kept)s now. It can be taken back for 30 days.")
            messages.success(request, told % {"merged": merged, "kept": kept})
            return redirect(kept)
    preview = merge_preview(kept, merged, request.user, typed.dict() if typed is not None else None)
    return render(request, "accounts/merge.html", context | {"preview": preview}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the merger of this account into another one back."""
    merged = account_for(request.user, pk, to="account.merge")
    if merged.merged_into_id is None:
        if request.method == "POST":  # the second of two clicks
            messages.info(request, _("This was taken back already."))
        return redirect(merged)
    kept = account_for(request.user, merged.merged_into_id, to="account.merge")
    status, context = 200, {"section": "accounts", "account": kept, "merged": merged}
    if request.method == "POST":
        seen = posted_number(request, "version") or -1, posted_number(request, "other_version") or -1
        try:
            undo_merger(merged, by=request.user, seen=seen)
        except StaleEdit:
            status, context = 409, context | {"is_stale": True}
            context |= {"account": Account.objects.get(pk=kept.pk), "merged": Account.objects.get(pk=merged.pk)}
        except ValidationError as error:
            status, context = 422, context | {"reasons": error.messages}
        else:
            messages.success(request, _("Taken back: %(account)s is an account of its own again.") % {"account": merged})
            return redirect(merged)
    event = merger_of(merged)
    context |= {"event": event, "can_be_undone": event is not None and can_be_taken_back(event)}
    return render(request, "accounts/merge_undo.html", context, status=status)


def look_alikes(account: Account, user: User) -> list[tuple[Account, str]]:
    """Accounts that may be the same customer and that `user` may change, each with why. Five statements at most."""
    merged = Account.objects.filter(merged_into__isnull=False).values_list("pk", flat=True)
    relatives = {account.pk, account.parent_id, *account.children.values_list("pk", flat=True), *merged}
    found = accounts_like(user, account.name, account.website, but=relatives)
    return [(one, why) for one, why in found if may(user, "account.merge", one)]


def _found(account: Account, user: User, text: str) -> list[Account]:
    mine = Account.objects.changeable_by(user).unmerged().exclude(pk=account.pk)
    narrowed = AccountListFilter({"q": text}, user=user, queryset=mine)
    return list(narrowed.qs.select_related("owner", "team").order_by("name", "pk")[:FOUND])
