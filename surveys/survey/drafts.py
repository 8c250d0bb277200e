"""What is filled in at another browser than the one that holds a confidential survey."""

from assessments.rating.acts import Filled
from core.versions import StaleEdit
from surveys.models import BrowserDraft, Invitation


def draft_of(invitation: Invitation, browser: str) -> BrowserDraft | None:
    """One statement."""
    return invitation.browser_drafts.filter(browser=browser).first() if browser else None


def filled_of(draft: BrowserDraft | None) -> Filled:
    return Filled(draft.answers, comment=draft.comment) if draft else Filled()


def keep_draft(
    invitation: Invitation, browser: str, answers: dict[str, int | None], comment: str | None, *, seen: int
) -> BrowserDraft | None:
    """Add to the draft of `browser`, within the lock of the round; None where nothing is given nor kept.

    `seen` is the version that was shown; StaleEdit where another window filled in something else since.
    """
    draft = draft_of(invitation, browser)
    stored = filled_of(draft)
    filled = with_more(stored, answers, comment)
    if filled == stored or not browser:
        return draft
    if draft is None:
        return BrowserDraft.objects.create(invitation=invitation, browser=browser, answers=filled.answers, comment=filled.comment)
    if seen != draft.version and replaces(stored, answers, comment):
        raise StaleEdit(draft)
    draft.answers, draft.comment = filled.answers, filled.comment
    draft.save_version(draft.version, ["answers", "comment"])
    return draft


def with_more(stored: Filled, answers: dict[str, int | None], comment: str | None) -> Filled:
    """What is stored, with `answers` and, unless it is None, `comment` in addition."""
    return Filled({**stored.answers, **answers}, stored.evidence, stored.comment if comment is None else comment)


def replaces(stored: Filled, answers: dict[str, int | None], comment: str | None) -> bool:
    """Whether `answers` or `comment` would replace a different stored value."""
    other = any(code in stored.answers and stored.answers[code] != value for code, value in answers.items())
    return other or (comment is not None and stored.comment not in {"", comment})
