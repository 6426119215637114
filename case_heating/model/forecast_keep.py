"""A learned forecast as a folder that any machine can read: Parquet by home, JSON for the rest. No pickle.

Learning takes seconds for twenty thousand homes, reading back a fraction of one; numbers come back bit for bit.
"""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from case_heating.data.validate import Trusted
from case_heating.features.degree_day_records import Floats
from case_heating.model.forecast import learn_forecast
from case_heating.model.forecast_bills import FUELS
from case_heating.model.forecast_interval import Spread
from case_heating.model.forecast_learn import LearnedForecast
from case_heating.model.forecast_usage import KINDS, FuelUse, Use
from case_heating.model.forecast_weather import Climatology
from case_heating.settings import Settings
from case_heating.workspace import Step, fingerprint, open_workspace, take_step

_HOMES, _TARIFFS, _REST = "homes.parquet", "tariffs.parquet", "forecast.json"
_DOING = "learning what each home uses"


def take_forecast_step(
    source: str,
    trusted: Step[Trusted],
    answers: Step[pd.DataFrame],
    settings: Settings,
    *,
    progress: Callable[[str, float], None],
) -> Step[LearnedForecast]:
    """Learn the year ahead of a portfolio and keep it in the workspace, or take it from there.

    Parameters
    ----------
    source : str
        Name of the source, as in the folders of the other steps.
    trusted : Step of Trusted
        The tables; read only where something is to be learned.
    answers : Step of DataFrame
        With ``probability_of_gas``; its key stands for tables, code and models.
    settings : Settings
        Threads and workspace.
    progress : callable
        Told what is being done.

    Raises
    ------
    NotEnoughDataError
        If there is no daily weather, no tariff or no monthly bill.
    """

    def learn() -> LearnedForecast:
        progress(_DOING, 0.0)
        learned = learn_forecast(
            trusted.value.tables,
            as_of=trusted.value.as_of,
            gas_probability=answers.value["probability_of_gas"],
            threads=settings.threads,
        )
        progress(_DOING, 1.0)
        return learned

    return take_step(
        open_workspace(settings.workspace),
        f"7_forecast/{source}",
        fingerprint(trusted.key, answers.key),
        make=learn,
        write=write_forecast,
        read=read_forecast,
    )


def write_forecast(learned: LearnedForecast, folder: Path) -> None:
    """Write what was learned into a folder."""
    columns = learned.homes.assign(place=learned.place)
    columns[[f"share.{kind}" for kind in KINDS]] = learned.use.kind_share
    for fuel, use in zip(FUELS, learned.use.fuels, strict=True):
        columns[_names(fuel, "mean", 4)] = use.mean
        columns[_names(fuel, "covariance", 16)] = use.covariance.reshape(-1, 16)
        for name in ("noise", "customer", "heat_base", "cool_base"):
            columns[f"{fuel}.{name}"] = getattr(use, name)
    columns.to_parquet(folder / _HOMES)
    learned.tariffs.to_parquet(folder / _TARIFFS)
    climatology, spread = learned.climatology, learned.spread
    rest = {
        "as_of": learned.as_of.isoformat(),
        "climatology": {
            "places": climatology.places.to_list(),
            **{name: getattr(climatology, name).tolist() for name in ("wave_f", "variance_f2", "covariance")},
            "persistence": climatology.persistence,
            "years": climatology.years,
        },
        "spread": {
            **{name: getattr(spread, name).tolist() for name in ("year", "month", "model_sd")},
            "looked_back": spread.looked_back,
        },
    }
    (folder / _REST).write_text(json.dumps(rest), encoding="utf-8")


def read_forecast(folder: Path) -> LearnedForecast:
    """Read back what :func:`write_forecast` wrote.

    Raises
    ------
    OSError, ValueError, KeyError
        If files are missing or are not those that were written; :class:`~case_heating.workspace.Step` puts it in words.
    """
    columns = pd.read_parquet(folder / _HOMES)
    rest = json.loads((folder / _REST).read_text(encoding="utf-8"))
    homes = columns[["home_id", "place_id", "district", "dwelling_type", "standing"]]
    shares = _array(columns, [f"share.{kind}" for kind in KINDS])
    use = Use(tuple(_fuel_use(columns, fuel) for fuel in FUELS), homes["standing"].to_numpy(str), shares)
    return LearnedForecast(
        date.fromisoformat(rest["as_of"]),
        homes,
        columns["place"].to_numpy(),
        use,
        _climatology(rest["climatology"]),
        pd.read_parquet(folder / _TARIFFS),
        _spread(rest["spread"]),
    )


def _fuel_use(columns: pd.DataFrame, fuel: str) -> FuelUse:
    return FuelUse(
        mean=_array(columns, _names(fuel, "mean", 4)),
        covariance=_array(columns, _names(fuel, "covariance", 16)).reshape(-1, 4, 4),
        **{name: columns[f"{fuel}.{name}"].to_numpy() for name in ("noise", "customer", "heat_base", "cool_base")},
    )


def _climatology(told: dict[str, Any]) -> Climatology:
    return Climatology(
        places=pd.Index(told["places"], name="place_id"),
        **{name: np.array(told[name], dtype=float) for name in ("wave_f", "variance_f2", "covariance")},
        persistence=told["persistence"],
        years=told["years"],
    )


def _spread(told: dict[str, Any]) -> Spread:
    shares = {name: np.array(told[name], dtype=float) for name in ("year", "month", "model_sd")}
    return Spread(**shares, looked_back=told["looked_back"])


def _names(fuel: str, what: str, n: int) -> list[str]:
    return [f"{fuel}.{what}.{number}" for number in range(n)]


def _array(columns: pd.DataFrame, names: list[str]) -> Floats:
    """Lay columns out as they were learned: sums over another layout could differ in the last bit."""
    return np.ascontiguousarray(columns[names].to_numpy(float))
