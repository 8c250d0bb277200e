"""Where a target stands and what it asks, in words: for pages, mails and exports alike."""

from collections.abc import Callable, Mapping
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from plans.models import Target
from plans.trajectory import Status, Trajectory


def status_sentence(status: Status) -> str:
    """Why the target has the status that it has."""
    if status.reason == "no_target":
        return _("No target yet: where should this customer see us within three years?")
    values = _in_words(status)
    theirs = status.values["last_heard_on"] is not None
    sentences: dict[str, Callable[[], str]] = {
        "reached": lambda: _("They say %(position)s: level %(level)s is reached.")
        if theirs
        else _("We say %(position)s, which is level %(level)s; whether they agree is still to be heard."),
        "past_due": lambda: _("Level %(level)s was due in %(due)s; they say %(position)s.")
        if theirs
        else _("Level %(level)s was due in %(due)s; we say %(position)s."),
        "no_result_yet": lambda: _("Too early to tell: nothing was assessed since the target was set."),
        "far_behind": lambda: _("Needs level %(level)s by %(due)s. The plan expects %(expected)s by now; they say %(position)s.")
        if theirs
        else _("Needs level %(level)s by %(due)s. The plan expects %(expected)s by now; we say %(position)s."),
        "behind": lambda: _("The plan expects %(expected)s by now; they say %(position)s.")
        if theirs
        else _("The plan expects %(expected)s by now; we say %(position)s."),
        "never_heard": lambda: _("We say %(position)s where the plan expects %(expected)s, but the customer was never heard."),
        "not_heard_for_a_year": lambda: _(
            "The plan expects %(expected)s by now; they said %(position)s, but that was in %(heard)s, over a year ago."
        ),
        "keeping_up": lambda: _("The plan expects %(expected)s by now; they say %(position)s."),
    }
    return sentences[status.reason]() % values


def target_sentence(target: Target, level_names: Mapping[int, str] | None = None) -> str:
    """What the target asks: the level, with its name where it is known, and the day. A level that is there already is held."""
    name = (level_names or {}).get(target.level)
    values = {
        "level": _("%(level)s (%(name)s)") % {"level": target.level, "name": name} if name else target.level,
        "due": date_format(target.due_on, "j F Y"),
    }
    if target.level <= target.baseline:
        return _("Hold level %(level)s until %(due)s.") % values
    return _("Level %(level)s by %(due)s.") % values


def trajectory_sentence(way: Trajectory, basis: str, today: date) -> str:
    """The straight way from the day the target was set, and what it expects today."""
    values = {
        "baseline": number_format(way.baseline, 1),
        "since": date_format(way.set_on, "j F Y"),
        "level": way.level,
        "due": date_format(way.due_on, "j F Y"),
        "expected": number_format(way.expected(today), 1),
    }
    start = (
        _("On %(since)s they placed us at %(baseline)s.")
        if basis == Target.Basis.CUSTOMER
        else _("On %(since)s we placed ourselves at %(baseline)s; they were not heard yet.")
    )
    goal = (
        _("The target is to stay on level %(level)s until %(due)s.")
        if way.level <= way.baseline
        else _("From there the way leads straight to level %(level)s on %(due)s; today it expects %(expected)s.")
    )
    return f"{start} {goal}" % values


def baseline_sentence(position: float | None, basis: str) -> str:
    """Where a new target would start."""
    if position is None:
        return _("Nobody knows yet how they see us.")
    values = {"position": number_format(position, 1)}
    if basis == Target.Basis.CUSTOMER:
        return _("They place us at %(position)s. A new target starts from there.") % values
    return (
        _("We place ourselves at %(position)s; they were not heard yet. A new target starts from our own view, and says so.") % values
    )


def _in_words(status: Status) -> dict[str, object]:
    values = status.values
    heard = values["last_heard_on"]
    return {
        "level": values["level"],
        "due": date_format(values["due_on"], "F Y"),
        "expected": number_format(values["expected"], 1),
        "position": number_format(values["position"], 1),
        "heard": date_format(heard, "F Y") if heard else "",
    }
