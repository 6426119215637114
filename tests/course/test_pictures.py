"""Pictures are drawn once, the same in a notebook, in the book and in plain Python."""

import matplotlib as mpl
import pandas as pd

from course.pictures import shown

mpl.use("Agg")


def test_a_chart_that_was_shown_is_closed_or_a_notebook_would_show_it_twice():
    from matplotlib import pyplot

    axes = pd.Series([1.0, 2.0]).plot.barh()
    picture = shown(axes)
    assert picture.svg.lstrip().startswith("<?xml")
    assert "</svg>" in picture.svg
    assert pyplot.get_fignums() == []


def test_what_is_no_picture_stays_as_it_is():
    table = pd.DataFrame({"a": [1]})
    assert shown(table) is table
