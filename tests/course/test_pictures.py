"""Charts of every kind become SVG, the same bytes each time; other values keep their own forms."""

import altair as alt
import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from case_heating.people.plots import Plot
from course.pictures import Picture, bundle_of, shown

mpl.use("Agg")


def draw(canvas):
    canvas.subplots().plot([1, 2])


def a_figure():
    figure = Figure()
    figure.subplots().plot([1, 2])
    return figure


def test_charts_become_pictures():
    chart = alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_bar().encode(x="x")
    plot = Plot("name", "What it finds", 2.0, 2.0, draw)
    for value in (chart, chart | chart, plot, a_figure(), a_figure().axes[0]):
        picture = shown(value)
        assert isinstance(picture, Picture)
        assert "<svg" in picture.svg
        assert set(bundle_of(value)) == {"image/svg+xml", "text/plain"}
    assert repr(shown(plot)) == "<What it finds>"
    assert shown(chart).svg == shown(chart).svg


def test_a_chart_that_was_shown_is_closed_or_a_notebook_would_show_it_twice():
    from matplotlib import pyplot

    axes = pd.Series([1.0, 2.0]).plot.barh()
    assert "</svg>" in shown(axes).svg
    assert pyplot.get_fignums() == []


def test_other_values_keep_their_own_forms():
    assert bundle_of({"a": 1}) == {"text/plain": "{'a': 1}"}
    assert bundle_of("words") == {"text/plain": "'words'"}
    told = bundle_of(pd.DataFrame({"a": [1]}))
    assert "<table" in told["text/html"]
    assert told["text/plain"].startswith("   a")
