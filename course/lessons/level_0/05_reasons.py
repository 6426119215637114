# ---
# number: "05"
# title: "Reasons a customer accepts"
# level: 0
# minutes: 75
# teaches:
#   - case_heating.model.explain
#   - case_heating.model.explain_groups
#   - case_heating.model.explain_weights
#   - case_heating.model.typical
#   - case_heating.model.told_facts
#   - case_heating.model.faithfulness
#   - case_heating.people.reasons
# ---
# %% [markdown]
# # 05 · Reasons a customer accepts
#
# **You will be able to**
#
# - say why a list of important features is no reason for any one home;
# - split one home's score exactly among its facts, and add up what belongs together;
# - test a reason: take the fact away and see whether the answer moves;
# - say it without a word of statistics, with what speaks against it, and what would settle it.
#
# **The story.** A woman calls Rosa in the call centre. A letter says that her home "probably heats with electricity".
# *How do you know?* she asks. Rosa has a print-out from the data scientist with the three most important features of
# the model. She reads out the first: "Because of the year your home was built." The woman laughs. Her neighbour's house
# is the twin of hers, and the neighbour burns gas.
# %%
import re

import numpy as np
import pandas as pd

from case_heating.features.build import select_stage
from case_heating.kept import take_explainer
from case_heating.model.explain_groups import GROUP, GROUP_OF
from case_heating.model.faithfulness import measure_faithfulness
from case_heating.model.fuel import encode
from case_heating.people.reasons import BANNED_WORDS, customer_words
from case_heating.people.waterfall import waterfall_plot
from course.desk import open_utility, real, show

# %%
utility = open_utility()
evidence = utility.evidence
explainer = take_explainer(utility, "property")
model = explainer.model
splits = pd.Series(model.booster.feature_importance("split"), index=model.encoding.names)
asked = (splits / splits.sum()).sort_values().tail(8)
show(asked.plot.barh(figsize=(7, 2.4), color="tab:green", title="Rosa's print-out: what the trees ask about"))
# %% [markdown]
# Each tree asks questions; this is how often it asks about what. True of the model, and the same for every customer.
# But what does *year built* say about each of them? The package explains home by home: what each group of facts adds to
# the score, towards gas (above zero) or towards electricity (below).
# %%
told = list(explainer.explain(evidence.features))
of_age = np.array([one.contributions["age"] for one in told])
says_gas = np.array([one.fuel == "gas" for one in told])
print(f"{len(told):,} homes explained; year built adds between {of_age.min():+.2f} and {of_age.max():+.2f}")
# %% [predict]
# For how many of 100 customers does the year their home was built speak *against* the answer they were given?
#
# A: nearly none, it is the most important. · B: about 10. · C: about 30.
# %% [markdown]
# **Exercise 1.** For which share of the homes does `of_age` speak against the answer? It speaks for gas where it is
# above zero.
# %% [exercise] age_against
age_against = (of_age < 0).mean()
# %% [solution] age_against
age_against = ((of_age > 0) != says_gas).mean()
# %% [check] age_against
exercise(
    right=float(((of_age > 0) != says_gas).mean()),
    within=0.002,
    wrong={
        "That is where it speaks for electricity. Against means: for the fuel that was not answered.": float(
            (of_age < 0).mean()
        ),
        "That is where it speaks for the answer.": float(((of_age > 0) == says_gas).mean()),
        "Those are gas homes only. Customers who are told electricity count as well.": float(
            ((of_age < 0) & says_gas).mean()
        ),
        "Those are told electricity and speak for gas. The other way round counts as well.": float(
            ((of_age > 0) & ~says_gas).mean()
        ),
    },
    otherwise="There are two ways to speak against: towards electricity where gas was answered, and the other way round.",
    then="So many customers would be given as a reason what in truth spoke for the other fuel.",
)
# %% [markdown]
# ## One home, exactly
#
# Here is the caller's home. LightGBM splits its score (the *log odds* of gas, before calibration) exactly among the
# facts; the parts and the start that all homes share add up to the score.
# %%
caller = evidence.features.loc[["h0000309"]]
parts = model.booster.predict(encode(caller, model.encoding), pred_contrib=True)[0]
facts = pd.Series(parts[:-1], index=model.encoding.names)
score = float(model.score(encode(caller, model.encoding))[0])
print(f"start {parts[-1]:+.2f}, facts together {facts.sum():+.2f}, score {score:+.2f}")
largest = facts[facts.abs().sort_values().tail(8).index]
show(largest.plot.barh(figsize=(7, 2.4), color="tab:gray", title="electricity  ←  contribution  →  gas"))
# %% [predict]
# By this picture: what is the strongest reason to answer *electricity* (to the left) for this home?
#
# A: the year it was built. · B: its use of electricity.
# %% [markdown]
# Count the bars whose names begin with `kwh`: electricity per square foot, per degree day, per year. They tell one
# thing, and the trees share it out among them. The package adds up what belongs together: `GROUP_OF` names each fact's
# group (and knows facts that this model does not take).
# %%
{name: group for name, group in GROUP_OF.items() if name in facts and group in ("electricity_use", "age")}
# %% [markdown]
# **Exercise 2.** What does the group `electricity_use` contribute to the caller's score, all of its facts together?
# %% [exercise] use_says
use_says = facts["kwh_year"]
# %% [solution] use_says
use_says = facts[[name for name in facts.index if GROUP_OF[name] == "electricity_use"]].sum()
# %% [check] use_says
of_use = facts[[name for name in facts.index if GROUP_OF[name] == "electricity_use"]]
exercise(
    right=float(of_use.sum()),
    within=0.005,
    wrong={
        "That is the year's kWh alone. Use per square foot and per degree day tell the same thing: add them.": float(
            of_use["kwh_year"]
        ),
        "That is the strongest of its facts. Add all of the group.": float(of_use.min()),
        "Signs matter: facts of a group may pull both ways.": float(of_use.abs().sum()),
        "That is their mean; contributions add up.": float(of_use.mean()),
    },
    otherwise="Which of the caller's facts belong to the group? GROUP_OF knows. Their contributions count together.",
    then=f"The year it was built says {facts['year_built']:+.2f}: added up, use comes first.",
)
# %%
explained = next(explainer.explain(caller))
show(waterfall_plot(explained))
# %% [markdown]
# ## Is it a reason?
#
# A contribution is a share of a sum. A *reason* must bear something: take it away and the answer should move. So we ask
# the model again, for the same home with the electricity use of a home that heats with gas. `typical` holds what is
# usual with gas:
# %%
usual = explainer.typical.by_fuel["gas"]
use = [name for name in model.encoding.names if GROUP_OF[name] == "electricity_use"]
pd.DataFrame({"caller": caller.iloc[0][use], "usual with gas": [usual[name] for name in use]}).astype(float).round(2)


# %% [markdown]
# **Exercise 3.** By how much does the caller's score move towards gas when her electricity use becomes what is usual
# with gas? `score_of(home)` gives the score of a changed home.
# %%
def score_of(home):
    return float(model.score(encode(home, model.encoding))[0])


# %% [exercise] moved
changed = caller.assign(kwh_year=usual["kwh_year"])
moved = score_of(changed) - score_of(caller)
# %% [solution] moved
changed = caller.assign(**{name: usual[name] for name in use})
moved = score_of(changed) - score_of(caller)
# %% [check] moved
all_of_it = score_of(caller.assign(**{name: usual[name] for name in use}))
exercise(
    right=all_of_it - score_of(caller),
    within=0.005,
    wrong={
        "One fact was changed. Few kWh a year and many per square foot: there is no such home. Change the whole group.": (
            score_of(caller.assign(kwh_year=usual["kwh_year"])) - score_of(caller)
        ),
        "The sign: towards gas is above zero, so new score less old score.": score_of(caller) - all_of_it,
        "That is the new score. By how much did it move?": all_of_it,
        "That changes every fact to what is usual with gas; only electricity use was asked for.": (
            score_of(caller.assign(**{name: usual[name] for name in model.encoding.names})) - score_of(caller)
        ),
    },
    otherwise="All facts in `use` change at once, and no other. Then compare the two scores.",
    then="Above zero now: with that use the answer would be gas." if all_of_it > 0 else "",
)
# %% [markdown]
# That is one home and one typical value. The package asks so of every home it explains before it names a group, with
# low, middle and high values of both fuels. Whether it works is measured on homes that neither the trees nor the
# typical values have seen, and with facts drawn from *other homes*:
# %% [predict]
# For how many of 100 homes does the score move the way it was told when the first-named facts are those of other homes?
#
# A: about 60. · B: about 80. · C: nearly all.
# %%
faithful = measure_faithfulness(
    select_stage(evidence.features, "property"),
    evidence.is_gas,
    stage="property",
    n_trees=model.booster.num_trees(),
    seed=0,
)
print(f"{faithful.n_homes} homes: the score moves as told for {100 * faithful.first_moves['drawn']:.0f} of 100")
print(f"it moves further than with another group for {100 * faithful.first_beats_another['drawn']:.0f} of 100")
# %% [markdown]
# On the real homes of the survey of 2015 the score moves as told for {recs2015_moves}, and further than with another
# group for {recs2015_beats}. The year built, named to everybody, would speak against the answer for
# {recs2015_age_against}.
# %% [figures]
survey = real("recs2015")
trees = survey.ladder.value["property"].model.booster.num_trees()
homes_2015 = select_stage(survey.evidence.features, "property")
checked = measure_faithfulness(homes_2015, survey.evidence.is_gas, stage="property", n_trees=trees, seed=0)
reasons_2015 = list(take_explainer(survey, "property").explain(homes_2015))
against_2015 = np.mean([(one.contributions["age"] > 0) != (one.fuel == "gas") for one in reasons_2015])
figure("recs2015_moves", value=100 * checked.first_moves["drawn"], unit="of 100")
figure("recs2015_beats", value=100 * checked.first_beats_another["drawn"], unit="of 100")
figure("recs2015_age_against", value=100 * float(against_2015), unit="of 100")
# %% [markdown]
# ## In words
#
# Rosa cannot read out log odds. This is what a first draft of the letter said:
# %%
draft = (
    "Our model predicted electricity with probability 0.81. Top features: kwh_per_sqft (contribution −0.57), year_built. "
    "The Data are updated weekly."
)


# %% [markdown]
# No customer is asked to know a word of statistics. `BANNED_WORDS["en"]` lists them.
#
# **Exercise 4.** Write `banned_in(text)`: the set of banned words that stand in a text, whole words, in small letters,
# whatever their case in the text.
# %% [exercise] banned_in
def banned_in(text):
    return {word for word in BANNED_WORDS["en"] if word in text}


# %% [solution] banned_in
def banned_in(text):
    return set(re.findall(r"[a-z]+", text.lower())) & set(BANNED_WORDS["en"])


# %% [check] banned_in
listed = BANNED_WORDS["en"]
exercise(
    right=lambda text: set(re.findall(r"[a-z]+", text.lower())) & set(listed),
    on=[
        "It uses 9,638 kWh of power a year.",
        "street trees were updated",
        "odds of the model, predicted.",
        "Model and trees",
    ],
    wrong={
        "'updated' holds 'data', which no customer reads there. Compare whole words; and mind capital letters.": (
            lambda text: {word for word in listed if word in text}
        ),
        "Parts of words are found: 'tree' in 'street'. Split the text into words first.": (
            lambda text: {word for word in listed if word in text.lower()}
        ),
        "Words that touch a full stop or a comma are missed. Split at everything that is no letter.": (
            lambda text: set(text.lower().split()) & set(listed)
        ),
        "Capital letters: 'Model' is 'model' too.": lambda text: set(re.findall(r"[A-Za-z]+", text)) & set(listed),
    },
    otherwise="Give a set, and mind three traps: capital letters, a word inside another word, a word that touches a comma.",
)
# %%
words = customer_words(explained)
print(f"draft: {sorted(set(re.findall('[a-z]+', draft.lower())) & set(BANNED_WORDS['en']))}\n")
print(words.answer, *words.reasons, words.against, words.settled_by, words.other_answer, sep="\n")
# %% [markdown]
# Read it as the caller would. How sure, in words that one can hold us to. Two to four reasons, each a **fact of her
# home beside similar homes**. What speaks *against* it: whoever hears only one side trusts neither. What would
# **settle** it. And which fact would have to be different for the other answer, so that she can say "but that is
# wrong!". From the same object comes Spanish, and the analyst's waterfall above:
# %%
print(customer_words(explained, "es").text)
# %% [markdown]
# One thing a reason is not: a *cause*. That most homes of the 1970s heat with electricity does not say that a house of
# that age makes its owner choose it, nor that a new year on the deed would change the heater. Reasons tell what the
# **answer** leans on. And no reason may name a sensitive trait: the explainer refuses a model that takes one.
# %%
firsts = pd.Series([GROUP[one.reasons[0].group].about for one in told if one.reasons])
show(firsts.value_counts()[::-1].plot.barh(figsize=(7, 2.6), color="tab:green", title="what is named first, homes"))
# %% [quiz]
quiz(
    "The list of important features is true of the model. Why is it no reason for the caller's home?",
    {
        "For some homes it points the other way": "Right: what is asked about often may speak for either fuel.",
        "It was computed on too few homes": "More homes would give the same list to everybody.",
        "Customers do not know the features' names": "They do not, and with better names it would be as wrong.",
    },
    right="For some homes it points the other way",
)
# %% [quiz]
quiz(
    "Why is the whole group replaced when a reason is tested, and not one fact of it?",
    {
        "The rest of the group would tell the old story": "Right: and a home with few kWh a year and many per square foot does not exist.",
        "One prediction is faster than five": "It is. That is not why.",
        "Single facts have no contribution of their own": "They have; they share it.",
    },
    right="The rest of the group would tell the old story",
)
# %% [quiz]
quiz(
    "'It was built in the 1970s. Most such homes heat with electricity.' What may the customer conclude?",
    {
        "That we lean on it, and how homes like hers heat": "Right.",
        "That her home heats with electricity because of its age": "No: a reason of the answer is no cause in the house.",
        "That she should replace the heater": "No: nothing here says what a change would do.",
    },
    right="That we lean on it, and how homes like hers heat",
)
# %% [markdown]
# ## Recap
#
# - Importance is about a model; a reason is about one home.
# - Contributions add up exactly; add up what belongs together, or the strongest reason hides in five small ones.
# - Test a reason by taking its facts away, all of them, and measure how often that works on homes nobody has seen.
# - Say it in facts beside similar homes, with the other side and with what would settle it.
#
# **In the package:** [`model/explain.py`](../../../case_heating/model/explain.py) · which facts speak together,
# [`model/explain_groups.py`](../../../case_heating/model/explain_groups.py) · the test,
# [`model/faithfulness.py`](../../../case_heating/model/faithfulness.py) · the sentences,
# [`people/reasons.py`](../../../case_heating/people/reasons.py). On the command line: `heating explain HOME --language
# es`, `heating explain --check`.
#
# **Further reading:** S. Lundberg et al., *From local explanations to global understanding with explainable AI for
# trees*, Nature Machine Intelligence (2020) · A. Jacovi, Y. Goldberg, *Towards faithfully interpretable NLP systems*,
# ACL (2020) · T. Miller, *Explanation in artificial intelligence: Insights from the social sciences*, Artificial
# Intelligence (2019).
