from assessments.models.rounds import EARLIEST, Answer, Assessment, Evidence, Response

__all__ = ["EARLIEST", "Answer", "Assessment", "Evidence", "Response"]
