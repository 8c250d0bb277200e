"""The acts that the trail records, each with the sentences that tell it. A room registers its acts in `start_up.py`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from audit.models import Event


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of event. Sentences have `%(who)s` for whoever did it, and `%(n)s` where they tell of several events."""

    name: str  # the value of `Event.act`: a kind of object, and what happened to it
    sentence: "StrOrPromise"
    several: "StrOrPromise" = ""  # with a plural by `n`; empty where several events are told like one
    by_link: "StrOrPromise" = ""  # with a plural by `n`: done by people of the customer, who have no name in the trail
    heading: "StrOrPromise" = ""  # on the page of the object itself, beside who did it
    is_news: bool = True  # whether the activity of an account shows it
    #: The parts of its content that the back-office shows; None: all of it. Whoever reads there may rate and manage accounts, too.
    shown: frozenset[str] | None = None

    def told(self, who: str, count: int = 1) -> str:
        """The sentence for so many events of one person."""
        values = {"who": who, "n": count}
        return self.several % values if count > 1 and self.several else str(self.sentence) % values

    def told_by_link(self, count: int = 1) -> str:
        """The sentence for so many events by people of the customer."""
        return self.by_link % {"n": count}


_acts: dict[str, Act] = {}


def register_acts(*acts: Act) -> None:
    """Make the acts known. Raises ValueError for a name that is registered already."""
    for act in acts:
        if act.name in _acts:
            raise ValueError(f"the act {act.name} is registered twice")
        _acts[act.name] = act


def registered() -> frozenset[str]:
    return frozenset(_acts)


def no_news() -> list[str]:
    """The names of the acts that the activity of an account leaves out."""
    return sorted(name for name, act in _acts.items() if not act.is_news)


def act_called(name: str) -> Act:
    """The act of this name; one with a general sentence for an old event whose act no room has any more."""
    return _acts.get(name) or Act(name, _("%(who)s changed something here."))


def heading_of(event: "Event") -> str:
    """What happened, on the page of the object itself; the name of the act where it has no heading."""
    return str(act_called(event.act).heading or event.act)


def told(event: "Event", count: int = 1) -> str:
    """The event, or so many of its kind by one person, in a sentence. Without a person it is the program's act."""
    act = act_called(event.act)
    if event.actor is None and act.by_link:
        return act.told_by_link(count)
    return act.told(who_of(event), count)


def who_of(event: "Event") -> str:
    return str(event.actor) if event.actor else "Standing"
