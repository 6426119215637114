# ---
# number: "16"
# title: "People in the loop"
# level: 1
# minutes: 60
# teaches:
#   - case_heating.people.routing
#   - case_heating.people.routing_findings
#   - case_heating.people.review_costs
#   - case_heating.people.review
#   - case_heating.people.review_labels
#   - case_heating.people.review_checks
#   - case_heating.people.records
# ---
# %% [markdown]
# # 16 · People in the loop
#
# **After this lesson you can**
#
# - turn three prices into two thresholds: when to take the machine's word, when to ask a person;
# - check on held-out homes whether the rule is the cheapest, and what it would cost if probabilities could not be trusted;
# - run a review queue in which no two people ever hold the same home, and everything is on record;
# - say what decisions of people do to the labels a model learns from.
#
# Ana knows heating. In fifteen years she has seen each kind of meter and chimney in the valley. The machine answers four thousand homes in a second, Ana six in an hour. The question is not which of
# them is better. It is **which homes are worth ten minutes of Ana**.
# %%
from datetime import UTC, datetime, timedelta

import altair as alt
import numpy as np
import pandas as pd

from case_heating.errors import WrongReviewerError
from case_heating.people.records import read_trail
from case_heating.people.review import ReviewQueue
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.review_labels import labels_from_decisions, standing_decisions
from case_heating.people.review_store import open_store
from case_heating.people.routing import choose_thresholds, cost_curve, route, share_sent_by_group, total_cost
from case_heating.people.routing_findings import measure_routing
from course.desk import open_utility, show

utility = open_utility()
rung = utility.ladder.value["monthly"]
probability = pd.Series(rung.probability, index=utility.evidence.features.index)
is_gas = utility.evidence.is_gas
costs = ReviewCosts(gas_called_electric_usd=120, electric_called_gas_usd=80, review_usd=8)
print(f"{len(probability):,} homes whose fuel we know, each with the probability it was given while it was held out")


# %% [markdown]
# ## Three prices
#
# Finance gives three numbers. A gas home called electric gets a visit about heat pumps that it has no use for: 120 USD. An electric home called gas is missing in the plan for winter nights: 80 USD. A review takes
# ten minutes: 8 USD.
#
# Take the machine's word for a home answered *electricity* with probability p. It is wrong with 1 − p, and wrong costs 120. A review costs 8 whatever comes of it.
# %% [predict]
# From which probability on would you take its word? A: from 0.50  B: from about 0.80  C: from about 0.93
# %% [exercise] threshold
# Write the rule: the least probability from which an answer should be accepted. An error that costs less than twice the price of a review is never worth one: then 0.5.
def threshold(error_usd, review_usd):
    return 0.8


# %% [solution] threshold
def threshold(error_usd, review_usd):
    return max(0.5, 1 - review_usd / error_usd)


# %% [check] threshold
exercise(
    right=lambda error_usd, review_usd: max(0.5, 1 - review_usd / error_usd),
    on=[(120, 8), (80, 8), (10, 8), (1000, 8)],
    within=1e-9,
    wrong={
        "Where errors are cheap you give a threshold below one half: but below one half the other fuel is answered.": lambda error_usd, review_usd: (
            1 - review_usd / error_usd
        ),
        "That is the largest chance of being wrong. The threshold is on the chance of being right.": lambda error_usd, review_usd: (
            review_usd / error_usd
        ),
        "One threshold for all prices? Then a review would be worth as much for a 10 dollar error as for one of 1,000.": lambda error_usd, review_usd: (
            0.8
        ),
    },
    otherwise="At the threshold being wrong costs, on average, what a review costs. Solve for p, and mind cheap errors.",
)
# %%
print(choose_thresholds(costs))
routed = route(probability, costs)
routed.sort_values("risk_usd", ascending=False).head(4)
# %% [markdown]
# Two answers, two thresholds, because the two errors cost differently. `risk_usd` is what is lost on average if the machine's word is taken: the queue is sorted by it, so that Ana's ten minutes go
# where they save most.
#
# ## Is it the cheapest?
#
# On held-out homes the truth is known, so that we can reckon.
# %% [exercise] three_bills
# What do these homes cost under three policies: take the machine's word for all, review all, and the rule above? Give (all_accepted, all_reviewed, rule) in USD.
# `total_cost(routed, is_gas, costs)` reckons from the column `accepted`, which you may `.assign`.
three_bills = (0.0, 0.0, total_cost(routed, is_gas, costs))
# %% [solution] three_bills
three_bills = (
    total_cost(routed.assign(accepted=True), is_gas, costs),
    total_cost(routed.assign(accepted=False), is_gas, costs),
    total_cost(routed, is_gas, costs),
)
# %% [check] three_bills
chosen = route(probability, costs)
bills = [total_cost(chosen.assign(accepted=word), is_gas, costs) for word in (True, False, chosen["accepted"])]
exercise(
    right=tuple(bills),
    within=0.5,
    wrong={
        "The first two are the other way round: `accepted=True` takes the machine's word.": (
            bills[1],
            bills[0],
            bills[2],
        ),
        "A review of every home costs 8 USD each, whatever its answer.": (bills[0], 0.0, bills[2]),
        "Those are means per home; give the totals.": tuple(bill / len(chosen) for bill in bills),
    },
    otherwise="Three calls of `total_cost`, with `accepted` all true, all false, and as routed.",
)
# %%
labels = ["the machine alone", "people alone", "both, by the rule"]
bars = pd.DataFrame({"policy": labels, "USD a home": np.array(three_bills) / len(routed)})
show(
    alt.Chart(bars)
    .mark_bar(size=24)
    .encode(alt.X("USD a home"), alt.Y("policy", sort=None, title=None), tooltip=["policy", "USD a home"])
    .properties(width=460, height=110)
)
# %%
found = measure_routing(probability.to_numpy(), is_gas, costs)
print(f"{found.n_sent} of {found.n_homes} homes go to people; {found.n_wrong_accepted} wrong answers slip through")
print(f"the rule: {found.total_usd:,.0f} USD; the best thresholds in hindsight: {found.measured_best_usd:,.0f} USD")
# %% [markdown]
# The rule comes close to the best that hindsight could choose, **because the probabilities are calibrated** (lesson 04). Spoil that, and see.
# %% [predict]
# Take the same model, but too sure of itself (each logit doubled). The rule then costs: A: the same, the order of homes has not changed  B: more
# %% [exercise] too_sure_usd
# Reckon it: double the log-odds of each probability, route with the result, and add up with the truth.
log_odds = np.log(probability / (1 - probability))
too_sure_usd = total_cost(route(probability, costs), is_gas, costs)
# %% [solution] too_sure_usd
log_odds = np.log(probability / (1 - probability))
too_sure = 1 / (1 + np.exp(-2 * log_odds))
too_sure_usd = total_cost(route(too_sure, costs), is_gas, costs)
# %% [check] too_sure_usd
odds = np.log(probability / (1 - probability))


def bill_at(factor):
    return total_cost(route(1 / (1 + np.exp(-factor * odds)), costs), is_gas, costs)


exercise(
    right=bill_at(2.0),
    within=0.5,
    wrong={
        "That is the bill of the calibrated probabilities: route with the doubled ones.": bill_at(1.0),
        "You halved the log-odds: that model is not sure enough.": bill_at(0.5),
        "The sign is turned: gas homes are now called electric.": bill_at(-2.0),
    },
    otherwise="Double the log-odds, go back to probabilities, and let `route` decide anew.",
)
# %%
print(f"calibrated {total_cost(routed, is_gas, costs):,.0f} USD, too sure {too_sure_usd:,.0f} USD")
curve = cost_curve(probability.to_numpy(), costs, is_gas=is_gas)
show(
    alt.Chart(curve[curve["threshold"] <= 1])
    .mark_line()
    .encode(
        alt.X(
            "threshold",
            title="accept answers that are at least so likely to be right",
            scale=alt.Scale(domain=[0.5, 1]),
        ),
        alt.Y("total_usd", title="cost of all these homes [USD]"),
        alt.Color("heating_fuel", title="answered"),
        alt.StrokeDash("heating_fuel", title="answered"),
    )
    .properties(width=500, height=200)
)
# %% [markdown]
# ## Who is kept waiting?
#
# Being sent to a person is slower service, and a person at the door. Is it the same for all? Guess which group is sent most often.
# %%
sensitive = utility.trusted.value.tables["sensitive"].set_index("home_id")
by_group = share_sent_by_group(routed["accepted"], sensitive[["tenure", "income_band"]], min_homes=30)
show(
    alt.Chart(by_group.dropna())
    .mark_point(filled=True, size=80)
    .encode(
        alt.X(
            "share_sent",
            title="sent to people [share]",
            scale=alt.Scale(zero=True),
            axis=alt.Axis(tickCount=6, format="%"),
        ),
        alt.Y("group", title="group (income in 1,000 USD a year)", sort="x"),
        alt.Color("trait"),
        alt.Shape("trait"),
        tooltip=["group", "n_homes", "share_sent"],
    )
    .properties(width=460, height=180)
)
# %% [markdown]
# Did you expect the poorest to wait longest? Here it is the best-off. Whichever way it leans, a share like this is looked at each time prices or models change, for nobody has chosen it.
#
# ## The queue
#
# Two reviewers, one list on paper: both take the first home. Here a home has one holder at a time, for a while (a *lease*). The clock is handed in, so that we can play.
# %%
morning = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
queue = ReviewQueue(open_store("sqlite://"))
queue.send(routed[~routed["accepted"]], now=morning)
for_ana, for_ben = (queue.claim_next(who, now=morning) for who in ("ana", "ben"))
print("ana holds", for_ana.home_id, "and ben", for_ben.home_id)
try:
    queue.decide(for_ana.home_id, "ben", "gas", "I know that house", now=morning)
except WrongReviewerError as error:
    print(error)
# %% [predict]
# Ana goes to lunch without deciding. After an hour Ben asks for the next home. Which does he get? A: the one he holds already  B: Ana's
# %%
later = morning + timedelta(hours=1)
again = queue.claim_next("ben", now=later)
print("ben is handed", again.home_id)
# %% [markdown]
# Both leases ran for a quarter of an hour, so both homes are free again, and the one that may cost most comes first.
# %% [exercise] decided
# Decide for Ben: his home heats with "electricity", reason "heat pump at the wall". Then look up what stands (`standing_decisions` of `read_trail(queue.engine)`) and make labels of it with
# `labels_from_decisions`. Give the list [heating_fuel, source] of the first label. (What is decided stays decided: if you run the cell again, leave that line out.)
decided = []
# %% [solution] decided
queue.decide(again.home_id, "ben", "electricity", "heat pump at the wall", now=later)
label = labels_from_decisions(standing_decisions(read_trail(queue.engine))).iloc[0]
decided = [label["heating_fuel"], label["source"]]
# %% [check] decided
exercise(
    right=["electricity", "review"],
    wrong={
        "The machine's answer is not what counts now: Ben has seen the heat pump.": ["gas", "review"],
        "The source of the label is not who decided. The trail knows who; the label says how we know.": [
            "electricity",
            "ben",
        ],
        "Nothing is decided yet: call `queue.decide` with the home that Ben holds.": [None, None],
    },
    otherwise="Ben decides through the queue; then the trail knows of it, and a label is made of what stands there.",
)
# %%
read_trail(queue.engine)[["at", "home_id", "action", "reviewer", "reason"]].tail(5)
# %% [markdown]
# The trail can be read and added to. It cannot be changed: the database refuses. And the decision is now a label, so that the next training learns from it.
#
# One warning before you celebrate. These labels are **not of just any home**: only of those the machine was unsure of. A model judged by them alone looks bad, a share of gas counted from them is off. So their source, `review`, travels with them.
# %% [quiz]
quiz(
    "The price of a review falls to 1 USD. What happens to the thresholds?",
    {
        "They rise: more homes go to people.": "Yes. Looking has become cheap beside being wrong.",
        "They fall: fewer homes go to people.": "The other way: accept only while the expected loss is below the price of a review.",
        "They stay: the model has not changed.": "Thresholds come from prices, not from the model.",
    },
    right=0,
)
# %% [quiz]
quiz(
    "Why is the clock handed in as `now`, instead of being read where it is needed?",
    {
        "Because asking the operating system takes too long.": "It takes nothing that anybody would notice.",
        "Because reviewers sit in different time zones.": "They may: the trail keeps all times in UTC.",
        "So that an hour can pass in no time, in a test or here.": "Yes, and the same calls give the same trail. What depends on a hidden clock cannot be tested.",
    },
    right="So that an hour can pass in no time, in a test or here.",
)
# %% [quiz]
quiz(
    "Ana and the machine disagree in a third of her homes. Is the machine bad?",
    {
        "Not by that: she is only shown homes in which it is unsure.": "Yes. To measure it, look at a random sample as well.",
        "Yes: a third is far more than its held-out errors.": "Of homes with a probability near one half, half would be expected.",
        "No: Ana is wrong as often, and should be trained.": "Perhaps she should train others.",
    },
    right=0,
)
# %% [markdown]
# ## Recap
#
# - Three prices give two thresholds. Accept while (1 − p) · error ≤ review.
# - It is the cheapest rule only while probabilities are calibrated: measure it on held-out homes.
# - A lease, a reason, a trail: nobody holds the same home twice, nothing is rewritten.
# - Decisions become labels, and say that they come from unsure homes.
#
# ## Further reading
#
# C. K. Chow, *On Optimum Recognition Error and Reject Tradeoff* (1970). R. Monarch, *Human-in-the-Loop Machine Learning* (2021).
#
# ## In the package
#
# [`routing.py`](../../../case_heating/people/routing.py), [`review.py`](../../../case_heating/people/review.py),
# [`records.py`](../../../case_heating/people/records.py). Try `heating review costs`, `heating review route`, `heating review next --as YOU`, or the app's page *Review*.
