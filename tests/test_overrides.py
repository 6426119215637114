"""What people choose instead of the policy: on record and back, limits changed, retraining paused and resumed."""

from dataclasses import replace
from datetime import date

import pytest

from case_heating.errors import HeatingError
from case_heating.watch.overrides import Override, limits_with, override_words, pause_on
from case_heating.watch.signals import Limits

IGNORE = Override("ignore_until", "Ana", "a known campaign", made_on=date(2025, 1, 15), until=date(2025, 4, 1))
PAUSE = replace(IGNORE, choice="pause", by="Dee", why="the billing system moves")
RESUME = Override("resume", "Ed", "it has moved", made_on=date(2025, 3, 1))


def test_a_pause_holds_from_its_day_to_its_last_one():
    days = [date(2025, 1, 14), date(2025, 1, 15), date(2025, 4, 1), date(2025, 4, 2)]
    assert [pause_on([IGNORE, PAUSE], day) for day in days] == [None, PAUSE, PAUSE, None]


def test_of_pauses_and_resumptions_the_one_recorded_last_counts():
    again = replace(PAUSE, made_on=date(2025, 3, 1), until=date(2025, 5, 1))
    assert pause_on([PAUSE, RESUME], date(2025, 2, 28)) == PAUSE  # it had not been resumed by then
    assert pause_on([PAUSE, RESUME], date(2025, 3, 1)) is None
    assert pause_on([PAUSE, RESUME, again], date(2025, 4, 15)) == again
    shorter = replace(PAUSE, until=date(2025, 2, 1))
    assert pause_on([PAUSE, shorter], date(2025, 3, 1)) is None


def test_what_was_chosen_is_said_in_a_sentence():
    limit = Override("change_limit", "Cy", "noisy", made_on=date(2025, 1, 1), limit="psi", value=0.3)
    assert override_words(limit) == "2025-01-01: Cy changed the limit psi to 0.3: noisy"
    assert override_words(PAUSE) == "2025-01-15: Dee paused retraining until 2025-04-01: the billing system moves"
    assert override_words(IGNORE) == "2025-01-15: Ana has all signals ignored until 2025-04-01: a known campaign"
    assert override_words(RESUME) == "2025-03-01: Ed let retraining go on: it has moved"


def test_a_person_changes_a_limit_and_the_latest_change_holds():
    first = Override("change_limit", "Cy", "noisy", made_on=date(2025, 1, 1), limit="psi", value=0.3)
    later = replace(first, made_on=date(2025, 3, 1), value=0.4)
    days = replace(first, limit="stale_days", value=90.0)
    assert limits_with(Limits(), [later, first, days], as_of=date(2025, 2, 1)) == Limits(psi=0.3, stale_days=90)
    assert limits_with(Limits(), [later, first], as_of=date(2025, 4, 1)).psi == 0.4
    assert limits_with(Limits(), [first], as_of=date(2024, 4, 1)) == Limits()
    assert isinstance(limits_with(Limits(), [days], as_of=date(2025, 2, 1)).stale_days, int)


def test_overrides_go_on_record_and_come_back():
    assert Override.from_json(IGNORE.to_json()) == IGNORE
    with pytest.raises(HeatingError, match="no override"):
        Override.from_json("{")
    with pytest.raises(HeatingError, match="no override"):
        Override.from_json('{"choice": "retrain", "colour": "red"}')


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"choice": "shrug"}, "there are roll_back"),
        ({"until": None}, "until which day to ignore"),
        ({"choice": "pause", "until": None}, "until which day to pause"),
        ({"until": date(2025, 1, 14)}, "ends on 2025-01-14, before it begins on 2025-01-15"),
        ({"by": " "}, "who chose and why"),
        ({"choice": "retrain"}, "name the champion"),
        ({"choice": "change_limit", "limit": "psy", "value": 1.0}, "names the limit 'psy'"),
        ({"choice": "change_limit", "limit": "psi"}, "new value"),
    ],
)
def test_an_override_that_cannot_hold_is_refused(wrong, told):
    with pytest.raises(HeatingError, match=told):
        replace(IGNORE, **wrong)
