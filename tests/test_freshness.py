"""How both stores stand: nothing yet, brought up to date, behind, filled from elsewhere, out of reach."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from case_heating.features.freshness import StoresNow, look_at_stores
from case_heating.features.online import materialise, open_online
from case_heating.features.store import OfflineStore, feature_rows

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def offline(tmp_path):
    return OfflineStore(tmp_path / "store", threads=1)


def write(offline, day, *homes):
    matrix = pd.DataFrame({"kwh_year": dict.fromkeys(homes, 9000.0)}).rename_axis("home_id")
    offline.write_features(feature_rows(matrix, event_time=day))


def bring(offline, place):
    with open_online(place) as online:
        materialise(offline, online, written=NOW)


def test_nothing_yet_and_looking_makes_nothing(offline, tmp_path):
    place = tmp_path / "online.sqlite"
    assert look_at_stores(offline, place) == StoresNow(None, 0, None, None, str(place))
    assert list(tmp_path.iterdir()) == []


def test_the_online_store_falls_behind_by_each_write_and_is_brought_up(offline, tmp_path):
    place = tmp_path / "online.sqlite"
    write(offline, date(2025, 1, 31), "a", "b")
    bring(offline, place)
    now = look_at_stores(offline, place)
    assert (now.learned_until, now.n_writes, now.online_homes, now.online_behind) == (date(2025, 1, 31), 1, 2, 0)
    write(offline, date(2025, 2, 28), "a", "b", "c")
    write(offline, date(2025, 3, 31), "c")
    now = look_at_stores(offline, place)
    assert (now.learned_until, now.online_homes, now.online_behind) == (date(2025, 3, 31), 2, 2)
    bring(offline, place)
    assert (look_at_stores(offline, place).online_homes, look_at_stores(offline, place).online_behind) == (3, 0)


def test_an_online_store_filled_from_another_store_is_not_counted_behind(offline, tmp_path):
    place = tmp_path / "online.sqlite"
    other = OfflineStore(tmp_path / "other", threads=1)
    write(other, date(2025, 1, 31), "a")
    bring(other, place)
    write(offline, date(2025, 1, 31), "b")
    assert look_at_stores(offline, place).online_behind is None


def test_a_redis_out_of_reach_is_told_without_its_password(offline):
    write(offline, date(2025, 1, 31), "a")
    now = look_at_stores(offline, "redis://ann:secret@127.0.0.1:1/0", timeout_s=0.5)
    assert (now.learned_until, now.online_homes, now.online_behind) == (date(2025, 1, 31), None, None)
    assert now.online_at == "redis://127.0.0.1:1/0"
    assert "cannot be used" in now.online_trouble
    assert "secret" not in now.online_trouble + now.online_at


def test_a_damaged_offline_store_is_told_and_the_online_one_still_looked_at(offline, tmp_path):
    place = tmp_path / "online.sqlite"
    write(offline, date(2025, 1, 31), "a")
    bring(offline, place)
    for log in (tmp_path / "store").rglob("*.json"):
        log.write_text("{")
    now = look_at_stores(offline, place)
    assert now.offline_trouble is not None
    assert (now.learned_until, now.online_homes, now.online_behind) == (None, 1, None)
