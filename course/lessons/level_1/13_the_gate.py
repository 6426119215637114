# ---
# number: "13"
# title: "The gate: champion and challenger, honestly"
# level: 1
# minutes: 75
# teaches:
#   - case_heating.release.candidate
#   - case_heating.release.gate
#   - case_heating.release.gate_checks
#   - case_heating.release.gate_fairness
#   - case_heating.release.gate_limits
#   - case_heating.release.gate_rivalry
# ---
# %% [markdown]
# # 13 · The gate: champion and challenger, honestly
#
# **After this lesson you can**
#
# - choose the homes that two models may be compared on, and say why nearly all others may not testify;
# - compare two models by a *paired* bootstrap, and set a margin that lets an equal one pass;
# - read a `PromotionDecision`, and plant faults that it must refuse;
# - name what accuracy alone lets through.
#
# Since lesson 11 a pipeline trains whenever there is reason to. At two in the morning it has made a new model. Nobody is awake. May it answer tomorrow's
# customers? At level 0 somebody would say "93 is more than 91, ship it". Let us see why that sentence has four mistakes in it.
# %%
from dataclasses import replace
from datetime import date
from textwrap import shorten

import altair as alt
import numpy as np
import pandas as pd

from case_heating.features.build import build_features
from case_heating.model.fairness import traits_of
from case_heating.release.candidate import label_requests, labelled_rows, naive_rival, train_candidate
from case_heating.release.gate import judge_candidate
from case_heating.release.gate_checks import DataHealth
from case_heating.release.gate_limits import GateLimits
from case_heating.release.lineage import digest_of, trace_lineage
from course.desk import open_utility, show

utility = open_utility()
tables, settings = utility.trusted.value.tables, utility.settings


# %% [markdown]
# The champion was trained in the summer of 2024, the candidate in the spring of 2025, each on what was known on its day;
# tonight is New Year's Day of 2026. `rows_of` gives the labelled homes of a day, `train` makes a model of them.
# %%
def rows_of(day, *, known_after=None, without=()):
    """Labelled homes with what was known of them on a day."""
    asked = label_requests(tables["labels"], known_after=known_after, known_by=day, without=without)
    return labelled_rows(asked, build_features(tables, as_of=day), tables["homes"], as_of=day)


def train(rows, day):
    lineage = trace_lineage(
        settings, as_of=day, cutoff=day, data_digests={"features": digest_of(rows.evidence.features)}
    )
    return train_candidate(rows, stage="monthly", settings=settings, lineage=lineage)


# %%
CHAMPIONS_DAY, CANDIDATES_DAY, TONIGHT = date(2024, 6, 30), date(2025, 3, 1), date(2026, 1, 1)
champion = train(rows_of(CHAMPIONS_DAY), CHAMPIONS_DAY)
learned_from = rows_of(CANDIDATES_DAY)
candidate = train(learned_from, CANDIDATES_DAY)
print(f"champion: {len(champion.trained_homes):,} homes, candidate: {len(candidate.trained_homes):,} homes")
# %% [markdown]
# ## Who may testify?
#
# Both models carry a figure from their training: so many right of the homes that were held out.
# %%
for name, trained in (("champion", champion), ("candidate", candidate)):
    print(f"{name}: {100 * trained.held_out.model['accuracy'].value:.1f} of 100, held out when it was trained")
# %% [markdown]
# By these the champion would stay. Never compare them. They are of different homes and of different days: the first mistake. Both must answer the **same** homes, **now**. And these homes must be new to both, with
# labels later than the training of both: otherwise one of them may know the answer by heart, the second mistake.
# %% [exercise] witnesses
# Choose the homes to judge by tonight: labels known after the candidate's day, without any home that either model was trained on. How many are there?
# `rows_of` takes `known_after` and `without` (a set of homes).
judged_by = rows_of(TONIGHT)
witnesses = len(judged_by.evidence.is_gas)
# %% [solution] witnesses
judged_by = rows_of(TONIGHT, known_after=CANDIDATES_DAY, without=candidate.trained_homes | champion.trained_homes)
witnesses = len(judged_by.evidence.is_gas)
# %% [check] witnesses
both = candidate.trained_homes | champion.trained_homes


def count(**chosen):
    return len(rows_of(TONIGHT, **chosen).evidence.is_gas)


exercise(
    right=count(known_after=CANDIDATES_DAY, without=both),
    wrong={
        "Among them are homes that the models learned from: leave those out with `without`, and labels known before with `known_after`.": count(),
        "Some of these homes were trained on too, with an earlier label: a home stays the same home. Leave them out with `without`.": count(
            known_after=CANDIDATES_DAY
        ),
        "You asked as the champion alone would need it: from some of these homes the candidate has learned since.": count(
            known_after=CHAMPIONS_DAY, without=champion.trained_homes
        ),
    },
    otherwise="Two things must hold: labels that came after both trainings, and homes that neither training has seen.",
)
# %% [markdown]
# A few hundred, of all the homes with a label. Honest evidence is scarce, and scarce evidence has wide error bars. Hence the next question.
# %%
judged_by = rows_of(TONIGHT, known_after=CANDIDATES_DAY, without=candidate.trained_homes | champion.trained_homes)
is_gas = judged_by.evidence.is_gas
right = pd.DataFrame(
    {
        name: (trained.model.probability_of_gas(judged_by.evidence.features) >= 0.5) == is_gas
        for name, trained in (("champion", champion), ("candidate", candidate))
    }
)
print((100 * right.mean()).round(1).to_string())


# %% [predict]
# The two differ by less than a point. A 90 % interval of *one* model's accuracy, from so few homes, is about: A: ± 1  B: ± 3  C: ± 10 of 100
# %% [markdown]
# ## Paired, and with a margin
#
# One model's accuracy is known to about three points here, so how could a difference of one be told? To overlook that is the third mistake. The cure is pairing. Most homes are answered alike by both; whatever makes
# them hard is hard for both. Only those answered differently speak.
# %% [exercise] lower_end
# Draw the homes with replacement 2,000 times; each time take the candidate's share right less the champion's **on the same draw**. Give the
# end below which 5 of 100 draws lie. Below, each model gets a draw of its own.
def lower_end(candidate_right, champion_right, draws=2000, seed=0):
    rng = np.random.default_rng(seed)
    n = len(candidate_right)
    ours = candidate_right[rng.integers(0, n, (draws, n))].mean(axis=1)
    theirs = champion_right[rng.integers(0, n, (draws, n))].mean(axis=1)
    return np.quantile(ours - theirs, 0.05)


# %% [solution] lower_end
def lower_end(candidate_right, champion_right, draws=2000, seed=0):
    rng = np.random.default_rng(seed)
    n = len(candidate_right)
    drawn = rng.integers(0, n, (draws, n))
    return np.quantile(candidate_right[drawn].mean(axis=1) - champion_right[drawn].mean(axis=1), 0.05)


# %% [check] lower_end
def paired(ours, theirs, level=0.05, draws=4000):
    drawn = np.random.default_rng(11).integers(0, len(ours), (draws, len(ours)))
    return np.quantile(ours[drawn].mean(axis=1) - theirs[drawn].mean(axis=1), level)


def unpaired(ours, theirs):
    rng = np.random.default_rng(11)

    def draw(right):
        return right[rng.integers(0, len(right), (4000, len(right)))].mean(axis=1)

    return np.quantile(draw(ours) - draw(theirs), 0.05)


rng = np.random.default_rng(2)
theirs = rng.random(400) < 0.9
ours = np.where(rng.random(400) < 0.06, ~theirs, theirs)
exercise(
    right=paired,
    on=[(right["candidate"].to_numpy(), right["champion"].to_numpy()), (ours, theirs)],
    within=0.005,
    wrong={
        "Each model has been given draws of its own, so that hard homes blur the difference. Use the same draw for both.": unpaired,
        "That is the upper end: where 95 of 100 draws lie below.": lambda ours, theirs: paired(
            ours, theirs, level=0.95
        ),
        "That is the middle. The gate asks what can be relied on.": lambda ours, theirs: paired(
            ours, theirs, level=0.5
        ),
    },
    otherwise="How often are homes drawn? One that is hard should be hard for both models at once.",
)
# %%
gains = {"paired": lower_end(right["candidate"].to_numpy(), right["champion"].to_numpy())}
print(f"at least {100 * gains['paired']:+.1f} of 100, 95 % sure")
# %% [markdown]
# The lower end is below zero: nobody can be sure that the candidate is better. Must the candidate be refused? If it had to be *shown better*, hardly any honest retraining would ever pass: newer models are mostly about as good. Yet the
# newer one has learned of the new suburb, and its reference for drift is fresh. So the gate asks for **non-inferiority**: shown to be no worse than by a margin.
# %%
limits = GateLimits(n_explained=100)
print(f"margin: {100 * limits.max_accuracy_loss:.0f} of 100 homes")
# %% [markdown]
# And lest many small losses add up over the years, every candidate must also beat the neighbours' majority.
#
# ## The whole gate
#
# `judge_candidate` is a pure function: two models, homes, and how the data came through validation go in; a decision comes out.
# %%
HEALTHY = DataHealth(n_rows=100_000, n_quarantined=400)


def judge(challenger, rows=judged_by, health=HEALTHY):
    return judge_candidate(
        challenger,
        champion,
        rows,
        naive=naive_rival(learned_from, rows),
        traits=traits_of(tables, rows.evidence.features.index),
        health=health,
        limits=limits,
        rounds=200,
    )


decision = judge(candidate)
print("promoted" if decision.promote else "refused", *decision.reasons, sep="\n  · ")
# %% [markdown]
# Those are the reasons. Here is all that was asked; "told" is what refuses nobody, but is shown to whoever reads the decision. (*Log loss* is how surprised a model is by the truth: sure and wrong costs most.)
# %%
for check in decision.checks:
    outcome = {True: "passed", False: "refused", None: "told"}[check.passed]
    print(f"{check.name:24} {outcome:8} {shorten(check.words, 110, placeholder=' …')}")
# %% [exercise] asked_about_whom
# Fifteen questions, and accuracy is one of them: to ask nothing else is the fourth mistake. Suppose a model answers well on average, but badly in one
# region. Name the check whose job it is to see that, as it is called in the list above.
asked_about_whom = "right as often"
# %% [solution] asked_about_whom
asked_about_whom = "every slice"
# %% [check] asked_about_whom
names = [check.name for check in decision.checks]
exercise(
    right=next(name for name in names if "slice" in name),
    wrong={
        "That one looks at the average over all homes: one bad region may hide in it.": next(
            name for name in names if "often" in name
        ),
        "Fairness looks at groups of people: a region is a slice of homes.": next(
            name for name in names if name == "fairness"
        ),
        "Calibration asks whether probabilities come true over all homes.": next(
            name for name in names if "true" in name and "prob" in name
        ),
    },
    otherwise="Look for the check that speaks of parts of the homes.",
)


# %% [markdown]
# ## Break it
#
# A check earns its place by refusing. Plant faults. First one that happens in real life when a join goes wrong: the labels are shuffled.
# %%
def with_answers(rows, answers):
    return replace(rows, evidence=replace(rows.evidence, is_gas=answers))


shuffled = with_answers(learned_from, np.random.default_rng(0).permutation(learned_from.evidence.is_gas))
for reason in judge(train(shuffled, CANDIDATES_DAY)).reasons:
    print("·", shorten(reason, 140, placeholder=" …"))
# %% [predict]
# Next: the model was trained on the very homes it is judged by. Its accuracy there is splendid. What does the gate say of its accuracy?
# A: it is too good to be true  B: it refuses to look
# %%
cheat = train(rows_of(TONIGHT), TONIGHT)
cheated = judge(cheat)
print(*cheated.reasons, sep="\n")
# %% [exercise] not_asked
# Which checks of the honest candidate's decision were not even asked of the cheat? Give the set of their names.
not_asked = {check.name for check in cheated.checks}
# %% [solution] not_asked
not_asked = {check.name for check in decision.checks} - {check.name for check in cheated.checks}
# %% [check] not_asked
asked_of_all, asked_of_cheat = {check.name for check in decision.checks}, {check.name for check in cheated.checks}
exercise(
    right=asked_of_all - asked_of_cheat,
    wrong={
        "Those were asked of it.": asked_of_cheat,
        "Those were asked of the honest candidate, some of them of the cheat as well.": asked_of_all,
        "Those refused it.": {check.name for check in cheated.checks if check.passed is False},
    },
    otherwise="One set of names less the other.",
)
# %% [markdown]
# A figure from homes a model has seen is not a bad figure: it is none. The gate does not show it, so that nobody can quote it. Last, a few homes only:
# %%
few = replace(
    judged_by,
    evidence=replace(
        judged_by.evidence,
        features=judged_by.evidence.features[:10],
        is_gas=is_gas[:10],
        homes=judged_by.evidence.homes[:10],
    ),
    when=judged_by.when[:10],
)
print(*judge(candidate, few).reasons, sep="\n")
width = pd.DataFrame({"homes": [10, 30, 100, 300, 1000, 3000]})
width["known_to"] = 164.5 * np.sqrt(0.9 * 0.1 / width["homes"])
show(
    alt.Chart(width)
    .mark_line(point=True)
    .encode(
        alt.X("homes", scale=alt.Scale(type="log"), title="homes to judge by"),
        alt.Y("known_to", title="accuracy is known to ± [of 100]"),
    )
    .properties(width=480, height=180)
)
# %% [quiz]
quiz(
    '"93 is more than 91, ship it." The two figures were stored with the models when they were trained. What is wrong first of all?',
    {
        "They are of different homes, on different days.": "Yes. Compare on the same homes, now.",
        "Accuracy is the wrong measure for two fuels.": "It is one measure among others, and a fine one, if it is of the same homes.",
        "Two points are too few to be sure of.": "Perhaps, perhaps not. On the same homes that could be told.",
    },
    right=0,
)
# %% [quiz]
quiz(
    "Why does an equal candidate pass?",
    {
        "It does not: it must be shown to be better.": "Then a utility would keep its model of 2009 for want of proof.",
        "It knows newer labels, and a margin bounds what is lost.": "Yes, and it brings a newer reference for drift. Beating the naive answer keeps small losses from adding up.",
        "Because between equals the gate decides by chance.": "Nothing here is decided by chance; the seeds are fixed.",
    },
    right=1,
)
# %% [quiz]
quiz(
    "A gate refuses a candidate for fairness, and the champion is just as unfair. What has been won?",
    {
        "Nothing, if the unfair champion serves on for it.": "Yes. So a gap refuses only where its group is worse off than with the champion, unless you set it otherwise. It is told in the decision, every time, and a person must act.",
        "The unfairness is gone until the next training.": "The champion serves on, as unfair as before.",
        "Time: the next candidate will be fairer by itself.": "Why should it? It learns from the same labels.",
    },
    right=0,
)
# %% [markdown]
# ## Recap
#
# - Same homes, now, new to both, later than both.
# - Paired bootstrap; non-inferior by a margin, better than naive.
# - Slices, calibration, fairness, reasons, leaks, size, validation: accuracy is one question of fifteen.
# - A decision carries its reasons in words and is stored with the run.
#
# ## Further reading
#
# B. Efron and R. Tibshirani, *An Introduction to the Bootstrap* (1993). E. Breck and others, *The ML Test Score* (2017). J. D'Agostino, J. Massaro and L. Sullivan, *Non-inferiority
# Trials: Design Concepts and Issues* (2003).
#
# ## In the package
#
# [`gate.py`](../../../case_heating/release/gate.py), [`gate_rivalry.py`](../../../case_heating/release/gate_rivalry.py),
# [`gate_limits.py`](../../../case_heating/release/gate_limits.py), where each number has its reason. Try `heating registry show 1`; the planted faults stand in `tests/test_gate.py`.
