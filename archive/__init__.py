"""Export all data of the organisation to one JSON file, and import that file into an empty installation (`docs/archive.md`).

`contents` lists the archived models and fields, `writing` writes an archive, `reading` opens and checks one, `upgrading`
converts records of earlier formats, `restoring` stores an archive in the database.
"""

import tomllib

from django.conf import settings

NAME = "standing-archive"
#: The format. Raise it when records get, lose or rename a field, and teach `upgrading` the former one; an older version of the
#: site then refuses the file.
VERSION = 4
ENDINGS = (".json", ".json.gz")
BATCH = 1000  # records that are in memory at a time

#: The lines before and after the records, which have one line each.
RECORDS, END_OF_RECORDS = b'"records": [\n', b"],\n"


def product_version() -> str:
    """The version in `pyproject.toml`, since the site runs from its folder and is not installed as a package."""
    text = (settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["version"]
