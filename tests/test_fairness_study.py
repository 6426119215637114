"""A study from end to end on planted homes, its section, its charts and the model card."""

import io
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from pypdf import PdfReader

from case_heating.errors import NotEnoughDataError
from case_heating.features.stages import guard_against_leakage
from case_heating.model import fairness_study, proxies, remedies
from case_heating.model.evidence import Evidence
from case_heating.model.fairness import FairnessLimits
from case_heating.model.fairness_study import study_fairness
from case_heating.model.fairness_verdict import FairnessVerdict
from case_heating.model.quality import judge
from case_heating.people.fairness_section import fairness_section, headline
from case_heating.people.fairness_tables import group_name, parted
from case_heating.people.model_card import CardFacts, card_html, limits_in_words, make_card
from case_heating.people.model_card_pdf import card_pdf
from case_heating.settings import Settings

SETTINGS = Settings(today=date(2024, 6, 1), folds=2, bootstrap_rounds=40, threads=1)
LIMITS = FairnessLimits(min_homes_judged=100)


def planted(n=700, seed=1):
    """Renters' homes heat with electricity more often and live in flats, and the model knows the dwelling."""
    rng = np.random.default_rng(seed)
    index = pd.Index([f"h{number}" for number in range(n)], name="home_id")
    renter = rng.random(n) < 0.4
    flat = rng.random(n) < np.where(renter, 0.9, 0.1)
    is_gas = rng.random(n) < np.where(flat, 0.3, 0.8)
    kwh = np.where(is_gas, 7000, 11_000) + rng.normal(0, 3000, n)
    homes = pd.DataFrame(
        {
            "division": pd.Series(np.where(np.arange(n) % 2, "pacific", "new_england"), index=index, dtype="str"),
            "dwelling_type": pd.Series(np.where(flat, "apartment_5_plus", "single_detached"), index=index, dtype="str"),
        }
    )
    features = pd.DataFrame({"dwelling_type": homes["dwelling_type"], "kwh_year": kwh}, index=index)
    tenure = pd.Series(np.where(renter, "renter", "owner"), index=index, dtype="str")
    tenure.iloc[:3] = "<b>rent & free"
    sensitive = pd.DataFrame({"home_id": index.astype("str"), "tenure": tenure.to_numpy()})
    tables = {"homes": homes.reset_index(), "sensitive": sensitive}
    counts = {"gas": int(is_gas.sum()), "electricity": int((~is_gas).sum()), "other": 0, "none": 0}
    evidence = Evidence(features, is_gas, homes, None, counts, n, date(2024, 1, 1))
    logit = (9000 - kwh) / 2250 + np.where(flat, -1.1, 1.1)
    return tables, evidence, 1 / (1 + np.exp(-logit))


def study(tables, evidence, probability, **others):
    return study_fairness(
        tables, evidence, probability, stage="billing", n_trees=20, settings=SETTINGS, limits=LIMITS, **others
    )


def made_card(found, evidence, probability):
    facts = CardFacts("700 planted homes", date(2024, 1, 1), judge(evidence.is_gas, probability, rounds=20))
    return make_card(found, fairness_section(found), evidence, facts)


def card_of(found, evidence, probability):
    return card_html(made_card(found, evidence, probability))


@pytest.fixture(scope="module")
def planted_study():
    tables, evidence, probability = planted()
    return study(tables, evidence, probability, review_below=(0.8, 0.8)), evidence, probability


@pytest.fixture(scope="module")
def blind_study():
    tables, evidence, probability = planted()
    del tables["sensitive"]
    return study(tables, evidence, probability), evidence, probability


def test_the_study_finds_the_group_its_proxy_and_its_cause(planted_study):
    found, _, _ = planted_study
    assert (found.focus.trait, found.focus.group) == ("tenure", "renter")
    assert found.verdict.passed is False
    told = found.told.set_index("group").loc["renter"]
    assert told["low"] > 0.8
    assert told["dwelling"] > 0.3
    gaps = found.gaps.set_index("alike_in")["gap"]
    # renters and owners of like dwellings fare alike: the gap goes with the dwelling
    assert gaps["nothing"] > 0.1
    assert abs(gaps["place, dwelling type"]) < gaps["nothing"] / 2
    assert "without dwelling" in found.remedies.index
    assert found.decision is not None


def test_homes_known_from_a_rebate_are_not_judged_and_that_is_said():
    tables, evidence, probability = planted()
    seen_by = pd.Series("survey", index=evidence.features.index, dtype="str")
    seen_by.iloc[:50] = "rebate"
    told = replace(evidence, seen_by=seen_by)
    found = study(tables, told, probability, deep=False)
    assert (found.fairness.n_homes, found.n_targeted) == (650, 50)
    rest = study(tables, told.at(np.arange(700) >= 50), probability[50:], deep=False)
    pd.testing.assert_frame_equal(found.fairness.figures, rest.fairness.figures)
    assert fairness_section(found).sentences["groups"][-1].startswith("50 homes known from a rebate are left out")


def test_no_trait_enters_a_matrix_anywhere(monkeypatch):
    tables, evidence, probability = planted()
    seen = []
    for module in (proxies, remedies):
        encoding = module.learn_encoding

        def watch(features, encoding=encoding):
            guard_against_leakage(features.columns, "billing")
            seen.append(set(features.columns))
            return encoding(features)

        monkeypatch.setattr(module, "learn_encoding", watch)
    study(tables, evidence, probability)
    assert len(seen) >= 2
    assert set().union(*seen) == {"dwelling_type", "kwh_year"}


def test_the_same_study_twice_is_the_same(planted_study):
    first, _, _ = planted_study
    tables, evidence, probability = planted()
    again = study(tables, evidence, probability, review_below=(0.8, 0.8))
    pd.testing.assert_frame_equal(first.remedies, again.remedies)
    pd.testing.assert_frame_equal(first.fairness.figures, again.fairness.figures)


def test_without_sensitive_table_the_study_and_the_card_say_that_nothing_is_judged(blind_study):
    found, evidence, probability = blind_study
    assert found.verdict.passed is None
    assert found.focus is None
    assert found.remedies.empty
    section = fairness_section(found)
    assert section.headline == "Fairness cannot be judged, so it is not passed."
    assert section.tables == {}
    assert section.plots == ()
    assert (
        "Race of the householder: not looked at; there is no table of sensitive traits."
        in (section.sentences["left_out"])
    )
    card = card_of(found, evidence, probability)
    assert "cannot be judged, so it is not passed" in card
    assert "No remedy was tried" in card


def test_answers_of_other_homes_are_refused():
    tables, evidence, probability = planted()
    with pytest.raises(NotEnoughDataError, match="700 labelled homes and 699 held-out"):
        study(tables, evidence, probability[1:])
    probability[0] = np.nan
    with pytest.raises(NotEnoughDataError, match="run 'heating run' again"):
        study(tables, evidence, probability)


def test_progress_is_told_between_nothing_and_all():
    tables, evidence, probability = planted()
    told = []
    study(tables, evidence, probability, progress=lambda doing, share: told.append((doing, share)))
    assert {"measuring groups", "telling tenure", "doing without dwelling", "trying: reweighing"} <= {
        d for d, _ in told
    }
    assert all(0 <= share <= 1 for _, share in told)


def test_the_section_has_what_the_report_shows(planted_study):
    found, _, _ = planted_study
    section = fairness_section(found)
    assert section.headline == "Fairness: refused."
    assert {"groups", "differences", "causes", "proxies", "without", "remedies"} <= set(section.tables)
    for table in section.tables.values():
        assert all(len(row) == len(table.headings) for row in table.rows), table.title
    names = [row[0] for row in section.tables["groups"].rows]
    assert names == ["Owner or renter: owner", "Owner or renter: renter"]
    assert [plot.name for plot in section.plots] == ["fairness_errors", "fairness_gaps", "fairness_remedies"]
    assert section.sentences["causes"][0].startswith("renter against owner: gas homes called electric, +")
    assert "most of the gap goes with place, dwelling type" in section.sentences["causes"][2]
    assert "What they do not support" in section.sentences["causes"][-1]
    told = section.sentences["review"][0]
    assert told.startswith("Homes of which the machine is less than 80 % sure of gas, or 80 % of electricity, go to")


def test_a_group_of_three_homes_is_named_and_not_shown(planted_study):
    found, evidence, probability = planted_study
    section = fairness_section(found)
    assert "Owner or renter: fewer than 30 homes, not shown: <b>rent & free." in section.sentences["left_out"]
    card = card_of(found, evidence, probability)
    assert "not shown: &lt;b&gt;rent &amp; free." in card
    assert "<b>rent" not in card


def words_in(pdf):
    """What stands in a PDF, words parted by one blank; letters are looked up in each font's own table."""
    reader = PdfReader(io.BytesIO(pdf))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split()), reader


def test_the_card_as_pdf_says_the_same_and_is_the_same_twice(planted_study):
    found, evidence, probability = planted_study
    card = made_card(found, evidence, probability)
    pdf = card_pdf(card)
    assert pdf == card_pdf(card)
    words, reader = words_in(pdf)
    for told in (card.section.headline, card.decided, card.trained_on, "not shown: <b>rent & free."):
        assert told in words, told
    for table in card.section.tables.values():
        assert table.title in words
        assert table.rows[0][0] in words
    assert sum(len(page.images) for page in reader.pages) == 3
    assert {round(float(page.mediabox.width)) for page in reader.pages} == {612, 792}  # letter, also laid across
    assert reader.metadata.title == "Model card: gas or electricity, 1 January 2024"
    assert reader.metadata.creation_date.date() == date(2024, 1, 1)
    assert b"/JavaScript" not in pdf
    assert b"/URI" not in pdf


def test_a_card_without_the_deep_look_says_so(planted_study):
    found, evidence, probability = planted_study
    shallow = replace(found, deep=False, decision=None)
    assert "Decision: none yet. Causes and remedies were not looked for." in card_of(shallow, evidence, probability)


def test_the_card_holds_all_it_shows_and_is_the_same_twice(planted_study):
    found, evidence, probability = planted_study
    card = card_of(found, evidence, probability)
    assert card == card_of(found, evidence, probability)
    assert not {"http:", "https:", "<script", "<link"} & {
        word for word in ("http:", "https:", "<script", "<link") if word in card
    }
    for words in ("1 January 2024", "What it is not for", "Remedies and their price", "5 of 100", "Decision:"):
        assert words in card, words
    assert card.count("<svg") == 6  # three charts, wide and narrow


def test_plots_save_and_show_each_group(planted_study, tmp_path):
    found, _, _ = planted_study
    for plot in fairness_section(found).plots:
        plot.save(tmp_path)
        assert (tmp_path / f"{plot.name}.png").stat().st_size > 5000
    errors = (tmp_path / "fairness_errors.svg").read_text()
    assert ">renter<" in errors
    assert ">owner<" in errors
    assert "reweighing (" in (tmp_path / "fairness_remedies.svg").read_text()


def test_groups_stand_in_the_order_of_the_schema():
    columns = {"trait": "income_band", "measure": "accuracy", "value": 0.5}
    figures = pd.DataFrame([columns | {"group": group} for group in ("100_and_over", "20_to_40", "under_20")])
    pair = pd.DataFrame([columns | {"trait": "tenure × race", "group": "owner × white"}])
    single, pairs = parted(pd.concat([figures, pair], ignore_index=True))
    assert single["group"].tolist() == ["under_20", "20_to_40", "100_and_over"]
    assert pairs["group"].tolist() == ["owner × white"]


def test_words_of_verdicts_groups_and_limits():
    assert headline(FairnessVerdict(True, ())) == "Fairness: passed."
    assert group_name("100_and_over") == "100,000 USD and over"
    said = dict(limits_in_words(replace(LIMITS, max_cost_gap=0.075)))
    assert said["Cost error as a share of the cost, above that of other homes"] == "7.5 of 100"
    assert said["Fewest homes of a group that is judged"] == "100 homes"
    assert fairness_study.FairnessLimits is FairnessLimits


@pytest.mark.real_data
def test_gas_homes_of_black_householders_are_called_electric_twice_as_often_and_place_goes_with_it(data_dir):
    from case_heating.data.recs import read_recs
    from case_heating.data.validate import check_tables
    from case_heating.features.build import build_features
    from case_heating.model.evidence import gather_evidence
    from case_heating.model.fairness import measure_fairness, traits_of
    from case_heating.model.fuel import FuelParams
    from case_heating.model.gap_causes import standardised_gaps
    from case_heating.model.ladder import fit_stage

    raw = read_recs(data_dir / "recs2015_public.csv.gz", 2015)
    trusted = check_tables(raw, as_of=None, today=date(2026, 11, 23))
    features = build_features(trusted.tables, as_of=trusted.as_of, stage="property")
    evidence = gather_evidence(trusted.tables, features, as_of=trusted.as_of, min_homes=100)
    held_out, _ = fit_stage(evidence, "property", FuelParams(), replace(SETTINGS, folds=5), n_trees=190)
    probability = held_out.calibrated(evidence.is_gas)
    traits = traits_of(trusted.tables, evidence.features.index)
    limits = FairnessLimits()
    figures = measure_fairness(evidence.is_gas, probability, traits, limits=limits, rounds=100).figures
    missed = figures[figures["measure"] == "gas_called_electric"].set_index(["trait", "group"])["value"]
    assert 1.6 < missed["race", "black"] / missed["race", "white"] < 2.6
    gaps = standardised_gaps(evidence, probability, traits, limits=limits, rounds=100)
    black = gaps[gaps["group"] == "black"].set_index("alike_in")
    assert black.loc["nothing", "low"] > 0.05
    assert black.loc["place, dwelling type, tenure", "gap"] < black.loc["nothing", "gap"] / 2
