from surveys.models.bulk_rounds import BulkAccount, BulkRounds
from surveys.models.invitations import Invitation, SurveyLink

__all__ = ["BulkAccount", "BulkRounds", "Invitation", "SurveyLink"]
