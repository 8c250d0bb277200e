"""Sentences about targets, plans and actions, in the language of the reader: for pages, mails and exports."""

from collections.abc import Callable, Mapping
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from accounts.templatetags.standing import likelihood
from plans.models import Action, Target
from plans.trajectory import CHANCE, HOLD, Trajectory, TrajectoryStatus


def status_sentence(status: TrajectoryStatus) -> str:
    """Why the target has the status that it has: what decided, the line, the chance or the customer's word, and the chance."""
    if status.reason == "no_target":
        return _("No target yet: where should this customer see us within three years?")
    return " ".join(filter(None, (_reason(status), _chance_beside(status))))


def _reason(status: TrajectoryStatus) -> str:
    values = _in_words(status)
    if not status.values["measured"] and status.reason != "no_result_yet":
        return _("No result tells where we stand. We started from %(position)s; the line expects %(expected)s by now.") % values
    theirs = status.values["last_heard_on"] is not None
    hold = status.values["kind"] == HOLD
    sentences: dict[str, Callable[[], str]] = {
        "reached": lambda: (
            _("They say %(position)s: level %(level)s was held until %(due)s.")
            if hold
            else _("They say %(position)s: level %(level)s is reached.")
        ),
        "there_but_not_heard_for_a_year": lambda: _(
            "They said %(position)s, but that was in %(heard)s, over a year ago: whether level %(level)s still holds is to be heard."
        ),
        "there_but_never_heard": lambda: _(
            "We say %(position)s, which is level %(level)s; whether they agree is still to be heard."
        ),
        "past_due": lambda: (
            _("Level %(level)s was due in %(due)s; they say %(position)s.")
            if theirs
            else _("Level %(level)s was due in %(due)s; we say %(position)s.")
        ),
        "no_result_yet": lambda: (
            _("Too early to tell: they were not heard since the target was set.")
            if theirs
            else _("Too early to tell: nothing was assessed since the target was set.")
        ),
        "far_behind": lambda: (
            _("Needs level %(level)s by %(due)s. The line expects %(expected)s by now; they say %(position)s.")
            if theirs
            else _("Needs level %(level)s by %(due)s. The line expects %(expected)s by now; we say %(position)s.")
        ),
        "behind_but_likely": lambda: (
            _(
                "Behind the line, which expects %(expected)s by now while they say %(position)s; but of accounts that stood there "
                "with this much time left more than six in ten held the level: %(chance)s."
            )
            if hold
            else _(
                "Behind the line, which expects %(expected)s by now while they say %(position)s; but of accounts that stood there "
                "with this much time left more than six in ten got to level %(level)s: %(chance)s."
            )
        ),
        "behind": lambda: (
            _("The line expects %(expected)s by now; they say %(position)s.")
            if theirs
            else _("The line expects %(expected)s by now; we say %(position)s.")
        ),
        "never_heard": lambda: _("We say %(position)s where the line expects %(expected)s, but the customer was never heard."),
        "not_heard_for_a_year": lambda: _(
            "The line expects %(expected)s by now; they said %(position)s, but that was in %(heard)s, over a year ago."
        ),
        "on_the_line_but_unlikely": lambda: (
            _(
                "They say %(position)s, so level %(level)s holds so far; but of accounts that stood there with this much time left "
                "fewer than one in four still held it on the day: %(chance)s."
            )
            if hold
            else _(
                "On the line so far, which expects %(expected)s by now: they say %(position)s. But of accounts that stood there with "
                "this much time left fewer than one in four got to level %(level)s: %(chance)s."
            )
        ),
        "keeping_up": lambda: _("The line expects %(expected)s by now; they say %(position)s."),
        "holding": lambda: _("They say %(position)s: level %(level)s holds."),
    }
    return sentences[status.reason]() % values


def _chance_beside(status: TrajectoryStatus) -> str:
    """The chance, where the reason does not name it already and something is left to be seen."""
    chance = status.values["chance"]
    if chance is None or status.decided_by == CHANCE or status.reason in SETTLED:
        return ""
    told = (
        _("To stand on level %(level)s in %(due)s is %(chance)s likely.")
        if status.values["kind"] == HOLD
        else _("Level %(level)s by %(due)s is %(chance)s likely.")
    )
    return told % _in_words(status)


def target_sentence(target: Target, level_names: Mapping[int, str] | None = None) -> str:
    """The target in a sentence: the level to reach or to hold, with its name where it is known, and the day."""
    name = (level_names or {}).get(target.level)
    values = {
        "level": _("%(level)s (%(name)s)") % {"level": target.level, "name": name} if name else target.level,
        "due": date_format(target.due_on, "j F Y"),
    }
    if target.kind == HOLD:
        return _("Hold level %(level)s until %(due)s.") % values
    return _("Level %(level)s by %(due)s.") % values


def trajectory_sentence(way: Trajectory, basis: str, today: date) -> str:
    """The trajectory in two sentences: its start, its goal, and the position that it expects today."""
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
        if way.kind == HOLD
        else _("From there the way leads straight to level %(level)s on %(due)s; today it expects %(expected)s.")
    )
    return f"{start} {goal}" % values


def baseline_sentence(position: float | None, basis: str) -> str:
    """The baseline that a new target would get."""
    if position is None:
        return _("Nobody knows yet how they see us.")
    values = {"position": number_format(position, 1)}
    if basis == Target.Basis.CUSTOMER:
        return _("They place us at %(position)s. A new target starts from there.") % values
    return (
        _("We place ourselves at %(position)s; they were not heard yet. A new target starts from our own view, and says so.")
        % values
    )


def pace_sentence(way: Trajectory) -> str:
    """The pace of a trajectory: how many levels in how many months."""
    if way.kind == HOLD:
        return _("It asks to hold the level that is there.")
    months = max(1, round((way.due_on - way.set_on).days * 12 / 365.25))
    climb = number_format(way.level - way.baseline, 1)
    return ngettext(
        "It asks for a climb of %(climb)s levels in %(months)s month.",
        "It asks for a climb of %(climb)s levels in %(months)s months.",
        months,
    ) % {"climb": climb, "months": months}


def way_sentence(account: Account, target: Target | None) -> str:
    """The level of an account, and the number of steps to its target: the headline of the plan page."""
    if account.level is None:
        return _("Nobody knows yet how they see us.")
    values = {"level": account.level}
    stands = (
        _("They see us at level %(level)s.") if account.customer_level else _("We see ourselves at level %(level)s.")
    ) % values
    if target is None:
        return f"{stands} " + _("There is no target yet.")
    steps = target.level - account.level
    goal = {"goal": target.level, "due": date_format(target.due_on, "F Y"), "steps": steps}
    if target.kind == HOLD:
        return f"{stands} " + _("The target is to stay on level %(goal)s until %(due)s.") % goal
    if steps <= 0 and account.customer_level is None:
        return (
            f"{stands} " + _("The target is level %(goal)s by %(due)s: the customer has not said yet that it is reached.") % goal
        )
    if steps <= 0:
        return f"{stands} " + _("The target is level %(goal)s by %(due)s: it is reached.") % goal
    return (
        f"{stands} "
        + ngettext(
            "The target is level %(goal)s by %(due)s: one step.",
            "The target is level %(goal)s by %(due)s: %(steps)s steps.",
            steps,
        )
        % goal
    )


def due_words(action: Action, today: date) -> str:
    """When an action is due, how late it is, or when it was done: “6 days late”, “tomorrow”, “Thu 3 Dec”."""
    if action.state == Action.State.DROPPED:
        return _("dropped")
    if action.done_on:
        return _("done %(day)s") % {"day": short_day(action.done_on, today)}
    days = (action.due_on - today).days
    if days < 0:
        return ngettext("%(days)s day late", "%(days)s days late", -days) % {"days": number_format(-days, 0)}
    near = {0: _("today"), 1: _("tomorrow")}
    return near.get(days) or short_day(action.due_on, today)


def short_day(day: date, today: date) -> str:
    """Day and month, with the weekday; the year where it is another one than today's."""
    return date_format(day, "D j M" if day.year == today.year else "j M Y")


#: Reasons that leave nothing to be seen.
SETTLED = frozenset({"reached", "past_due", "there_but_not_heard_for_a_year", "there_but_never_heard"})


def place_words(position: float, level: int, *, exact: bool) -> str:
    """A position with one decimal, cut off, so that it is on no level that it does not hold; the level where only that is known."""
    return number_format(position, 1) if exact else _("level %(level)s") % {"level": level}


def _in_words(status: TrajectoryStatus) -> dict[str, object]:
    values = status.values
    heard = values["last_heard_on"]
    return {
        "level": values["level"],
        "due": date_format(values["due_on"], "F Y"),
        "expected": number_format(values["expected"], 1),
        "position": place_words(values["position"], values["standing"], exact=values["exact"]),
        "heard": date_format(heard, "F Y") if heard else "",
        "chance": "" if values["chance"] is None else likelihood(values["chance"]),
    }


def moved_words(action: Action) -> str:
    """What happened to an action that got another state."""
    told = {
        Action.State.TODO: _("To do again: %(action)s"),
        Action.State.DOING: _("Under way: %(action)s"),
        Action.State.DONE: _("Done: %(action)s"),
        Action.State.DROPPED: _("Dropped: %(action)s"),
    }
    return told[Action.State(action.state)] % {"action": action.title}
