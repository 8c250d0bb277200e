class IdConverter:
    """Path converter for ids: a positive whole number of at most 18 digits, which both databases can compare with."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)
