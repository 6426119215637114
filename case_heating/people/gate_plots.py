"""The charts that go on record with a judged candidate: how it did on the homes the gate judged it by."""

import numpy as np
import numpy.typing as npt

from case_heating.model.evidence import Evidence
from case_heating.model.quality import Figure
from case_heating.people.counts import MIN_CELL_HOMES, Counts, count_answers, share_of
from case_heating.people.plots import Plot, answered_plot, calibration_plot
from case_heating.people.sentences import answered_title, calibration_title

Floats = npt.NDArray[np.float64]


def answer_plots(counts: Counts, naive_right: Figure) -> list[Plot]:
    """Draw whether what was said came true and how often the surest are right, where there are enough homes."""
    drawn = []
    if counts.calibration_gap is not None:
        drawn.append(calibration_plot(counts.calibration, calibration_title(counts.calibration_gap)))
    if len(counts.answered):
        drawn.append(answered_plot(counts.answered, naive_right, answered_title(counts)))
    return drawn


def gate_plots(judged_by: Evidence, probability: Floats, naive: Floats) -> dict[str, bytes]:
    """Draw whether what was said came true, and how often it was right where it was surest.

    Parameters
    ----------
    judged_by : Evidence
        Homes new to the candidate.
    probability, naive : ndarray, shape (n_homes,)
        Probability of gas as the candidate and as the neighbours' majority say it.

    Returns
    -------
    dict of bytes
        SVG by file name; none where there are too few homes to show a figure of.
    """
    n_homes = len(judged_by.is_gas)
    if n_homes < MIN_CELL_HOMES:
        return {}
    naive_right = share_of(int(((naive >= 0.5) == judged_by.is_gas).sum()), n_homes)
    drawn = answer_plots(count_answers(judged_by, probability), naive_right)
    return {f"{plot.name}.svg": plot.svg().encode() for plot in drawn}
