"""What names of columns say, in six languages and however letters with marks are spelt."""

import pytest

from case_heating import schema
from case_heating.data.draft_names import code_meanings, code_words, knowledge, parts_of, read_name


@pytest.mark.parametrize(
    ("names", "target"),
    [
        ("Zählernummer Zaehlernummer Zahlernummer ZÄHLER-NR. Kunden-Nr. Kunde CUPS PDL POD Klantnummer", "home_id"),
        ("Straße Strasse STRASSE Dirección Indirizzo Adres", "address"),
        ("PLZ Postleitzahl Code_postal Código_postal CAP", "district"),
        ("Ort Commune Población Comune Woonplaats", "place_id"),
        ("Wohnfläche Wohnflaeche Surface_habitable Superficie Metratura Woonoppervlakte", "floor_area_sqft"),
        ("Baujahr Année_de_construction AñoConstrucción Anno_di_costruzione Bouwjaar", "year_built"),
        ("Heizart Heizungsart Chauffage Calefacción Tipo_di_riscaldamento Verwarming", "heating_fuel"),
        ("von Du Desde Dal Begindatum Date_de_début", "start"),
        ("bis Au Hasta Al Einddatum t/m", "end"),
        ("Verbrauch Consommation Consumo Consumi Verbruik", "usage"),
        ("Betrag Montant Importe Importo Bedrag", "cost_usd"),
        ("Sparte Fluide Suministro Fornitura Energiesoort", "fuel"),
        ("Gebäudetyp Type_de_logement TipoVivienda Tipologia Woningtype", "dwelling_type"),
    ],
)
def test_usual_names_in_every_spelling(names, target):
    for name in names.split():
        named = read_name(name.replace("_", " "))
        assert named is not None, name
        assert (named.target, named.exact) == (target, True), name


@pytest.mark.parametrize(
    ("name", "target", "unit", "fuel", "currency"),
    [
        ("Verbrauch kWh", "usage", "kWh", None, None),
        ("Stromverbrauch (kWh)", "usage", "kWh", "electricity", None),
        ("Gasverbrauch m³", "usage", "m³", "gas", None),
        ("Consommation électricité", "usage", None, "electricity", None),
        ("Betrag in €", "cost_usd", None, None, "EUR"),
        ("Wohnfläche qm", "floor_area_sqft", "m²", None, None),
        ("Temperatur °C", "mean_temp_f", "°C", None, None),
        ("Gasanschluss", "gas_service", None, None, None),  # no gas of an Anschluss
    ],
)
def test_what_a_name_states_besides(name, target, unit, fuel, currency):
    named = read_name(name)
    assert (named.target, named.unit, named.fuel, named.currency) == (target, unit, fuel, currency)


def test_a_customer_is_meant_before_a_meter():
    assert read_name("Kunde").place < read_name("Zählernummer").place
    assert read_name("account").place < read_name("meter_no").place


def test_what_says_nothing_and_what_is_misspelt():
    assert read_name("xq7") is None
    assert read_name("Bemerkung") is None
    near = read_name("Verbrauhc")
    assert (near.target, near.exact) == ("usage", False)


def test_codes_in_every_spelling():
    meanings = code_meanings("heating_fuel")
    for code in ("Wärmepumpe", "Waermepumpe", "WARMEPUMPE", "Pompe à chaleur", "bomba_de_calor"):
        assert {meanings.get(word) for word in code_words(code)} - {None} == {"electricity"}, code
    assert {meanings.get(word) for word in code_words("Heizöl")} - {None} == {"other"}


def test_no_usual_name_stands_for_two_things():
    names = [name for told in knowledge()["names"].values() for said in told.values() for name in said]
    assert len(names) == len(set(names))
    needed = {name for table in ("homes", "bills", "labels") for name in schema.TABLES[table].needed_names}
    for target in {*needed, "usage", "cost_usd"}:
        assert {"de", "fr", "es", "it", "nl"} <= set(knowledge()["names"][target]), target


def test_words_are_parted_where_a_capital_begins_one():
    assert parts_of("AñoConstrucción") == ("ano", "construccion")
    assert parts_of("kWh") == ("kwh",)
