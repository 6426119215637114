"""All that a report tells of, gathered: what came in, what was learned, and the sections that may be missing."""

from dataclasses import dataclass

import pandas as pd

from case_heating.data.sources import Source
from case_heating.data.validate import Trusted
from case_heating.model.evidence import Evidence
from case_heating.model.fairness_study import FairnessStudy
from case_heating.model.ladder import Ladder
from case_heating.people.cost_findings import CostFindings
from case_heating.people.gate_section import GateFindings
from case_heating.people.routing_findings import RoutingFindings
from case_heating.people.why_section import WhySection


@dataclass(frozen=True)
class Findings:
    """All that a report tells of.

    Attributes
    ----------
    source : Source
        Where the tables came from.
    notes : tuple of str
        How the files were read.
    trusted : Trusted
        What passed the checks and what was refused.
    evidence : Evidence
        Labelled gas and electric homes, row for row with the held-out probabilities of the ladder.
    ladder : Ladder
        The model and its figures at each stage.
    answers : DataFrame, shape (n_homes, 5)
        Indexed by ``home_id``: ``probability_of_gas``, ``heating_fuel``, ``confidence``, ``sureness``, ``seen``.
    cost : CostFindings or None
        What a year costs, and the year ahead; like the next three, a section that is left out where it is ``None``.
    why : WhySection or None
        Reasons and how true they are.
    fairness : FairnessStudy or None
        For whom the answers are wrong.
    routing : RoutingFindings or None
        What goes to people, and what that costs.
    gate : GateFindings or None
        Which model serves, and what the gate decided.
    """

    source: Source
    notes: tuple[str, ...]
    trusted: Trusted
    evidence: Evidence
    ladder: Ladder
    answers: pd.DataFrame
    cost: CostFindings | None = None
    why: WhySection | None = None
    fairness: FairnessStudy | None = None
    routing: RoutingFindings | None = None
    gate: GateFindings | None = None
