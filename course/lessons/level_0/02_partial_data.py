# ---
# number: "02"
# title: "Partial data: the first 80 %"
# level: 0
# minutes: 60
# teaches: [case_heating.features.stages, case_heating.model.fuel, case_heating.model.predict]
# ---
# %% [markdown]
# # 02 · Partial data: the first 80 %
#
# **You will be able to**
#
# - say what a model may know of a home at each stage of data, and pick those facts from a table of all facts;
# - train on homes whose fuel somebody has seen, and answer for the homes nobody has seen;
# - read a probability: which answers are sure, which are not, and what it buys to answer only the sure ones;
# - say why "80 of 100 right" is neither good nor bad until something stands beside it.
#
# ## The story
#
# Cedar Valley Gas & Electric plans for the winter. Maria from load planning needs to know which of its homes heat with
# electricity, because on the coldest morning those homes decide how much power must be bought. Somebody visits a few
# hundred homes a year and writes down what heats them. For the others there is what the utility has anyway: an address,
# a bill, perhaps the assessor's record.
#
# "Can you tell from that?" asks Maria. You can, for about 80 of 100. This lesson is about those 80.
# %%
from course.desk import open_utility

utility = open_utility()  # 4,000 homes; made once, then opened at once
evidence = utility.evidence
print(f"{evidence.n_homes:,} homes; what heats them, where somebody has seen it: {evidence.fuel_counts}")
# %% [markdown]
# `evidence` lays two things side by side, row for row: `evidence.features`, all facts of each home somebody has seen,
# and `evidence.is_gas`, what they saw. Homes with other fuels are counted and set aside: the question is gas or
# electricity.
# %%
some = ["district", "dwelling_type", "kwh_year", "hdd_year", "floor_area_sqft", "rooms"]
evidence.features[some].head(4).round(0).assign(is_gas=evidence.is_gas[:4])
# %% [markdown]
# Some facts are missing (`NaN`): the assessor has no record of every home. The model takes that as it is.
# %% [markdown]
# ## Facts come in stages
#
# A utility does not get all facts on one day. It knows where a home stands when it connects it. A year later it has a
# year's bill. The assessor's record arrives when a contract with the county is signed. The package calls these
# **stages**, in the order in which they come:
# %%
from case_heating.features.build import select_stage
from case_heating.features.stages import STAGES

for stage, about in STAGES.items():
    print(f"{stage:12} {about}")
# %% [markdown]
# Each stage holds its own facts **and all of the stages before it**: nobody throws away the address when the bill
# comes. Which facts may a model know once the first year's bill is there? `select_stage` picks them.
# %% [exercise] n_facts
n_facts = len(evidence.features.columns)  # all facts of all stages: how many are there at stage "billing"?
# %% [solution] n_facts
n_facts = len(select_stage(evidence.features, "billing").columns)
# %% [check] n_facts
from case_heating.features.stages import FEATURES

exercise(
    right=len(select_stage(evidence.features, "billing").columns),
    wrong={
        "These are the facts of all stages, the gas bills included. With those the question answers itself.": len(
            evidence.features.columns
        ),
        "These are the facts that the bill adds. The home still has its address: a stage holds those before it too.": sum(
            fact.stage == "billing" and fact.name in evidence.features for fact in FEATURES
        ),
        "These are the facts before the bill came.": len(select_stage(evidence.features, "location").columns),
    },
    otherwise="`select_stage` takes the table and the name of a stage. How many facts come back?",
    then="Whatever comes later, the model of this stage never asks for it.",
)
# %% [markdown]
# ## Train on the homes that were seen
#
# For every stage the main job has trained a model and put it to the test on homes it had not seen: each home was left
# out once while the others were learned from. Together these are the **rungs** of a ladder. How that is done honestly
# is the matter of lesson 04; here you only need what it gives: `rung.probability`, for each home the probability that
# it heats with gas, said while the home was left out.
# %%
ladder = utility.ladder.value
rung = ladder["property"]  # address, bill, weather and the assessor's record
print(f"{rung.n_features} facts, {len(rung.probability):,} homes; the first five: {rung.probability[:5].round(2)}")
# %% [markdown]
# A probability becomes an answer at one half: from 0.5 on the answer is gas.
# %% [predict]
# Of 100 homes, for how many is the answer right, with address, bill, weather and the assessor's record?
# **A** 60 to 70 · **B** 75 to 85 · **C** 90 to 97
# %% [exercise] right_of_100
right_of_100 = ...
# %% [solution] right_of_100
says_gas = rung.probability >= 0.5
right_of_100 = 100 * (says_gas == evidence.is_gas).mean()
# %% [check] right_of_100
_says_gas = rung.probability >= 0.5
exercise(
    right=100 * (_says_gas == evidence.is_gas).mean(),
    within=0.05,
    wrong={
        "This is how many of 100 you call gas. Compare each answer with what was seen.": 100 * _says_gas.mean(),
        "This is how many of 100 heat with gas. Compare what is said with what was seen.": 100 * evidence.is_gas.mean(),
        "You count only homes rightly called gas. An electric home called electric is right as well.": 100
        * (_says_gas & evidence.is_gas).mean(),
        "This is how many are wrong.": 100 * (_says_gas != evidence.is_gas).mean(),
    },
    otherwise="From 0.5 on the answer is gas. For how many of 100 homes does the answer agree with `evidence.is_gas`?",
    then="About 80, and that with facts that any utility has or can get.",
)
# %% [markdown]
# ## Eighty of a hundred: is that good?
#
# It depends on what costs nothing. A clerk without any model would say: *what most neighbours in the same kind of
# dwelling have*. That is the **naive rival**, and the package puts it beside every figure.
# %% [predict]
# With the address and the kind of dwelling alone, does the model beat the clerk?
# **A** clearly, by 5 of 100 or more · **B** a little, by 2 or 3 · **C** not at all
# %% [markdown]
# In the picture look at the filled dots, homes that were held out, and at the grey tick above or below each, the clerk on
# the same homes. (The hollow marks are harder tests; lesson 04 comes to them.)
# %%
from case_heating.people.plots import ladder_plot
from course.desk import show

show(ladder_plot(ladder, "How many answers are right, stage by stage"))
# %% [markdown]
# Look at the top line: with location and dwelling alone **the model does not beat the clerk**. It cannot: it knows
# nothing that the clerk does not know. A model is not better because it is a model, it is better because it is given
# facts that tell the fuels apart. The first such fact is the bill.
# %% [exercise] gain_of_bill
gain_of_bill = right_of_100  # of 100 homes, how many more are right with the bill than with the location alone?
# %% [solution] gain_of_bill
table = ladder.table()
gain_of_bill = 100 * (table.loc["billing", "accuracy"] - table.loc["location", "accuracy"])
# %% [check] gain_of_bill
_table = ladder.table()["accuracy"]
exercise(
    right=100 * (_table["billing"] - _table["location"]),
    within=0.05,
    wrong={
        "This is how many are right with the bill; asked is how many more than without.": 100 * _table["billing"],
        "This is what all stages up to the assessor's record add; asked is the bill alone.": 100
        * (_table["property"] - _table["location"]),
        "This is the gain over the clerk. Compare with the model of the stage before.": 100
        * (_table["billing"] - ladder["billing"].by_home.rival["accuracy"].value),
    },
    otherwise="`ladder.table()` has a row for each stage. Which two of them does the question compare?",
    then="Facts are worth something, each for itself; lesson 03 puts a price on them.",
)
# %% [markdown]
# ## Not all eighty are alike
#
# A home with a probability of 0.97 and one with 0.53 are both called gas. Maria may rely on the first; the second is
# barely better than a coin. How sure an answer is: the larger of $p$ and $1 - p$. Note the second: **0.04 is as sure as
# 0.96**, it says electricity.
# %%
import altair as alt
import numpy as np
import pandas as pd

homes = pd.DataFrame(
    {
        "probability of gas": rung.probability,
        "seen": pd.Series(evidence.is_gas).map({True: "gas", False: "electricity"}),
    }
)
bars = (
    alt.Chart(homes)
    .mark_bar()
    .encode(
        x=alt.X("probability of gas", bin=alt.Bin(maxbins=20)),
        y=alt.Y("count()", title="homes"),
        color=alt.Color("seen", scale=alt.Scale(domain=["gas", "electricity"], range=["#d55e00", "#0072b2"])),
    )
    .properties(width=560, height=220)
)
show(bars)


# %% [markdown]
# Both ends are almost of one colour; in the middle the colours mix. Write a function that gives the share of homes whose
# answer is at least so sure.
# %% [exercise] share_sure
def share_sure(probability, at_least):
    return (probability >= at_least).mean()


# %% [solution] share_sure
def share_sure(probability, at_least):
    sureness = np.maximum(probability, 1 - probability)
    return (sureness >= at_least).mean()


# %% [check] share_sure
import numpy as _np

_some = _np.array([0.02, 0.10, 0.30, 0.45, 0.55, 0.80, 0.90, 0.97])
exercise(
    right=lambda p, least: (_np.maximum(p, 1 - p) >= least).mean(),
    on=[(_some, 0.9), (_some, 0.7), (rung.probability, 0.8)],
    wrong={
        "You count the homes that are surely gas. A probability of 0.04 is a sure answer too: electricity.": lambda p, least: (
            (p >= least).mean()
        ),
        "This counts homes and gives no share: divide by how many there are.": lambda p, least: (
            _np.maximum(p, 1 - p) >= least
        ).sum(),
        "An answer that is exactly so sure counts: at least 0.9 means 0.9 or more.": lambda p, least: (
            _np.maximum(p, 1 - p) > least
        ).mean(),
    },
    otherwise="How sure is an answer with a probability of 0.04? As sure as one with 0.96.",
)
# %% [predict]
# If only answers that are at least 90 % sure are given, and the others are left to people: how many of the homes get an
# answer, and how many of those answers are right?
# %%
sure = np.maximum(rung.probability, 1 - rung.probability) >= 0.9
right = (rung.probability >= 0.5) == evidence.is_gas
print(
    f"{share_sure(rung.probability, 0.9):.0%} of the homes get an answer, and {right[sure].mean():.0%} of those are right"
)
print(f"of the others it would have been right for {right[~sure].mean():.0%}")
# %% [markdown]
# That is what Maria takes home: not "80 %", but "for this part of the homes you can rely on it, and here is the list of
# those that somebody should look at". Lesson 16 makes a queue of that list.
#
# ## Real homes
#
# Cedar Valley is made up, though calibrated to official figures. On the homes that the Energy Information
# Administration visited for its survey of 2015 the same code, with the same stages, is right for {recs2015_property}
# with the assessor's record, where the clerk gets {recs2015_naive} right. The made-up utility is the harder one. If the
# survey's file is on your computer, look yourself (the first time it takes a minute):
# %%
from course.desk import real

survey = real("recs2015")
survey and show(ladder_plot(survey.ladder.value, "The same ladder, on the homes of the survey of 2015"))
# %% [figures]
_survey = real("recs2015").ladder.value["property"].by_home
figure("recs2015_property", value=100 * _survey.model["accuracy"].value, unit="of 100")
figure("recs2015_naive", value=100 * _survey.rival["accuracy"].value, unit="of 100")
# %% [quiz]
quiz(
    "A vendor offers a model that is right for 80 of 100 homes. What do you ask first?",
    {
        "Which algorithm it uses, and how it was tuned": "That comes last. At a given stage of data the facts are the limit, not the learner.",
        "How many are right without any model, on the same homes": "Only beside the naive answer is 80 a figure at all. "
        "Where 80 of 100 homes heat with gas, it is what a rubber stamp reaches.",
        "What it would take to bring it from 80 to 100": "With the facts of an early stage it cannot: homes with the same facts heat "
        "with different fuels.",
    },
    right="How many are right without any model, on the same homes",
)
# %% [quiz]
quiz(
    "Why does the model with location alone not beat the neighbours' majority?",
    {
        "It has too few trees to learn a district's habits": "More trees would learn the same facts once more.",
        "It knows nothing that the neighbours' majority does not use": "Both know the place and the kind of dwelling. To "
        "be better, it takes a fact that differs between neighbours, such as the bill.",
        "The neighbours' labels are wrong now and then": "Some are, but that hurts both alike.",
    },
    right="It knows nothing that the neighbours' majority does not use",
)
# %% [quiz]
quiz(
    "A home has a probability of gas of 0.08. Somebody looks, and it heats with gas. What does that say of the model?",
    {
        "It was wrong here, and should be trained again": "Its answer for this home was. A model that says 0.08 of a hundred homes "
        "ought to be wrong about eight of them.",
        "Next to nothing: some such homes ought to heat with gas": "About eight of a hundred. "
        "A probability is judged by many homes that were told the same. Were it thirty of a hundred, it would have broken its word: lesson 04.",
        "Nothing, it was not sure: 0.08 is low": "Low is not unsure. It said electricity with 0.92; unsure is near one half.",
    },
    right=1,
)
# %% [markdown]
# ## Recap
#
# - Facts come in stages, and each stage holds those before it. A model exists for each; none waits for the last fact.
# - A figure stands beside the naive one, on the same homes. With location alone the model is no better.
# - A probability says which answers to rely on. Answer the sure ones, and hand the others to people.
#
# ## In the package
#
# [`features/stages.py`](../../../case_heating/features/stages.py) names every fact once, with its stage;
# [`model/fuel.py`](../../../case_heating/model/fuel.py) is the model, [`model/naive.py`](../../../case_heating/model/naive.py)
# the clerk, [`model/ladder.py`](../../../case_heating/model/ladder.py) climbs the stages, and
# [`model/predict.py`](../../../case_heating/model/predict.py) answers for the homes that nobody has seen. On the command
# line: `heating run --stage property`.
#
# ## Further reading
#
# - Trevor Hastie, Robert Tibshirani, Jerome Friedman, *The Elements of Statistical Learning*, chapter 10: boosted trees.
# - Martin Zinkevich, *Rules of Machine Learning: Best Practices for ML Engineering*: rule 1, do not be afraid to launch a
#   product without machine learning.
# - US Energy Information Administration, *Residential Energy Consumption Survey*: what heats American homes, since 1978.
