"""How many homes are explained in a second, sentences included, against a loop of single-row ``pred_contrib`` calls.

Times depend on the machine and on the model's size; the ratio travels better.
"""

from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd

from case_heating.model.explain import Explainer
from case_heating.model.fuel import Bools, Calibration, FuelParams, encode, train_fuel_model
from case_heating.model.typical import learn_typical
from case_heating.people.reasons import customer_words

RIVAL_HOMES = 200
"""Homes the rival explains, one call each; a few hundred give its pace."""


def bench_explain(n_homes: int = 10_000, n_trees: int = 200, seed: int = 0) -> dict[str, Any]:
    """Explain made-up homes with a model of as many trees and leaves as any this project trains.

    Made-up homes are easier to tell apart than real ones, so that their trees are quicker to walk: a source's own model
    gives the pace that counts. Returns what :func:`measure_pace` does.
    """
    features, is_gas = made_up_homes(n_homes, seed)
    return measure_pace(made_up_explainer(features, is_gas, n_trees=n_trees), features)


def measure_pace(explainer: Explainer, features: pd.DataFrame) -> dict[str, Any]:
    """Explain homes in bulk on one core, and some of them by the rival and one by one.

    The rival writes the plainest sentence there is, the name and value of the two features that contribute most, from
    one ``pred_contrib`` call per home; it groups, compares and checks nothing.

    Parameters
    ----------
    explainer : Explainer
        Model and reference values.
    features : DataFrame, shape (n_homes, n_features)
        Homes to explain.

    Returns
    -------
    dict
        ``homes``, ``trees``, ``seconds``, ``homes_per_second``, ``homes_per_cpu_second`` (the machine's other work left
        out), ``ms_one_home`` (a home alone, on the CPU), the rival's name and ``rival_homes_per_second``, and
        ``ratio`` of the two paces.
    """
    alone = range(min(RIVAL_HOMES, len(features)))
    _explain_all(explainer, features.iloc[:1])  # what is read once, such as the templates, is no home's time

    begun, begun_cpu = perf_counter(), process_time()
    _explain_all(explainer, features)
    seconds, cpu_seconds = perf_counter() - begun, process_time() - begun_cpu

    begun_cpu = process_time()
    for row in alone:
        _explain_all(explainer, features.iloc[row : row + 1])
    ms_one_home = 1000 * (process_time() - begun_cpu) / len(alone)

    begun = perf_counter()
    for row in alone:
        _plainest_sentence(explainer, features.iloc[row : row + 1])
    rival_pace = len(alone) / (perf_counter() - begun)
    return {
        "homes": len(features),
        "trees": explainer.model.booster.num_trees(),
        "seconds": seconds,
        "homes_per_second": len(features) / seconds,
        "homes_per_cpu_second": len(features) / cpu_seconds,
        "ms_one_home": ms_one_home,
        "rival": "a loop of single-row pred_contrib calls that names the two largest features",
        "rival_homes": len(alone),
        "rival_homes_per_second": rival_pace,
        "ratio": len(features) / seconds / rival_pace,
    }


def made_up_homes(n_homes: int, seed: int = 0) -> tuple[pd.DataFrame, Bools]:
    """Make features and answers up: gas homes use 6,000 kWh and 600 therms, electric ones 14,000 kWh, few any gas."""
    rng = np.random.default_rng(seed)
    is_gas = rng.random(n_homes) < 0.55
    cooks_with_gas = rng.random(n_homes) < 0.2
    is_flat = rng.random(n_homes) < np.where(is_gas, 0.3, 0.7)
    gas_of_cooks = np.where(cooks_with_gas, rng.normal(90, 20, n_homes), np.nan)

    def names(*values: str) -> pd.api.extensions.ExtensionArray:
        return pd.array(rng.choice(values, n_homes), dtype="str")

    features = pd.DataFrame(
        {
            "district": names("d1", "d2", "d3", "d4", "d5"),
            "climate": names("cold", "marine"),
            "area_type": names("urban", "town", "rural"),
            "dwelling_type": pd.array(np.where(is_flat, "apartment_5_plus", "single_detached"), dtype="str"),
            "kwh_year": np.where(is_gas, 6000, 14_000) + rng.normal(0, 3000, n_homes),
            "year_built": rng.integers(1930, 2015, n_homes).astype(float),
            "floor_area_sqft": rng.normal(1500, 400, n_homes).clip(300),
            "windows": rng.integers(3, 20, n_homes).astype(float),
            "cooling": names("central", "room", "none"),
            "gas_service": np.where(rng.random(n_homes) < 0.1, np.nan, is_gas | cooks_with_gas),
            "therms_year": np.where(is_gas, rng.normal(600, 120, n_homes), gas_of_cooks),
        },
        index=pd.Index([f"h{number:06d}" for number in range(n_homes)], name="home_id"),
    )
    return features, is_gas


def made_up_explainer(
    features: pd.DataFrame, is_gas: Bools, *, stage: str = "gas_bills", n_trees: int = 40
) -> Explainer:
    """Train a model of homes made up, and take its reference values from them."""
    calibration = Calibration(slope=0.9, intercept=0.1)
    model = train_fuel_model(
        features, is_gas, stage=stage, n_trees=n_trees, calibration=calibration, params=FuelParams(), seed=0
    )
    return Explainer(model, learn_typical(features, is_gas))


def _explain_all(explainer: Explainer, features: pd.DataFrame) -> list[str]:
    return [customer_words(explanation).text for explanation in explainer.explain(features)]


def _plainest_sentence(explainer: Explainer, home: pd.DataFrame) -> str:
    model = explainer.model
    exact = np.asarray(model.booster.predict(encode(home, model.encoding), pred_contrib=True, num_threads=1))
    largest = [model.encoding.names[position] for position in np.abs(exact[0, :-1]).argsort()[::-1][:2]]
    return "; ".join(f"{name} is {home[name].iloc[0]}" for name in largest)
