"""A replay: what the policies did is counted right, every policy lives by its rule, and nothing is known too early."""

from dataclasses import replace as changed
from datetime import date

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from case_heating.data.simulate import simulate
from case_heating.data.validate import check_tables
from case_heating.errors import NotEnoughDataError
from case_heating.release.gate_limits import GateLimits
from case_heating.settings import Settings
from case_heating.watch import replay as replays
from case_heating.watch.deliveries import walk_deliveries
from case_heating.watch.history import Month, month_ends
from case_heating.watch.replay import ALWAYS, NEVER, POLICIES, POLICY, ErrorPrices, Event, Replay, Rules, replay

PRICES = ErrorPrices(gas_called_electric_usd=120.0, electric_called_gas_usd=80.0)
FIRST, LAST = date(2024, 6, 30), date(2024, 8, 31)
MOMENTS = month_ends(date(2023, 11, 30), LAST)
# A utility so small brings a handful of labels in half a year: the gate of this test asks for no more.
RULES = Rules(
    gate=GateLimits(min_homes_of_a_fuel=3, max_accuracy_loss=0.9, confidence=0.6, max_single_auc=1.0, n_explained=20)
)
SETTINGS = Settings(today=date(2026, 1, 31), folds=2, bootstrap_rounds=20, min_labelled_homes=50)


def live(utility, **other):
    raw, trusted, truth = utility
    given = {"moments": MOMENTS, "first": FIRST, "stage": "gas_service", "rules": RULES} | other
    deliveries = walk_deliveries(raw, trusted.quarantine["bills"], given["moments"])
    return replay(
        trusted.tables,
        truth,
        deliveries,
        settings=SETTINGS,
        prices=PRICES,
        code="test",
        progress=lambda _doing, _share: None,
        **given,
    )


@pytest.fixture(scope="module")
def utility():
    simulated = simulate(homes=1200, seed=2)
    # Without sensitive traits the gate has fewer groups to compare, which is most of what it takes time for.
    raw = {name: frame for name, frame in simulated.tables.items() if name != "sensitive"}
    return raw, check_tables(raw, as_of=None, today=SETTINGS.today), simulated.truth


@pytest.fixture(scope="module")
def lived(utility):
    return live(utility)


def test_every_policy_lives_through_every_month_from_the_same_start(lived):
    assert lived.months.groupby("policy").size().to_dict() == dict.fromkeys(POLICIES, 3)
    first = lived.months[lived.months["as_of"] == pd.Timestamp(FIRST)]
    assert (first["accuracy"] == first["accuracy"].iloc[0]).all()
    assert (first["champion_of"] == pd.Timestamp(FIRST)).all()


def test_each_policy_trains_by_its_rule(lived):
    table = lived.table()
    assert table.loc[NEVER, ["trainings", "promotions", "refusals", "repairs"]].tolist() == [0, 0, 0, 0]
    assert table.loc[ALWAYS, "trainings"] == 2
    frozen = lived.months[lived.months["policy"] == NEVER]
    assert (frozen["champion_of"] == pd.Timestamp(FIRST)).all()


def test_the_month_in_wh_asks_for_repair_and_is_not_trained_on(lived):
    august = [event for event in lived.events if event.as_of == LAST]
    told = {event.policy: event for event in august if event.kind in ("repair", "refused")}
    assert told[POLICY].kind == "repair"
    assert told[ALWAYS].kind == "refused"
    assert all("district d14 in 2024-08" in " ".join(event.reasons) for event in told.values())


def test_facts_known_later_change_nothing_before(utility, lived):
    """Usage, labels, deliveries and truth after June are turned into nonsense; until June all is as it was."""
    raw, trusted, truth = utility
    moment = pd.Timestamp(FIRST)

    def nonsense(tables):
        bills, labels = tables["bills"], tables["labels"]
        later, told = bills["known_at"] > moment, labels["known_at"] > moment
        return tables | {
            "bills": bills.assign(usage=bills["usage"].mask(later, bills["usage"] * 3.0)),
            "labels": labels.assign(heating_fuel=labels["heating_fuel"].mask(told, "gas")),
        }

    other = (
        nonsense(raw),
        changed(trusted, tables=nonsense(trusted.tables)),
        truth.assign(heating_fuel=truth["heating_fuel"].where(truth["from_date"] <= moment, "gas")),
    )
    theirs = live(other, moments=MOMENTS[:-1])
    same = [frame[frame["as_of"] <= moment].reset_index(drop=True) for frame in (lived.months, theirs.months)]
    assert_frame_equal(*same)
    july = [frame[frame["as_of"] > moment]["accuracy"].iloc[0] for frame in (lived.months, theirs.months)]
    assert july[0] != july[1]


def test_enough_new_labels_are_reason_enough_to_train_but_not_on_faulty_data(utility):
    """One label since the last training suffices here: the policy trains in July, and in August asks for repair."""
    eager = live(utility, rules=changed(RULES, enough_new_labels=1))
    own = [
        (event.as_of.month, event.kind) for event in eager.events if event.policy == POLICY and event.kind != "alarm"
    ]
    assert own[1][1] == "labels"
    assert own[1][0] == own[2][0] == 7
    assert own[2][1] in ("promoted", "refused")
    assert [kind for month, kind in own if month == 8] == ["repair"]


def test_a_first_candidate_that_is_refused_stops_the_replay(utility):
    with pytest.raises(NotEnoughDataError, match="the first candidate, of 2024-06-30, was refused by the gate"):
        live(utility, moments=MOMENTS[:-2], rules=Rules(gate=GateLimits(min_homes_of_a_fuel=5000)))


def test_a_start_after_the_last_month_is_refused(utility):
    with pytest.raises(NotEnoughDataError, match="no month of the history reaches 2024-06-30"):
        live(utility, moments=MOMENTS[:2])


def made_by_hand() -> Replay:
    months = pd.DataFrame(
        [
            (policy, month, right)
            for month, rights in enumerate(((0.8,) * 3, (0.7, 0.9, 0.8)))
            for policy, right in zip(POLICIES, rights, strict=True)
        ],
        columns=["policy", "month", "accuracy"],
    )
    months["as_of"] = pd.to_datetime(months["month"].map({0: "2024-01-31", 1: "2024-02-29"}))
    months = months.assign(n_homes=10, accuracy_unseen=months["accuracy"] - 0.1, new_labels=4, new_right=3)
    months = months.assign(cost_usd_per_1000=1000.0 * (1 - months["accuracy"]), event="", champion_of=months["as_of"])
    january, february = date(2024, 1, 31), date(2024, 2, 29)
    events = [Event(january, policy, "promoted", ("it is the first one",)) for policy in POLICIES]
    events += [
        Event(february, ALWAYS, "refused", ("worse",)),
        Event(february, POLICY, "alarm", ("drift",)),
        Event(february, POLICY, "promoted", ("better",)),
    ]
    return Replay("monthly", 10, months, tuple(events))


def test_the_table_counts_what_happened_after_the_start():
    table = made_by_hand().table()
    assert list(table.index) == [NEVER, ALWAYS, POLICY]
    assert table["accuracy"].tolist() == pytest.approx([0.7, 0.9, 0.8])  # of February alone
    assert table["cost_usd_per_1000"].tolist() == pytest.approx([300.0, 100.0, 200.0])
    assert table["accuracy_new_labels"].tolist() == [0.75] * 3
    assert table[["trainings", "promotions", "refusals", "alarms", "repairs"]].to_numpy().tolist() == [
        [0, 0, 0, 0, 0],
        [1, 0, 1, 0, 0],
        [1, 1, 0, 1, 0],
    ]


class SaysGas:
    """A champion that gives each home the probability it is told to."""

    def __init__(self, said):
        self.said = pd.Series(said)
        self.model = self
        self.thresholds = type("Thresholds", (), {"gas_from": 0.5})
        self.lineage = type("Lineage", (), {"as_of": date(2024, 1, 31)})

    def probability_of_gas(self, features):
        return self.said.loc[features.index].to_numpy()


def test_answers_are_weighed_by_the_truth_of_the_day():
    homes = pd.Index(["a", "b", "c", "d", "e"], name="home_id")
    month = Month(
        date(2024, 2, 29),
        pd.DataFrame({"kwh_year": np.arange(5.0)}, index=homes),
        pd.DataFrame(
            {
                "home_id": ["a", "b"],
                "heating_fuel": ["gas", "electricity"],
                "event_time": pd.to_datetime(["2024-01-01"] * 2),
                "known_at": pd.to_datetime(["2024-01-20", "2024-02-10"]),
            }
        ),
        pd.Series(["gas", "electricity", "gas", "electricity", "other"], index=homes),
    )
    january = date(2024, 1, 31)
    before = replays.Lane(NEVER, SaysGas({"a": 0.9, "b": 0.1, "c": 0.9, "d": 0.1, "e": 0.5}), None, january)
    after = replays.Lane(NEVER, SaysGas({"a": 0.9, "b": 0.6, "c": 0.4, "d": 0.1, "e": 0.5}), None, january)
    last = changed(month, as_of=january)
    row = replays._measure(before, after, month, last, PRICES, "")
    # Home e burns something else. a and d are right, b is electric and called gas (80), c gas and called electric (120)
    assert (row["n_homes"], row["accuracy"], row["cost_usd_per_1000"]) == (4, 0.5, 1000 * 200 / 4)
    assert row["accuracy_unseen"] == 0.5  # of c and d
    # The label of b came in February, and the champion in service by then had it right.
    assert (row["new_labels"], row["new_right"]) == (1, 1)
