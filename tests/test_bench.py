"""The benchmark compares like with like; how fast it is is not tested."""

from case_heating.edges.bench import RIVAL_HOMES, bench_signature


def test_both_give_the_same_slopes():
    found = bench_signature(n_homes=300, n_bills=24, seed=1)
    assert found["largest_difference"] < 1e-9
    assert found["rival_homes"] == RIVAL_HOMES
    assert found["ratio"] == found["homes_per_second"] / found["rival_homes_per_second"]


def test_fewer_homes_than_the_rival_would_take():
    assert bench_signature(n_homes=3, n_bills=12)["rival_homes"] == 3
