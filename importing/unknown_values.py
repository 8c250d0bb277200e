"""Values of cells that nobody knows yet, and that a person can decide once for the whole file."""


class UnknownValue(ValueError):
    """A value of `field` that is not known; the message says so to whoever cannot be asked."""

    def __init__(self, field: str, text: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.text = field, text
