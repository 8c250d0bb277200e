"""The names of the placeholders that a template of slides has; `docs/review.md` says what stands in each."""

from reviews.sections import SECTIONS

HEAD = ("account", "facts", "date", "words")
FIGURES = ("they", "we", "gap", "sure", "target")
CHART = "chart"
#: All of them: a template has each at least once, on one layout or spread over several.
NAMES: tuple[str, ...] = (*HEAD, *FIGURES, CHART, *(section.__name__ for section in SECTIONS))
