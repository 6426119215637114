# ---
# number: "06"
# title: "Bias: in the data, in proxies, in the labels we have"
# level: 0
# minutes: 90
# teaches:
#   - case_heating.model.fairness
#   - case_heating.model.fairness_verdict
#   - case_heating.model.group_figures
#   - case_heating.model.proxies
#   - case_heating.model.gap_causes
#   - case_heating.model.remedies
# ---
# %% [markdown]
# # 06 · Bias: in the data, in proxies, in the labels we have
#
# **You will be able to**
#
# - say whom a table leaves out, and whom the labels leave out;
# - show that a trait which is never a feature can still be told from the features;
# - measure an error for each group, with how sure it is, and say when nothing can be said;
# - find a remedy and its price, and write down what it does not mend.
#
# **The story.** A letter from the regulator: *Is your machine as right for people who rent as for people who own?* "It
# cannot treat them differently," says the data scientist, "tenure is not among its features." The lawyer is content.
# Rosa is not: the last five customers who complained about the wrong letter were all tenants.
# %%
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from case_heating.data.simulate import simulate
from case_heating.features.build import select_stage
from case_heating.model.fairness import FairnessLimits, Traits, measure_fairness, traits_of
from case_heating.model.fairness_verdict import judge_fairness
from case_heating.model.fuel import FuelParams
from case_heating.model.gap_causes import standardised_gaps
from case_heating.model.held_out import score_held_out
from case_heating.model.proxies import kind_of, tell_traits
from case_heating.model.split import by_home
from course.desk import open_utility, real, show

# %%
utility = open_utility()
evidence, tables = utility.evidence, utility.trusted.value.tables
is_gas, rung = evidence.is_gas, utility.ladder.value["property"]
said_gas = rung.probability >= 0.5  # said of each home while it was held out
features = select_stage(evidence.features, "property")
people = tables["sensitive"].set_index("home_id")
tenure = people.loc[features.index, "tenure"]
tenure.value_counts()
# %% [markdown]
# Tenure comes from a voluntary survey. It lies in a table of its own, which the model never reads; it is there to
# measure with.
#
# ## In the data
#
# Whose property record is missing?
# %%
homes = tables["homes"].set_index("home_id")
missing = homes["year_built"].isna().groupby([homes["dwelling_type"], people["tenure"].reindex(homes.index)]).mean()
show((100 * missing).unstack().plot.barh(figsize=(8, 2.6), xlabel="homes without a year built, of 100"))
# %% [markdown]
# Assessors know owners' houses best. A home without a record is not left out, the trees take missing values, but it is
# answered with less. Nobody decided that; it lies in who made the table, and for what.
#
# ## In proxies
#
# "Tenure is not among the features." Can it be *told* from them?
# %% [predict]
# A model learns to tell renters from the very features the fuel model takes. Of one renter and one owner drawn at
# random, how often does it score the renter higher?
#
# A: half the time, like a coin; tenure is not there. · B: about 2 of 3. · C: more than 4 of 5.
# %% [markdown]
# **Exercise 1.** How often is that, on homes held out? This is the area under the curve, `roc_auc_score(truth, score)`.
# `score_held_out` scores any yes-or-no question, each home while it is held out.
# %% [exercise] tells_renters
is_renter = (tenure == "renter").to_numpy()
score = score_held_out(features, is_renter, by_home(is_renter, folds=3, seed=0), FuelParams(), seed=0, threads=1).score
tells_renters = ((score > 0) == is_renter).mean()  # share of homes told right
# %% [solution] tells_renters
is_renter = (tenure == "renter").to_numpy()
score = score_held_out(features, is_renter, by_home(is_renter, folds=3, seed=0), FuelParams(), seed=0, threads=1).score
tells_renters = roc_auc_score(is_renter, score)
# %% [check] tells_renters
renter = (tenure == "renter").to_numpy()
scored = score_held_out(features, renter, by_home(renter, folds=3, seed=0), FuelParams(), seed=0, threads=1).score
exercise(
    right=float(roc_auc_score(renter, scored)),
    within=0.003,
    wrong={
        "That is how many are told right, and calling everybody an owner does nearly as well. How often does a renter score above an "
        "owner?": float(((scored > 0) == renter).mean()),
        "That is what calling everybody an owner reaches.": float((~renter).mean()),
        "Answers were scored, not scores: the curve needs the whole score.": float(roc_auc_score(renter, scored > 0)),
        "That is the question of the fuel. Who rents?": float(roc_auc_score(is_gas, rung.probability)),
    },
    otherwise="roc_auc_score wants to know who really rents, and how each home was scored while it was held out.",
)
# %%
carried = tell_traits(
    features,
    Traits(tenure.to_frame(), absent={}),
    limits=FairnessLimits(),
    settings=utility.settings,
)
carried.drop(columns=["trait", "low", "high"]).round(3)
# %% [markdown]
# The package asks the same, with fewer trees. The right-hand columns say what is lost when facts of a kind are dealt
# out anew: what carries tenure is the *dwelling*. A flat in a large building says "renter". So not looking is no
# protection. Shall we take the proxy away?
# %%
kept = features[[name for name in features if kind_of(name) != "dwelling"]]
splits = by_home(is_gas, folds=utility.settings.folds, seed=utility.settings.seed)
poorer = score_held_out(kept, is_gas, splits, FuelParams(), seed=0, threads=1).calibrated(is_gas) >= 0.5
print(f"right with the dwelling {(said_gas == is_gas).mean():.3f}, without {(poorer == is_gas).mean():.3f}")
# %% [markdown]
# Accuracy is gone, for everybody, and for what? To know, we must first look at whom the machine is wrong about.
#
# ## Who is wronged
#
# A gas home that is called electric gets the wrong letter.
#
# **Exercise 2.** Of the homes that heat with gas, which share is called electric, for owners and for renters? A Series
# by tenure.
# %% [exercise] wrong_letter
wrong_letter = pd.Series(said_gas != is_gas).groupby(tenure.to_numpy()).mean()
# %% [solution] wrong_letter
wrong_letter = pd.Series(~said_gas[is_gas]).groupby(tenure[is_gas].to_numpy()).mean()
# %% [check] wrong_letter
by_tenure = tenure.to_numpy()
exercise(
    right=pd.Series(~said_gas[is_gas]).groupby(by_tenure[is_gas]).mean(),
    within=0.001,
    wrong={
        "Those are all mistakes of all homes. The letter goes wrong where a gas home is called electric: gas homes only.": (
            pd.Series(said_gas != is_gas).groupby(by_tenure).mean()
        ),
        "That is the share of electric *answers* that are wrong. Begin with homes that heat with gas.": (
            pd.Series(is_gas[~said_gas]).groupby(by_tenure[~said_gas]).mean()
        ),
        "That is the share called gas, rightly. Which share is called electric?": (
            pd.Series(said_gas[is_gas]).groupby(by_tenure[is_gas]).mean()
        ),
        "That is the other mistake, electric homes called gas.": (
            pd.Series(said_gas[~is_gas]).groupby(by_tenure[~is_gas]).mean()
        ),
    },
    otherwise="Who can get the wrong letter at all? Begin with these homes, then part them by tenure.",
)
# %% [predict]
# Owners fare *worse* in these figures. Were Rosa's five tenants an accident?
#
# A: yes, figures are figures. · B: the figures may be luck. · C: the figures may be of the wrong homes.
# %% [markdown]
# **B** first. The package gives each gap to all other homes its interval, and corrects for looking at many groups. Then
# it judges, with reasons. A group that is too small is not passed but named.
# %%
fairness = measure_fairness(
    is_gas, rung.probability, traits_of(tables, features.index), limits=FairnessLimits(), rounds=100, seed=0
)
rows = fairness.figures
of_letter = rows[(rows["measure"] == "gas_called_electric") & (rows["trait"] == "tenure")]
of_letter[["group", "n", "value", "gap", "gap_low", "gap_high", "p_adjusted"]].round(3)
# %%
verdict = judge_fairness(fairness, FairnessLimits())
told = [reason for reason in verdict.reasons if reason.startswith(("tenure", "race"))]
print(f"passed: {verdict.passed}", *told, sep="\n- ")
# %% [markdown]
# Of the wrong letter, chance may explain the gap. The other mistake, electric homes called gas, is really commoner
# among owners. And of race nothing can be said with so few homes asked: that is not a "no".
#
# ## In the labels we have
#
# **C** now. All of this was measured on homes whose fuel somebody has seen. How did it come to be seen?
# %%
labels = tables["labels"].sort_values(["event_time", "known_at"]).drop_duplicates("home_id", keep="last")
source = labels.set_index("home_id").loc[features.index, "source"].to_numpy()
right = said_gas == is_gas
seen_by = pd.DataFrame({"source": source, "owners": (tenure == "owner").to_numpy(), "heats with gas": is_gas})
seen_by.groupby("source").agg(["mean"]).droplevel(1, axis="columns").assign(
    homes=seen_by["source"].value_counts()
).round(3)
# %% [predict]
# One of the four sources drags all figures down. Which, and why?
# %%
show((100 * pd.Series(right).groupby(source).mean()).plot.barh(figsize=(7, 1.8), xlabel="answered right, of 100"))
# %% [markdown]
# A *rebate* is paid for tearing out a gas furnace and putting in a heat pump. Each such home is labelled, all belong to
# owners, all are electric now, and their last twelve bills still tell of the furnace. They are few among the homes
# asked; among those that nobody has asked there are none. So two things differ between the homes asked and the others:
# the rebates, and what kinds of home there are:
# %%
homes["kind"] = people["tenure"].reindex(homes.index) + ", " + homes["dwelling_type"]
unasked = homes.loc[homes.index.difference(features.index)]
chosen = source != "rebate"  # asked as others might be
kind = homes.loc[features.index, "kind"].to_numpy()
share_asked = homes.loc[features.index[chosen], "kind"].value_counts(normalize=True)
share_unasked = unasked["kind"].value_counts(normalize=True)
both = pd.DataFrame({"asked": share_asked, "not asked": share_unasked})
show((100 * both).sort_values("not asked").plot.barh(figsize=(8, 3), xlabel="of 100 homes"))
# %% [predict]
# On homes nobody has asked, is the machine right less often than the held-out figure says, as often, or more often?
# %% [markdown]
# It can be estimated before anybody asks. Leave the rebates out, and let the asked homes stand for the others: each
# weighs as its kind's share among homes *not asked* divided by its share among those *asked*.
#
# **Exercise 3.** How often will the machine be right on homes not asked, by that estimate?
# %% [exercise] right_elsewhere
right_elsewhere = right.mean()
# %% [solution] right_elsewhere
weight = (share_unasked / share_asked)[kind[chosen]].to_numpy()
right_elsewhere = np.average(right[chosen], weights=weight)
# %% [check] right_elsewhere
to_others = (share_unasked / share_asked)[kind].to_numpy()
exercise(
    right=float(np.average(right[chosen], weights=to_others[chosen])),
    within=0.001,
    wrong={
        "That is the figure of the homes asked, rebates and all.": float(right.mean()),
        "The rebates are out. Now let each home weigh as its kind among homes not asked.": float(right[chosen].mean()),
        "The weights are right; the rebates are still in.": float(np.average(right, weights=to_others)),
        "The weights are upside down: kinds that are commoner among homes not asked must count more.": float(
            np.average(right[chosen], weights=1 / to_others[chosen])
        ),
    },
    otherwise="Two steps: which homes may testify for the others, and how much does each of them count? np.average takes weights.",
)
# %% [markdown]
# The utility can go no further: it does not know the others. *We* can, for once: this utility was made up, and the
# truth was kept.
# %%
truth = simulate(homes=utility.settings.simulated_homes, seed=utility.settings.seed).truth
fuel = truth.sort_values("from_date").drop_duplicates("home_id", keep="last").set_index("home_id")["heating_fuel"]
fuel = fuel[unasked.index][lambda now: now.isin(["gas", "electricity"])]
theirs = rung.model.probability_of_gas(utility.features.value.loc[fuel.index]) >= 0.5
their_gas, their_tenure = (fuel == "gas").to_numpy(), people.loc[fuel.index, "tenure"].to_numpy()
print(f"homes asked {right.mean():.3f}, homes not asked, in truth {(theirs == their_gas).mean():.3f}")
# %%
pd.DataFrame(
    {
        "gas called electric": pd.Series(~theirs[their_gas]).groupby(their_tenure[their_gas]).mean(),
        "electric called gas": pd.Series(theirs[~their_gas]).groupby(their_tenure[~their_gas]).mean(),
    }
).round(3)
# %% [markdown]
# Right *more* often, as estimated. And owners and renters fare nearly alike: the first gap of the labels was luck, most
# of the second came of the rebates. The five tenants? Most renters' homes were never asked, so in the labels their
# wrong letters do not count. A label is of somebody who answered, or was paid. The gate and `heating fairness` leave homes
# that are known from a rebate out for this reason, and say how many.
#
# On real homes it is the other way round, and large: in the survey of 2015, drawn to stand for all homes, of renters'
# gas homes {recs2015_renters} are called electric, of owners' {recs2015_owners}; of Black householders'
# {recs2015_black}, of White ones' {recs2015_white}. Renters lie {recs2015_crude} above owners; between homes of the
# same region and kind of dwelling it is {recs2015_alike}. Part of the gap goes with where and how they live, and part
# does not. Neither figure says why.
# %% [figures]
survey = real("recs2015")
seen, gas = survey.evidence, survey.evidence.is_gas
chance = survey.ladder.value["property"].probability
group = survey.trusted.value.tables["sensitive"].set_index("home_id").loc[seen.features.index]
for column in ("tenure", "race"):
    wronged = 100 * pd.Series(chance[gas] < 0.5).groupby(group[column][gas].to_numpy()).mean()
    for name in {"renter", "owner", "black", "white"} & set(wronged.index):
        plural = f"{name}s" if column == "tenure" else name
        figure(f"recs2015_{plural}", value=wronged[name], unit="of 100")
trait = Traits(group[["tenure"]], absent={})
gaps = standardised_gaps(seen, chance, trait, limits=FairnessLimits(), rounds=50, seed=0)
figure("recs2015_crude", value=100 * gaps["gap"].iloc[0], unit="points")
figure("recs2015_alike", value=100 * gaps["gap"].iloc[-1], unit="points")


# %% [markdown]
# ## A remedy, and its price
#
# Without the dwelling everybody lost. A remedy that costs little: for a use in which the wrong letter is the worse
# mistake, say *electricity* only when it is surer, that is *gas* from a lower probability on.
#
# **Exercise 4.** Write `letter_gap(threshold)`: the share of gas homes called electric, owners less renters, when a
# home is called gas from that probability on. (On the homes asked.)
# %% [exercise] letter_gap
def letter_gap(threshold):
    called_electric = rung.probability < 0.5
    owners = (tenure == "owner").to_numpy()
    return called_electric[owners].mean() - called_electric[~owners].mean()


# %% [solution] letter_gap
def letter_gap(threshold):
    called_electric = rung.probability < threshold
    owners = (tenure == "owner").to_numpy()
    return called_electric[owners & is_gas].mean() - called_electric[~owners & is_gas].mean()


# %% [check] letter_gap
owner, chance_of_gas = (tenure == "owner").to_numpy(), rung.probability
exercise(
    right=lambda t: (chance_of_gas[owner & is_gas] < t).mean() - (chance_of_gas[~owner & is_gas] < t).mean(),
    on=[0.5, 0.4, 0.3],
    within=0.0005,
    wrong={
        "Those are all homes, and the threshold is not used. Gas homes only, and the threshold that is given.": lambda t: (
            (chance_of_gas[owner] < 0.5).mean() - (chance_of_gas[~owner] < 0.5).mean()
        ),
        "The threshold moves nothing: use the one that is given, not 0.5.": lambda t: (
            (chance_of_gas[owner & is_gas] < 0.5).mean() - (chance_of_gas[~owner & is_gas] < 0.5).mean()
        ),
        "Those are all homes; the letter is wrong only where a home heats with gas.": lambda t: (
            (chance_of_gas[owner] < t).mean() - (chance_of_gas[~owner] < t).mean()
        ),
        "The sign: owners less renters.": lambda t: (
            (chance_of_gas[~owner & is_gas] < t).mean() - (chance_of_gas[owner & is_gas] < t).mean()
        ),
    },
    otherwise="Whose letter can be wrong, and from which probability on? Then owners less renters.",
)
# %%
thresholds, owns = np.arange(0.25, 0.66, 0.05), (tenure == "owner").to_numpy()
called = {f"{t:.2f}": rung.probability >= t for t in thresholds}
curves = pd.DataFrame(
    {
        "gas called electric: gap": {
            t: (~c)[owns & is_gas].mean() - (~c)[~owns & is_gas].mean() for t, c in called.items()
        },
        "electric called gas: gap": {
            t: c[owns & ~is_gas].mean() - c[~owns & ~is_gas].mean() for t, c in called.items()
        },
        "wrong, all homes": {t: (c != is_gas).mean() for t, c in called.items()},
    }
)
show(curves.plot(marker="o", figsize=(8, 2.8), xlabel="called gas from this probability on", ylim=(-0.05, 0.4)))
# %% [markdown]
# A lower threshold closes the gap of the letter, at first for nothing. It does not touch the other gap, and further
# down everybody pays. `heating fairness` tries such remedies side by side: without the proxy, reweighed, constrained,
# thresholds. It takes none that needs a customer's tenure for every answer, and none that answers by lot. If none will
# do it says so and the model stays refused.
# %% [quiz]
quiz(
    "“Our model is fair: it does not know who rents.” What do you answer?",
    {
        "It can tell renters from the dwelling; measure the errors of both": "Right: not looking protects nobody, and hides what happens.",
        "True: what is not a feature cannot make a difference": "You have just told renters from its features.",
        "Then add tenure, so that it can be fair to renters": "A utility seldom knows it, and often may not use it. Measure with it.",
    },
    right="It can tell renters from the dwelling; measure the errors of both",
)
# %% [quiz]
quiz(
    "Race: fewer than two groups of 200 homes. What goes into the report?",
    {
        "Cannot be judged, and how many more homes must be asked": "Right: a figure that could not be measured is not a figure that is good.",
        "No gap was found between the groups that are there": "It was not looked for with a chance of finding it.",
        "Nothing, small groups do not count": "They count for the people in them.",
    },
    right="Cannot be judged, and how many more homes must be asked",
)
# %% [quiz]
quiz(
    "In the labels owners fare worse, among homes not asked both alike, in the national survey renters worse. Which is true?",
    {
        "Each, of its homes; find out whose homes yours are": "Right. Ask homes at random, most of all kinds that were never asked.",
        "The national one, it has by far the most homes": "It speaks for the nation, with other homes and other records.",
        "The labels, they are our own": "They are of those who answered.",
    },
    right="Each, of its homes; find out whose homes yours are",
)
# %% [markdown]
# ## Recap
#
# - Ask of each table who made it, for what, and who is missing from it.
# - A trait that is no feature can be told from others: look at errors, not at the list of features.
# - Choose the error that harms somebody; give each group's figure with its interval; "cannot be judged" is a finding.
# - Look at labels by who made them and why; weight them, and ask the others.
# - A remedy has a price and a limit. Write both down.
#
# **In the package:** [`model/fairness.py`](../../../case_heating/model/fairness.py) · the verdict,
# [`model/fairness_verdict.py`](../../../case_heating/model/fairness_verdict.py) ·
# [`model/proxies.py`](../../../case_heating/model/proxies.py) · like with like,
# [`model/gap_causes.py`](../../../case_heating/model/gap_causes.py) ·
# [`model/remedies.py`](../../../case_heating/model/remedies.py). On the command line: `heating fairness`.
#
# **Further reading:** S. Barocas, M. Hardt, A. Narayanan, *Fairness and Machine Learning* (2023) · M. Hardt, E. Price,
# N. Srebro, *Equality of opportunity in supervised learning*, NeurIPS (2016) · J. Kleinberg, S. Mullainathan, M.
# Raghavan, *Inherent trade-offs in the fair determination of risk scores*, ITCS (2017) · S. Lohr, *Sampling: Design and
# Analysis* (2021), on weights and on who did not answer.
