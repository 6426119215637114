"""What a candidate must keep to; each number with its unit and its reason."""

from dataclasses import dataclass, field, fields

from case_heating.model.fairness import FairnessLimits


@dataclass(frozen=True)
class GateLimits:
    """Limits of the gate: choices of the utility, with reasons that can be argued with.

    Attributes
    ----------
    min_homes_of_a_fuel : int
        Fewest homes of either fuel to judge by [homes]: with 50 an error rate of 0.15 is known to ± 0.10, and with
        fewer no difference worth having could be told from chance.
    max_accuracy_loss : float
        How much less often right than the champion a candidate may be [share]: 3 of 100. A newer model as good as the
        champion is wanted, since it has learned from more labels, and 600 homes tell a difference to ± 2 of 100: with a
        margin of 2, 5 of 40 honest retrainings were refused by chance, with 3 one of 40.
    max_log_loss_loss : float
        How much larger its mean surprise may be [nats]: the truth given 3 of 100 less probability. It is known more
        exactly than the share right, and so holds the finer line.
    confidence : float
        One-sided confidence at which both must be shown [share], by paired bootstrap.
    min_slice_homes : int
        Fewest homes of a slice that is judged [homes]: with 100, of which the two models answer 10 differently, the
        difference is known to ± 5 of 100.
    max_slice_loss : float
        How much less often right it may be in a slice [share]: more than overall, since a slice is known less well.
    max_slice_harm : float
        Loss in a slice beyond which it is refused as soon as chance does not explain it [share].
    max_mean_gap : float
        Mean probability said minus share that came true, either way [share]; load forecasts add these probabilities up.
    slope : tuple of float
        Slope of the truth over the logit said: 1 is calibrated, below it is too sure, above it not sure enough.
    min_first_moves, min_top_beats_others, min_same_without_unused : float
        Faithfulness of reasons [share of homes], see ``model/faithfulness.py``; facts drawn from other homes stand in.
    n_explained : int
        Homes whose reasons are checked [homes].
    max_bytes : int
        Size of the trees as text [bytes]; 200 trees of 15 leaves take a tenth of it.
    max_node_visits : float
        Splits met by the mean home [nodes]; a thousand take some ten microseconds.
    max_latency_ms : float
        One home's answer [ms], where it was measured; a hundred times what it takes, as clocks of shared machines jump.
    max_quarantined : float
        Rows refused of those checked [share]; more say that the delivery, not the rows, is wrong.
    max_single_auc : float
        AUC of a single feature known before the gas service [share]: the best honest one, the slope of electricity use
        with the cold, reaches 0.98.
    max_contribution : float
        Part of all contributions that one such feature may have [share].
    max_above_held_out : float
        How much more often right than on its own held-out homes [share]: later homes are harder, not easier, so that
        far more points to homes it has seen.
    fairness : FairnessLimits
        Limits on gaps between groups.
    max_group_harm : float
        How much worse off than with the rival a group beyond its limit may be, as a part of that limit: a half of 5 of
        100 for either error. Smaller steps are within what a retraining moves by chance.
    unfair_rival_excuses : bool
        Whether a gap beyond its limit is only told where its group is no worse off than with the rival; if not, it
        refuses in any case, and an unfair champion may stay for long.
    unjudged_fairness_refuses : bool
        Whether fairness that cannot be judged, for want of homes or traits, refuses. Otherwise it is told.
    """

    min_homes_of_a_fuel: int = 50
    max_accuracy_loss: float = 0.03
    max_log_loss_loss: float = 0.03
    confidence: float = 0.95
    min_slice_homes: int = 100
    max_slice_loss: float = 0.10
    max_slice_harm: float = 0.05
    max_mean_gap: float = 0.05
    slope: tuple[float, float] = (0.7, 1.4)
    min_first_moves: float = 0.9
    min_top_beats_others: float = 0.8
    min_same_without_unused: float = 0.99
    n_explained: int = 300
    max_bytes: int = 5_000_000
    max_node_visits: float = 5_000.0
    max_latency_ms: float = 50.0
    max_quarantined: float = 0.05
    max_single_auc: float = 0.99
    max_contribution: float = 0.8
    max_above_held_out: float = 0.08
    fairness: FairnessLimits = field(default_factory=FairnessLimits)
    max_group_harm: float = 0.5
    unfair_rival_excuses: bool = True
    unjudged_fairness_refuses: bool = False

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, int | float) and not isinstance(value, bool) and not value > 0:
                raise ValueError(f"GateLimits.{one.name} is {value}; it must be above 0")
        if not 0 < self.slope[0] < 1 < self.slope[1]:
            raise ValueError(f"GateLimits.slope is {self.slope}; it must hold 1, the slope of a calibrated model")
        if not 0.5 < self.confidence < 1:
            raise ValueError(f"GateLimits.confidence is {self.confidence}; it must lie between 0.5 and 1")
