"""Every rule has a planted fault; no row is ever lost; Great Expectations and the masks count alike."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_heating.data import expectations, unit_slips
from case_heating.data.data_docs import write_data_docs
from case_heating.data.dtypes import read_dtypes
from case_heating.data.recs import read_recs
from case_heating.data.validate import check_tables
from case_heating.errors import TableError
from case_heating.schema import TABLES, conform

TODAY = date(2025, 3, 1)
DAY = pd.Timestamp

# One fault to a row: table, row, what is written there, and the reason it must get.
# Rows 0-11 of bills are h1's, 12-23 h2's, 24-35 h3's, 36-47 those of h4, which has solar. January has 31 days.
PLANTED = {
    "text in a number": ("bills", 0, {"usage": "abc"}, "usage: not a finite number"),
    "infinity": ("bills", 1, {"usage": np.inf}, "usage: not a finite number"),
    "text in a number, no cost": (
        "bills",
        2,
        {"usage": "n/a", "cost_usd": None},
        "usage: not a finite number",
    ),
    "no date": ("bills", 3, {"end": "31/02/2024"}, "end: not a date"),
    "needed text missing": ("bills", 4, {"home_id": None}, "home_id: missing"),
    "needed text blank": ("bills", 5, {"home_id": "  "}, "home_id: missing"),
    "needed date missing": ("bills", 6, {"known_at": None}, "known_at: missing"),
    "unknown code": ("bills", 7, {"fuel": "wood"}, "fuel: not one of electricity, gas"),
    "no days": ("bills", 8, {"end": DAY("2024-09-01")}, "end: not later than start"),
    "reversed": ("bills", 9, {"end": DAY("2024-09-01")}, "end: not later than start"),
    "known too early": ("bills", 10, {"known_at": DAY("2024-11-30")}, "known_at: known before the period ended"),
    "future": ("bills", 11, {"known_at": DAY("2025-03-02")}, "known_at: after the day of the run"),
    "neither": (
        "bills",
        12,
        {"usage": None, "cost_usd": None},
        "usage: without usage and without cost",
    ),
    "negative": ("bills", 13, {"usage": -14.0}, "usage: negative without solar"),
    "negative gas": ("bills", 36, {"usage": -14.0, "fuel": "gas"}, "usage: negative, which gas cannot be"),
    "too much electricity": (
        "bills",
        14,
        {"usage": 31 * 400 + 1.0},
        "usage: impossible for a dwelling (over 400 kWh a day)",
    ),
    "too much fed in": (
        "bills",
        37,
        {"usage": -29 * 400 - 1.0},
        "usage: impossible for a dwelling (over 400 kWh a day)",
    ),
    "too much gas": (
        "bills",
        16,
        {"fuel": "gas", "usage": 31 * 60 + 1.0},
        "usage: impossible for a dwelling (over 60 therm a day)",
    ),
    "out of range": ("bills", 17, {"cost_usd": 100_001}, "cost_usd: outside -20000 to 100000 USD"),
    "stranger": ("bills", 18, {"home_id": "h9"}, "home_id: of a home that is not in homes"),
    "repeat": (
        "bills",
        20,
        {"start": DAY("2024-08-01"), "end": DAY("2024-09-01"), "known_at": DAY("2024-09-04")},
        "home_id, fuel, start, known_at: repeated under the same key",
    ),
    "range of a home": ("homes", 4, {"floor_area_sqft": 59}, "floor_area_sqft: outside 60 to 30000 sqft"),
    "half a room": ("homes", 5, {"rooms": 5.5}, "rooms: not a whole number"),
    "no flag": ("homes", 6, {"solar": "perhaps"}, "solar: neither true nor false"),
    "bill of a refused home": ("bills", 48, {"home_id": "h5"}, "home_id: of a home that is in quarantine"),
    "label of a stranger": ("labels", 3, {"home_id": "h9"}, "home_id: of a home that is not in homes"),
    "label known too early": ("labels", 4, {"known_at": DAY("2022-01-01")}, "known_at: known before it happened"),
    "no label": ("labels", 5, {"heating_fuel": None}, "heating_fuel: missing"),
    "trait of a stranger": ("sensitive", 2, {"home_id": "h9"}, "home_id: of a home that is not in homes"),
    "repeated weather": (
        "degree_days",
        2,
        {"place_id": "p1"},
        "place_id, start, end, base_f: repeated under the same key",
    ),
    "negative degree days": ("degree_days", 3, {"hdd": -1}, "hdd: outside 0 to 20000 °F·day"),
}
SOUND = {  # rows beside the faults, on the right side of the limits
    ("bills", 26, "usage"): 31 * 400.0,
    ("bills", 38, "usage"): -31 * 400.0,
    ("bills", 39, "usage"): None,
    ("bills", 40, "cost_usd"): None,
}


def as_written(tables):
    """Tables of object columns, so that anything can be written into a cell; rows enough that few are faulty."""
    raw = {name: frame.astype(object).where(frame.notna(), None) for name, frame in tables.items()}
    more = [
        {"home_id": f"h{n}", "place_id": "p1", "floor_area_sqft": 900.0, "rooms": 4, "solar": False} for n in (5, 6, 7)
    ]
    raw["homes"] = pd.concat([raw["homes"], pd.DataFrame(more, dtype=object)], ignore_index=True)
    raw["bills"] = pd.concat([raw["bills"], raw["bills"].iloc[[35]]], ignore_index=True)
    label = raw["labels"].iloc[[0]]
    later = [label.assign(source=f"call {n}") for n in range(6)]
    raw["labels"] = pd.concat([raw["labels"], *later], ignore_index=True)
    raw["sensitive"] = pd.concat([raw["sensitive"], raw["sensitive"].iloc[[0]]], ignore_index=True)
    years = [raw["degree_days"].iloc[[0]].assign(place_id=place) for place in ("p1", "p3", "p4", "p5")]
    raw["degree_days"] = pd.concat([raw["degree_days"], *years], ignore_index=True)
    return raw


@pytest.fixture
def planted(tiny_tables):
    raw = as_written(tiny_tables)
    for table, row, change, _reason in PLANTED.values():
        for column, value in change.items():
            raw[table].loc[row, column] = value
    for (table, row, column), value in SOUND.items():
        raw[table].loc[row, column] = value
    return raw


def add_up(trusted):
    parts = trusted.counts[["valid", "quarantined", "not_yet_known"]].sum(axis=1)
    return (trusted.counts["rows_in"] == parts).all()


def test_sound_tables_pass_whole(tiny_tables):
    trusted = check_tables(tiny_tables, as_of=None, today=TODAY)
    assert trusted.counts["valid"].to_dict() == {
        "homes": 4,
        "bills": 48,
        "degree_days": 2,
        "labels": 3,
        "sensitive": 2,
    }
    assert trusted.faults == ()
    assert trusted.quarantine == {}
    assert trusted.as_of == date(2025, 1, 4)  # the December bills became known three days into January
    for name, frame in tiny_tables.items():
        pd.testing.assert_frame_equal(trusted.tables[name], frame)


def test_every_planted_fault_is_refused_for_its_own_reason_and_nothing_else_is(planted):
    trusted = check_tables(planted, as_of=date(2025, 2, 1), today=TODAY)
    found = {(table, row): why for table, rows in trusted.quarantine.items() for row, why in rows["reasons"].items()}
    assert found == {(table, row): reason for table, row, _change, reason in PLANTED.values()}
    assert add_up(trusted)
    assert sum(fault.n_rows for fault in trusted.faults) == len(PLANTED)
    assert trusted.quarantine["bills"].loc[0, "usage"] == "abc"


def test_quarantine_can_be_written_to_parquet(planted, tmp_path):
    trusted = check_tables(planted, as_of=None, today=TODAY)
    for name, rows in trusted.quarantine.items():
        rows.to_parquet(tmp_path / f"{name}.parquet")
        assert len(pd.read_parquet(tmp_path / f"{name}.parquet")) == len(rows)


def test_great_expectations_and_the_masks_count_alike(planted):
    failed = set()
    typed = {name: read_dtypes(frame, TABLES[name]) for name, frame in planted.items()}
    homes = typed["homes"].rows
    for name, table in typed.items():
        frame = expectations.with_facts(
            table, TABLES[name], raw=planted[name], today=TODAY, homes=homes, trusted_homes=homes["home_id"].drop(4)
        )
        rules = expectations.rules_for(TABLES[name], frame)
        result, _failed = expectations.run_suite(name, frame, rules)
        for outcome in result.results:
            rule = rules[outcome.expectation_config.meta["rule"]]
            if rule.about_rows:
                assert outcome.result["unexpected_count"] == rule.offending(frame).sum(), rule
                failed |= {f"{rule.column}: {rule.reason}"} if not outcome.success else set()
    assert failed == {reason for *_where, reason in PLANTED.values()}


def test_a_check_leaves_no_line_in_the_log_and_no_folder_behind(tiny_tables, caplog, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    check_tables(tiny_tables, as_of=None, today=TODAY)  # at the level that is usual, its loggers set one of their own
    assert [record.message for record in caplog.records] == []
    assert list(tmp_path.iterdir()) == []


def test_a_row_with_two_faults_has_both(tiny_tables):
    bills = tiny_tables["bills"]
    bills.loc[3, ["usage", "read"]] = [-14.0, "guessed"]
    trusted = check_tables(tiny_tables, as_of=None, today=TODAY)
    assert trusted.quarantine["bills"]["reasons"].to_dict() == {
        3: "read: not one of read, estimated; usage: negative without solar"
    }
    assert [fault.in_words() for fault in trusted.faults] == [
        "bills.read: 1 of 48 rows is not one of read, estimated (first: home h1, 2024-04, guessed); "
        "it is in quarantine/bills.parquet",
        "bills.usage: 1 of 48 rows is negative without solar (first: home h1, 2024-04, -14.0); "
        "it is in quarantine/bills.parquet",
    ]


def test_solar_of_a_home_in_quarantine_still_explains_its_negative_usage(tiny_tables):
    tiny_tables["homes"].loc[3, "floor_area_sqft"] = 1.0
    tiny_tables["bills"].loc[40, "usage"] = -14.0
    trusted = check_tables(tiny_tables, as_of=None, today=TODAY)
    assert set(trusted.quarantine["bills"]["reasons"]) == {"home_id: of a home that is in quarantine"}
    assert trusted.counts.loc["bills"].tolist() == [48, 36, 12, 0]


def test_of_a_repeated_bill_the_first_without_another_fault_stays(tiny_tables):
    bills = tiny_tables["bills"]
    tiny_tables["bills"] = pd.concat([bills, bills.iloc[[5, 5, 7]]], ignore_index=True)
    tiny_tables["bills"].loc[5, "read"] = "guessed"
    trusted = check_tables(tiny_tables, as_of=None, today=TODAY)
    repeated = "home_id, fuel, start, known_at: repeated under the same key"
    assert trusted.quarantine["bills"]["reasons"].to_dict() == {
        5: f"read: not one of read, estimated; {repeated}",
        49: repeated,
        50: repeated,
    }


def test_what_became_known_later_is_set_aside_unseen(tiny_tables):
    # known by 4 June: the bills of January to May, so 5 of each home's 12; two of the three labels
    tiny_tables["bills"].loc[11, "usage"] = -14.0
    trusted = check_tables(tiny_tables, as_of=date(2024, 6, 4), today=TODAY)
    assert trusted.counts.loc["bills"].tolist() == [48, 20, 0, 28]
    assert trusted.counts.loc["labels"].tolist() == [3, 2, 0, 1]
    assert trusted.faults == ()
    assert "bills: 28 rows became known after 2024-06-04 and are set aside" in trusted.notes
    assert trusted.tables["bills"]["known_at"].max() == DAY("2024-06-04")


def test_the_last_known_day_may_not_lie_after_today(tiny_tables):
    trusted = check_tables(tiny_tables, as_of=None, today=date(2025, 1, 3))
    assert trusted.as_of == date(2024, 12, 4)
    assert set(trusted.quarantine["bills"]["reasons"]) == {"known_at: after the day of the run"}
    assert trusted.counts.loc["bills"].tolist() == [48, 44, 4, 0]


def test_a_table_of_which_nothing_is_known_yet_is_absent_and_bills_stop_the_run(tiny_tables):
    trusted = check_tables(
        {**tiny_tables, "labels": tiny_tables["labels"].iloc[[2]]}, as_of=date(2024, 6, 4), today=TODAY
    )
    assert "labels" not in trusted.tables
    assert "labels: no row is known as of 2024-06-04" in trusted.notes
    with pytest.raises(TableError, match="bills: none is known as of 2023-01-01; the first is known on 2024-02-04"):
        check_tables(tiny_tables, as_of=date(2023, 1, 1), today=TODAY)


def test_the_raw_tables_are_not_changed(planted):
    before = {name: frame.copy() for name, frame in planted.items()}
    check_tables(planted, as_of=None, today=TODAY)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(planted[name], frame)


def test_what_the_schema_does_not_know_is_noted_and_dropped(tiny_tables):
    tiny_tables["homes"]["colour"] = "red"
    tiny_tables["meters"] = pd.DataFrame({"meter": [1]})
    trusted = check_tables(tiny_tables, as_of=None, today=TODAY)
    assert "colour" not in trusted.tables["homes"]
    assert "homes: the schema does not know colour; not used" in trusted.notes
    assert "meters: not a table of the schema; not used" in trusted.notes


def test_numbers_as_names_of_homes_match_text(tiny_tables):
    for name in ("homes", "bills", "labels", "sensitive"):
        tiny_tables[name]["home_id"] = tiny_tables[name]["home_id"].str.slice(1).astype(float)
    tiny_tables["labels"]["home_id"] = tiny_tables["labels"]["home_id"].astype(int).astype(str)
    trusted = check_tables(tiny_tables, as_of=None, today=TODAY)
    assert trusted.faults == ()
    assert trusted.tables["homes"]["home_id"].tolist() == ["1", "2", "3", "4"]


def test_one_table_can_be_checked_alone(tiny_tables):
    tiny_tables["bills"].loc[3, "usage"] = -14.0
    trusted = check_tables({"bills": tiny_tables["bills"]}, as_of=None, today=TODAY, complete=False)
    assert trusted.counts.loc["bills"].tolist() == [48, 48, 0, 0]
    assert any(note.startswith("homes is not there") for note in trusted.notes)


def test_bills_may_hold_costs_alone(tiny_tables):
    tiny_tables["bills"] = tiny_tables["bills"].drop(columns="usage")
    tiny_tables["bills"].loc[3, "cost_usd"] = None
    trusted = check_tables(tiny_tables, as_of=None, today=TODAY)
    assert trusted.quarantine["bills"]["reasons"].to_dict() == {3: "usage: without usage and without cost"}


@pytest.mark.real_data
@pytest.mark.parametrize("year", [2009, 2015])
def test_no_home_of_an_official_survey_is_refused(data_dir, year):
    trusted = check_tables(read_recs(data_dir / f"recs{year}_public.csv.gz", year), as_of=None, today=TODAY)
    assert trusted.as_of == date(year + 1, 1, 1)
    assert trusted.faults == ()
    assert trusted.counts["valid"].tolist() == trusted.counts["rows_in"].tolist()


def without(table, *columns):
    return lambda raw: raw | {table: raw[table].drop(columns=list(columns))}


def holding(table, column, value):
    return lambda raw: raw | {table: raw[table].assign(**{column: value})}


def twice(table):
    return lambda raw: raw | {table: pd.concat([raw[table], raw[table].iloc[[0]]])}


TABLE_FAULTS = {
    "missing column": (without("bills", "start"), "bills: missing column start; there are home_id, fuel, end"),
    "missing table": (lambda raw: {"bills": raw["bills"]}, "homes: the table is missing; there are bills"),
    "no bills": (lambda raw: {"homes": raw["homes"]}, "bills: the table is missing; there are homes"),
    "nothing": (lambda raw: {}, "no table to check"),
    "empty": (lambda raw: raw | {"labels": raw["labels"].iloc[:0]}, "labels: the table has no rows"),
    "no usage, no cost": (without("bills", "usage", "cost_usd"), "bills: neither usage nor cost_usd is there"),
    "all null": (holding("bills", "start", None), "bills.start: all 48 rows are empty, and the column is needed"),
    "wrong dtype": (
        holding("bills", "usage", "abc"),
        "bills.usage: wrong dtype, 48 of 48 .* it holds text such as 'abc'",
    ),
    "unknown codes": (
        holding("bills", "fuel", "E"),
        "bills.fuel: unknown codes in 48 of 48 .* 'E'; the codes are elec",
    ),
    "duplicate homes": (twice("homes"), "homes: duplicate key home_id: 1 of 5 rows repeat one .first: h1, row 5"),
    "duplicate traits": (twice("sensitive"), "sensitive: duplicate key home_id"),
    "mostly refused": (holding("bills", "cost_usd", 1e6), "bills: 48 of 48 rows would be refused.*\n- bills.cost_usd"),
    "two columns of one name": (
        lambda raw: raw | {"homes": pd.concat([raw["homes"], raw["homes"][["solar"]]], axis=1)},
        "homes: two columns are called solar",
    ),
}


@pytest.mark.parametrize("case", TABLE_FAULTS)
def test_a_table_wrong_as_a_whole_stops_the_run(tiny_tables, case):
    spoil, told = TABLE_FAULTS[case]
    with pytest.raises(TableError, match=told):
        check_tables(spoil(tiny_tables), as_of=None, today=TODAY)


def test_all_shape_faults_are_told_at_once(tiny_tables):
    spoiled = without("labels", "source")(without("bills", "end")(tiny_tables))
    with pytest.raises(TableError, match=r"(?s)bills: missing column end.*labels: missing column source"):
        check_tables(spoiled, as_of=None, today=TODAY)


@pytest.fixture
def two_districts():
    """Twelve homes in each of two districts, a year of bills: electricity 10 kWh a day, gas 2 therms in winter."""
    ids = [f"{district}{n}" for district in "ab" for n in range(12)]
    homes = pd.DataFrame({"home_id": ids, "place_id": "p", "district": [home[0] for home in ids]})
    starts = pd.date_range("2024-01-01", periods=12, freq="MS")
    bills = pd.MultiIndex.from_product([ids, ["electricity", "gas"], starts], names=["home_id", "fuel", "start"])
    bills = bills.to_frame(index=False)
    bills["end"] = bills["start"] + pd.offsets.MonthBegin(1)
    days = (bills["end"] - bills["start"]).dt.days
    # heat alone: what a pilot light burns in summer is less than a hundredth of winter
    gas_per_day = bills["start"].dt.month.isin([11, 12, 1, 2, 3]).map({True: 2.0, False: 0.01})
    bills["usage"] = days * gas_per_day.where(bills["fuel"] == "gas", 10.0)
    bills["known_at"] = bills["end"] + pd.Timedelta(days=3)
    frames = {"homes": homes, "bills": bills}
    return {name: conform(frame, TABLES[name]) for name, frame in frames.items()}


def slipped(bills, factor, *, district="a", month="2024-03", fuel="electricity"):
    hit = bills["home_id"].str.startswith(district) & (bills["fuel"] == fuel)
    hit &= bills["start"] == DAY(month)
    return hit, bills.assign(usage=bills["usage"].where(~hit, bills["usage"] * factor))


@pytest.mark.parametrize(("factor", "told"), [(1000, "1,000 times .* in Wh"), (1 / 1000, "1/1,000 of .* in MWh")])
def test_a_slipped_district_month_stops_the_run(two_districts, factor, told):
    _hit, bills = slipped(two_districts["bills"], factor)
    with pytest.raises(TableError, match=f"electricity of district a in 2024-03 is about {told}\n"):
        check_tables(two_districts | {"bills": bills}, as_of=None, today=TODAY)


def test_a_slip_is_found_against_the_table_where_homes_have_few_bills(two_districts):
    _hit, bills = slipped(two_districts["bills"], 1000)
    few = bills[bills["start"].isin(pd.to_datetime(["2024-03-01", "2024-04-01"]))].reset_index(drop=True)
    slips = unit_slips.unit_slips(few, two_districts["homes"])
    # the 24 homes' 48 readings: 12 of 10,000 and 36 of 10 kWh a day, median 10
    assert slips[["district", "factor", "n_homes"]].to_numpy().tolist() == [["a", 1000.0, 12]]


def test_a_corrected_slip_does_not_stop_the_run_unless_it_is_not_yet_corrected(two_districts):
    hit, bills = slipped(two_districts["bills"], 1000)
    correction = two_districts["bills"][hit]
    correction = correction.assign(known_at=correction["known_at"] + pd.Timedelta(days=40))
    two_districts["bills"] = pd.concat([bills, correction], ignore_index=True)
    trusted = check_tables(two_districts, as_of=None, today=TODAY)
    # 12 homes: 10,000 kWh a day is refused, its correction is not
    assert trusted.counts.loc["bills"].tolist() == [24 * 24 + 12, 24 * 24, 12, 0]
    assert "bills: 12 rows are corrected by a later one" in trusted.notes
    with pytest.raises(TableError, match="district a in 2024-03"):
        check_tables(two_districts, as_of=date(2024, 5, 1), today=TODAY)


def test_seasons_and_few_homes_are_no_slips(two_districts):
    assert unit_slips.unit_slips(two_districts["bills"], two_districts["homes"]).empty
    _hit, bills = slipped(two_districts["bills"], 1000)
    nine = ~bills["home_id"].isin(["a0", "a1", "a2"])
    assert unit_slips.unit_slips(bills[nine], two_districts["homes"]).empty
    again = bills[nine & (bills["start"] == DAY("2024-03"))]  # two bills each make no eighteen homes
    again = again.assign(start=again["start"] + pd.Timedelta(days=1))
    assert unit_slips.unit_slips(pd.concat([bills[nine], again]), two_districts["homes"]).empty
    only_b = two_districts["bills"][two_districts["bills"]["home_id"].str.startswith("b")]
    assert unit_slips.unit_slips(only_b, two_districts["homes"]).empty


def test_cabins_closed_for_a_month_are_no_slip(two_districts):
    # 10 of 12 homes fall to a thousandth, less than nine in ten of them
    hit, bills = slipped(two_districts["bills"], 1 / 1000)
    lived_in = hit & bills["home_id"].isin(["a0", "a1"])
    bills.loc[lived_in, "usage"] *= 1000
    assert unit_slips.unit_slips(bills, two_districts["homes"]).empty
    bills.loc[lived_in & (bills["home_id"] == "a0"), "usage"] /= 1000
    assert len(unit_slips.unit_slips(bills, two_districts["homes"])) == 1


NUMBERS = [np.nan, np.inf, -np.inf, -1, 0, 1e12, 2.5, True]
DAYS = ["2024-02-30", DAY("2031-01-01"), DAY("1990-01-01"), date(2024, 5, 1)]
FOUL = st.sampled_from([*NUMBERS, *DAYS, "abc", "", None, "h1", "h4", "gas"])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_corruption_loses_a_row(tiny_tables, data):
    raw = as_written(tiny_tables)
    raw = {name: raw[name] for name in ("homes", "bills")}
    for _ in range(data.draw(st.integers(1, 12))):
        frame = raw[data.draw(st.sampled_from(["homes", "bills"]))]
        row, column = data.draw(st.integers(0, len(frame) - 1)), data.draw(st.sampled_from(list(frame.columns)))
        frame.loc[row, column] = data.draw(FOUL)
    as_of = data.draw(st.sampled_from([None, date(2024, 6, 4)]))
    try:
        trusted = check_tables(raw, as_of=as_of, today=TODAY)
    except TableError:
        return  # a repeated home, or more than half refused: nothing is parted
    assert add_up(trusted)
    for name, frame in raw.items():
        refused = trusted.quarantine.get(name, frame.iloc[:0])
        assert len(trusted.tables[name]) == trusted.counts.loc[name, "valid"]
        assert len(refused) == trusted.counts.loc[name, "quarantined"]
        assert refused.index.is_unique
        if len(refused):
            assert refused["reasons"].str.len().gt(0).all()
        assert set(refused.index) <= set(frame.index)
        pd.testing.assert_frame_equal(trusted.tables[name], conform(trusted.tables[name], TABLES[name]))


def test_data_docs_open_from_a_file_and_ask_nobody(planted, tmp_path):
    planted["bills"].loc[7, "fuel"] = "<b>wood</b>"
    trusted = check_tables(planted, as_of=None, today=TODAY)
    index = write_data_docs(trusted, tmp_path / "docs")
    listed = index.read_text()
    assert all(fault.table in listed for fault in trusted.faults)
    for name in trusted.counts.index:
        assert f'href="{name}.html"' in listed
        page = (tmp_path / "docs" / f"{name}.html").read_text()
        for text in (page, listed):
            assert "http:" not in text
            assert "https:" not in text
            assert "<script" not in text
            assert "<b>wood" not in text
    assert "unexpected values found" in (tmp_path / "docs" / "bills.html").read_text()
