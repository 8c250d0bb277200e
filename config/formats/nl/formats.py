"""How Dutch writes what Django's own Dutch formats do not.

Django begins an abbreviated month (`M`) with a capital in every language; Dutch months have none, and `N` is the
abbreviation as the language writes it. A format is looked up here by its own text before it is used.
"""

globals().update({
    "M": "N",
    "M Y": "N Y",
    "j M": "j N",
    "j M Y": "j N Y",
    "D j M": "D j N",
    "D j M Y": "D j N Y",
})  # fmt: skip
