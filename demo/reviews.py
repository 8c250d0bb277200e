"""Reviews that were held with customers of the demo, so that the next one tells what has changed since."""

from datetime import timedelta
from random import Random

from demo.context import DemoContext, Dossier, moment_on, workday
from reviews.models import AccountReview

HELD = 0.15  # share of assessed accounts without a story
BEFORE_THE_ROUND = (10, 60)  # days between the review and the latest round


def review(dossier: Dossier, context: DemoContext) -> None:
    """The review of one account, some weeks before its latest round; its actions and people have ids already."""
    chance = Random(f"{context.seed}/{dossier.account.external_id}/review")  # noqa: S311 - plausible, not secret
    if not dossier.results or not (dossier.story or chance.random() < HELD):
        return
    held_on = workday(dossier.results[-1].held_on - timedelta(days=chance.randint(*BEFORE_THE_ROUND)))
    if held_on <= dossier.results[0].held_on:
        return
    held = AccountReview(
        account=dossier.account,
        held_on=held_on,
        by=dossier.account.owner,
        marked_at=moment_on(held_on),
        seen_actions=sorted(action.pk for action in dossier.actions if action.plan.started_on <= held_on),
        seen_people=sorted(contact.pk for contact in dossier.contacts),
    )
    dossier.reviews.append(held)
    dossier.tell("review.held", held, held_on, {"account": held.account_id, "held_on": held_on, "by": held.by_id})
