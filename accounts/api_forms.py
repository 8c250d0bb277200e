"""What a program sends, put into the forms that people fill in: the same checks, the same verbs."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.forms import AccountForm, ContactForm
from accounts.models import Account, Contact, Team, User
from core.api import refused, wrong


class AccountBody(AccountForm):
    """An account from what was sent; what was not sent stays as it is."""

    def __init__(self, sent: dict[str, Any], *, user: User, instance: Account | None = None, by_source: bool = False) -> None:
        super().__init__(user=user, instance=instance, by_source=by_source)
        visible = Account.objects.visible_to(user)
        self.fields["parent"] = forms.ModelChoiceField(visible, required=False, label=self.fields["parent"].label)
        self.fields["parent"].disabled = "parent" in self.owned.names
        self.initial["parent"] = self._shown_parent.pk if self._shown_parent else None
        self.is_bound = True
        self.data = {name: self.get_initial_for_field(field, name) for name, field in self.fields.items()} | _typed(sent)
        if "owner" in sent and isinstance(sent["owner"], str):
            self.data["owner"] = person_in(self.fields["owner"].queryset, sent["owner"], "owner")
        if isinstance(sent.get("team"), str):
            self.data["team"] = team_in(self.fields["team"].queryset, sent["team"])
        if "tags" in sent:
            self.data["tags"] = ", ".join(sent["tags"] or ())

    def clean_parent(self) -> Account | None:
        chosen = self.cleaned_data["parent"]
        if chosen is None and self._shown_parent is None:
            return self.instance.parent  # what one may not see stays
        return chosen


class ContactBody(ContactForm):
    def __init__(self, sent: dict[str, Any], *, account: Account, instance: Contact | None = None) -> None:
        super().__init__(account=account, instance=instance)
        self.is_bound = True
        self.data = {name: self.get_initial_for_field(field, name) for name, field in self.fields.items()} | _typed(sent)


def person_in(people: QuerySet[User], who: str | int, field: str) -> int:
    """The id of the person among `people` that an e-mail address or id names. Raises ApiProblem."""
    asked = {"pk": who} if isinstance(who, int) else {"email__iexact": who}
    found = people.filter(**asked).values_list("pk", flat=True).first()
    if found is None:
        # One sentence for both: whether someone is here at all is not told.
        raise wrong(field, _("This person cannot be chosen here. Write the e-mail address of a colleague who may do this."))
    return found


def team_in(teams: QuerySet[Team], name: str) -> int:
    found = teams.filter(name__iexact=name).values_list("pk", flat=True).first()
    if found is None:
        raise wrong("team", _("This team cannot be chosen here. Write the name of a team of yours."))
    return found


def checked(form: forms.BaseForm, names: dict[str, str] | None = None) -> Any:
    """The form, when it is valid. Raises ApiProblem 422."""
    if not form.is_valid():
        raise refused(form, names)
    return form


def _typed(sent: dict[str, Any]) -> dict[str, Any]:
    """As a form is sent: nothing is an empty field."""
    return {name: "" if value is None else value for name, value in sent.items()}
