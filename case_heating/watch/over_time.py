"""What the watch saw month after month, as tables to draw: drift of each feature, accuracy, and every signal."""

from collections.abc import Sequence

import pandas as pd

from case_heating.features.stages import FEATURE
from case_heating.watch.drift import kind_of
from case_heating.watch.monitor import WatchReport
from case_heating.watch.signals import percent

DRIFT = ("as_of", "champion", "feature", "about", "kind", "psi", "missing", "drifted")
ACCURACY = ("as_of", "champion", "estimated", "measured", "low", "high", "promised", "n_homes")
SIGNALS = ("as_of", "champion", "kind", "name", "value", "limit", "role", "raised", "fault", "words")
_NAMED = 3


def drift_over_time(reports: Sequence[WatchReport]) -> pd.DataFrame:
    """Lay out how far each feature lay from the champion's reference in each watched month.

    Parameters
    ----------
    reports : sequence of WatchReport
        Oldest first.

    Returns
    -------
    DataFrame, shape (n_reports × n_features, 8)
        ``as_of``, ``champion``, ``feature``, ``about`` (in words), ``kind`` (``home``, ``weather`` or ``prices``; the
        last two move by themselves and count for nothing), ``psi``, ``missing`` (share) and ``drifted``.
    """
    rows = [
        {
            "as_of": pd.Timestamp(report.as_of),
            "champion": report.champion,
            "feature": name,
            "about": FEATURE[name].about if name in FEATURE else name,
            "kind": kind_of(name),
            "psi": told["psi"],
            "missing": told["missing"],
            "drifted": told["drifted"],
        }
        for report in reports
        for name, told in report.features.items()
    ]
    return pd.DataFrame(rows, columns=list(DRIFT))


def accuracy_over_time(reports: Sequence[WatchReport]) -> pd.DataFrame:
    """Lay out how often the champion was right in each watched month, by its own confidence and as measured.

    Returns
    -------
    DataFrame, shape (n_reports, 8)
        ``as_of``, ``champion``, ``estimated``, ``measured`` with its 95 % interval ``low`` to ``high``, ``promised`` on
        the same homes (shares), and ``n_homes`` measured by; missing where no home was labelled since the training.
    """
    rows = []
    for report in reports:
        row = {"as_of": pd.Timestamp(report.as_of), "champion": report.champion, "estimated": report.estimated_accuracy}
        if (found := report.measured) is not None:
            row |= {"measured": found.value, "low": found.low, "high": found.high}
            row |= {"promised": found.promised, "n_homes": found.n_homes}
        rows.append(row)
    told = pd.DataFrame(rows, columns=list(ACCURACY))
    figures = ["estimated", "measured", "low", "high", "promised", "n_homes"]
    return told.astype(dict.fromkeys(figures, float))


def signals_over_time(reports: Sequence[WatchReport]) -> pd.DataFrame:
    """List everything that was looked at in each watched month, shape (n_signals, 10); what was raised stands first."""
    rows = [
        {
            "as_of": pd.Timestamp(report.as_of),
            "champion": report.champion,
            **{name: getattr(one, name) for name in SIGNALS[2:]},
        }
        for report in reports
        for one in sorted(report.signals, key=lambda one: (not one.raised, one.role != "alarm", not one.fault))
    ]
    return pd.DataFrame(rows, columns=list(SIGNALS))


def drift_in_words(drift: pd.DataFrame, limit: float) -> str:
    """Say what the latest month of :func:`drift_over_time` shows: what drifted of the homes, and what else moved."""
    if drift.empty:
        return "No month was watched yet."
    latest = drift[drift["as_of"] == drift["as_of"].max()]
    homes, around = latest[latest["kind"] == "home"], latest[latest["kind"] != "home"]
    moved = homes[homes["drifted"]].sort_values("psi", ascending=False)
    day = f"{latest['as_of'].iloc[0]:%Y-%m-%d}"
    if moved.empty:
        farthest = homes.loc[homes["psi"].idxmax()] if homes["psi"].notna().any() else None
        far = "" if farthest is None else f"; the farthest is {farthest['feature']} with a PSI of {farthest['psi']:.2f}"
        words = f"In the month before {day} no feature of homes drifted beyond {limit:g}{far}."
    else:
        named = ", ".join(f"{row.feature} ({row.psi:.2f})" for row in moved.head(_NAMED).itertuples())
        more = f" and {len(moved) - _NAMED} more" if len(moved) > _NAMED else ""
        n = len(moved)
        words = (
            f"In the month before {day} {n} of {len(homes)} features of homes drifted beyond {limit:g}: {named}{more}."
        )
    n_around = int(around["drifted"].sum())
    if n_around:
        words += (
            f" {n_around} of weather and prices moved as well, as they do every year; they count where accuracy falls."
        )
    return words


def accuracy_in_words(accuracy: pd.DataFrame) -> str:
    """Say what the latest month of :func:`accuracy_over_time` shows."""
    if accuracy.empty:
        return "No month was watched yet."
    last = accuracy.iloc[-1]
    words = f"By its own confidence the champion is right for {percent(last['estimated'])} of homes"
    if pd.isna(last["measured"]):
        return f"{words}; no home was labelled since it was trained, so nothing is measured."
    held = (
        "as promised"
        if last["low"] <= last["promised"] <= last["high"]
        else f"{percent(last['promised'])} was promised"
    )
    return (
        f"{words}; on {last['n_homes']:,.0f} newly labelled homes it was right for {percent(last['measured'])} (95 % "
        f"interval {percent(last['low'])} to {percent(last['high'])}; {held})."
    )
