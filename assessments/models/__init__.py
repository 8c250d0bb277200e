from assessments.models.responses import Answer, Correction, Evidence, Response
from assessments.models.rounds import EARLIEST, Assessment, AssessmentQuerySet

__all__ = ["EARLIEST", "Answer", "Assessment", "AssessmentQuerySet", "Correction", "Evidence", "Response"]
