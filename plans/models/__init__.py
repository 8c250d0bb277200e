from plans.models.action_plans import ActionPlan, must_be_open
from plans.models.actions import Action
from plans.models.calendar_feed import CalendarFeed
from plans.models.comments import ActionComment, CommentMention
from plans.models.forecast_basis import ForecastBasis
from plans.models.shared import must_be_active
from plans.models.targets import Target

__all__ = [
    "Action",
    "ActionComment",
    "ActionPlan",
    "CalendarFeed",
    "CommentMention",
    "ForecastBasis",
    "Target",
    "must_be_active",
    "must_be_open",
]
