"""Values of which only a person can say what they are, and what was said of them.

Readers and lookups raise UnknownValue. Where somebody can be asked, the import asks once for each value (`importing.questions`)
and reads the rows again with the answer; at the command line the row is refused with the reason.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from core.folding import same_text

#: By field, then by the text of the cell as `same_text` makes it: what a person said that it is; "" leaves the field empty.
type Answers = Mapping[str, Mapping[str, Any]]

MOST_TEXTS = 2000  # of one field, that an import keeps
OTHERS = ""  # the text of all further ones
REST = "*"  # the answer for each text of a field that has none of its own
AS_WRITTEN = True  # an answer: the text itself is the value

# Questions about rows, not about a cell. Their texts are fixed, so that each is asked once.
TOTAL = "total"  # the row seems to be the sum of the others
PEOPLE = "people"  # the row is a person in a list of organisations
REPEATED_NAME = "repeated_name"  # several rows have one name and no external id
OUT, KEEP = "out", "keep"  # answers to the first two: leave such rows out, or import them as accounts
ONCE, EACH = "once", "each"  # answers to the third: the first row of a name counts, or each row is an account of its own


class UnknownValue(ValueError):
    """Nobody knows what `text` of `field` is; the message is the reason for a row that is refused."""

    def __init__(self, field: str, text: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.text = field, text


class UnknownValues(Counter[tuple[str, str]]):
    """How many rows have each value that nobody knows: by its field and its text.

    Of a field with more than `MOST_TEXTS` texts the rows of all others are counted together, with the text `OTHERS`.
    """

    def __init__(self) -> None:
        super().__init__()
        self._texts: Counter[str] = Counter()

    def add(self, found: Iterable[tuple[str, str]]) -> None:
        for field, text in found:
            if (field, text) not in self:
                if self._texts[field] >= MOST_TEXTS:
                    text = OTHERS
                self._texts[field] += 1
            self[field, text] += 1


class NoAnswer:
    """The type of NO_ANSWER."""


NO_ANSWER = NoAnswer()


def answer_for(answers: Answers, field: str, text: str) -> Any:
    """What was said of this text: a value, "" for “leave it empty”, or NO_ANSWER."""
    said = answers.get(field)
    if not said:
        return NO_ANSWER
    value = said.get(same_text(text), said.get(REST, NO_ANSWER))
    return text if value is AS_WRITTEN else value
