"""The form that publishes an edition."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from audit import trail
from core.versions import StaleEdit
from hierarchy.measures import PublishingEffect
from hierarchy.models import Edition
from hierarchy.publishing import publish

SAME, NEW = "same", "new"
_LARGEST = 2_000_000_000

DRAFT_CHANGED = _(
    "Someone changed this edition while you were looking at it, so it is not published yet. Preview it again, then publish."
)
PUBLISHED_CHANGED = _(
    "Another edition was published while you were looking at this one, so it is not published yet. Read again what publishing it "
    "does now."
)


class PublishForm(forms.Form):
    """Names the draft and the published edition as the page showed them, and says whether it is the same measure.

    The choice is asked only where nothing but wording differs from the published edition.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=_LARGEST)
    published = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=_LARGEST)
    measure = forms.ChoiceField(
        choices=[(SAME, _("The same measure")), (NEW, _("A new measure"))],
        required=False,
        error_messages={"invalid_choice": _("Choose one of the two.")},
    )

    def __init__(self, *args: Any, edition: Edition, effect: PublishingEffect, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.edition, self.effect = edition, effect
        self.is_outdated = False

    @property
    def published_id(self) -> int:
        return self.effect.published.pk if self.effect.published else 0

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (cleaned.get("version") or 0) != self.edition.version:
            self._refuse_outdated(self.edition)
        elif (cleaned.get("published") or 0) != self.published_id:
            self._refuse_outdated(self.effect.published)
        elif "measure" not in self.errors and self.effect.may_continue and not cleaned.get("measure"):
            self.add_error("measure", _("Only wording differs. Say whether it is still the same measure."))
        return cleaned

    def publish(self, *, by: trail.Actor) -> bool:
        """Publish the edition as the form says, and whether that was done; if not, the errors of the form say why.

        Raises DoesNotExist when it was deleted.
        """
        if not self.is_valid():
            return False
        try:
            publish(
                self.edition,
                by=by,
                seen=self.cleaned_data["version"],
                seen_published=self.cleaned_data["published"],
                same_measure=self.cleaned_data["measure"] == SAME,
            )
        except StaleEdit as stale:  # since the form was checked
            self._refuse_outdated(stale.current)
        except ValidationError as problem:
            self.add_error(None, problem)
        return not self.errors

    def _refuse_outdated(self, changed: Any) -> None:
        self.is_outdated = True
        self.add_error(None, DRAFT_CHANGED if changed is None or changed.pk == self.edition.pk else PUBLISHED_CHANGED)
