"""A utility's files and a mapping, and what comes of them; every file here is made by hand."""

import gzip
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from case_heating.data import validate
from case_heating.data.bring import Brought, apply_mapping
from case_heating.data.mapping import QUANTITY_OF, ColumnEntry, FileEntry, SourceEntry, TableEntry
from case_heating.errors import MappingError, SourceError
from case_heating.schema import TABLES

GUIDE = Path(__file__).parent.parent / "docs" / "bring_your_own.md"

ONE_FILE = """
[source]
name = "town"
[[file]]
path = "data.csv"
"""

BILLS = (
    ONE_FILE
    + """
[[table]]
name = "bills"
[table.columns]
home_id = "id"
fuel = { value = "electricity" }
start = "from"
end = "to"
usage = { column = "kwh", unit = "kWh" }
"""
)

# Census ACS PUMS, household file of a state, brought in as somebody's own table
PUMS = (GUIDE.parent.parent / "data" / "mappings" / "acs_pums_alaska.toml").read_text(encoding="utf-8")


def bring(folder: Path, mapping: str, csv: str | None = None) -> Brought:
    if csv is not None:
        (folder / "data.csv").write_text(csv, encoding="utf-8")
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    return apply_mapping(folder / "mapping.toml")


def refusal(folder: Path, mapping: str, csv: str = "id,from,to,kwh\n1,2024-01-01,2024-02-01,100\n") -> str:
    with pytest.raises(MappingError) as error:
        bring(folder, mapping, csv)
    return str(error.value)


def test_the_guides_example_makes_what_the_guide_says(tmp_path):
    parts = dict(re.findall(r"```\w+ title=(\S+)\n(.*?)\n```", GUIDE.read_text(encoding="utf-8"), re.DOTALL))
    for name in [name for name in parts if "." in name]:
        (tmp_path / name).write_text(parts[name] + "\n", encoding="utf-8")
    brought = apply_mapping(tmp_path / "mapping.toml")
    homes = brought.tables["homes"]
    brought.tables["homes"] = homes.assign(floor_area_sqft=homes["floor_area_sqft"].round(1))
    for name, table in brought.tables.items():
        assert table.to_string(index=False) == parts[name]
    assert "\n".join(brought.notes) == parts["notes"]
    assert brought.unused == {"accounts.csv": [], "assessor.csv": [], "bills.csv": [], "survey.csv": []}


def test_every_key_of_the_format_is_told_in_the_guide():
    guide = GUIDE.read_text(encoding="utf-8")
    for entry in (SourceEntry, FileEntry, TableEntry, ColumnEntry):
        for key in entry.model_fields:
            assert f"`{key}`" in guide, f"{entry.__name__}.{key}"
    assert set(QUANTITY_OF) <= {name for table in TABLES.values() for name in table.column_names}


@pytest.mark.real_data
def test_official_pums_as_somebodys_own_table(data_dir, tmp_path):
    (tmp_path / "psam_h02.csv.gz").symlink_to(data_dir.resolve() / "psam_h02.csv.gz")
    brought = bring(tmp_path, PUMS)
    tables = brought.tables
    assert tables["labels"]["heating_fuel"].value_counts().to_dict() == {
        "other": 1045,  # 60 bottled gas + 837 oil + 5 coal + 123 wood + 2 solar + 18 other
        "gas": 920,
        "electricity": 306,
        "none": 18,
    }
    assert len(tables["homes"]) == 3279
    assert tables["homes"]["dwelling_type"].value_counts(dropna=False).to_list() == [2338, 308, 285, 200, 146, 2]
    assert (tables["homes"]["year_built"] == 1939).sum() == 74
    assert tables["sensitive"]["tenure"].value_counts().to_dict() == {"owner": 837 + 777, "renter": 588 + 87}
    assert (tables["sensitive"]["income_band"] == "under_20").sum() == 317
    bills = tables["bills"]
    assert bills.groupby("fuel").size().to_dict() == {"electricity": 2071, "gas": 1124}
    assert bills.loc[bills["fuel"] == "electricity", "cost_usd"].sum() == 12 * 350_558
    trusted = validate.check_tables(tables, as_of=None, today=date(2026, 1, 1))
    assert trusted.counts["quarantined"].sum() == 0


def test_a_home_can_have_one_yearly_bill_or_many(tmp_path):
    yearly = bring(
        tmp_path,
        ONE_FILE
        + """
[[table]]
name = "bills"
[table.columns]
home_id = "id"
fuel = { value = "gas" }
start = { column = "year", format = "%Y" }
months = { value = 12 }
usage = { column = "mcf", unit = "MCF/year" }
""",
        "id,year,mcf\n1,2023,10\n1,2024,20\n",
    ).tables["bills"]
    assert yearly["end"].dt.strftime("%Y-%m-%d").tolist() == ["2024-01-01", "2025-01-01"]
    assert yearly["usage"].tolist() == pytest.approx([103.7, 207.4])
    monthly = bring(tmp_path, BILLS, "id,from,to,kwh\n1,2024-01-01,2024-02-01,300\n1,2024-02-01,2024-03-01,250\n")
    assert monthly.tables["bills"]["known_at"].dt.strftime("%Y-%m-%d").tolist() == ["2024-02-06", "2024-03-06"]


def test_months_at_the_end_of_a_month(tmp_path):
    mapping = BILLS.replace('start = "from"', "months = { value = 1 }")
    bills = bring(tmp_path, mapping, "id,to,kwh\n1,2024-03-31,10\n").tables["bills"]
    assert bills["start"].item() == pd.Timestamp("2024-02-29")


def test_degree_days_in_celsius(tmp_path):
    mapping = """
[[table]]
name = "degree_days"
[table.columns]
place_id = "station"
start = { value = 2024-01-01 }
months = { value = 12 }
base_f = { value = 18, unit = "°C" }
hdd = { column = "HDD18", unit = "°C-day" }
cdd = { column = "CDD18", unit = "°C-day" }
"""
    made = bring(tmp_path, ONE_FILE + mapping, "station,HDD18,CDD18\nsalem,2500,150\n").tables["degree_days"]
    assert made[["base_f", "hdd", "cdd"]].iloc[0].tolist() == pytest.approx([64.4, 4500.0, 270.0])


def test_parquet_and_excel_read_like_csv(tmp_path):
    frame = pd.DataFrame(
        {
            "id": [1.0, 2.0],  # Excel and Parquet often keep identifiers as floats
            "from": pd.to_datetime(["2024-01-01", "2024-01-02"]),
            "to": pd.to_datetime(["2024-02-01", "2024-02-02"]),
            "kwh": [300, 12.5],
        }
    )
    frame.to_parquet(tmp_path / "data.parquet")
    frame.to_excel(tmp_path / "data.xlsx", sheet_name="bills", index=False)
    frame.to_csv(tmp_path / "data.csv", index=False)
    made = [
        bring(tmp_path, BILLS.replace('"data.csv"', name)).tables["bills"]
        for name in ('"data.parquet"', '"data.xlsx"\nsheet = "bills"')
    ]
    made.append(
        bring(tmp_path, BILLS, "id,from,to,kwh\n1,2024-01-01,2024-02-01,300\n2,2024-01-02,2024-02-02,12.5\n").tables[
            "bills"
        ]
    )
    for table in made[:2]:
        pd.testing.assert_frame_equal(table, made[2])


def test_one_file_in_which_every_bill_repeats_the_home(tmp_path):
    mapping = (
        BILLS
        + """
[[table]]
name = "homes"
distinct = true
[table.columns]
home_id = "id"
place_id = "town"
"""
    )
    rows = "1,Salem,2024-01-01,2024-02-01,300\n1,Salem,2024-02-01,2024-03-01,250\n2,Bend,2024-01-01,2024-02-01,90\n"
    brought = bring(tmp_path, mapping, "id,town,from,to,kwh\n" + rows)
    assert brought.tables["homes"]["home_id"].tolist() == ["1", "2"]
    assert any("1 row repeats" in note for note in brought.notes)


# Bad input


def test_everything_absent_is_listed_at_once(tmp_path):
    mapping = BILLS.replace('"kwh"', '"kwhh"').replace('"from"', '"begin"') + '[[file]]\npath = "homs.csv"\n'
    mapping = mapping.replace('name = "bills"', 'name = "bills"\nfile = "data.csv"')
    (tmp_path / "homes.csv").write_text("id\n1\n")
    told = refusal(tmp_path, mapping)
    assert "has 4 problems" in told
    assert "'kwhh', which data.csv does not have; did you mean kwh?" in told
    assert "start asks for column 'begin'" in told
    assert "homs.csv; did you mean homes.csv?" in told
    assert "data.csv has the columns id, from, to, kwh" in told


def test_extra_columns_are_told(tmp_path):
    brought = bring(tmp_path, BILLS, "id,from,to,kwh,meter,remarks\n1,2024-01-01,2024-02-01,300,m,\n")
    assert brought.unused == {"data.csv": ["meter", "remarks"]}


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ('unit = "kWh"', 'unit = "kWhs"', "did you mean kWh"),
        ('unit = "kWh"', 'unit = "CCF"', "volume of gas"),
        ('{ column = "kwh", unit = "kWh" }', '"kwh"', "must state the unit of 'kwh'"),
        ('unit = "kWh"', 'unit = "kWh", factor = 2', "unknown key.*there are column, value, unit"),
        ('unit = "kWh"', 'unitt = "kWh"', "unknown key; did you mean unit"),
        ('[source]\nname = "town"', "[source]", r"source\.name: is needed"),
        ('home_id = "id"', 'home_id = "id"\nhome = "id"', "'home' is no column of bills; did you mean home_id"),
        ('home_id = "id"', "", 'home_id is needed.*Write home_id = "ITS COLUMN"'),
        ('end = "to"', "", "end .or days or months beside the other date. is needed"),
        ('usage = { column = "kwh", unit = "kWh" }', "", "usage, cost_usd or both"),
        ('value = "electricity"', 'value = "electric"', "'electric' is not allowed; did you mean electricity"),
        ('value = "electricity"', 'column = "id", codes = { 1 = "gaz" }', "'gaz' is not allowed; did you mean gas"),
        ('"from"', '{ value = "January" }', "must be a day such as 2024-12-31"),
        ('"from"', '{ column = "from", value = 2024-01-01 }', "start.*ITS COLUMN"),
        ('name = "bills"', 'name = "bill"', "bill.* is no canonical table; did you mean bills"),
        ('name = "bills"', 'name = "bills"\nfile = "dato.csv"', "none of the .*did you mean data.csv"),
        ('name = "bills"', 'name = "bills"\nwhere = { column = "id", in = ["7"] }', "keeps none of 1 rows; id holds"),
        ('name = "bills"', 'name = "bills"\nwhere = { column = "id" }', "in = "),
        ('name = "bills"', 'name = "bills"\nadds = "columns"', "no other .*gives the rows of bills"),
        ("[[file]]", "[file]", "file: .*tuple"),
        ('end = "to"', 'end = "to"\nend = "to"', "is not TOML"),
    ],
)
def test_a_faulty_mapping_is_refused_with_the_remedy(tmp_path, was, becomes, says):
    assert was in BILLS
    assert re.search(says, refusal(tmp_path, BILLS.replace(was, becomes)), re.DOTALL)


def test_a_draft_must_be_confirmed(tmp_path):
    draft = BILLS.replace("[source]", "[source]\nconfirmed = false") + '# ? cost_usd = { column = "amount" }\n'
    assert "1 question marked" in refusal(tmp_path, draft)
    bring(tmp_path, draft.replace("false", "true"))


def test_there_is_no_mapping(tmp_path):
    with pytest.raises(MappingError, match="heating data map"):
        apply_mapping(tmp_path / "mapping.toml")


def test_text_nan_and_infinity_in_numbers_reach_quarantine(tmp_path):
    rows = ["1,2024-01-01,2024-02-01,1O0", "2,2024-01-01,2024-02-01,NaN", "3,2024-01-01,2024-02-01,inf"]
    rows += [f"{home},2024-01-01,2024-02-01,{home}" for home in range(4, 30)] + ["30,2024-01-01,2024-02-01,"]
    brought = bring(tmp_path, BILLS, "id,from,to,kwh\n" + "\n".join(rows))
    usage = brought.tables["bills"]["usage"]
    assert usage.iloc[:4].tolist() == ["1O0", "NaN", float("inf"), 4.0]
    assert "2 of 30 cells of usage are not understood (first: '1O0')" in " ".join(brought.notes)
    bad = validate.check_tables(brought.tables, as_of=None, today=date(2026, 1, 1), complete=False).quarantine["bills"]
    assert bad["home_id"].tolist() == ["1", "2", "3", "30"]


def test_reversed_and_future_dates_pass_through(tmp_path):
    rows = "1,2024-03-01,2024-02-01,300\n2,2090-01-01,2090-02-01,300\n3,31.01.2024,2024-02-01,300\n"
    bills = bring(tmp_path, BILLS, "id,from,to,kwh\n" + rows).tables["bills"]
    assert bills["start"].tolist() == [pd.Timestamp("2024-03-01"), pd.Timestamp("2090-01-01"), "31.01.2024"]
    assert len(bills) == 3


def test_rows_can_be_left_out_by_what_they_hold_or_lack(tmp_path):
    rows = "1,2024-01-01,2024-02-01,300\n2,2024-01-01,2024-02-01,\n3,2024-01-01,2024-02-01,5\n"
    both = '[{ column = "kwh", not_in = [""] }, { column = "id", in = [2, "3"] }]'
    brought = bring(
        tmp_path, BILLS.replace('name = "bills"', f'name = "bills"\nwhere = {both}'), "id,from,to,kwh\n" + rows
    )
    assert brought.tables["bills"]["home_id"].tolist() == ["3"]
    assert brought.notes == ("bills from data.csv: where keeps 1 of 3 rows",)


def test_what_means_no_value_for_a_source_a_table_and_a_column(tmp_path):
    mapping = BILLS.replace('name = "town"', 'name = "town"\nmissing = ["NA"]')
    mapping = mapping.replace('name = "bills"', 'name = "bills"\nmissing = [-9]')
    mapping = mapping.replace('unit = "kWh"', 'unit = "kWh", missing = ["none"]')
    rows = "".join(f"{home},2024-01-01,2024-02-01,{kwh}\n" for home, kwh in enumerate(["NA", "-9", "none", " 7 "]))
    brought = bring(tmp_path, mapping, "id,from,to,kwh\n" + rows)
    assert brought.tables["bills"]["usage"].isna().tolist() == [True, True, True, False]
    assert brought.notes == ()


def test_a_number_at_a_limit_belongs_to_the_band_above(tmp_path):
    mapping = (
        ONE_FILE
        + """
[[table]]
name = "sensitive"
[table.columns]
home_id = "id"
income_band = { column = "income", bands = ["under_20", 20_000, "20_to_40", 40_000, "40_to_60"] }
"""
    )
    csv = "id,income\n 1 ,19999\n2,20000\n3,40000\n4,-5\n5,?\n"
    made = bring(tmp_path, mapping, csv).tables["sensitive"]
    assert made["income_band"].tolist() == ["under_20", "20_to_40", "40_to_60", "under_20", "?"]
    assert made["home_id"].tolist() == ["1", "2", "3", "4", "5"]


def test_an_unknown_code_keeps_its_text(tmp_path):
    mapping = BILLS.replace('value = "electricity"', 'column = "fuel", codes = { E = "electricity" }')
    brought = bring(
        tmp_path, mapping, "id,fuel,from,to,kwh\n1,E,2024-01-01,2024-02-01,300\n2,X,2024-01-01,2024-02-01,9\n"
    )
    assert brought.tables["bills"]["fuel"].tolist() == ["electricity", "X"]
    assert brought.tables["bills"]["usage"].tolist() == [300.0, "9"]  # of an unknown fuel nothing can be converted
    assert "cells of fuel is not understood (first: 'X')" in " ".join(brought.notes)


def test_a_length_that_is_no_length(tmp_path):
    mapping = BILLS.replace('start = "from"', 'days = "days"')
    rows = "1,31,2024-02-01,300\n2,a month,2024-02-01,300\n3,1e15,2024-02-01,300\n"
    bills = bring(tmp_path, mapping, "id,days,to,kwh\n" + rows).tables["bills"]
    assert bills["start"].tolist() == [pd.Timestamp("2024-01-01"), "a month", "1e15"]


def test_a_rate_without_a_period_stays_text(tmp_path):
    mapping = BILLS.replace('unit = "kWh"', 'unit = "kWh/day"')
    bills = bring(tmp_path, mapping, "id,from,to,kwh\n1,2024-01-01,2024-02-01,10\n2,?,2024-02-01,10\n").tables["bills"]
    assert bills["usage"].tolist() == [310.0, "10"]


def test_two_units_that_do_not_fit_two_fuels(tmp_path):
    mapping = BILLS.replace('{ value = "electricity" }', '"fuel"').replace('unit = "kWh"', 'unit = "CCF"')
    told = refusal(tmp_path, mapping, "id,fuel,from,to,kwh\n1,electricity,2024-01-01,2024-02-01,300\n")
    assert "1 rows whose fuel is electricity" in told
    assert 'unit = {electricity = "kWh", gas = "therm"}' in told


def test_an_optional_column_without_any_value_is_left_out(tmp_path):
    mapping = BILLS + 'cost_usd = { column = "usd", unit = "USD" }\n'
    brought = bring(tmp_path, mapping, "id,from,to,kwh,usd\n1,2024-01-01,2024-02-01,300,\n")
    assert "cost_usd" not in brought.tables["bills"]
    assert "cost_usd holds nothing" in " ".join(brought.notes)


def test_further_columns_must_be_told_once_and_for_each_home_once(tmp_path):
    homes = '[[table]]\nname = "homes"\n{adds}[table.columns]\nhome_id = "id"\n{more}\n'
    first = homes.format(adds="", more='place_id = "town"\nrooms = "rooms"')
    twice = homes.format(adds='adds = "columns"\n', more='rooms = "rooms"')
    csv = "id,town,rooms,beds\n1,Salem,4,2\n1,Salem,5,2\n"
    assert "rooms already comes from" in refusal(tmp_path, ONE_FILE + first + twice, csv)
    repeated = homes.format(adds='adds = "columns"\n', more='bedrooms = "beds"')
    assert "1 row repeats a key (first: {'home_id': '1'})" in refusal(tmp_path, ONE_FILE + first + repeated, csv)


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "data.csv", "empty"),
        (gzip.compress(b"id,from,to,kwh\n" * 500, mtime=0)[:40], "data.csv.gz", "cut short"),
        (b"%PDF-1.7 nothing like a table", "data.csv", "not a CSV"),
        ("id,from,to,kwh\nJosé,2024-01-01,2024-02-01,1\n".encode("cp1252"), "data.csv", 'encoding = "cp1252"'),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path, content, name, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=says):
        bring(tmp_path, BILLS.replace("data.csv", name))


def test_an_encoding_and_a_delimiter_can_be_stated(tmp_path):
    (tmp_path / "data.csv").write_bytes("id;from;to;kwh\nJosé;2024-01-01;2024-02-01;1,5\n".encode("cp1252"))
    mapping = BILLS.replace('path = "data.csv"', 'path = "data.csv"\nencoding = "cp1252"\ndelimiter = ";"')
    bills = bring(tmp_path, mapping.replace('unit = "kWh"', 'unit = "kWh", decimal = ","')).tables["bills"]
    assert bills.loc[0, ["home_id", "usage"]].tolist() == ["José", 1.5]
