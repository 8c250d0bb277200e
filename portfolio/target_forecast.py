"""The forecasts of many targets in words."""

from django.utils.formats import number_format
from django.utils.translation import ngettext

from plans.forecast.expected import Expected


def expected_sentence(expected: Expected) -> str:
    """Empty without a target that has a chance."""
    if not expected.of:
        return ""
    text = ngettext(
        "Of %(of)s target %(expected)s will probably be met; nine times out of ten it is %(low)s to %(high)s.",
        "Of %(of)s targets %(expected)s will probably be met; nine times out of ten it is %(low)s to %(high)s.",
        expected.of,
    )
    figures = {"of": expected.of, "expected": round(expected.expected), "low": expected.low, "high": expected.high}
    return text % {name: number_format(figure, 0, force_grouping=True) for name, figure in figures.items()}
