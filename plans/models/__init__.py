from plans.models.calendar_feed import CalendarFeed
from plans.models.planning import Action, ActionPlan, Target, must_be_active

__all__ = ["Action", "ActionPlan", "CalendarFeed", "Target", "must_be_active"]
