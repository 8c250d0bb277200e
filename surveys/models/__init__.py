from surveys.models.bulk_rounds import BulkAccount, BulkRounds
from surveys.models.invitations import Invitation, SurveyLink
from surveys.models.second_browsers import BrowserDraft, SurveyCode

__all__ = ["BrowserDraft", "BulkAccount", "BulkRounds", "Invitation", "SurveyCode", "SurveyLink"]
