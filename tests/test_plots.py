"""Charts: the same bytes every time, inside their edges, themed, and with no name clashing on one page."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from case_heating.model.fuel import Calibration, Encoding, FuelModel
from case_heating.model.ladder import Ladder, Rung
from case_heating.model.quality import METRICS, Comparison, Figure, Quality
from case_heating.people import plots
from case_heating.people.counts import wilson_interval
from case_heating.people.plots import NARROW_IN, THEME, WIDE_IN, Plot


def comparison(accuracy: float, naive: float) -> Comparison:
    def quality(value: float) -> Quality:
        return Quality(100, dict.fromkeys(METRICS, Figure(value, value - 0.02, value + 0.02)))

    gain = dict.fromkeys(METRICS, Figure(accuracy - naive, accuracy - naive - 0.01, accuracy - naive + 0.01))
    return Comparison(quality(accuracy), quality(naive), gain)


def rung(stage: str, accuracy: float, *, region: float | None = None, later: float | None = None) -> Rung:
    model = FuelModel(stage, Encoding(()), None, Calibration(), 100)  # type: ignore[arg-type]  # no chart looks at trees
    return Rung(
        stage=stage,
        n_features=1,
        by_home=comparison(accuracy, 0.6),
        weighted=None,
        by_region=None if region is None else comparison(region, 0.55),
        by_time=None if later is None else comparison(later, 0.58),
        step=None,
        probability=np.empty(0),
        model=model,
    )


LADDER = Ladder((rung("location", 0.7, region=0.56, later=0.55), rung("billing", 0.97, region=0.9, later=0.8)), ())


def shares(index: list[object], share: list[float], **more: object) -> pd.DataFrame:
    table = pd.DataFrame({"n_homes": 100, "share": share}, index=index).assign(**more)
    return table.assign(low=(table["share"] - 0.05).clip(0), high=(table["share"] + 0.05).clip(upper=1))


CURVE = shares([0, 4, 9], [0.05, 0.5, 0.9], said=[0.04, 0.45, 0.93])
ANSWERED = shares([0.5, 0.8, 1.0], [0.999, 0.98, 0.91], least_sure=[0.99, 0.9, 0.5])
MISTAKEN = {
    "gas": shares(["mobile_home", "apartment_5_plus"], [0.0, 0.1]),
    "electricity": shares(["apartment_5_plus", "single_detached"], [0.2, 0.05]),
}
REGIONS = shares(["pacific", "west_south_central", "d<07>&$x_$"], [0.8, 0.9, 1.0], naive=[0.6, 0.7, 0.95])

ALL = [
    plots.ladder_plot(LADDER, "From 70.0 % right with the location alone to 97.0 % with all data; naive: 60.0 %"),
    plots.calibration_plot(CURVE, "What the machine says and what comes true lie 3.0 points apart on average"),
    plots.answered_plot(ANSWERED, Figure(0.6, 0.58, 0.62), "Answering only the surest 80 %, it is right for 98.0 %"),
    plots.mistaken_plot(MISTAKEN, "Mistaken most easily: electric homes called gas in “Apartment (5 or more)”"),
    plots.regions_plot(
        REGIONS, Figure(0.9, 0.88, 0.92), 'Right for 80.0 % of homes in Pacific, for 100 % in "d<07>&$x_$"'
    ),
]
each_plot = pytest.mark.parametrize("plot", ALL, ids=[plot.name for plot in ALL])


def _within(value: float, limits: np.ndarray) -> bool:
    return min(limits) <= value <= max(limits)


@each_plot
@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_no_word_leaves_the_picture(plot: Plot, width_in: float):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    canvas = plot.canvas(width_in)
    drawn = FigureCanvasAgg(canvas)
    drawn.draw()
    width, height = drawn.get_width_height()
    axis = canvas.axes[0].xaxis, canvas.axes[0].yaxis
    unseen = {
        tick.label1
        for one in axis
        for tick in one.get_major_ticks()
        if not _within(tick.get_loc(), one.get_view_interval())
    }
    for text in canvas.findobj(Text):
        if text.get_text() and text.get_visible() and text not in unseen:
            box = text.get_window_extent(drawn.get_renderer())
            assert box.x0 >= -1, text.get_text()
            assert box.x1 <= width + 1, text.get_text()
            assert box.y0 >= -1, text.get_text()
            assert box.y1 <= height + 1, text.get_text()


@each_plot
def test_the_same_plot_gives_the_same_bytes(plot: Plot, tmp_path):
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        plot.save(folder)
    for name in (f"{plot.name}.svg", f"{plot.name}.png"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert (tmp_path / "a" / f"{plot.name}.png").read_bytes().startswith(b"\x89PNG")
    root = ElementTree.fromstring((tmp_path / "a" / f"{plot.name}.svg").read_text())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


@each_plot
def test_an_inline_picture_follows_the_theme_and_names_no_other_host(plot: Plot):
    inline = plot.inline()
    assert inline.startswith('<svg role="img" aria-label="')
    assert "http" not in inline
    assert "<metadata" not in inline
    for colour, name in THEME.items():
        assert colour not in inline, name
    assert "var(--ink)" in inline
    assert "var(--naive)" in inline or plot.name == "mistaken"
    assert "system-ui" in inline
    assert "DejaVu" not in inline


def test_pictures_on_one_page_share_no_name_and_find_all_of_their_own():
    pictures = [plot.inline(width) for plot in ALL for width in (WIDE_IN, NARROW_IN)]
    names: set[str] = set()
    for picture in pictures:
        own = set(re.findall(r'\bid="([^"]+)"', picture))
        used = set(re.findall(r'href="#([^"]+)"', picture)) | set(re.findall(r"url\(#([^)]+)\)", picture))
        assert own
        assert used <= own
        assert not names & own
        names |= own


def test_words_of_the_data_are_shown_and_never_run():
    picture = ALL[-1].inline()
    assert "d&lt;07&gt;&amp;$x_$" in picture
    assert "d<07>" not in picture
    assert "&quot;d&lt;07&gt;" in picture[: picture.index(">")]  # the spoken label


def test_ladder_shows_each_way_of_holding_out_only_where_there_is_one():
    def words(ladder: Ladder) -> str:
        return plots.ladder_plot(ladder, "t").inline()

    everything = words(LADDER)
    assert "regions held out" in everything
    assert "labelled later" in everything
    for told in ("70.0", "97.0", "56.0", "90.0", "55.0", "80.0"):
        assert f">{told}<" in everything
    plain = words(Ladder((rung("location", 0.7),), ()))
    assert "regions held out" not in plain
    assert "labelled later" not in plain


def test_a_label_does_not_strike_through_the_naive_mark():
    axes = (
        plots.ladder_plot(Ladder((rung("location", 0.56),), ()), "t").canvas().axes[0]
    )  # interval ends at 58, naive 60
    label = next(text for text in axes.texts if text.get_text() == "56.0")
    assert label.xy[0] == pytest.approx(60.0)
    axes = plots.ladder_plot(Ladder((rung("location", 0.7),), ()), "t").canvas().axes[0]  # naive 60 lies to the left
    assert next(text for text in axes.texts if text.get_text() == "70.0").xy[0] == pytest.approx(72.0)


def test_matplotlib_waits_until_something_is_drawn_and_pyplot_is_never_loaded():
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, pandas as pd\n"
            "from case_heating.people import plots, report\n"
            "before = 'matplotlib' in sys.modules\n"
            "curve = pd.DataFrame({'said': [0.5], 'share': [0.5], 'low': [0.4], 'high': [0.6], 'n_homes': [99]})\n"
            "plots.calibration_plot(curve, 't').inline()\n"
            "print(before, 'matplotlib' in sys.modules, 'matplotlib.pyplot' in sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["False", "True", "False"]


def test_the_interval_of_a_share_never_leaves_the_share_out():
    n_homes = np.repeat(np.arange(1, 400), 2)
    share = np.tile([0.0, 1.0], 399)
    low, high = wilson_interval(share, n_homes)
    assert (low <= share).all()
    assert (high >= share).all()


def test_a_calibration_bin_that_is_all_right_is_drawn():
    curve = pd.DataFrame({"said": [0.02, 0.99], "share": [0.0, 1.0], "n_homes": [44, 44]})
    curve["low"], curve["high"] = wilson_interval(curve["share"].to_numpy(), curve["n_homes"].to_numpy())
    assert plots.calibration_plot(curve, "all right").inline(WIDE_IN).startswith("<svg")
