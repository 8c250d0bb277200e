class IdConverter:
    """An object's id in an address: a positive whole number that every database can compare with."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)
