"""English days as the pages write them elsewhere: 19 November 2026, and the clock of 24 hours."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"
