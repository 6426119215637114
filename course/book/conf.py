"""How Sphinx makes the book; `python -m course.build --book` lays the pages beside a copy of this file and calls it."""

project = "Gas or electric? Machine learning in production"
author = "the authors of case-heating"
copyright = "the authors of case-heating, Apache-2.0"
extensions = ["myst_nb"]
html_theme = "furo"
html_title = "Gas or electric?"
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_copy_source = False
html_show_sphinx = False
language = "en"

nb_execution_mode = "off"  # the notebooks come executed, each exercise tried unsolved, with each mistake, and solved
nb_merge_streams = True
nb_code_prompt_show = "Show the solution"
nb_code_prompt_hide = "Hide the solution"
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
suppress_warnings = ["myst.header"]  # some lessons begin a part with a smaller heading
