"""Make the calibration tables of the embedded utility from official files.

Run as ``python -m case_heating.data.calibrate DATA_DIR``. Reads RECS 2009 microdata; writes coefficients and
aggregates over at least thirty homes, never rows. RECS 2015 is not read: it is what the simulation is tested
on. Heating-fuel shares and prices of states come from the tables that ``published.py`` makes.

References
----------
.. [1] U.S. Energy Information Administration, Residential Energy Consumption Survey 2009, public use microdata.
"""

import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression, Ridge

from case_heating.data.population import CALIBRATION_DIR, ELECTRIC_USES, GAS_USES, USE_STEPS
from case_heating.data.reality import aggregate_facts
from case_heating.data.regressions import (
    INTERCEPT,
    NUMBER,
    RESIDUAL_SD,
    design,
    scores,
    steps_from_table,
)
from case_heating.data.survey_2009 import survey_2009

MIN_HOMES = 30  # no aggregate stands for fewer homes
SOURCE = "EIA Residential Energy Consumption Survey 2009, at least 30 homes per cell or term, survey weights"
LOGISTIC_C = 1.0  # as much shrinkage as keeps rare cells from running away
RIDGE_ALPHA = 5.0
COEFFICIENT_DECIMALS = 3  # finer than any standard error

PLACE = ["division", "climate", "urban_rural", "metro"]
SITE = [*PLACE, "domain"]

# Each step: outcome → terms it is regressed on. Later steps may lean on earlier outcomes.
CATEGORY_STEPS: dict[str, list[str]] = {
    "dwelling_type": [*SITE, "division:urban_rural", "climate:urban_rural"],
    "year_band": [*SITE, "dwelling_type", "division:dwelling_type", "urban_rural:dwelling_type"],
    "race": [*SITE, "dwelling_type", "year_band", "division:urban_rural"],
    "ethnicity": [*SITE, "dwelling_type", "race", "year_band"],
    "income_band": [*SITE, "dwelling_type", "year_band", "race", "ethnicity"],
    "tenure": [*PLACE, "dwelling_type", "income_band", "race", "ethnicity", "year_band", "dwelling_type:income_band"],
    "foundation": [*SITE, "dwelling_type", "year_band", "division:year_band", "hdd_k"],
    "stories_band": [*SITE, "dwelling_type", "year_band", "log_area", "foundation"],
    "garage": [*SITE, "dwelling_type", "year_band", "income_band", "tenure", "log_area"],
    "wall_material": [*SITE, "dwelling_type", "year_band"],
    "roof_material": [*SITE, "dwelling_type", "year_band"],
    "pool": [*PLACE, "dwelling_type", "income_band", "log_area", "cdd_k"],
    "cooling": [
        *SITE,
        *["dwelling_type", "year_band", "income_band", "tenure", "log_area", "hdd_k", "cdd_k", "cdd_k2"],
        *["climate:year_band", "climate:dwelling_type", "division:dwelling_type"],
    ],
    "heating_fuel": [
        *SITE,
        *["dwelling_type", "year_band", "tenure", "income_band", "race", "ethnicity", "cooling", "foundation", "pool"],
        *["wall_material", "garage", "stories_band", "hdd_k", "hdd_k2", "cdd_k", "cdd_k2", "log_area", "log_area2"],
        *["log_rooms", "log_members", "division:urban_rural", "division:dwelling_type", "division:year_band"],
        *["climate:year_band", "climate:dwelling_type", "dwelling_type:year_band", "cooling:climate", "metro:climate"],
        *["division:hdd_k", "division:log_area", "dwelling_type:tenure", "urban_rural:dwelling_type"],
        *["urban_rural:year_band", "domain:urban_rural", "domain:dwelling_type"],
    ],
    "equipment": [
        *["division", "climate", "urban_rural", "dwelling_type", "year_band", "tenure", "income_band", "log_area"],
        *["hdd_k", "cdd_k", "heating_fuel", "heating_fuel:cooling", "heating_fuel:division", "heating_fuel:year_band"],
        *["heating_fuel:dwelling_type", "heating_fuel:hdd_k"],
    ],
    "water_fuel": [
        *["division", "climate", "urban_rural", "dwelling_type", "year_band", "tenure", "heating_fuel"],
        *["heating_fuel:division", "heating_fuel:dwelling_type", "heating_fuel:urban_rural", "heating_fuel:year_band"],
    ],
    "cooks_with_gas": ["division", "urban_rural", "dwelling_type", "year_band", "income_band", "heating_fuel"],
    "space_heater": [*SITE, "dwelling_type", "year_band", "tenure", "income_band", "heating_fuel", "log_area", "hdd_k"],
}
USE_TERMS = [
    *["domain", "climate", "urban_rural", "dwelling_type", "year_band", "tenure", "income_band"],
    *["log_area", "log_members", "heating_fuel", "heating_fuel:division", "heating_fuel:dwelling_type"],
]
NUMBER_STEPS: dict[str, list[str]] = {
    "log_members": ["dwelling_type", "tenure", "ethnicity", "race", "income_band", "division"],
    "log_area": [*SITE, "dwelling_type", "year_band", "income_band", "tenure", "log_members", "dwelling_type:division"],
    "log_rooms": ["dwelling_type", "log_area", "income_band", "tenure", "log_members", "year_band", "division"],
    "bedrooms": ["dwelling_type", "log_rooms", "log_area", "log_members", "year_band"],
    "log_windows": ["dwelling_type", "log_area", "log_rooms", "year_band", "division"],
    "log_base_kwh": [*USE_TERMS, "pool", "cooling", "log_rooms", "cooks_with_gas"],
    "log_water_kwh": [*USE_TERMS, "hdd_k"],
    "log_cool_kwh_per_cdd": [*USE_TERMS, "cooling", "cooling:climate", "cdd_k", "log_rooms"],
    "log_electric_heat_kwh_per_hdd": [*USE_TERMS, "equipment", "equipment:climate", "hdd_k", "hdd_k2", "log_rooms"],
    "log_second_heat_kwh_per_hdd": [*USE_TERMS, "space_heater", "equipment", "hdd_k"],
    "log_gas_heat_therm_per_hdd": [*USE_TERMS, "equipment", "hdd_k", "log_rooms"],
    "log_gas_other_therm": [*USE_TERMS, "water_fuel", "cooling"],
    "log_kwh_price": ["domain", "urban_rural", "dwelling_type", "log_kwh", "log_kwh2", "heating_fuel"],
    "log_therm_price": ["domain", "urban_rural", "dwelling_type", "log_therm", "log_therm2"],
}
STEP_ORDER = (
    "dwelling_type year_band race ethnicity income_band tenure log_members log_area log_rooms bedrooms log_windows "
    "foundation stories_band garage wall_material roof_material pool cooling heating_fuel equipment water_fuel "
    "cooks_with_gas space_heater log_base_kwh log_water_kwh log_cool_kwh_per_cdd log_electric_heat_kwh_per_hdd "
    "log_second_heat_kwh_per_hdd log_gas_heat_therm_per_hdd log_gas_other_therm log_kwh_price log_therm_price"
).split()


def coefficient_table(homes: pd.DataFrame) -> pd.DataFrame:
    """Fit every step on the survey homes, weighted.

    Returns
    -------
    DataFrame with columns ``step``, ``level``, ``term``, ``key``, ``coefficient``
    """
    frame = _as_categories(homes)
    parts = []
    for outcome in STEP_ORDER:
        if outcome in CATEGORY_STEPS:
            parts.append(_fit_category(frame, outcome, CATEGORY_STEPS[outcome]))
        else:
            parts.append(_fit_number(frame[frame[outcome].notna()], outcome, NUMBER_STEPS[outcome]))
    table = pd.concat(parts, ignore_index=True)
    table["coefficient"] = table["coefficient"].round(COEFFICIENT_DECIMALS)
    return table[(table["coefficient"] != 0) | (table["term"] == INTERCEPT)]


def _fit_category(frame: pd.DataFrame, outcome: str, terms: list[str]) -> pd.DataFrame:
    common = frame[outcome].map(frame[outcome].value_counts()).astype(int) >= MIN_HOMES
    frame = frame[common]
    matrix, names = design(frame, terms, min_homes=MIN_HOMES)
    model = LogisticRegression(C=LOGISTIC_C, max_iter=2000, tol=1e-3).fit(
        matrix, frame[outcome].astype("str"), sample_weight=frame["weight"]
    )
    coef, intercept, levels = model.coef_, model.intercept_, [str(level) for level in model.classes_]
    if len(levels) == 2:
        coef, intercept = np.vstack([np.zeros_like(coef[0]), coef[0]]), np.array([0.0, intercept[0]])
    # Only differences between levels count: the first is made zero, and zeros are not written.
    coef, intercept = coef - coef[0], intercept - intercept[0]
    return _long(outcome, levels, [(INTERCEPT, ""), *names], np.column_stack([intercept, coef]))


def _fit_number(frame: pd.DataFrame, outcome: str, terms: list[str]) -> pd.DataFrame:
    matrix, names = design(frame, terms, min_homes=MIN_HOMES)
    low, high = frame[outcome].quantile([0.005, 0.995])
    target = frame[outcome].clip(low, high)  # a log near zero would pull the whole line
    model = Ridge(alpha=RIDGE_ALPHA).fit(matrix, target, sample_weight=frame["weight"])
    residual = target - model.predict(matrix)
    sd = float(np.sqrt(np.average(residual**2, weights=frame["weight"])))
    row = np.concatenate([[model.intercept_], model.coef_, [sd]])[None, :]
    return _long(outcome, [NUMBER], [(INTERCEPT, ""), *names, (RESIDUAL_SD, "")], row)


def _long(step: str, levels: list[str], names: list[tuple[str, str]], values: np.ndarray) -> pd.DataFrame:
    rows = [
        (step, level, term, key, value)
        for level, line in zip(levels, values, strict=True)
        for (term, key), value in zip(names, line, strict=True)
    ]
    return pd.DataFrame(rows, columns=["step", "level", "term", "key", "coefficient"])


def site_table(homes: pd.DataFrame) -> pd.DataFrame:
    """Share and degree-day normals of each kind of site that at least thirty survey homes stand on.

    Sites with fewer homes are left out and their weight goes to the other sites of their domain.
    """
    rows = []
    for kind, cell in homes.groupby(SITE):
        if len(cell) < MIN_HOMES:
            continue
        hdd, cdd, weight = cell["hdd_normal"], cell["cdd_normal"], cell["weight"]
        hdd_mean, cdd_mean = np.average(hdd, weights=weight), np.average(cdd, weights=weight)
        slope = float(np.cov(hdd, cdd)[0, 1] / max(hdd.var(), 1.0))
        around = cdd - cdd_mean - slope * (hdd - hdd_mean)
        rows.append((*kind, len(cell), weight.sum(), hdd_mean, hdd.std(), cdd_mean, slope, around.std()))
    names = ["homes", "share", "hdd_mean", "hdd_sd", "cdd_mean", "cdd_per_hdd", "cdd_sd"]
    sites = pd.DataFrame(rows, columns=[*SITE, *names])
    whole, kept = homes.groupby("domain")["weight"].sum(), sites.groupby("domain")["share"].sum()
    share = sites["share"] * sites["domain"].map(whole / kept)
    return sites.assign(share=share / share.sum()).round(
        {"share": 6, "cdd_per_hdd": 4} | dict.fromkeys(names[2:5], 1) | {"cdd_sd": 1}
    )


def common_factor_table(homes: pd.DataFrame, coefficients: pd.DataFrame) -> pd.DataFrame:
    """How strongly each energy use follows its household's habit of using much or little.

    With one common factor three correlations give a loading: ``sqrt(r_ij r_ik / r_jk)``; the mean over pairs is kept.
    """
    steps = steps_from_table(coefficients)
    frame = _as_categories(homes)
    rows = []
    for uses in (ELECTRIC_USES, GAS_USES):
        outcomes = [USE_STEPS[use] for use in uses]
        residual = pd.DataFrame({name: frame[name] - scores(frame, steps[name])[:, 0] for name in outcomes})
        r = residual.clip(-3, 3).corr()
        for i in outcomes:
            others = [name for name in outcomes if name != i]
            triads = [np.sqrt(r.loc[i, j] * r.loc[i, k] / r.loc[j, k]) for j, k in combinations(others, 2)]
            loading = np.nanmean(triads) if triads else np.sqrt(r.loc[i, others[0]])
            rows.append((i, float(np.clip(loading, 0, 0.95))))
    return pd.DataFrame(rows, columns=["step", "loading"]).round(3)


def _as_categories(homes: pd.DataFrame) -> pd.DataFrame:
    text = homes.columns[[pd.api.types.is_string_dtype(dtype) for dtype in homes.dtypes]]
    return homes.assign(**{name: homes[name].astype("category") for name in text})


def make_tables(data_dir: Path) -> dict[str, pd.DataFrame]:
    """Make every calibration table of this module from the files in ``data_dir``."""
    homes = survey_2009(data_dir)
    coefficients = coefficient_table(homes)
    return {
        "coefficients": coefficients,
        "sites": site_table(homes),
        "common_factor": common_factor_table(homes, coefficients),
        "survey_facts": aggregate_facts(
            homes.assign(kwh=10_000 * np.exp(homes["log_kwh"]), kwh_price=np.exp(homes["log_kwh_price"]))
        ).round({"value": 4}),
    }


def _main(data_dir: Path) -> None:
    for name, table in make_tables(data_dir).items():
        about = f"# Source: {SOURCE}; made by python -m case_heating.data.calibrate\n"
        text = table.to_csv(index=False, lineterminator="\n")
        (CALIBRATION_DIR / f"{name}.csv").write_text(about + text, encoding="utf-8")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
