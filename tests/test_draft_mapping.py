"""A mapping drafted by looking at files, then finished as a person would."""

import re
from pathlib import Path

import pandas as pd
import pytest

from case_heating import schema
from case_heating.data.bring import Brought, apply_mapping
from case_heating.data.draft_bills import ask_about_ends
from case_heating.data.draft_columns import propose
from case_heating.data.draft_mapping import Draft, draft_mapping
from case_heating.data.draft_names import knowledge
from case_heating.data.draft_text import toml
from case_heating.data.units import conversion
from case_heating.errors import MappingError, SourceError, UnitError

ACCOUNTS = "account_no,town,bldg_type,notes\n1001,Salem,SF,a\n1002,Salem,APT,b\n1003,Bend,yurt,\n"
BILLS = """acct,service_from,service_to,elec_kwh,gas_ccf,total_charges
1001,2024-01-01,2024-01-31,812,95,"$1,121.80"
1001,2024-02-01,2024-02-29,700,80,$140.00
1001,2024-03-01,2024-03-31,650,40,$99.00
"""


def draft_of(folder: Path, **files: str) -> Draft:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return draft_mapping([folder / f"{name}.csv" for name in files])


def finish(folder: Path, text: str, *changes: tuple[str, str]) -> Brought:
    """Do what a person does: take the first answer to every question, write what is needed, confirm."""
    answered: set[str] = set()
    lines = []
    for line in text.replace("confirmed = false", "confirmed = true").splitlines():
        if line == "[[table]]":
            answered = set()
        question = re.match(r"# \? (\w+) = ", line)
        live = re.match(r"(\w+) = ", line)
        if live:
            answered.add(live[1])
        if question and question[1] not in answered:
            answered.add(question[1])
            line = line.removeprefix("# ? ")
        lines.append(line)
    finished = "\n".join(lines)
    for was, becomes in changes:
        assert was in finished
        finished = finished.replace(was, becomes)
    (folder / "mapping.toml").write_text(finished, encoding="utf-8")
    return apply_mapping(folder / "mapping.toml")


def line_of(draft: Draft, start: str) -> str:
    return next(line for line in draft.to_toml().splitlines() if line.startswith(start))


def by_target(draft: Draft, table: str) -> dict:
    return {p.target: p for block in draft.blocks if block.table == table for p in reversed(block.proposals)}


@pytest.mark.parametrize(
    ("name", "cells", "target", "entry"),
    [
        ("premise", ["7", "8"], "home_id", {"column": "premise"}),
        ("Account No", ["7", "8"], "home_id", {"column": "Account No"}),
        ("YearBuilt", ["1962", "1990"], "year_built", {"column": "YearBuilt"}),
        ("SqFt", ["1800", "900"], "floor_area_sqft", {"column": "SqFt", "unit": "sqft"}),
        ("area_m2", ["150", "90"], "floor_area_sqft", {"column": "area_m2", "unit": "m²"}),
        ("kWh", ["812", "95"], "usage", {"column": "kWh", "unit": "kWh"}),
        ("therms", ["81", "95"], "usage", {"column": "therms", "unit": "therm"}),
        ("usage_mwh", ["0.8", "0.9"], "usage", {"column": "usage_mwh", "unit": "MWh"}),
        ("avg_temp_f", ["40", "50"], "mean_temp_f", {"column": "avg_temp_f", "unit": "°F"}),
        ("zip", ["97301", "97302"], "district", {"column": "zip"}),
        ("read_date", ["01/31/2024", "02/29/2024"], "end", {"column": "read_date", "format": "%m/%d/%Y"}),
        ("tenure", ["owner", "renter"], "tenure", {"column": "tenure"}),
    ],
)
def test_what_is_understood(name, cells, target, entry):
    proposal = propose(name, pd.Series(cells, dtype="str"))
    assert (proposal.target, proposal.entry, proposal.confidence) == (target, entry, "likely")


@pytest.mark.parametrize(
    ("name", "cells", "entries", "says"),
    [
        ("usage", ["812"], ["kWh", "MWh", "therm", "CCF", "MCF", "m³"], "unit is not stated .median 812"),
        ("gas_usage", ["812"], ["therm", "CCF", "MCF", "m³"], "unit is not stated"),
        ("living_area", ["150", "90"], ["m²", "sqft"], "unit is not stated"),
        ("living_area", ["1500", "900"], ["sqft", "m²"], "unit is not stated"),
        ("hdd", ["4000"], ["°F·day", "°C·day"], "unit is not stated"),
    ],
)
def test_a_unit_is_never_guessed_silently(name, cells, entries, says):
    proposal = propose(name, pd.Series(cells, dtype="str"))
    assert proposal.confidence == "unsure"
    assert [answer["unit"] for answer in (proposal.entry, *proposal.answers)] == entries
    assert re.search(says, proposal.reason)


@pytest.mark.parametrize(
    ("name", "cells", "entry", "says"),
    [
        ("read_date", ["01/02/2024"], {"column": "read_date", "format": "%m/%d/%Y"}, "2 formats fit"),
        ("read_date", ["week 3"], {"column": "read_date", "format": "…"}, "format is not known .first: 'week 3'"),
        ("yr_built", ["1962", "n/a"], {"column": "yr_built", "missing": ["n/a"]}, "do 'n/a' mean no value"),
        ("yr_built", ["62", "90"], {"column": "yr_built"}, "2 lie outside 1600 to 2100"),
        ("rooms", ["many", "few"], {"column": "rooms"}, "2 of 2 cells are no numbers"),
        ("own_rent", ["O", "R"], {"column": "own_rent", "codes": {"O": "owner", "R": "renter"}}, "codes right"),
        ("has_pool", ["Y", "N"], {"column": "has_pool", "codes": {"Y": True, "N": False}}, "codes right"),
        ("dwelling", ["yurt"], {"column": "dwelling", "codes": {"yurt": "?"}}, "1 of 1 are not known"),
        ("acount_no", ["1"], {"column": "acount_no"}, "reads like 'account_no'"),
        ("pool", [None], {"column": "pool"}, "every cell is empty"),
    ],
)
def test_what_is_only_suspected_is_a_question(name, cells, entry, says):
    proposal = propose(name, pd.Series(cells, dtype="str"))
    assert (proposal.confidence, proposal.entry) == ("unsure", entry)
    assert re.search(says, proposal.reason)


def test_what_says_nothing_is_not_understood(tmp_path):
    assert propose("xq7", pd.Series(["1"], dtype="str")) is None
    draft = draft_of(tmp_path, accounts=ACCOUNTS)
    assert draft.not_understood[tmp_path / "accounts.csv"] == {"notes": "2 different values, such as 'a', 'b'"}
    assert "#   notes: 2 different values" in draft.to_toml()


def test_candidates_of_unknown_codes_are_asked_about(tmp_path):
    accounts = "acct,town,htg_cd,dwlg_cls\n1,Salem,1,A\n2,Bend,4,B\n"
    bills = "acct,from,to,kwh,net_chg_1\n1,2024-01-01,2024-02-01,812,$95.10\n"
    draft = draft_of(tmp_path, accounts=accounts, bills=bills)
    fuel = by_target(draft, "labels")["heating_fuel"]
    assert (fuel.confidence, fuel.entry) == ("unsure", {"column": "htg_cd", "codes": {"1": "?", "4": "?"}})
    assert fuel.reason.startswith("'htg' in its name; is it this?")
    assert by_target(draft, "homes")["dwelling_type"].entry["codes"] == {"A": "?", "B": "?"}
    assert line_of(draft, "# ? cost_usd").startswith('# ? cost_usd = { column = "net_chg_1", strip = "$"')


def test_no_candidate_beside_a_usual_name_nor_of_too_many_values(tmp_path):
    usual = "acct,town,heat_source,htg_cd\n1,Salem,gas,1\n2,Bend,gas,2\n"
    many = "acct,town,furnace_serial\n" + "".join(f"{n},Salem,s{n}\n" for n in range(40))
    draft = draft_of(tmp_path, usual=usual, many=many)
    assert by_target(draft, "labels")["heating_fuel"].source == "heat_source"
    assert "htg_cd" in draft.not_understood[tmp_path / "usual.csv"]
    assert "furnace_serial" in draft.not_understood[tmp_path / "many.csv"]


def test_a_draft_is_refused_until_confirmed(tmp_path):
    draft = draft_of(tmp_path, accounts=ACCOUNTS)
    (tmp_path / "mapping.toml").write_text(draft.to_toml(tmp_path), encoding="utf-8")
    with pytest.raises(MappingError, match="decide 1 question marked"):
        apply_mapping(tmp_path / "mapping.toml")


def test_an_unknown_code_must_be_answered(tmp_path):
    draft = draft_of(tmp_path, accounts=ACCOUNTS)
    with pytest.raises(MappingError, match=r"dwelling_type: '\?' is not allowed"):
        finish(tmp_path, draft.to_toml(tmp_path))
    homes = finish(tmp_path, draft.to_toml(tmp_path), ('yurt = "?"', 'yurt = ""')).tables["homes"]
    assert homes["dwelling_type"].tolist()[:2] == ["single_detached", "apartment_5_plus"]
    assert homes["dwelling_type"].isna().sum() == 1


def test_accounts_assessor_and_bills_of_both_fuels_finished_in_a_minute(tmp_path):
    assessor = "account_no,yr_built,sqft\n1001,1962,1800\n1003,1990,900\n1009,1990,900\n"
    draft = draft_of(tmp_path, accounts=ACCOUNTS, assessor=assessor, bills=BILLS)
    made = finish(tmp_path, draft.to_toml(tmp_path), ('yurt = "?"', 'yurt = ""')).tables
    assert made["homes"]["floor_area_sqft"].tolist() == pytest.approx([1800, float("nan"), 900], nan_ok=True)
    bills = made["bills"]
    # 95 CCF × 1.037; the next bill starts a day after the end, so the end given is the last day itself
    assert bills.loc[bills["fuel"] == "gas", "usage"].iloc[0] == pytest.approx(98.515)
    assert bills.loc[bills["fuel"] == "electricity", "usage"].tolist() == [812.0, 700.0, 650.0]
    assert bills["end"].iloc[0] == pd.Timestamp("2024-02-01")
    assert bills["cost_usd"].iloc[0] == 1121.80
    assert 'adds = "columns"   # likely: 2 of its 3 homes are in accounts.csv' in draft.to_toml()


def test_the_fuel_of_kwh_alone_is_asked(tmp_path):
    draft = draft_of(tmp_path, bills="acct,from,to,kwh\n1,2024-01-01,2024-02-01,812\n1,2024-02-01,2024-03-01,700\n")
    assert line_of(draft, "# ? fuel").endswith("'kwh': is all of it electricity?")
    assert by_target(draft, "bills")["end"].reason.endswith("the next bill starts on this day")


def test_one_column_of_both_fuels_asks_for_both_units(tmp_path):
    draft = draft_of(tmp_path, bills="acct,service,read_date,days,used\n1,E,2024-01-31,31,812\n1,G,2024-01-31,31,95\n")
    usage = by_target(draft, "bills")["usage"]
    assert [answer["unit"]["gas"] for answer in (usage.entry, *usage.answers)] == ["therm", "CCF", "MCF", "m³"]
    end = by_target(draft, "bills")["end"]
    assert (end.confidence, end.answers) == ("unsure", ({"column": "read_date", "inclusive": True},))


def test_what_is_needed_and_not_found_is_asked_for(tmp_path):
    draft = draft_of(tmp_path, bills="acct,kwh\n1,812\n", survey="acct,heat_source\n1,gas furnace\n")
    text = draft.to_toml()
    assert '# needed: start = "ITS COLUMN" or { value = … }   # First day of the period; or days = … or months' in text
    assert "# needed: event_time" in text
    assert "home_id" in draft.samples["1. bills from bills.csv"]


def test_a_file_that_repeats_its_homes(tmp_path):
    draft = draft_of(tmp_path, bills="acct,town,from,to,kwh\n" + "1,Salem,2024-01-01,2024-02-01,5\n" * 4)
    assert line_of(draft, "distinct") == "distinct = true   # likely: 1 home in 4 rows"
    homes = finish(tmp_path, draft.to_toml(tmp_path)).tables["homes"]
    assert homes["home_id"].tolist() == ["1"]


def test_two_columns_for_one_thing(tmp_path):
    draft = draft_of(tmp_path, homes="premise,account,town\n7,1,Salem\n8,2,Bend\n")
    assert "# ? home_id = \"account\"   # instead of 'premise'?" in draft.to_toml()


def test_weather_of_stations(tmp_path):
    draft = draft_of(tmp_path, weather="station,date,tavg_c\nsalem,2024-01-01,5\nbend,2024-01-01,-40\n")
    weather = finish(tmp_path, draft.to_toml(tmp_path)).tables["weather"]
    assert weather["mean_temp_f"].tolist() == [41.0, -40.0]


def test_samples_are_three_converted_rows(tmp_path):
    draft = draft_of(tmp_path, bills=BILLS)
    sample = draft.samples["2. bills from bills.csv"]
    assert list(sample) == ["home_id", "fuel", "start", "end", "usage", "cost_usd?", "known_at"]
    assert sample["usage"].tolist() == pytest.approx([98.515, 82.96, 41.48])


def test_a_broken_file_is_refused(tmp_path):
    with pytest.raises(SourceError, match="empty"):
        draft_of(tmp_path, bills="")


def test_ends_are_not_asked_about_where_there_are_none():
    assert ask_about_ends([], pd.DataFrame({"a": ["1"]})) == []


@pytest.mark.real_data
def test_official_pums_drafted_and_finished(data_dir, tmp_path):
    draft = draft_mapping([data_dir / "psam_h02.csv.gz"])
    made = finish(tmp_path, draft.to_toml(tmp_path)).tables
    assert made["labels"]["heating_fuel"].value_counts().to_dict() == {
        "other": 1045,
        "gas": 920,
        "electricity": 306,
        "none": 18,
    }
    assert len(made["homes"]) == 3279
    assert made["bills"].groupby("fuel").size().to_dict() == {"electricity": 2071, "gas": 1124}


@pytest.mark.real_data
@pytest.mark.parametrize(("file", "homes"), [("recs2009", 11905), ("recs2015", 5686)])
def test_official_recs_drafted_and_finished(data_dir, tmp_path, file, homes):
    path = data_dir / f"{file}_public.csv.gz"
    made = finish(tmp_path, draft_mapping([path]).to_toml(tmp_path)).tables
    assert len(made["homes"]) == len(made["degree_days"]) == homes
    fuels = made["labels"]["heating_fuel"].value_counts()
    official = pd.read_csv(path)
    assert (fuels["gas"], fuels["electricity"]) == tuple((official["FUELHEAT"] == code).sum() for code in (1, 5))
    electricity = made["bills"][made["bills"]["fuel"] == "electricity"]
    assert electricity["usage"].sum() == pytest.approx(official["KWH"].sum())
    therms = made["bills"].loc[made["bills"]["fuel"] == "gas", "usage"].sum()
    assert therms == pytest.approx(official["BTUNG"].sum() / 100)  # thousand Btu; a therm is a hundred of them


def test_what_is_known_beforehand_fits_the_schema():
    known = knowledge()
    columns = {name: table.column(name) for table in schema.TABLES.values() for name in table.column_names}
    assert set(known["names"]) <= {*columns, "days"}
    names = [name for target in known["names"].values() for said in target.values() for name in said]
    assert len(names) == len(set(names))
    for target, meanings in known["codes"].items():
        assert set(meanings) <= set(columns[target].allowed if target != "flag" else ("true", "false"))
    for unit in known["units"].values():
        assert any(_converts(unit, quantity) for quantity in ("usage", "money", "area", "temperature"))
    for official in known["official"]:
        for table in official["table"]:
            assert {*table["columns"], *table.get("unsure", {})} <= {
                *schema.TABLES[table["name"]].column_names,
                "months",
            }


def _converts(unit, quantity):
    try:
        conversion(unit, quantity, fuel="gas")
    except UnitError:
        return False
    return True


def test_values_are_written_as_toml():
    assert toml({"column": 'a "b"', "inclusive": True}) == '{ column = "a \\"b\\"", inclusive = true }'
    assert toml({"unit": "m²", "codes": {"1.5": 2}}) == '{ unit = "m²", codes = { "1.5" = 2 } }'
    assert toml(["low", 10, "high"]) == '["low", 10, "high"]'


def test_a_blank_is_no_observation(tmp_path):
    text = "premise,town,heating_fuel,answered\n1,a,gas,2024-01-01\n2,a,,\n3,a,electricity,2024-01-02\n"
    draft = draft_of(tmp_path, survey=text)
    labels = next(block for block in draft.blocks if block.table == "labels")
    assert labels.where == {"column": "heating_fuel", "not_in": [""]}
    assert 'where = { column = "heating_fuel", not_in = [""] }' in draft.to_toml()
    full = draft_of(tmp_path, survey=text.replace("2,a,,", "2,a,gas,2024-01-01"))
    assert next(block for block in full.blocks if block.table == "labels").where is None


def test_the_day_of_a_bill_is_not_when_a_fuel_became_known(tmp_path):
    bills = "premise,start,end,kwh,bill_date,heating_fuel\n1,2024-01-01,2024-02-01,9,2024-02-05,gas\n"
    labels = "premise,heating_fuel,received\n1,gas,2024-02-05\n"
    assert "known_at" in by_target(draft_of(tmp_path, survey=labels), "labels")
    assert "known_at" not in by_target(draft_of(tmp_path, bills=bills), "labels")
    assert "known_at" in by_target(draft_of(tmp_path, bills=bills), "bills")


KUNDEN = """Kunde;Zählernummer;Straße;PLZ;Ort;Gebäudetyp;Baujahr;Wohnfläche (m²);Heizart;Stichtag
4711;1EMH001;Hauptstraße 1;02826;Görlitz;EFH;1962;150,5;Erdgas;31.12.2023
4712;1EMH002;Hauptstraße 3;02826;Görlitz;MFH;1990;90,0;Wärmepumpe;31.12.2023
"""
VERBRAUCH = """Kunde;Zählernummer;von;bis;Sparte;Verbrauch kWh;Betrag EUR
4711;1EMH001;01.01.2023;31.01.2023;Strom;283;99,17
4711;7GMH001;01.01.2023;31.01.2023;Gas;2.930;322,30
4711;1EMH001;01.02.2023;28.02.2023;Strom;250;87,50
4712;1EMH002;01.01.2023;31.01.2023;Strom;1.024;358,40
"""


def test_files_of_a_german_utility_finished_in_a_minute(tmp_path):
    for name, text in (("kunden", KUNDEN), ("verbrauch", VERBRAUCH)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="cp1252")
    draft = draft_mapping([tmp_path / "kunden.csv", tmp_path / "verbrauch.csv"])
    text = draft.to_toml(tmp_path)
    assert text.count('encoding = "cp1252"   # likely: it is not UTF-8') == 2
    cost = by_target(draft, "bills")["cost_usd"]
    assert (cost.confidence, cost.entry["unit"]) == ("unsure", "USD")
    assert "amounts are in EUR" in cost.reason
    made = finish(tmp_path, text).tables
    homes, bills = made["homes"], made["bills"]
    assert homes["home_id"].tolist() == ["4711", "4712"]  # the customer, not the meter
    assert homes["place_id"].tolist() == ["Görlitz"] * 2
    assert homes["dwelling_type"].tolist() == ["single_detached", "apartment_5_plus"]
    assert homes["floor_area_sqft"].tolist() == pytest.approx([1619.97, 968.75], abs=0.01)  # 150.5 and 90 m²
    assert bills["fuel"].tolist() == ["electricity", "gas", "electricity", "electricity"]
    # 2,930 kWh are 2,930 / 29.3071 therms; a dot parts thousands
    assert bills["usage"].tolist() == pytest.approx([283, 99.976, 250, 1024], abs=0.001)
    assert bills["cost_usd"].tolist() == [99.17, 322.30, 87.50, 358.40]
    assert bills["end"].tolist()[0] == pd.Timestamp("2023-02-01")  # the next bill starts a day after "bis"
    assert made["labels"]["heating_fuel"].tolist() == ["gas", "electricity"]


def test_days_that_fit_two_formats_are_settled_by_a_column_that_fits_one(tmp_path):
    bills = "acct,from,to,kwh\n1,01/01/2024,01/31/2024,812\n2,02/01/2024,02/29/2024,700\n"
    start = by_target(draft_of(tmp_path, bills=bills), "bills")["start"]
    assert (start.confidence, start.entry["format"]) == ("likely", "%m/%d/%Y")
    assert "'to' has days that fit this one only" in start.reason
    open_still = "acct,from,kwh\n1,01/01/2024,812\n2,02/01/2024,700\n"
    assert len(by_target(draft_of(tmp_path, bills=open_still), "bills")["start"].answers) == 1


def test_several_answers_to_a_question_are_one_decision(tmp_path):
    text = draft_of(tmp_path, bills="acct,read_date,usage\n1,01/02/2024,812\n").to_toml(tmp_path)
    assert sum(line.startswith("# ?") for line in text.splitlines()) == 10  # fuel 2, end 2, usage 6
    (tmp_path / "mapping.toml").write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=r"decide 3 questions marked `# .` and 1 line marked `# needed`, then set"):
        apply_mapping(tmp_path / "mapping.toml")


def test_a_file_nothing_is_understood_of_gets_tables_to_fill_in(tmp_path):
    text = draft_of(tmp_path, odd="xq1,xq2,xq3\n7,2024-01-31,812\n").to_toml(tmp_path)
    assert "# needed: nothing was understood of odd.csv." in text
    (tmp_path / "mapping.toml").write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=r"is a draft without any .*take the `# ` away"):
        apply_mapping(tmp_path / "mapping.toml")
    start = text.index('# [[table]]\n# name = "bills"')
    end = text.index("#\n", start)
    block = "\n".join(line.removeprefix("# ") for line in text[start:end].splitlines())
    block = block.replace('start = { column = "ITS COLUMN", format = "%d.%m.%Y" }', "months = { value = 1 }")
    for target, column in (("home_id", "xq1"), ("usage", "xq3")):
        block = re.sub(rf'({target} = .*?)"ITS COLUMN"', rf'\1"{column}"', block)
    block = re.sub(r"end = .*", 'end = "xq2"', re.sub(r"fuel = .*", 'fuel = { value = "electricity" }', block))
    block = re.sub(r"cost_usd = .*", "", block)
    head = text[: text.index("# needed: nothing")].replace("confirmed = false", "confirmed = true")
    (tmp_path / "mapping.toml").write_text(head + block, encoding="utf-8")
    assert apply_mapping(tmp_path / "mapping.toml").tables["bills"]["usage"].tolist() == [812.0]
