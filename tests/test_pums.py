"""ACS PUMS household files: a small one made by hand, and the real one of Alaska."""

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from case_heating import schema
from case_heating.data.places import DIVISION_OF_STATE, STATE_OF_FIPS, STATES_OF_DIVISION
from case_heating.data.pums import read_pums
from case_heating.errors import SourceError

# An occupied house, a flat whose bills are in the rent, a van, a vacant home and group quarters.
ROWS = {
    "RT": ["H", "H", "H", "H", "H"],
    "SERIALNO": ["2021HU0000001", "2021HU0000002", "2021HU0000003", "2021HU0000004", "2021GQ0000005"],
    "DIVISION": ["8", "8", "8", "8", "8"],
    "PUMA": ["00101", "01200", "00101", "00101", "00101"],
    "ST": ["35", "35", "35", "35", "35"],
    "ADJHSG": ["1000000", "1000000", "1050000", "1000000", "1000000"],
    "ADJINC": ["1029928", "1029928", "1029928", "1029928", "1029928"],
    "WGTP": ["87", "12", "30", "55", "0"],
    "TYPEHUGQ": ["1", "1", "1", "1", "2"],
    "BDSP": ["3", "1", "0", "2", None],
    "BLD": ["02", "07", "10", "02", None],
    "ELEFP": ["3", "1", "3", None, None],
    "ELEP": ["150", None, "60", None, None],
    "GASFP": ["4", "2", "3", None, None],
    "GASP": ["40", None, None, None, None],
    "HFL": ["1", "3", "6", None, None],
    "RMSP": ["6", "3", "1", "5", None],
    "TEN": ["2", "4", "1", None, None],
    "YRBLT": ["1970", "1939", "2021", "1990", None],
    "HHLDRHISP": ["02", "01", "01", None, None],
    "HHLDRRAC1P": ["8", "5", "1", None, None],
    "HINCP": ["98000", "19000", "-4600", None, None],
}


def write(folder: Path, rows: dict = ROWS, name: str = "psam_h35.csv") -> Path:
    pd.DataFrame(rows).to_csv(folder / name, index=False)
    return folder / name


def test_homes_are_the_occupied_ones(tmp_path):
    homes = read_pums(write(tmp_path))["homes"].set_index("home_id")
    assert homes.index.tolist() == ["2021HU0000001", "2021HU0000002", "2021HU0000003"]
    assert homes.place_id.tolist() == homes.district.tolist() == ["NM.00101", "NM.01200", "NM.00101"]
    assert set(homes.division) == {"mountain_south"}
    assert set(homes.state) == {"NM"}
    assert homes.dwelling_type.fillna("?").tolist() == ["single_detached", "apartment_5_plus", "?"]
    assert homes.year_built.tolist() == [1975.0, 1924.0, 2021.0]
    assert homes.rooms.tolist() == [6.0, 3.0, 1.0]
    assert homes.bedrooms.tolist() == [3.0, 1.0, 0.0]
    assert homes.gas_service.tolist() == [True, True, False]
    assert homes.survey_weight.tolist() == [87.0, 12.0, 30.0]


def test_bills_are_yearly_costs_without_usage(tmp_path):
    bills = read_pums(write(tmp_path))["bills"]
    assert "usage" not in bills
    assert bills[["home_id", "fuel", "cost_usd"]].to_numpy().tolist() == [
        ["2021HU0000001", "electricity", 1800.0],  # 150 a month
        ["2021HU0000003", "electricity", pytest.approx(756.0)],  # 60 a month, adjusted by 1.05
        ["2021HU0000001", "gas", 480.0],
    ]
    assert set(bills.start) == {pd.Timestamp("2021-01-01")}
    assert set(bills.end) == set(bills.known_at) == {pd.Timestamp("2022-01-01")}


def test_labels_and_sensitive(tmp_path):
    tables = read_pums(write(tmp_path), year=2022)
    assert tables["labels"].heating_fuel.tolist() == ["gas", "electricity", "other"]
    assert set(tables["labels"].event_time) == {pd.Timestamp("2022-01-01")}
    assert set(tables["labels"].known_at) == {pd.Timestamp("2023-01-01")}
    assert tables["sensitive"].drop(columns="home_id").to_dict("list") == {
        "income_band": ["100_and_over", "under_20", "under_20"],  # 98,000 x 1.029928 = 100,933
        "tenure": ["owner", "renter", "owner"],
        "race": ["several_or_other", "native_american", "white"],
        "ethnicity": ["hispanic", "not_hispanic", "not_hispanic"],
    }


def test_codes_inside_the_costs_of_older_files(tmp_path):
    rows = {name: cells for name, cells in ROWS.items() if name not in ("ELEFP", "GASFP", "YRBLT")}
    rows |= {"ELEP": ["3", "1", "2", None, None], "GASP": ["4", "2", "3", None, None]}
    tables = read_pums(write(tmp_path, rows), year=2016)
    assert tables["bills"][["fuel", "cost_usd"]].to_numpy().tolist() == [["electricity", 36.0], ["gas", 48.0]]
    assert tables["homes"].gas_service.tolist() == [True, True, False]
    assert "year_built" not in tables["homes"]


def test_nobody_pays_leaves_no_bills_table(tmp_path):
    tables = read_pums(write(tmp_path, ROWS | {"ELEP": [None] * 5, "GASP": [None] * 5}))
    assert set(tables) == {"homes", "labels", "sensitive"}


def test_what_is_not_in_the_dictionary_stays_as_its_text(tmp_path):
    rows = ROWS | {
        "ST": ["72"] * 5,
        "ELEP": ["150", None, "lots", None, None],
        "HFL": ["1", "0", "6", None, None],
        "WGTP": ["87", "x", "30", "55", "0"],
    }
    tables = read_pums(write(tmp_path, rows))
    assert set(tables["homes"].state) == {"72"}  # Puerto Rico is no state of the schema
    assert tables["homes"].survey_weight.tolist() == [87.0, "x", 30.0]
    assert tables["labels"].heating_fuel.tolist() == ["gas", "0", "other"]
    assert tables["bills"].cost_usd.tolist() == [1800.0, "lots", 480.0]


def test_leading_zeros_that_a_spreadsheet_ate(tmp_path):
    eaten = ROWS | {"ST": ["2"] * 5, "PUMA": ["101", "1200", "101", "101", "101"], "BLD": ["2", "7", "10", "2", None]}
    homes = read_pums(write(tmp_path, eaten))["homes"]
    assert homes.district.tolist() == ["AK.00101", "AK.01200", "AK.00101"]
    assert homes.dwelling_type.fillna("?").tolist() == ["single_detached", "apartment_5_plus", "?"]


def test_zip_with_a_readme_and_state_under_its_newer_name(tmp_path):
    expected = read_pums(write(tmp_path))
    with zipfile.ZipFile(tmp_path / "csv_hnm.zip", "w") as archive:
        archive.writestr("psam_h35.csv", (tmp_path / "psam_h35.csv").read_text().replace(",ST,", ",STATE,"))
        archive.writestr("ACS2021_PUMS_README.pdf", "%PDF")
    for name, frame in read_pums(tmp_path / "csv_hnm.zip").items():
        pd.testing.assert_frame_equal(frame, expected[name])


def test_wrong_files_are_refused(tmp_path):
    without = {name: cells for name, cells in ROWS.items() if name not in ("HFL", "ELEP")}
    with pytest.raises(SourceError, match=r"2 columns are missing \(ELEP, HFL\); it has 20 \(RT, .* csv_hXX.zip"):
        read_pums(write(tmp_path, without))
    with pytest.raises(SourceError, match="looks like the person file"):
        read_pums(write(tmp_path, without | {"SPORDER": ["1"] * 5}))
    with pytest.raises(SourceError, match="none of 5 rows is an occupied home"):
        read_pums(write(tmp_path, ROWS | {"HFL": [None] * 5}))


def test_states_and_divisions():
    given = {
        "01": "AL",
        "02": "AK",
        "06": "CA",
        "11": "DC",
        "15": "HI",
        "41": "OR",
        "42": "PA",
        "44": "RI",
        "53": "WA",
        "56": "WY",
    }
    assert given.items() <= STATE_OF_FIPS.items()
    assert set(STATE_OF_FIPS.values()) == set(DIVISION_OF_STATE) == set(schema.STATES)
    assert set(STATES_OF_DIVISION) == set(schema.DIVISIONS)
    assert sum(len(states.split()) for states in STATES_OF_DIVISION.values()) == 51


def test_tables_fit_the_schema(tmp_path):
    for name, frame in read_pums(write(tmp_path)).items():
        assert schema.conform(frame, schema.TABLES[name]).columns.tolist() == frame.columns.tolist(), name
        assert set(schema.TABLES[name].needed_names) <= set(frame.columns), name


@pytest.mark.real_data
def test_real_alaska(data_dir):
    tables = read_pums(data_dir / "psam_h02.csv.gz")
    assert tables["labels"].heating_fuel.value_counts().to_dict() == {
        "gas": 920,
        "electricity": 306,
        "other": 1045,
        "none": 18,
    }
    assert tables["bills"].fuel.value_counts().to_dict() == {"electricity": 2071, "gas": 1124}
    assert tables["homes"].district.nunique() == 5
    for name, frame in tables.items():
        conformed = schema.conform(frame, schema.TABLES[name])
        for column in schema.TABLES[name].columns:
            if column.name in conformed and column.allowed:
                assert conformed[column.name].dropna().isin(column.allowed).all(), column.name
            if column.name in conformed and column.minimum is not None:
                assert conformed[column.name].dropna().between(column.minimum, column.maximum).all(), column.name
