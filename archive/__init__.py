"""All that is the organisation's in one JSON file, and that file into an empty installation: `docs/archive.md`.

`contents` says what is in it and what is left out and why, `writing` makes it, `reading` opens and checks one, `restoring`
stores it.
"""

import tomllib

from django.conf import settings

NAME = "standing-archive"
#: Raised when records get, lose or rename a field: an older Standing then says that it cannot read the file.
#: `upgrading` reads earlier ones.
VERSION = 2
ENDINGS = (".json", ".json.gz")
BATCH = 1000  # records that are in memory at a time

#: The lines between which the records stand, one a line.
RECORDS, END_OF_RECORDS = b'"records": [\n', b"],\n"


def product_version() -> str:
    """As `pyproject.toml` says: Standing runs from its folder and is not installed as a package."""
    text = (settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["version"]
