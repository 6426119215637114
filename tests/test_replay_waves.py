"""The survey waves: frozen and retrained are measured on homes nobody trained on, and each step asks the gate."""

from datetime import date

import pytest

from case_heating.data.simulate import simulate
from case_heating.errors import NotEnoughDataError
from case_heating.features.build import build_features
from case_heating.model.evidence import gather_evidence
from case_heating.settings import Settings
from case_heating.watch import replay_waves as waves
from case_heating.watch.replay_waves import MEASURING_SHARE, replay_waves

SETTINGS = Settings(today=date(2026, 1, 31), folds=2, bootstrap_rounds=30)
STEPS = 2


def survey(seed: int, homes: int = 900):
    tables = simulate(homes=homes, seed=seed, population="nation").tables
    day = date(2016, 1, 1)
    return gather_evidence(tables, build_features(tables, as_of=day), as_of=day, min_homes=50), tables


def met(earlier, later, stage="property"):
    return replay_waves(
        earlier[0],
        later[0],
        later[1],
        names=("first", "second"),
        stage=stage,
        steps=STEPS,
        settings=SETTINGS,
        code="test",
        progress=lambda _doing, _share: None,
    )


@pytest.fixture(scope="module")
def told():
    """The same home names mean other homes in the later survey, as they do in the official ones."""
    seen = []
    train, judge = waves.train_candidate, waves.judge_candidate
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waves, "train_candidate", lambda rows, **how: seen.append(rows.when.index) or train(rows, **how))
        patch.setattr(
            waves, "judge_candidate", lambda *who, **how: seen.append(who[2].when.index) or judge(*who, **how)
        )
        later = survey(2)
        found = met(survey(1), later)
    return found, seen, later[0]


def test_labels_come_in_by_steps_and_some_homes_only_measure(told):
    found, _, later = told
    n = len(later.is_gas)
    assert found.n_measuring == round(MEASURING_SHARE * n)
    assert [step.number for step in found.steps] == [0, 1, 2]
    assert found.steps[0].promoted is None
    assert found.steps[-1].n_labels == pytest.approx(2 / 3 * (n - found.n_measuring), abs=2)


def test_the_gate_judges_by_homes_that_came_in_after_the_training(told):
    """First training, then training and judging in turn: no judging home was trained on, and the next one learns it."""
    _, seen, _ = told
    first, second, judged_second, third, judged_third = seen
    assert all(name.startswith("first:") for name in first)
    assert not set(judged_second) & set(second)
    assert set(judged_second) <= set(third)
    assert not set(judged_third) & set(third)


def test_what_serves_is_the_candidate_only_where_the_gate_promoted_it(told):
    found, _, _ = told
    served = found.steps[0].frozen
    for step in found.steps[1:]:
        served = step.candidate if step.promoted else served
        assert step.served == served
        assert step.frozen == found.steps[0].frozen
        assert step.reasons


def test_a_stage_that_one_survey_does_not_reach_is_refused():
    with pytest.raises(NotEnoughDataError, match="do not both reach stage 'monthly'; both reach"):
        met(survey(1, 300), survey(2, 300), stage="monthly")
