from assessments.models.bulk import BulkAccount, BulkRounds
from assessments.models.invitations import Invitation, SurveyLink
from assessments.models.rounds import EARLIEST, Answer, Assessment, Evidence, Response

__all__ = [
    "EARLIEST",
    "Answer",
    "Assessment",
    "BulkAccount",
    "BulkRounds",
    "Evidence",
    "Invitation",
    "Response",
    "SurveyLink",
]
