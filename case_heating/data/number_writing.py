"""How a column writes its numbers: which signs stand around them, which part thousands, and which is the decimal sign.

``1.234`` is a thousand and more to some and a little over one to others; where the column itself does not tell, a
person is asked.
"""

from typing import Any

import pandas as pd

CURRENCY_SIGNS = "$€£"
THOUSANDS = "'’ \u00a0\u202f"  # of Switzerland, and blanks of every width
_NUMBER = r"[-+−]?[\d.,]*\d[\d.,]*"
_TELLS_DECIMAL = r"(?:^[-+−]?0{0}|\d{{4,}}{0}|{1}\d{{3}}{0})\d*$|{0}(?:\d{{1,2}}|\d{{4,}})$"


def number_writings(texts: pd.Series) -> tuple[dict[str, Any], ...]:
    """Give how the numbers of a column may be written, the likeliest first, as keys of a mapping.

    Parameters
    ----------
    texts : Series of str, shape (n_rows,)
        Cells that are filled; some may be no numbers.

    Returns
    -------
    tuple of dict
        ``strip`` and ``decimal`` where they are needed; more than one where the column does not tell.

    Examples
    --------
    >>> number_writings(pd.Series(["$1,121.80", "95"], dtype="str"))
    ({'strip': '$,'},)
    >>> number_writings(pd.Series(["1.234,5", "95"], dtype="str"))
    ({'strip': '.', 'decimal': ','},)
    >>> number_writings(pd.Series(["1.234", "2.500"], dtype="str"))
    ({}, {'strip': '.'})
    """
    around = "".join(sign for sign in CURRENCY_SIGNS + THOUSANDS if texts.str.contains(sign, regex=False).any())
    plain = texts
    for sign in around:
        plain = plain.str.replace(sign, "", regex=False)
    numbers = plain[plain.str.fullmatch(_NUMBER)]
    commas, dots = (numbers.str.contains(sign, regex=False) for sign in ",.")
    if not commas.any() and not dots.any():
        return (_writing(around),)
    by_comma, by_dot = _tells(numbers, ",", "."), _tells(numbers, ".", ",")
    if by_comma and not by_dot:
        return (_writing(around + ("." if dots.any() else ""), ","),)
    if by_dot or (commas.any() and dots.any()):
        return (_writing(around + ("," if commas.any() else "")),)
    sign, parted = (",", commas) if commas.any() else (".", dots)
    as_thousands, as_decimal = _writing(around + sign), _writing(around, sign)
    several = (numbers.str.count(f"[{sign}]") > 1).any()
    small_ones = pd.to_numeric(numbers[~parted], errors="coerce").abs()
    if several or (len(small_ones) and (small_ones < 1000).all()):  # a larger one would have the sign
        return (as_thousands,)
    return (as_thousands, as_decimal) if sign == "," else (as_decimal, as_thousands)


def _tells(numbers: pd.Series, sign: str, other: str) -> bool:
    """Whether some number shows that a sign is the decimal one: no three digits follow, or it cannot part thousands."""
    escaped, escaped_other = f"[{sign}]", f"[{other}]"
    once = numbers[numbers.str.count(escaped) == 1]
    return bool(once.str.contains(_TELLS_DECIMAL.format(escaped, escaped_other), regex=True).any())


def _writing(strip: str, decimal: str = ".") -> dict[str, Any]:
    told: dict[str, Any] = {"strip": strip} if strip else {}
    return told if decimal == "." else told | {"decimal": decimal}
