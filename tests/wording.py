"""What every sentence on a page has in common, whatever it says."""

import re


def faults(text: str) -> list[str]:
    """What is wrong with one or more sentences: left-over placeholders, missing words, spaces, ends."""
    found = []
    if re.search(r"%\(|%s|\{|\}|None|nan", text):
        found.append("a placeholder or a missing value")
    if re.search(r"  |\s[.,;:?]|^\s|\s$", text):
        found.append("a space too many")
    if re.search(r"[.,;:]\s*[.,;:]", text):
        found.append("two marks in a row")
    if not re.match(r"[A-Z]", text):
        found.append("no capital")
    if not re.search(r"[.?]$", text):
        found.append("no end")
    return found
