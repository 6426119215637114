"""The benchmark compares like with like; how fast it is is not tested."""

from case_heating.edges.bench_explain import RIVAL_HOMES, bench_explain, made_up_homes


def test_both_paces_and_their_ratio():
    found = bench_explain(n_homes=300, n_trees=5)
    assert (found["homes"], found["trees"], found["rival_homes"]) == (300, 5, RIVAL_HOMES)
    assert found["ratio"] == found["homes_per_second"] / found["rival_homes_per_second"]
    assert found["ms_one_home"] > 0


def test_fewer_homes_than_the_rival_would_take():
    assert bench_explain(n_homes=150, n_trees=3)["rival_homes"] == 150


def test_the_same_seed_makes_the_same_homes():
    (one, one_gas), (two, two_gas) = made_up_homes(50, seed=4), made_up_homes(50, seed=4)
    assert one.equals(two)
    assert (one_gas == two_gas).all()
