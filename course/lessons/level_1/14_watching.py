# ---
# number: "14"
# title: "Watching: drift, false alarms, delayed labels"
# level: 1
# minutes: 75
# teaches:
#   - case_heating.watch.drift
#   - case_heating.watch.answer_signals
#   - case_heating.watch.signals
#   - case_heating.watch.monitor
#   - case_heating.watch.report
#   - case_heating.watch.data_signals
# ---
# %% [markdown]
# # 14 · Watching: drift, false alarms, delayed labels
#
# **After this lesson you can**
#
# - measure how far a feature moved, and whether chance explains it, and why you need both;
# - control false alarms when fifty features are looked at every month;
# - estimate accuracy before labels arrive, and say when that estimate is blind;
# - measure accuracy with labels that come late and not from just any home.
#
# Remember the stick of lesson 08: two years of wrong answers, and nobody noticed. So the utility buys a monitoring tool. In its first month it sends 214 alarms. In the second, 189. In the
# third somebody writes a mail filter. **A watch that cries every night is as blind as none.** We build one that can be listened to.
# %%
from datetime import date

import altair as alt
import numpy as np
import pandas as pd

from case_heating.features.build import build_features, select_stage
from case_heating.model.evidence import gather_evidence
from case_heating.model.fuel import FuelParams
from case_heating.model.ladder import fit_stage
from case_heating.watch.answer_signals import TARGETED_SOURCES, confidence
from case_heating.watch.drift import compare_features, population_stability_index
from course.desk import open_utility, show

utility = open_utility()
tables, settings = utility.trusted.value.tables, utility.settings
TRAINED, NOW = date(2024, 1, 1), date(2026, 1, 1)
then, now = (select_stage(build_features(tables, as_of=day), "monthly") for day in (TRAINED, NOW))
print(f"{then.shape[1]} features of {len(then):,} homes, two years apart")


# %% [markdown]
# ## How far did it move?
#
# The *population stability index* cuts a feature into bins, and adds up over bins: (share now − share then) · ln(share now / share then). 0 is no move, 0.1 a little, 0.25 far.
# %% [exercise] index_of_shares
# Write it for two arrays of shares, none of which is zero.
def index_of_shares(then_shares, now_shares):
    return (now_shares - then_shares).sum()


# %% [solution] index_of_shares
def index_of_shares(then_shares, now_shares):
    return ((now_shares - then_shares) * np.log(now_shares / then_shares)).sum()


# %% [check] index_of_shares
examples = [(np.array([0.5, 0.5]), np.array([0.25, 0.75])), (np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.3, 0.4]))]
exercise(
    right=lambda before, after: ((after - before) * np.log(after / before)).sum(),
    on=examples,
    within=1e-6,
    wrong={
        "Differences of shares add up to nothing: what one bin loses another gains. Weigh each with its logarithm.": lambda before, after: (
            (after - before).sum()
        ),
        "One side only: that is the Kullback–Leibler divergence. Take the difference of shares before the logarithm.": lambda before, after: (
            (after * np.log(after / before)).sum()
        ),
        "The right size and the wrong sign: the logarithm is of now over then.": lambda before, after: (
            (after - before) * np.log(before / after)
        ).sum(),
    },
    otherwise="Difference times logarithm of the ratio, bin by bin, then the sum.",
)
# %%
drift = compare_features(then, now)
print(f"a quarter of the homes changing sides: {index_of_shares(np.array([0.5, 0.5]), np.array([0.25, 0.75])):.3f}")
print(f"kWh a year, 2024 against 2026:        {population_stability_index(then['kwh_year'], now['kwh_year']):.3f}")
# %% [markdown]
# ## Or was it chance?
#
# A two-sample test gives a p-value: how often chance alone would give so large a difference. Common practice: alarm below 0.05. Try it where *nothing* has happened: part the homes of one day at
# random into two halves, and compare the halves.
# %% [predict]
# 43 features, two random halves of the very same homes. Over twenty such nights, on how many nights does at least one feature alarm at p < 0.05? A: none  B: one or two  C: about half or more
# %%
nights = []
for seed in range(20):
    half = np.random.default_rng(seed).random(len(then)) < 0.5
    nights.append(compare_features(then[half], then[~half]))
# %% [exercise] nights_with_alarm
# On which share of these nights would there have been an alarm? `nights` holds the tables; the columns are `p_value`, `p_adjusted` and `psi`.
nights_with_alarm = np.mean([(night["p_value"] < 0.05).mean() for night in nights])
# %% [solution] nights_with_alarm
nights_with_alarm = float(np.mean([(night["p_value"] < 0.05).any() for night in nights]))
# %% [check] nights_with_alarm
exercise(
    right=float(np.mean([(night["p_value"] < 0.05).any() for night in nights])),
    within=0.001,
    wrong={
        "That is the share of features that alarm on a night. One is enough to wake somebody: ask with `.any()`.": float(
            np.mean([(night["p_value"] < 0.05).mean() for night in nights])
        ),
        "You took the adjusted p-values: that is the cure, and we have not come to it.": float(
            np.mean([(night["p_adjusted"] < 0.05).any() for night in nights])
        ),
        "That is what 43 independent features would do. These move together, home by home: count the nights instead.": 1
        - 0.95 ** nights[0].shape[0],
        "That is the share of quiet nights.": float(np.mean([not (night["p_value"] < 0.05).any() for night in nights])),
    },
    otherwise="For each night: is any p-value below 0.05? Then the mean over the nights.",
)
# %%
quiet_nights_adjusted = np.mean([(night["p_adjusted"] < 0.01).any() for night in nights])
print(
    f"alarms on {100 * nights_with_alarm:.0f} of 100 nights on which nothing happened; after correction on {100 * quiet_nights_adjusted:.0f}"
)
# %% [markdown]
# `p_adjusted` is corrected for the number of features looked at (Benjamini and Hochberg: of all alarms, at most so large a share is false). One disease is cured. The other: with 20,000 homes a difference of nothing much is *significant*. So
# a feature has drifted only if it moved **far** (PSI) **and not by chance** (adjusted test).
# %%
points = drift.reset_index().assign(evidence=-np.log10(drift["p_adjusted"].clip(lower=1e-30).to_numpy()))
rules = alt.layer(
    alt.Chart().mark_rule(strokeDash=[4, 4]).encode(x=alt.datum(0.25)),
    alt.Chart().mark_rule(strokeDash=[4, 4]).encode(y=alt.datum(2)),
)
dots = (
    alt.Chart(points)
    .mark_point(filled=True, size=80)
    .encode(
        alt.X(
            "psi",
            title="how far it moved (PSI)",
            scale=alt.Scale(type="symlog", constant=0.05),
            axis=alt.Axis(values=[0, 0.1, 0.25, 0.5, 1, 2]),
        ),
        alt.Y("evidence", title="evidence against chance [−log10 of adjusted p]"),
        alt.Color("kind"),
        alt.Shape("kind"),
        tooltip=["feature", "kind", "psi"],
    )
)
show((dots + rules).properties(width=540, height=260))
# %% [exercise] drifted_homes
# Name the features that moved far and not by chance (PSI of 0.25 or more, adjusted p of 0.01 or less) and that speak of the **home**: not of weather or
# prices, which move by themselves. The column `kind` says which is which. Give a set.
drifted_homes = set(drift.index[drift["p_value"] < 0.05])
# %% [solution] drifted_homes
drifted_homes = set(drift.index[(drift["psi"] >= 0.25) & (drift["p_adjusted"] <= 0.01) & (drift["kind"] == "home")])
# %% [check] drifted_homes
far, sure = drift["psi"] >= 0.25, drift["p_adjusted"] <= 0.01
exercise(
    right=set(drift.index[far & sure & (drift["kind"] == "home")]),
    wrong={
        "Among them is the weather, which moves by itself: no winter is like another, and no model is worse for it by itself.": set(
            drift.index[far & sure]
        ),
        "These are not by chance, but did they move far? Ask for PSI as well.": set(
            drift.index[sure & (drift["kind"] == "home")]
        ),
        "Raw p-values alone: that is the tool with 214 alarms.": set(drift.index[drift["p_value"] < 0.05]),
    },
    otherwise="Three conditions joined by `&`. The set may well be empty.",
)
# %% [markdown]
# Not one: a few dots stand above the dashed line, and right of it there is only the weather. By its features, nothing has happened to these homes in two years. Shall we go home?
#
# ## The blind estimate
#
# Before any label arrives, accuracy can be estimated: a calibrated model that is 0.9 sure is right for nine of ten such homes. The mean of its confidence is its own estimate. And labels arrive,
# late: this is how late.
# %%
late = (tables["labels"]["known_at"] - tables["labels"]["event_time"]).dt.days
print(f"half of all labels are known after {late.median():.0f} days, nine of ten after {late.quantile(0.9):.0f} days")
known_then = gather_evidence(tables, build_features(tables, as_of=TRAINED), as_of=TRAINED, min_homes=50)
_, model = fit_stage(known_then, "monthly", FuelParams(), settings)
days = [day.date() for day in pd.date_range("2024-07-01", "2026-01-01", freq="QS")]
features_of = {day: build_features(tables, as_of=day) for day in days}
# %% [exercise] estimated
# For each day: what does the model think of itself? Give the list of mean confidences over **all** homes of that day. `confidence` turns a probability of gas into the
# probability of the fuel that is answered.
estimated = [model.probability_of_gas(features_of[day]).mean() for day in days]
# %% [solution] estimated
estimated = [float(confidence(model.probability_of_gas(features_of[day])).mean()) for day in days]
# %% [check] estimated
said = [model.probability_of_gas(features_of[day]) for day in days]
exercise(
    right=[float(confidence(one).mean()) for one in said],
    within=0.0005,
    wrong={
        "That is the mean probability of gas. A home with 0.02 is a sure one as well: use `confidence`.": [
            float(one.mean()) for one in said
        ],
        "That is the share of homes that are called gas.": [float((one >= 0.5).mean()) for one in said],
    },
    otherwise="How sure is the model of a home to which it gives 0.02? Then take the mean over all homes of the day.",
)
# %% [predict]
# The estimate stays near 95 of 100 all along. What will the labels say, once they have come? A: about 95, the estimate is calibrated  B: less by some points
# %%
measured, marked = [], []
for day in days:
    known = gather_evidence(tables, features_of[day], as_of=day, min_homes=20)
    new = ~known.features.index.isin(known_then.features.index)
    right = ((model.probability_of_gas(known.features) >= 0.5) == known.is_gas)[new]
    measured.append(float(right.mean()))
    marked.append(pd.Series(right, index=known.features.index[new]))
table = pd.DataFrame(
    {"day": [str(day) for day in days], "estimated from confidence": estimated, "measured on new labels": measured}
)
show(
    alt.Chart(table.melt("day", var_name="how", value_name="right"))
    .mark_line(point=True)
    .encode(
        alt.X("day", title=None),
        alt.Y("right", title="right [share]", scale=alt.Scale(zero=False)),
        alt.Color("how"),
        alt.StrokeDash("how"),
    )
    .properties(width=540, height=220)
)
# %% [markdown]
# The model is sure and wrong. (Why the lower line climbs in the spring of 2025, we shall see in a moment.) Its inputs look as ever (no data drift), but what they **mean** has changed: homes were moved from gas to heat pumps by a rebate. That is *concept drift*, and only labels
# can show it. One more trap, in the labels themselves.
#
# ## Not just any home
#
# Who tells us of a home's fuel? A survey, a technician, an inspector, and the rebate office, which hears **only** of homes that switched.
# %%
print(tables["labels"].groupby("source")["heating_fuel"].value_counts().unstack(fill_value=0).to_string())
targeted = tables["labels"]["source"].isin(TARGETED_SOURCES)
told_by_rebate = set(tables["labels"].loc[targeted, "home_id"])
for day, right in zip(days, marked, strict=True):
    theirs = right.index.isin(told_by_rebate)
    print(
        f"{day}: right for {right[theirs].mean():4.0%} of {theirs.sum()} homes told by the rebate, {right[~theirs].mean():.0%} of all other new ones"
    )
# %% [markdown]
# There is the climb. Just after the switch a home's bills are still those of a gas home, and the model is wrong nearly every time. By April 2025 the first of them have a winter with the heat pump on their bills, and the model begins to see it;
# then others switch, and it starts anew. The model did not get better: its inputs told of the change a winter late.
# %% [exercise] fairly_measured
# Measure once more on the last day, without the homes that a source of `TARGETED_SOURCES` ever told of: they say little about the share of homes answered right.
last = gather_evidence(tables, features_of[days[-1]], as_of=days[-1], min_homes=20)
fairly_measured = measured[-1]
# %% [solution] fairly_measured
last = gather_evidence(tables, features_of[days[-1]], as_of=days[-1], min_homes=20)
is_new = ~last.features.index.isin(known_then.features.index) & ~last.features.index.isin(told_by_rebate)
fairly_measured = float(((model.probability_of_gas(last.features) >= 0.5) == last.is_gas)[is_new].mean())
# %% [check] fairly_measured
day = days[-1]
all_known = gather_evidence(tables, features_of[day], as_of=day, min_homes=20)
ok = (model.probability_of_gas(all_known.features) >= 0.5) == all_known.is_gas
new = ~all_known.features.index.isin(known_then.features.index)
others = tables | {"labels": tables["labels"][~tables["labels"]["source"].isin(TARGETED_SOURCES)]}
before = gather_evidence(others, features_of[day], as_of=day, min_homes=20)
ok_before = (model.probability_of_gas(before.features) >= 0.5) == before.is_gas
new_before = ~before.features.index.isin(known_then.features.index)
targeted = all_known.features.index.isin(
    set(tables["labels"].loc[tables["labels"]["source"].isin(TARGETED_SOURCES), "home_id"])
)
exercise(
    right=float(ok[new & ~targeted].mean()),
    within=0.003,
    wrong={
        "You left out the rebate's labels and kept its homes, with an older label from before they switched. Leave out the homes.": float(
            ok_before[new_before].mean()
        ),
        "Those are all new homes, the rebate's among them.": float(ok[new].mean()),
        "Those are the rebate's homes: how often is the model right for homes that switched?": float(
            ok[new & targeted].mean()
        ),
        "Homes that the model was trained on are among them: keep only new ones, as in the cell above.": float(
            ok[~targeted].mean()
        ),
    },
    otherwise="Keep homes that are new and that no targeted source ever told of.",
)
# %%
by_rebate = last.features.index.isin(told_by_rebate) & ~last.features.index.isin(known_then.features.index)
right = (model.probability_of_gas(last.features) >= 0.5) == last.is_gas
print(f"homes the rebate told of: {right[by_rebate].mean():.0%} right; all other new homes: {fairly_measured:.0%}")
# %% [markdown]
# So how bad is it? Somewhere between: for homes that have just switched the model is wrong, for those that switched long ago mostly right, and for the others it is nearly as good as promised. The watch leaves targeted sources out of
# the *level* and shows them by themselves.
#
# All of this, and freshness, refused rows, new districts and fairness over time, goes into one report a month: `case_heating.watch.monitor.watch_month`. What follows from it is lesson 15.
# %% [quiz]
quiz(
    "All features are as they were. Accuracy fell from 95 to 89 of 100. What is this?",
    {
        "Data drift: the inputs have changed their shape.": "The inputs have not moved.",
        "Concept drift: the same inputs mean something else now.": "Yes. No comparison of inputs can show it.",
        "Impossible: the same inputs give the same answers.": "They do. It is the truth behind them that changed; you have just seen it.",
    },
    right=1,
)
# %% [quiz]
quiz(
    "Why is weather drift told, but not counted as an alarm?",
    {
        "Because it cannot be measured in time, home by home.": "It can: it is the largest of all.",
        "Because it moves every year, and takes no accuracy along.": "Yes, not by itself. A watch that cried at it would be switched off; it counts where accuracy moves too.",
        "Because the models do not use the weather.": "This one does.",
    },
    right=1,
)
# %% [quiz]
quiz(
    "Your estimate from confidence says 95, and the first 20 new labels say 85. What do you do?",
    {
        "Retrain at once.": "Twenty labels tell 85 to ± 16. And what would be learned from twenty labels?",
        "Believe the estimate: it rests on 4,000 homes.": "It is blind to just this kind of change, however many homes.",
        "Ask for more labels, of a random sample, soon.": "Yes. That is what people in the loop are for (lesson 16).",
    },
    right=2,
)
# %% [markdown]
# ## Recap
#
# - Far **and** not by chance, corrected for how many features you look at.
# - Weather always drifts. Tell it; do not cry.
# - Confidence estimates accuracy before labels come, and is blind to concept drift.
# - Labels are late and not of just any home. Leave targeted sources out of the level.
#
# ## Further reading
#
# Y. Benjamini and Y. Hochberg, *Controlling the False Discovery Rate* (1995). J. Gama and others, *A Survey on Concept Drift Adaptation* (2014). S. Rabanser, S. Günnemann and Z. Lipton, *Failing Loudly: An
# Empirical Study of Methods for Detecting Dataset Shift* (2019).
#
# ## In the package
#
# [`watch/drift.py`](../../../case_heating/watch/drift.py), [`answer_signals.py`](../../../case_heating/watch/answer_signals.py),
# [`monitor.py`](../../../case_heating/watch/monitor.py). Try `heating flows run watch`, then `heating watch show`.
