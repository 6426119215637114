# ---
# number: "15"
# title: "Retraining: triggers, replay, drills"
# level: 1
# minutes: 75
# teaches:
#   - case_heating.watch.retrain
#   - case_heating.watch.replay
#   - case_heating.watch.replay_policy
#   - case_heating.watch.history
#   - case_heating.watch.deliveries
#   - case_heating.watch.drills
#   - case_heating.watch.faults
# ---
# %% [markdown]
# # 15 · Retraining: triggers, replay, drills
#
# **After this lesson you can**
#
# - turn a row of watch reports into a decision: retrain, repair, ask people, or leave it;
# - say why "k of the last n windows" keeps a pipeline calm, and reckon how calm;
# - try a policy on the past, month by month, with nothing known before its day;
# - plant trouble on purpose, to see whether it is noticed.
#
# The watch of lesson 14 tells what moved. Now somebody must act, at night, without you. "Retrain whenever anything moves" was tried in the autumn of 2024: a district's
# meters were read in Wh for a month, the watch cried, the pipeline obeyed, and the new model had learned that a thousand times as much is normal. **An alarm is not an order.**
# %%
from dataclasses import replace
from datetime import date
from textwrap import shorten

import altair as alt
import numpy as np
import pandas as pd

from case_heating.continuous import read_reports
from case_heating.data.simulate import simulate
from case_heating.release.gate_limits import GateLimits
from case_heating.watch.deliveries import walk_deliveries
from case_heating.watch.history import month_ends
from case_heating.watch.replay import ErrorPrices, Rules, replay
from case_heating.watch.retrain import decide_retraining
from case_heating.watch.signals import Signal
from course.desk import open_continuous, show

service = open_continuous()
reports = read_reports(service.settings, date(2026, 1, 1))
for report in reports:
    print(f"{report.as_of}: {report.champion}, {len(report.alarms)} alarms, {report.n_recent_labels} recent labels")
# %% [markdown]
# ## From signals to a decision
#
# `decide_retraining` is a pure function: reports in, a decision out, with reasons. So that we can ask it anything, we make months to order: the last real report, with signals of our own.
# %%
quiet = replace(reports[-1], signals=(), n_recent_labels=200)


def month(*signals, labels=200):
    return replace(quiet, signals=signals, n_recent_labels=labels)


def alarm(name, *, fault=False):
    words = f"{name} has moved" if not fault else f"{name} came in another unit"
    return Signal("data" if fault else "feature", name, 1.0, 0.25, "alarm", raised=True, fault=fault, words=words)


heat, slip = alarm("electricity bills in the cold"), alarm("bills of district d14", fault=True)
decision = decide_retraining([month(heat)])
print(decision.action, *decision.reasons, sep="\n  · ")
# %% [markdown]
# Seen once: wait. A real change is still there next month; a passing one is not.
# %% [predict]
# Four situations: (a) the alarm was seen in the last two months; (b) as (a), but only 10 labels speak of recent months; (c) the alarm was seen two months running, and this
# month the bills of a district came in Wh; (d) two alarms, then a quiet month. In how many of the four is a model trained? A: one  B: two  C: three
# %% [exercise] actions
# Give what follows in each, as a dictionary: {"a": ..., "b": ..., "c": ..., "d": ...}. `decide_retraining(months).action` tells; make the months with `month(...)`.
actions = dict.fromkeys("abcd", "retrain")
# %% [solution] actions
situations = {
    "a": [month(heat), month(heat)],
    "b": [month(heat, labels=10), month(heat, labels=10)],
    "c": [month(heat), month(heat), month(heat, slip)],
    "d": [month(heat), month(heat), month()],
}
actions = {name: decide_retraining(months).action for name, months in situations.items()}
# %% [check] actions
_months = {
    "a": [month(heat), month(heat)],
    "b": [month(heat, labels=10), month(heat, labels=10)],
    "c": [month(heat), month(heat), month(heat, slip)],
    "d": [month(heat), month(heat), month()],
}
_told = {name: decide_retraining(months).action for name, months in _months.items()}
exercise(
    right=_told,
    wrong={
        "Look at (c) again: a model trained on Wh learns Wh. First somebody must repair the data.": _told
        | {"c": "retrain"},
        "Look at (b) again: from what should the new world be learned, with ten labels?": _told | {"b": "retrain"},
        "Look at (d) again: it has passed. The latest window must be among those that saw it.": _told
        | {"d": "retrain"},
        "An alarm is not an order. Ask `decide_retraining` about each.": dict.fromkeys("abcd", "retrain"),
    },
    otherwise="Make the list of months for each situation, oldest first, and take `.action` of the decision.",
)
# %%
for name, action in actions.items():
    print(f"({name}) {action}")


# %% [markdown]
# ## How calm is calm?
#
# Suppose that in quiet times a window cries wrongly with probability *p*. One window at a time, that is one retraining every 1/*p* months for nothing. The package wants an alarm in **2 of the last 3 windows, the latest among them**.
# %% [exercise] rate_2_of_3
# With which probability does a quiet month lead to a retraining then? Write it as a function of p; windows are independent.
def rate_2_of_3(p):
    return p**2


# %% [solution] rate_2_of_3
def rate_2_of_3(p):
    return p * (1 - (1 - p) ** 2)


# %% [check] rate_2_of_3
exercise(
    right=lambda p: p * (1 - (1 - p) ** 2),
    on=[0.01, 0.05, 0.1, 0.3],
    within=1e-9,
    wrong={
        "That is two windows running. One may be quiet in between: the latest, and at least one of the two before it.": lambda p: (
            p**2
        ),
        "That is any two of three. The latest must be among them, or an old alarm could start a training in a quiet month.": lambda p: (
            3 * p**2 * (1 - p) + p**3
        ),
        "When both earlier windows cried, you have counted that twice.": lambda p: 2 * p**2,
        "If both earlier windows cried, that counts as well: at *least* one of the two.": lambda p: 2 * p**2 * (1 - p),
        "That is at least one of three.": lambda p: 1 - (1 - p) ** 3,
    },
    otherwise="Two things must happen together: the latest cries, and so does something before it. How likely is each?",
)
# %%
p = np.linspace(0.005, 0.2, 40)
lines = pd.DataFrame({"p": p, "at once": 24 * p, "2 of 3": 24 * np.array([rate_2_of_3(one) for one in p])}).melt(
    "p", var_name="rule", value_name="trainings"
)
show(
    alt.Chart(lines)
    .mark_line()
    .encode(
        alt.X("p", title="a quiet window cries wrongly [probability]"),
        alt.Y("trainings", title="needless trainings in two years"),
        alt.Color("rule"),
        alt.StrokeDash("rule"),
    )
    .properties(width=460, height=180)
)
# %% [markdown]
# The price is delay: a real change waits one window. Whether that is worth it is not a matter of taste. It can be tried.
#
# ## Replay: the past as if it were live
#
# `replay` walks a utility's history month by month. Three policies begin with the same champion: never train again, train every month, and train when asked for. Features, labels, gate and watch are those of everyday service, and
# **none of them sees a fact before it was known**. Here are the summer months of 2024, lived through again by the utility you know (it takes
# some seconds). 25 new labels for each 1,000 homes are reason enough to train, drift or none.
# %% [predict]
# In August a district's bills come in Wh. What becomes of the policy that trains every month? A: it waits a month  B: it trains, and the new model serves  C: it trains, for nothing
# %%
settings, trusted = service.settings, service.trusted.value
past = simulate(
    homes=settings.simulated_homes, seed=settings.seed
)  # the same homes, files as they came in, and the truth
moments = month_ends(date(2023, 12, 1), date(2024, 9, 30))  # a training looks back some months
lived = replay(
    trusted.tables,
    past.truth,
    walk_deliveries(past.tables, trusted.quarantine.get("bills"), moments),
    moments=moments,
    first=date(2024, 7, 31),
    stage="monthly",
    settings=settings,
    prices=ErrorPrices(120, 80),
    rules=Rules(enough_new_labels=100, gate=GateLimits(n_explained=60, min_homes_of_a_fuel=10)),
    code="lesson 15",
    progress=lambda doing, share: None,
)
for event in lived.events[3:]:
    print(f"{event.as_of:%Y-%m}  {event.policy:7} {event.kind:9} {shorten(event.reasons[0], 110, placeholder=' …')}")
# %% [exercise] trainings
# How often did each policy train after the first champion? Give a dictionary by policy. A training ends in an event `promoted` or `refused`; the first three events are the common first champion.
trainings = ...
# %% [solution] trainings
ended = [event.policy for event in lived.events[3:] if event.kind in ("promoted", "refused")]
trainings = {policy: ended.count(policy) for policy in ("never", "always", "policy")}


# %% [check] trainings
def _count(*kinds, skip=3):
    ended = [event.policy for event in lived.events[skip:] if event.kind in kinds]
    return {policy: ended.count(policy) for policy in ("never", "always", "policy")}


exercise(
    right=_count("promoted", "refused"),
    wrong={
        "You counted the first champion, which all have in common: leave the first three events out.": _count(
            "promoted", "refused", skip=0
        ),
        "You counted promotions only. A candidate that is refused was trained as well, and cost as much.": _count(
            "promoted"
        ),
        "You counted everything that happened.": _count("promoted", "refused", "alarm", "labels", "repair", "asked"),
    },
    otherwise="Count the events of kind promoted or refused, by policy, after the first three.",
)


# %% [markdown]
# Look once more at the list of events. Three things to see. **The month in Wh**: whoever trains every month trains in it too, and only the gate's check of the data keeps the result away from customers; the policy asks for repair. And **enough new labels**
# came in by September: there is more to learn from. Last, **both ended with the same model**, and one of them trained half as often. A trigger decides when to *try*; what serves is up to the gate.
#
# A few months prove nothing about accuracy. The full replay, two years of 10,000 homes, takes minutes: `heating replay`. [The guide to level 1](../../../docs/level_1.md) shows it, with the figures beside the command.
#
# ## Drills: trouble on purpose
#
# A smoke detector is tested with smoke. `heating drill` injects trouble of known kind, size and day into a copy: another unit, a missing feed, a new neighbourhood, heat pumps. Then it asks: seen? how fast? did the quiet months stay quiet? what did retraining regain?
# %% [exercise] regained
# A drill's bookkeeping. The frozen model is right for 87.5 of 100 in the end, the policy's for 93.7, the always retrained one's for 94.2. Which share of what could be regained did the policy regain?
def regained(frozen, policy, always):
    return policy / always


# %% [solution] regained
def regained(frozen, policy, always):
    return (policy - frozen) / (always - frozen)


# %% [check] regained
exercise(
    right=lambda frozen, policy, always: (policy - frozen) / (always - frozen),
    on=[(87.5, 93.7, 94.2), (80.0, 85.0, 90.0), (82.5, 92.5, 93.4)],
    within=1e-6,
    wrong={
        "Even a frozen model would look splendid by that. Measure from the frozen one.": lambda frozen, policy, always: (
            policy / always
        ),
        "Those are points, not a share: divide by what could be regained.": lambda frozen, policy, always: (
            policy - frozen
        ),
        "That is the share that was lost for good.": lambda frozen, policy, always: (
            (always - policy) / (always - frozen)
        ),
    },
    otherwise="What the policy gained over the frozen model, of what the best could gain over it.",
)
# %% [quiz]
quiz(
    "Why not simply retrain every night?",
    {
        "A training takes too long to be done in a night.": "A training takes seconds.",
        "Each new model is a risk, and a bad night is learned too.": "Yes. The labels to judge it by are scarce, and nobody can explain a model that changes daily.",
        "Models wear out by being trained too often.": "On right data they do not.",
    },
    right=1,
)
# %% [quiz]
quiz(
    "The watch says: only 10 labels speak of recent months. What follows?",
    {
        "Retrain all the same: ten are better than none.": "It would learn the old world again, with a new date.",
        "Ask people to look at a random sample of homes.": "Yes: that makes the labels from which the new world can be learned. Lesson 16.",
        "Wait until there are more of them.": "The alarm stands. Somebody must look.",
    },
    right=1,
)
# %% [quiz]
quiz(
    "What makes a replay honest?",
    {
        "Nothing is used before the day it was known.": "Yes: no bill, no label, no correction. One leak, and every policy looks wiser than it could have been.",
        "It uses the newest data, corrected as they are.": "On the contrary.",
        "It uses many homes, over many months.": "That makes it precise, not honest.",
    },
    right=0,
)
# %% [markdown]
# ## Recap
#
# - An alarm is not an order: a fault of the data asks for repair, a lack of labels for people, and a change that stays for training.
# - k of n with the latest among them: calm, at the price of a window.
# - Replay a policy before you trust it; drill it while you trust it.
#
# ## Further reading
#
# J. Gama and others, *A Survey on Concept Drift Adaptation* (2014). C. Rosenthal and N. Jones, *Chaos Engineering* (2020): drills, for whole systems.
#
# ## In the package
#
# [`retrain.py`](../../../case_heating/watch/retrain.py), [`replay.py`](../../../case_heating/watch/replay.py),
# [`drills.py`](../../../case_heating/watch/drills.py). Try `heating watch choose`, `heating replay`, `heating drill`.
