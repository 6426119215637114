"""RECS readers: the real files of 2009 and 2015, and 2020 on a small file made in its layout."""

import gzip
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from case_heating import schema
from case_heating.data.recs import read_recs
from case_heating.data.recs_layouts import LAYOUTS
from case_heating.data.survey import canonical_columns, needed_columns
from case_heating.errors import SourceError

# One gas home and one all-electric home as the 2020 codebook would write them.
HOMES_2020 = {
    "DOEID": ["100001", "100002"],
    "REGIONC": ["WEST", "SOUTH"],
    "DIVISION": ["Mountain South", "South Atlantic"],
    "state_postal": ["NM", "GA"],
    "BA_climate": ["Mixed-Dry", "Hot-Humid"],
    "IECC_climate_code": ["4B", "3A"],
    "UATYP10": ["U", "C"],
    "HDD65": ["3844", "1500"],
    "CDD65": ["1679", "2300"],
    "HDD30YR_PUB": ["4451", "1700"],
    "CDD30YR_PUB": ["1027", "2100"],
    "TYPEHUQ": ["2", "5"],
    "CELLAR": ["0", "-2"],
    "CRAWL": ["1", "-2"],
    "CONCRETE": ["1", "-2"],
    "STORIES": ["5", "-2"],
    "PRKGPLC1": ["0", "-2"],
    "SIZEOFGARAGE": ["-2", "-2"],
    "KOWNRENT": ["1", "3"],
    "YEARMADERANGE": ["4", "9"],
    "BEDROOMS": ["3", "1"],
    "TOTROOMS": ["6", "3"],
    "WALLTYPE": ["4", "99"],
    "ROOFTYPE": ["6", "-2"],
    "WINDOWS": ["4", "2"],
    "SWIMPOOL": ["1", "-2"],
    "SOLAR": ["1", "-2"],
    "FUELHEAT": ["1", "5"],
    "EQUIPM": ["3", "4"],
    "ACEQUIPM_PUB": ["1", "-2"],
    "USENG": ["1", "0"],
    "SDESCENT": ["1", "0"],
    "HOUSEHOLDER_RACE": ["1", "6"],
    "MONEYPY": ["14", "6"],
    "TOTSQFT_EN": ["2100", "590"],
    "NWEIGHT": ["3284.1", "9007.2"],
    "KWH": ["12521.48", "5243.05"],
    "BTUEL": ["42723.28", "17889.29"],
    "DOLLAREL": ["-12.5", "713.27"],
    "BTUNG": ["10174.99", "0"],
    "DOLLARNG": ["261.73", "0"],
}


def write_2020(folder: Path, **changes: list[str]) -> Path:
    path = folder / "recs2020_public_v7.csv"
    pd.DataFrame(HOMES_2020 | changes).to_csv(path, index=False)
    return path


def only_home(frame: pd.DataFrame, home_id: str) -> dict:
    row = frame[frame.home_id == home_id].iloc[0]
    return row[row.notna()].to_dict()


def test_2020_homes(tmp_path):
    homes = read_recs(write_2020(tmp_path), 2020)["homes"]
    assert only_home(homes, "100001") == {
        "home_id": "100001",
        "place_id": "100001",
        "division": "mountain_south",
        "state": "NM",
        "district": "NM",
        "climate": "hot_dry",
        "iecc_zone": "3B-4B",
        "area_type": "urban",
        "hdd_normal": 4451.0,
        "cdd_normal": 1027.0,
        "dwelling_type": "single_detached",
        "year_built": 1975.0,
        "floor_area_sqft": 2100.0,
        "rooms": 6.0,
        "bedrooms": 3.0,
        "stories": 2.0,
        "foundation": "crawl_space",
        "garage_cars": 0.0,
        "wall_material": "stucco",
        "roof_material": "concrete",
        "windows": 12.5,
        "cooling": "central",
        "pool": True,
        "solar": True,
        "gas_service": True,
        "survey_weight": 3284.1,
    }
    assert only_home(homes, "100002") == {
        "home_id": "100002",
        "place_id": "100002",
        "division": "south_atlantic",
        "state": "GA",
        "district": "GA",
        "climate": "hot_humid",
        "iecc_zone": "3A",
        "area_type": "town",
        "hdd_normal": 1700.0,
        "cdd_normal": 2100.0,
        "dwelling_type": "apartment_5_plus",
        "year_built": 2018.0,
        "floor_area_sqft": 590.0,
        "rooms": 3.0,
        "bedrooms": 1.0,
        "wall_material": "other",
        "windows": 4.0,
        "cooling": "none",
        "gas_service": False,
        "survey_weight": 9007.2,
    }


def test_2020_bills_degree_days_labels_and_sensitive(tmp_path):
    tables = read_recs(write_2020(tmp_path), 2020)
    year = (pd.Timestamp("2020-01-01"), pd.Timestamp("2021-01-01"))
    bills = tables["bills"].set_index(["home_id", "fuel"])
    assert bills.index.tolist() == [("100001", "electricity"), ("100002", "electricity"), ("100001", "gas")]
    assert bills.usage.tolist() == pytest.approx([12521.48, 5243.05, 101.7499])  # 10,174.99 thousand Btu
    assert bills.cost_usd.tolist() == [-12.5, 713.27, 261.73]
    assert set(zip(bills.start, bills.end, strict=True)) == {year}
    assert set(bills.known_at) == {year[1]}
    assert set(bills.read) == {"read"}
    degree_days = tables["degree_days"]
    assert degree_days.place_id.tolist() == ["100001", "100002"]
    assert degree_days[["base_f", "hdd", "cdd"]].to_numpy().tolist() == [[65.0, 3844.0, 1679.0], [65.0, 1500.0, 2300.0]]
    labels = tables["labels"]
    assert labels.heating_fuel.tolist() == ["gas", "electricity"]
    assert labels.loc[0, ["event_time", "known_at", "source"]].tolist() == [*year, "survey"]
    assert tables["sensitive"].to_dict("list") == {
        "home_id": ["100001", "100002"],
        "income_band": ["60_to_100", "under_20"],
        "tenure": ["owner", "renter"],
        "race": ["white", "several_or_other"],
        "ethnicity": ["hispanic", "not_hispanic"],
    }


def test_tables_fit_the_schema(tmp_path):
    for name, frame in read_recs(write_2020(tmp_path), 2020).items():
        conformed = schema.conform(frame, schema.TABLES[name])
        assert conformed.columns.tolist() == frame.columns.tolist(), name
        assert set(schema.TABLES[name].needed_names) <= set(frame.columns), name


def test_no_gas_anywhere_leaves_no_gas_bill(tmp_path):
    bills = read_recs(write_2020(tmp_path, USENG=["0", "0"]), 2020)["bills"]
    assert bills.fuel.tolist() == ["electricity", "electricity"]


def test_what_is_not_in_the_codebook_stays_as_its_text(tmp_path):
    path = write_2020(
        tmp_path,
        TYPEHUQ=["2", "6"],
        FUELHEAT=["77", "99"],
        TOTSQFT_EN=["large", "590"],
        SOLAR=["1", "yes"],
        BTUNG=["?", "0"],
        WINDOWS=["4", "60"],
    )
    tables = read_recs(path, 2020)
    assert tables["homes"].dwelling_type.tolist() == ["single_detached", "6"]
    assert tables["homes"].floor_area_sqft.tolist() == ["large", 590.0]
    assert tables["homes"].solar.tolist() == [True, "yes"]
    assert tables["homes"].windows.tolist() == [12.5, "60"]
    assert tables["labels"].heating_fuel.tolist() == ["77", "other"]
    assert tables["bills"].usage.tolist() == [12521.48, 5243.05, "?"]


def test_a_column_without_an_answer_is_absent(tmp_path):
    homes = read_recs(write_2020(tmp_path, ROOFTYPE=["-2", "-2"]), 2020)["homes"]
    assert "roof_material" not in homes


def test_every_packing_and_capitals_of_names(tmp_path):
    path = write_2020(tmp_path)
    expected = read_recs(path, 2020)["homes"]
    text = path.read_text().replace("state_postal", "STATE_POSTAL")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.encode()))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("recs2020_public_v7.csv", text)
    for packed in ("a.csv.gz", "a.zip"):
        pd.testing.assert_frame_equal(read_recs(tmp_path / packed, 2020)["homes"], expected)


def test_missing_columns_are_named_beside_what_is_there(tmp_path):
    path = tmp_path / "recs2020_public_v7.csv"
    pd.DataFrame(HOMES_2020).drop(columns=["FUELHEAT", "KWH"]).to_csv(path, index=False)
    with pytest.raises(SourceError, match=r"not RECS 2020: 2 columns are missing \(KWH, FUELHEAT\); it has 39 \(DOEID"):
        read_recs(path, 2020)


def test_another_years_file_is_recognised(tmp_path):
    with pytest.raises(SourceError, match="looks like RECS 2020: read it as recs2020"):
        read_recs(write_2020(tmp_path), 2015)


def test_years_and_files_that_are_not_there(tmp_path):
    with pytest.raises(SourceError, match="no layout for RECS 2005; there are 2009, 2015, 2020"):
        read_recs(tmp_path / "x.csv", 2005)
    with pytest.raises(SourceError, match="there is no file"):
        read_recs(tmp_path / "x.csv", 2015)
    with pytest.raises(SourceError, match="official survey files are CSV"):
        read_recs(tmp_path / "x.parquet", 2015)


@pytest.mark.parametrize("year", LAYOUTS)
def test_every_meaning_is_allowed_by_the_schema(year):
    for layout, table in ((LAYOUTS[year].homes, schema.HOMES), (LAYOUTS[year].sensitive, schema.SENSITIVE)):
        for name, fields in layout.items():
            allowed = table.column(name).allowed
            for field in fields:
                said = {meaning for meaning in (field.codes or {}).values() if meaning is not None}
                assert not allowed or said <= set(allowed), (year, name)


@pytest.mark.parametrize("year", LAYOUTS)
def test_no_layout_reads_a_column_that_gives_the_fuel_away(year):
    layout = LAYOUTS[year]
    read = needed_columns(layout.homes, layout.sensitive)
    forbidden = "EQUIPM FUELHEAT FUELH2O ELWARM UGWARM PELHEAT PGASHEAT TOTHSQFT TOTCSQFT TEMPHOME NHSLDMEM HHAGE"
    assert not set(read) & {*forbidden.split(), "ADQINSUL"}
    assert not [name for name in read if name.endswith(("SPH", "WTH", "COL"))]


@pytest.mark.parametrize(
    ("year", "last_codes"),
    [(2009, [6, 10, 14, 22, 24]), (2015, [1, 2, 3, 5, 8]), (2020, [6, 10, 12, 14, 16])],
)
def test_income_codes_end_where_the_codebook_says(year, last_codes):
    codes = pd.DataFrame({"MONEYPY": [str(code) for code in range(1, last_codes[-1] + 1)]})
    bands = canonical_columns(codes, {"income_band": LAYOUTS[year].sensitive["income_band"]}, schema.SENSITIVE)
    counts = bands.income_band.value_counts(sort=False)
    assert counts.index.tolist() == list(schema.SENSITIVE.column("income_band").allowed)
    assert counts.cumsum().tolist() == last_codes


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("year", "n_homes", "fuels", "gas_bills"),
    [
        (2009, 11_905, {"gas": 5_819, "electricity": 3_987, "other": 1_657, "none": 442}, 7_392),
        (2015, 5_686, {"gas": 2_790, "electricity": 1_972, "other": 666, "none": 258}, 3_302),
    ],
)
def test_real_counts(data_dir, year, n_homes, fuels, gas_bills):
    tables = read_recs(data_dir / f"recs{year}_public.csv.gz", year)
    assert len(tables["homes"]) == len(tables["degree_days"]) == len(tables["sensitive"]) == n_homes
    assert tables["homes"].home_id.is_unique
    assert tables["labels"].heating_fuel.value_counts().to_dict() == fuels
    assert tables["bills"].fuel.value_counts().to_dict() == {"electricity": n_homes, "gas": gas_bills}


@pytest.mark.real_data
@pytest.mark.parametrize("year", [2009, 2015])
def test_real_answers_are_all_understood(data_dir, year):
    for name, frame in read_recs(data_dir / f"recs{year}_public.csv.gz", year).items():
        conformed = schema.conform(frame, schema.TABLES[name])
        for column in schema.TABLES[name].columns:
            if column.name not in conformed:
                continue
            cells = conformed[column.name].dropna()
            assert len(cells), column.name
            if column.allowed:
                assert cells.isin(column.allowed).all(), column.name
            if column.minimum is not None:
                assert cells.between(column.minimum, column.maximum).all(), column.name


@pytest.mark.real_data
def test_real_columns_and_places(data_dir):
    homes_2009 = read_recs(data_dir / "recs2009_public.csv.gz", 2009)["homes"]
    tables = read_recs(data_dir / "recs2015_public.csv.gz", 2015)
    assert homes_2009.district.nunique() == 27  # reportable domains
    assert homes_2009.loc[homes_2009.home_id == "12037", "year_built"].item() == 1991
    assert {"stories", "foundation", "garage_cars", "wall_material", "roof_material", "pool"} <= set(homes_2009)
    # of homes that stand on more than one, the cellar comes first, then the crawl space
    assert homes_2009.foundation.value_counts().to_dict() == {"cellar": 3_877, "slab": 3_175, "crawl_space": 1_895}
    assert {"iecc_zone"} == set(tables["homes"]) - set(homes_2009)
    assert "pacific.metro.urban" in set(tables["homes"].district)
    hispanic = tables["sensitive"].ethnicity == "hispanic"
    assert tables["sensitive"].race.isna().equals(hispanic)  # in this copy their race was merged away


@pytest.mark.real_data
def test_real_files_given_as_another_year(data_dir):
    with pytest.raises(SourceError, match="looks like RECS 2015"):
        read_recs(data_dir / "recs2015_public.csv.gz", 2009)
    with pytest.raises(SourceError, match="looks like RECS 2009"):
        read_recs(data_dir / "recs2009_public.csv.gz", 2020)


@pytest.mark.real_data
def test_layout_of_2020_against_its_codebook(data_dir):
    codebook = pd.read_excel(data_dir / "recs2020_codebook_v7.xlsx", header=1, dtype="str")
    codes = codebook.assign(Variable=codebook["Variable"].str.upper()).set_index("Variable")["Response Codes"]
    layout = LAYOUTS[2020]
    assert set(needed_columns(layout.homes, layout.sensitive, layout.labels)) <= set(codes.index)
    for fields in [*layout.homes.values(), *layout.sensitive.values(), *layout.labels.values()]:
        for field in fields:
            if field.codes is None:
                continue
            answers = codes[field.official].splitlines()
            published = {line if line in field.codes else line.split()[0] for line in map(str.strip, answers) if line}
            assert published <= set(field.codes), field.official
