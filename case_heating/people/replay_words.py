"""The replay in words: its finding, one sentence per event, and the page that holds tables and chart."""

from collections.abc import Sequence

import pandas as pd

from case_heating.people.words import STAGE_NAMES
from case_heating.watch.replay import ALWAYS, NEVER, POLICIES, POLICY, Event, Replay
from case_heating.watch.replay_waves import Step, WaveReplay

WORTH_TELLING = 0.002  # of accuracy: a gain below it is lost in the noise of one training
_REASONS_TOLD = 2

COLUMNS = {
    "accuracy": "right, mean of months",
    "accuracy_last_year": "right, last year",
    "accuracy_unseen": "right, homes nobody has seen",
    "accuracy_new_labels": "right, labels as they arrived",
    "cost_usd_per_1000": "errors, USD per 1,000 homes",
    "trainings": "trainings",
    "promotions": "promoted",
    "refusals": "refused",
    "alarms": "months with an alarm",
    "repairs": "repairs asked",
}


def finding(replay: Replay) -> str:
    """Say in one sentence whether the policy was worth it; honest where no difference can be seen."""
    table = replay.table()
    gain = table["accuracy"] - table.loc[NEVER, "accuracy"]
    trained, always = (int(table.loc[name, "trainings"]) for name in (POLICY, ALWAYS))
    trainings = f"Trained {_times(trained)} instead of {always}"
    if gain[ALWAYS] < WORTH_TELLING:
        return (
            f"Monthly training has {_points(gain[ALWAYS])} homes right than none at all: drift is too weak at this "
            f"stage to tell the policies apart. {trainings}, the policy has {_points(gain[POLICY])}"
        )
    return (
        f"{trainings}, the policy has {_points(gain[POLICY])} homes right than a model never trained again; monthly "
        f"training has {_points(gain[ALWAYS])}"
    )


def table_in_words(replay: Replay) -> pd.DataFrame:
    """Give the summary as text: one row per figure, one column per policy."""
    table = replay.table()
    rows = {}
    for column, words in COLUMNS.items():
        if column.startswith("accuracy"):
            rows[words] = [f"{100 * value:.1f} %" for value in table[column]]
        else:
            rows[words] = [f"{value:,.0f}" for value in table[column]]
    return pd.DataFrame.from_dict(rows, orient="index", columns=[POLICIES[str(name)] for name in table.index])


def sentence_of(event: Event) -> str:
    """Say what happened in one sentence.

    Examples
    --------
    >>> from datetime import date
    >>> slipped = "electricity of d14 is 1,000 times what it was"
    >>> sentence_of(Event(date(2024, 8, 31), "policy", "repair", (slipped,)))
    '2024-08: the delivery is faulty; repair asked, nothing trained: electricity of d14 is 1,000 times what it was.'
    """
    starts = {
        "promoted": "a candidate was trained and promoted",
        "refused": "a candidate was trained and the gate refused it",
        "alarm": "the watch raised an alarm",
        "labels": "there are enough new labels to learn from",
        "repair": "the delivery is faulty; repair asked, nothing trained",
        "asked": "people were asked to look at homes before anything is trained",
    }
    told = "; ".join(event.reasons[:_REASONS_TOLD])
    more = len(event.reasons) - _REASONS_TOLD
    also = f" (and {more} more {'reason' if more == 1 else 'reasons'})" if more > 0 else ""
    return f"{event.as_of:%Y-%m}: {starts[event.kind]}: {told}{also}."


def page(replay: Replay, chart: str) -> str:
    """Write the page in Markdown.

    Parameters
    ----------
    replay : Replay
        What came of the policies.
    chart : str
        File name of the chart beside the page.
    """
    first, last = replay.months["as_of"].min(), replay.months["as_of"].max()
    lines = [
        "# Train never, always, or when asked for?",
        "",
        f"{finding(replay)}.",
        "",
        f"The embedded utility's {replay.n_homes:,} homes from {first:%Y-%m} to {last:%Y-%m}, replayed month by month "
        f"as if live, with data up to: {STAGE_NAMES[replay.stage].lstrip('+ ')}. All three policies begin with the "
        f"champion of {first:%Y-%m}. Right and wrong are the simulator's truth of each day; no model, watch or gate "
        "saw it.",
        "",
        f"![Accuracy over months]({chart})",
        "",
        *_markdown(table_in_words(replay), "figure"),
        "",
        "The first champion is common to all and not counted among trainings. Errors are priced by the cost matrix of "
        "the workspace, one answer to each home a month. Labels that arrive are no fair sample: every paid rebate is "
        "one, of a home that has just changed its heating, so that fewer of them are answered right than of all homes.",
        "",
        "## What happened under the policy",
        "",
        *(f"- {sentence_of(event)}" for event in _told(replay.events, POLICY)),
        "",
        "## What the gate refused of monthly retraining",
        "",
        *(f"- {sentence_of(event)}" for event in replay.events if (event.policy, event.kind) == (ALWAYS, "refused")),
        "",
    ]
    return "\n".join(lines)


def waves_finding(waves: WaveReplay) -> str:
    """Say in one sentence what the next survey did to the champion, and what retraining gave back."""
    frozen, served = waves.steps[0].frozen.value, waves.steps[-1].served.value
    sure = "" if waves.gain.is_above_zero else ", a gain that chance may explain"
    return (
        f"The champion of {waves.earlier} is right for {100 * frozen:.1f} of 100 homes of {waves.then} (its own "
        f"held-out homes: {100 * waves.promised.value:.1f}); retrained on labels of {waves.then} "
        f"{100 * served:.1f}{sure}"
    )


def waves_in_words(waves: WaveReplay) -> pd.DataFrame:
    """Give the steps as text."""
    rows = [
        {
            f"labels of {waves.then}": f"{step.n_labels:,}",
            "frozen": _percent(step.frozen.value),
            "candidate": "" if step.candidate is None else _percent(step.candidate.value),
            "in service": _percent(step.served.value),
            "the gate": _gate_words(step),
        }
        for step in waves.steps
    ]
    return pd.DataFrame(rows, index=[str(step.number) for step in waves.steps])


def waves_page(waves: WaveReplay, chart: str) -> str:
    """Write the waves' page in Markdown."""
    lines = [
        f"# The champion of {waves.earlier} meets {waves.then}",
        "",
        f"{waves_finding(waves)}.",
        "",
        f"Data up to: {STAGE_NAMES[waves.stage].lstrip('+ ')}, {waves.n_features} features that both surveys have. "
        f"Trained on {waves.n_trained:,} homes of {waves.earlier}; {waves.n_measuring:,} homes of {waves.then} only "
        f"measure, of which their neighbours' commoner fuel of {waves.earlier} has {100 * waves.naive.value:.1f} of "
        "100 right.",
        "",
        f"![Accuracy as labels come in]({chart})",
        "",
        *_markdown(waves_in_words(waves), "step"),
        "",
        *(
            f"- Step {step.number}, {_gate_words(step)}: {'; '.join(step.reasons)}."
            for step in waves.steps
            if step.reasons
        ),
        "",
    ]
    return "\n".join(lines)


def _gate_words(step: Step) -> str:
    return {None: "", True: "promoted", False: "refused"}[step.promoted]


def _told(events: Sequence[Event], policy: str) -> list[Event]:
    """Events of a policy; an alarm is left out where something followed from it the same month."""
    own = [event for event in events if event.policy == policy]
    acted = {event.as_of for event in own if event.kind != "alarm"}
    return [event for event in own if event.kind != "alarm" or event.as_of not in acted]


def _markdown(table: pd.DataFrame, corner: str) -> list[str]:
    head = [f"| {corner} | " + " | ".join(map(str, table.columns)) + " |", "|---" * (len(table.columns) + 1) + "|"]
    return head + [
        f"| {name} | " + " | ".join(map(str, row)) + " |"
        for name, row in zip(table.index, table.to_numpy(), strict=True)
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(gain: float) -> str:
    homes = f"{abs(100 * gain):.1f}"
    return f"{homes} of 100 {'more' if gain >= 0 or homes == '0.0' else 'fewer'}"


def _times(number: int) -> str:
    return {0: "not once", 1: "once", 2: "twice"}.get(number, f"{number} times")
