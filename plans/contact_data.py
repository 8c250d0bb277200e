"""Free texts of targets, plans, actions and comments, which may name a contact: erasing a person lists them."""

from accounts.acts.erasure import ContactData, Texts
from accounts.models import Account
from plans.models import Action, ActionComment, ActionPlan, Target


def texts(account: Account) -> list[Texts]:
    return [
        Texts(Target.objects.filter(account=account), ["rationale", "superseded_why"]),
        Texts(ActionPlan.objects.filter(account=account), ["goal"]),
        Texts(Action.objects.filter(plan__account=account), ["title", "outcome"]),
        Texts(ActionComment.objects.filter(action__plan__account=account), ["text"]),
    ]


CONTACT_DATA = ContactData(texts=texts)
