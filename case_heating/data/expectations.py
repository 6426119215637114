"""Great Expectations suites built from the schema, and the facts their rules compare rows with."""

import warnings
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd

from case_heating.data.dtypes import NOT_OF_DTYPE, TypedTable
from case_heating.data.rules import Rule, about_table, empty, filled, later, one_of, unique, within
from case_heating.schema import PANDAS_DTYPE, Column, Table

MAX_KWH_PER_DAY = 400.0
"""Most a dwelling can draw or feed in: 17 kW day and night, all that a 70 A service at 240 V carries. [kWh/day]"""
MAX_THERM_PER_DAY = 60.0
"""Most a dwelling can burn: 250,000 Btu/h day and night, twice a large house furnace. [therm/day]"""

AS_WRITTEN = "_as_written"
"""Ends the name of the text that stands where a column could not be read."""
FACTS = {
    "tomorrow": "the day after the run; every date lies before it",
    "home_is_listed": "whether homes has a row for the home",
    "home_is_trusted": "whether that row passed its own check; true where there is none, which is another fault",
    "electricity_kwh_per_day": "usage over the days of the period, electricity alone",
    "gas_therm_per_day": "usage over the days of the period, gas alone",
    "gas_usage": "usage of gas alone",
    "usage_without_solar": "usage of electricity in homes not known to have solar",
    "usage_or_cost": "usage, or where there is none the cost",
}
"""What rules compare a table's rows with, beside its own columns; see :func:`with_facts`."""

_GX_TYPE = PANDAS_DTYPE | {"date": "datetime64", "flag": "bool"}  # how Great Expectations spells a pandas dtype
_WORDS_AT_MOST = 8  # a refused code is told beside the allowed ones; fifty states would drown it


def written_name(column: str) -> str:
    """Name of the column that holds what was written where ``column`` could not be read."""
    return column + AS_WRITTEN


def with_facts(
    typed: TypedTable,
    table: Table,
    *,
    raw: pd.DataFrame,
    today: date,
    homes: pd.DataFrame | None = None,
    trusted_homes: pd.Series | None = None,
) -> pd.DataFrame:
    """Put beside a table's rows the facts its rules compare them with.

    Parameters
    ----------
    typed : TypedTable, of n_rows rows
        The table as read.
    table : Table
        Its schema.
    raw : DataFrame, shape (n_rows, n_columns)
        The table as written.
    today : date
        Day of the run.
    homes : DataFrame, optional
        All homes as read, those in quarantine included.
    trusted_homes : Series of str, optional
        The homes that passed.

    Returns
    -------
    DataFrame, shape (n_rows, n_known_columns + n_facts)
        The rows and those of :data:`FACTS` that their columns allow; beside a column with unread cells what was
        written in them.
    """
    rows = typed.rows
    facts: dict[str, Any] = {}
    for name, lost in typed.unread.items():
        facts[written_name(name)] = raw[name].reset_index(drop=True)[lost].astype("str").reindex(rows.index)
    if any(column.dtype == "date" for column in table.columns):
        facts["tomorrow"] = pd.Timestamp(today + timedelta(days=1))
    if homes is not None and trusted_homes is not None and table.name != "homes" and "home_id" in rows:
        unnamed = rows["home_id"].isna()
        facts["home_is_listed"] = unnamed | rows["home_id"].isin(homes["home_id"])
        facts["home_is_trusted"] = ~facts["home_is_listed"] | unnamed | rows["home_id"].isin(trusted_homes)
    if table.name == "bills":
        facts |= _bill_facts(rows, homes)
    return rows.assign(**facts)


def _bill_facts(bills: pd.DataFrame, homes: pd.DataFrame | None) -> dict[str, pd.Series]:
    """Usage per day of each fuel, and the usage that must not be negative."""
    if "usage" not in bills:
        return {"usage_or_cost": bills["cost_usd"]}
    usage, per_day = bills["usage"], usage_per_day(bills)
    of_gas, of_electricity = bills["fuel"] == "gas", bills["fuel"] == "electricity"
    facts = {
        "electricity_kwh_per_day": per_day.where(of_electricity),
        "gas_therm_per_day": per_day.where(of_gas),
        "gas_usage": usage.where(of_gas),
        "usage_or_cost": usage.fillna(bills["cost_usd"]) if "cost_usd" in bills else usage,
    }
    if homes is not None:
        with_solar = homes.loc[homes["solar"].fillna(False), "home_id"] if "solar" in homes else homes["home_id"][:0]
        facts["usage_without_solar"] = usage.where(of_electricity & ~bills["home_id"].isin(with_solar))
    return facts


def usage_per_day(bills: pd.DataFrame) -> pd.Series:
    """Usage of each bill per day of its period; missing where the period has no days. [kWh/day or therm/day]"""
    days = (bills["end"] - bills["start"]) / pd.Timedelta(days=1)
    return bills["usage"] / days.where(days > 0)


def rules_for(table: Table, frame: pd.DataFrame) -> list[Rule]:
    """All rules of a table, for the columns and facts that ``frame`` (see :func:`with_facts`) has."""
    rules = [about_table("ExpectTableRowCountToBeBetween", min_value=1)]
    for column in table.columns:
        if column.needed:
            rules.append(about_table("ExpectColumnToExist", column=column.name))
        if column.name in frame:
            rules.extend(_column_rules(column, frame))
    rules.append(unique(table.key))
    if "end" in frame:
        rules.append(later("end", "start", "not later than start"))
    if "home_is_listed" in frame:
        rules.append(one_of("home_is_listed", (True,), "of a home that is not in homes", told_of="home_id"))
        rules.append(one_of("home_is_trusted", (True,), "of a home that is in quarantine", told_of="home_id"))
    if table.name == "labels":
        rules.append(later("known_at", "event_time", "known before it happened", or_equal=True))
    if table.name == "bills":
        rules.extend(_bill_rules(frame))
    return rules


def _column_rules(column: Column, frame: pd.DataFrame) -> Iterator[Rule]:
    name, written = column.name, written_name(column.name)
    yield about_table("ExpectColumnValuesToBeOfType", column=name, type_=_GX_TYPE[column.dtype])
    if column.needed:
        yield filled(name, unless_filled=written if written in frame else None)
    if written in frame:
        yield empty(written, NOT_OF_DTYPE[column.dtype], told_of=name)
    if column.minimum is not None or column.maximum is not None:
        yield within(name, column.minimum, column.maximum, _range_in_words(column))
    if column.allowed:
        yield one_of(name, column.allowed, f"not one of {codes_in_words(column.allowed)}")
    if column.dtype == "date":
        yield later("tomorrow", name, "after the day of the run", told_of=name)


def _bill_rules(frame: pd.DataFrame) -> Iterator[Rule]:
    yield later("known_at", "end", "known before the period ended", or_equal=True)
    unread = next((written for name in ("usage", "cost_usd") if (written := written_name(name)) in frame), None)
    yield filled("usage_or_cost", "without usage and without cost", told_of="usage", unless_filled=unread)
    for fact, most, unit in (
        ("electricity_kwh_per_day", MAX_KWH_PER_DAY, "kWh"),
        ("gas_therm_per_day", MAX_THERM_PER_DAY, "therm"),
    ):
        if fact in frame:
            yield within(fact, -most, most, f"impossible for a dwelling (over {most:g} {unit} a day)", told_of="usage")
    for fact, reason in (
        ("gas_usage", "negative, which gas cannot be"),
        ("usage_without_solar", "negative without solar"),
    ):
        if fact in frame:
            yield within(fact, 0, None, reason, told_of="usage")


def _range_in_words(column: Column) -> str:
    limits = [f"{limit:.12g}" for limit in (column.minimum, column.maximum) if limit is not None]
    return f"outside {' to '.join(limits)} {column.unit}".rstrip()


def codes_in_words(codes: tuple[str, ...]) -> str:
    """Tell allowed codes in a message; of many only the first.

    Examples
    --------
    >>> codes_in_words(("gas", "electricity"))
    'gas, electricity'
    """
    told = ", ".join(codes[:_WORDS_AT_MOST])
    return told if len(codes) <= _WORDS_AT_MOST else f"{told}, … ({len(codes)} in all)"


def run_suite(name: str, frame: pd.DataFrame, rules: list[Rule]) -> tuple[Any, list[Rule]]:
    """Let Great Expectations check a frame.

    Returns
    -------
    result : ExpectationSuiteValidationResult
        What Great Expectations found.
    failed : list of Rule
        The rules about rows that do not hold.

    Raises
    ------
    RuntimeError
        If an expectation could not be computed; that is a fault of this package.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its import of sre_constants
        import great_expectations as gx
        from great_expectations import expectations as gxe
        from great_expectations.data_context.types import base
        from great_expectations.expectations.row_conditions import Column as RowsWhere

    def expectation(number: int, rule: Rule) -> Any:
        only_rows = {"row_condition": RowsWhere(rule.unless_filled).is_null()} if rule.unless_filled else {}
        meta = {"rule": number}  # the results come back in another order
        return getattr(gxe, rule.expectation)(**rule.arguments, **only_rows, meta=meta)

    # Left to itself it names a temporary folder for pages that nobody asked for, and logs a line about each.
    nothing_kept = base.InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    choices = base.DataContextConfig(
        store_backend_defaults=nothing_kept, progress_bars=base.ProgressBarsConfig(globally=False)
    )
    context = gx.get_context(mode="ephemeral", project_config=choices)
    asset = context.data_sources.add_pandas("tables").add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch(batch_parameters={"dataframe": frame})
    suite = gx.ExpectationSuite(name=name, expectations=[expectation(*numbered) for numbered in enumerate(rules)])
    result = batch.validate(suite, result_format="BASIC")
    failed = []
    for outcome in result.results:
        config: Any = outcome.expectation_config
        rule = rules[config.meta["rule"]]
        if outcome.exception_info.get("raised_exception") or not (outcome.success or rule.about_rows):
            raise RuntimeError(f"{name}: {rule.expectation} {rule.arguments} failed: {outcome.exception_info}")
        if not outcome.success:
            failed.append(rule)
    return result, sorted(failed, key=rules.index)
