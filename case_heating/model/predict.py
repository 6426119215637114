"""From features to answers: the same lines for batch, endpoint, edge, notebook and app."""

import numpy as np
import pandas as pd

from case_heating.model.fuel import FuelModel

# How a probability is said to a person: in tenths, and never surer than 19 in 20.
_SURENESS = ((0.95, "almost certain"), (0.85, "about 9 in 10"), (0.75, "about 8 in 10"), (0.65, "about 7 in 10"))
SURENESS_WORDS = (*(words for _, words in _SURENESS), "hardly more than a guess")
"""How sure an answer may be, the surest first."""


def predict(model: FuelModel, features: pd.DataFrame) -> pd.DataFrame:
    """Answer for every home.

    Parameters
    ----------
    model : FuelModel
        The model.
    features : DataFrame, shape (n_homes, n_features)
        From ``build_features`` at the model's stage or a later one.

    Returns
    -------
    DataFrame, shape (n_homes, 4)
        Indexed by ``home_id``: ``probability_of_gas``, ``heating_fuel`` (``gas`` from 0.5 on), ``confidence``
        (probability of the fuel answered), ``sureness`` (the same in words).

    Raises
    ------
    ModelError
        If a feature the model was trained on is not there at all.
    """
    probability = model.probability_of_gas(features)
    confidence = np.maximum(probability, 1 - probability)
    return pd.DataFrame(
        {
            "probability_of_gas": probability,
            "heating_fuel": np.where(probability >= 0.5, "gas", "electricity"),
            "confidence": confidence,
            "sureness": sureness(confidence),
        },
        index=features.index,
    )


def sureness(confidence: np.ndarray) -> np.ndarray:
    """Say probabilities in words.

    Examples
    --------
    >>> sureness(np.array([0.97, 0.81, 0.52])).tolist()
    ['almost certain', 'about 8 in 10', 'hardly more than a guess']
    """
    conditions = [confidence >= limit for limit, _ in _SURENESS]
    return np.select(conditions, SURENESS_WORDS[:-1], SURENESS_WORDS[-1])
