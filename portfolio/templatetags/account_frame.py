"""The frame of the page of an account, for the tabs that other rooms show."""

from django import template
from django.template import Context

from accounts.models import Account
from portfolio.pages.account_frame import AccountFrame, accounts_whole, frame_of

register = template.Library()


@register.simple_tag(takes_context=True)
def account_frame(context: Context, account: Account, here: str) -> AccountFrame:
    """The frame that the view has made, else a new one: head, strip and tabs of `account`, whose tab `here` is shown.

    One statement, one more while the levels of the edition are not cached, and one for an account that does not come from
    `accounts_whole`.
    """
    made: AccountFrame | None = context.get("frame")
    if made:
        return made
    whole = account if hasattr(account, "state_of_data") else accounts_whole().get(pk=account.pk)
    return frame_of(whole, context["user"], here=here)
