"""What a wrong answer and a review cost: a small file that finance edits, and that decides what people see."""

import math
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from case_heating.errors import SourceError

COSTS_FILE = "review_costs.toml"


@dataclass(frozen=True)
class ReviewCosts:
    """The cost matrix, in USD; a right answer costs nothing, and a review is taken to find the truth.

    The defaults are an example, not a finding: a gas home called electric gets a heat-pump sales visit it has no
    use for (two hours of an adviser), an electric home called gas is left out of the winter's load plan and offered
    the wrong tariff (a corrected bill and a call), a review takes ten minutes of a clerk.

    Attributes
    ----------
    gas_called_electric_usd
        A home that heats with gas is answered electricity. [USD]
    electric_called_gas_usd
        A home that heats with electricity is answered gas. [USD]
    review_usd
        A person looks at one home and decides. [USD]
    """

    gas_called_electric_usd: float = 120.0
    electric_called_gas_usd: float = 80.0
    review_usd: float = 8.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not math.isfinite(value) or value < 0:
                raise SourceError(f"{name} is {value!r}; it must be an amount in USD, 0 or more")

    def to_toml(self) -> str:
        """Write the file that finance edits."""
        return (
            "# What each outcome costs, in USD. Edit the numbers; 'heating review costs' shows what follows.\n"
            "# A home is sent to people where the answer's chance of being wrong times the cost of that error exceeds\n"
            "# the cost of a review. The numbers below are an example until finance has put in its own.\n\n"
            "# The home heats with gas and was answered electricity.\n"
            f"gas_called_electric_usd = {float(self.gas_called_electric_usd)}\n\n"
            "# The home heats with electricity and was answered gas.\n"
            f"electric_called_gas_usd = {float(self.electric_called_gas_usd)}\n\n"
            "# A person looks at one home and decides.\n"
            f"review_usd = {float(self.review_usd)}\n"
        )


def read_costs(path: Path) -> ReviewCosts:
    """Read the file that finance edits.

    Raises
    ------
    SourceError
        If it is not there, is no TOML, lacks an amount, names one that is not known, or holds what is no amount.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SourceError(f"{path} is not there; 'heating review costs' writes one to edit") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} is no TOML ({error}); write lines such as review_usd = 8.0") from error
    known = list(asdict(ReviewCosts()))
    if unknown := sorted(set(told) - set(known)):
        raise SourceError(f"{path}: unknown {', '.join(unknown)}; there are {', '.join(known)}")
    if absent := [name for name in known if name not in told]:
        raise SourceError(f"{path}: {', '.join(absent)} is missing; add a line such as {absent[0]} = 8.0")
    try:
        return ReviewCosts(**told)
    except SourceError as error:
        raise SourceError(f"{path}: {error}") from error


def costs_of(workspace: Path) -> ReviewCosts:
    """Give the costs as finance edited them in the workspace, or the usual ones where nobody did.

    Raises
    ------
    SourceError
        As :func:`read_costs`.
    """
    file = workspace / COSTS_FILE
    return read_costs(file) if file.exists() else ReviewCosts()
