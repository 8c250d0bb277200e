"""Settings of Sphinx: `script/docs` makes the static pages in var/docs/ (decision 0022)."""

project = "Standing"
html_title = "Standing"
language = "en"
extensions = ["myst_parser"]
exclude_patterns = ["images"]
html_theme = "furo"
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
# Links to a heading use the same anchors as on GitHub.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
