"""Dutch date formats with abbreviated months in lower case.

Django writes `M` with a capital in every language, and `N` as the language does. Django looks up a format string by its own
text in this module before it uses it, so each format with `M` is mapped to one with `N`.
"""

globals().update({
    "M": "N",
    "M Y": "N Y",
    "j M": "j N",
    "j M Y": "j N Y",
    "D j M": "D j N",
    "D j M Y": "D j N Y",
})  # fmt: skip
