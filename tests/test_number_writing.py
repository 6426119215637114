"""Signs in numbers: what a column shows is taken, what it does not show is asked."""

import pandas as pd
import pytest

from case_heating.data.bring_cells import read_numbers
from case_heating.data.number_writing import number_writings


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["812", "95"], [812, 95]),
        (["812.5", "95"], [812.5, 95]),
        (["812,5", "95"], [812.5, 95]),
        (["1.234,56", "7"], [1234.56, 7]),
        (["1,234.56", "7"], [1234.56, 7]),
        (["1.234.567", "7"], [1234567, 7]),
        (["1.234", "812", "95"], [1234, 812, 95]),  # with a decimal point 1,234 would stand beside them as 1234
        (["0,234", "1,500"], [0.234, 1.5]),  # no thousand begins with nought
        (["1234,567", "2,500"], [1234.567, 2.5]),  # a thousand would be parted
        (["1.234,567"], [1234.567]),
        (["1'234.50", "7.00"], [1234.5, 7]),
        (["1 234,5", "1\u202f000,0"], [1234.5, 1000]),
        (["254,10 €", "−3,00 €"], [254.1, float("nan")]),  # a printed minus is for quarantine
        (["$1,121.80", "$95"], [1121.8, 95]),
        (["-1,5", "x"], [-1.5, float("nan")]),
    ],
)
def test_what_the_column_shows(cells, numbers):
    texts = pd.Series(cells, dtype="str")
    (writing,) = number_writings(texts)
    assert read_numbers(texts, **writing).meaning.tolist() == pytest.approx(numbers, nan_ok=True)


@pytest.mark.parametrize(
    ("cells", "writings"),
    [
        (["1.234", "2.500"], ({}, {"strip": "."})),
        (["1,234", "2,500"], ({"strip": ","}, {"decimal": ","})),
        (["1.234", "1500"], ({}, {"strip": "."})),  # 1500 is not parted, so the dot may part nothing either
    ],
)
def test_what_it_does_not_show_is_asked(cells, writings):
    assert number_writings(pd.Series(cells, dtype="str")) == writings
