class UnreadableFile(Exception):
    """The file cannot be read as a table; the message tells a person why and what to do."""
