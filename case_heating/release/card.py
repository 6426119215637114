"""The card that lies in a model's folder: what it is for, how good it was, what it was made from. Markdown."""

from case_heating.features.stages import STAGES
from case_heating.model.quality import METRICS, Figure
from case_heating.release.candidate import TrainedModel

_SHOWN = ("accuracy", "auc", "recall_gas", "recall_electricity", "log_loss")


def write_card(trained: TrainedModel) -> str:
    """Write the card; the same model gives the same characters."""
    lineage, encoding, calibration = trained.lineage, trained.model.encoding, trained.model.calibration
    figures = trained.held_out
    rows = [
        f"| {METRICS[name]} | {_interval(figures.model[name])} | {_interval(figures.rival[name])} |" for name in _SHOWN
    ]
    lines = [
        "# Gas or electric: model card",
        "",
        "**For** planning: how many homes of an area heat with gas, and whom to ask first. "
        "**Not for** refusing a home a service, a price or a rebate, nor for homes heated with oil, propane or wood.",
        "",
        f"- Stage of data: `{trained.model.stage}`, {STAGES[trained.model.stage]}; {len(encoding.names)} features",
        f"- Trained at {lineage.as_of} on {trained.model.n_training_homes:,} homes of {lineage.source} whose fuel was "
        f"known by {lineage.cutoff}",
        f"- {trained.model.booster.num_trees()} trees; calibrated logit = {calibration.slope:.3f} × score + "
        f"{calibration.intercept:.3f}",
        f"- Answers gas from {trained.thresholds.gas_from:g} on; a person looks below a confidence of "
        f"{trained.thresholds.review_below:g}",
        f"- Code {lineage.code_revision}; " + ", ".join(f"{name} {told}" for name, told in lineage.packages.items()),
        "",
        f"Figures of {figures.model.n_homes:,} homes while each was held out, with 95 % intervals:",
        "",
        "| | this model | neighbours' majority |",
        "|---|---|---|",
        *rows,
        "",
    ]
    return "\n".join(lines)


def _interval(figure: Figure) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"
