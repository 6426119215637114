# ---
# number: "01"
# title: "The business question: who pays for a wrong answer"
# level: 0
# minutes: 75
# teaches:
#   - case_heating.features.degree_days
#   - case_heating.features.degree_day_records
#   - case_heating.people.review_costs
#   - case_heating.people.routing
#   - case_heating.people.routing_findings
# ---
# %% [markdown]
# # 01 · The business question: who pays for a wrong answer
#
# **You will be able to**
#
# - read a home's bills against the weather and see what heats it;
# - work out heating degree days, and say why a month's mean temperature is not enough;
# - say what part of a bill is heat, in dollars;
# - turn "how many are right?" into "what do the wrong ones cost, and whom?";
# - work out how sure a machine must be before nobody needs to look.
#
# **The story.** Monday at Cedar Valley Gas & Electric, a utility with customers from Minnesota to Oregon. Rosa in the
# call centre has an angry man on the line: he was offered a heat pump "to replace your old gas furnace". He has no
# furnace; he has heated with electricity since 1974. An hour later Maria in load planning asks how many megawatts the
# next cold morning will take, and nobody can tell them how many homes will switch on electric heat.
#
# Both need one answer for each home: **gas or electricity?** The utility has asked about two homes in five. For the
# others it has bills, weather and a few records. Before any machine learning we look at what is in them, and at what a
# wrong answer does.
# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from case_heating.features.degree_days import DegreeDays, cooling_degree_days, heating_degree_days
from case_heating.features.known import known_bills, known_labels
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.routing import choose_thresholds
from case_heating.people.routing_findings import cost_plot, measure_routing
from course.desk import open_utility, real, show

# %% [markdown]
# The course's utility is made up, but its 4,000 homes are drawn so that they resemble the homes of an official survey,
# and its tables have the faults that real tables have. It is made once and kept. `tables` holds `homes`, `bills`,
# `weather`, `tariffs`, and `labels`: what somebody has seen a home heat with.
# %%
utility = open_utility()
tables, as_of = utility.trusted.value.tables, utility.trusted.value.as_of
seen = known_labels(tables["labels"], as_of=as_of)
seen.value_counts()
# %% [markdown]
# ## Two homes
#
# Two houses in Ohio, of about the same size and with the same weather. One heats with gas, the other with electricity.
# This is the electricity they used in a year:
# %%
A, B = "h0002210", "h0001185"
homes = tables["homes"].set_index("home_id")
utility.features.value.loc[[A, B], ["kwh_year", "floor_area_sqft"]].round().set_axis(["home A", "home B"])
# %% [predict]
# Which of the two heats with electricity?
#
# A: home A, it uses more electricity. · B: home B. · C: one cannot tell from this.
# %% [markdown]
# Now the same bills, one by one.
# %%
bills = known_bills(tables["bills"], as_of=as_of)
power = bills[bills["fuel"] == "electricity"]
fig, axes = plt.subplots(1, 2, figsize=(9, 2.8), sharey=True)
for ax, home, name in zip(axes, (A, B), ("home A", "home B"), strict=True):
    own = power[power["home_id"] == home]
    ax.step(own["end"], own["usage"] / (own["end"] - own["start"]).dt.days, color="tab:blue")
    ax.set(title=name, ylabel="electricity, kWh a day", ylim=(0, None))
fig.autofmt_xdate()
show(fig)
# %%
seen[[A, B]].set_axis(["home A", "home B"])
# %% [markdown]
# If you said *home A*, you are in good company, and whoever said that one cannot tell was wise. Home A uses more
# electricity and burns gas for heat: its electricity peaks in **summer**, when the air conditioner runs. Home B peaks
# in **winter**. What heats a home is not in the size of its bills but in their *shape*: in how they follow the weather.
# So we need a number for the weather.
#
# ## Degree days
#
# A heater does not care that it is 50 °F outside; it cares how far that is below the temperature at which the house
# needs no heat. By custom that is 65 °F: lamps, people and the sun do the rest. A day with a mean of 50 °F counts 15
# **heating degree days** (HDD), a day with 70 °F counts none, and days add up: over a month, a winter, the period of a
# bill.
# %%
weather = tables["weather"]
place = homes.loc[A, "place_id"]
days = weather[weather["place_id"] == place].set_index("date")["mean_temp_f"]
september = days["2024-09"]
fig, ax = plt.subplots(figsize=(9, 2.4))
ax.plot(september.index.day, september, marker=".", color="gray")
ax.axhline(65, color="black", lw=1, ls="--")
ax.fill_between(september.index.day, september, 65, where=september < 65, color="tab:blue", alpha=0.3)
ax.set(
    xlabel="day of September 2024", ylabel="mean of the day, °F", title=f"mean of the month: {september.mean():.1f} °F"
)
show(fig)
# %% [predict]
# Somebody works out the degree days of this September from the month's mean alone, 30 × (65 − mean). Set against the
# sum over days, is that
#
# A: the same? · B: too little? · C: too much?
# %% [markdown]
# **Exercise 1.** Work out the heating degree days of this September, base 65 °F, from the daily means in `september`.
# %% [exercise] september_hdd
september_hdd = len(september) * (65 - september.mean())  # what that somebody did
# %% [solution] september_hdd
september_hdd = float((65 - september).clip(lower=0).sum())
# %% [check] september_hdd
exercise(
    right=float(heating_degree_days(september, base_f=65.0).sum()),
    within=0.5,
    wrong={
        "That lets warm days pay for cold ones. A day above 65 °F counts nothing, and never less.": float(
            (65 - september).sum()
        ),
        "Those are the degrees above 65 °F: cooling degree days.": float(
            cooling_degree_days(september, base_f=65.0).sum()
        ),
    },
    otherwise="What does a day with 60 °F count, and what a day with 70 °F? Work it out day by day, then add up.",
    then="The month's mean says too little: it lets warm days pay for cold ones.",
)
# %% [markdown]
# A model fed with monthly means would lose a quarter of this month's heating. The package works day by day, for any
# base and millions of bills at a time. Below, each bill becomes a point: degree days and kWh, both per day, since bills
# are not equally long.
# %%
degree_days = DegreeDays.from_weather(weather)


def per_day(home):
    own = power[power["home_id"] == home]
    length = (own["end"] - own["start"]).dt.days.to_numpy()
    hdd, _ = degree_days.of(homes.loc[own["home_id"], "place_id"], own["start"], own["end"], 65.0)
    return pd.DataFrame({"hdd": hdd / length, "kwh": own["usage"].to_numpy() / length})


# %%
a, b = per_day(A), per_day(B)
fig, axes = plt.subplots(1, 2, figsize=(9, 2.8), sharey=True)
for ax, points, name in zip(axes, (a, b), ("home A: gas", "home B: electricity"), strict=True):
    ax.scatter(points["hdd"], points["kwh"], color="tab:blue", s=14)
    ax.set(title=name, xlabel="heating degree days, per day", ylabel="kWh a day", ylim=(0, None))
show(fig)
# %% [markdown]
# Summer is at the left. From there to the right home A stays flat: more cold, no more electricity. Home B climbs. How
# steeply, the electricity that one more degree of cold takes, is its **heating slope**: the best single fact of this
# course.
#
# **Exercise 2.** What is home B's heating slope, in kWh per degree day? Take the bills with `hdd` above 3 (summer is
# about air conditioning) and fit a line: `np.polyfit(x, y, 1)` gives slope and intercept.
# %% [exercise] slope
cold = b[b["hdd"] > 3]
slope = cold["kwh"].sum() / cold["hdd"].sum()  # kWh per degree day, is it not?
# %% [solution] slope
cold = b[b["hdd"] > 3]
slope, intercept = np.polyfit(cold["hdd"], cold["kwh"], 1)
# %% [check] slope
winter = b[b["hdd"] > 3]
exercise(
    right=float(np.polyfit(winter["hdd"], winter["kwh"], 1)[0]),
    within=0.01,
    wrong={
        "That puts all electricity down to heat, the fridge's too. Give the line an intercept: it takes what the home "
        "uses anyway.": float(winter["kwh"].sum() / winter["hdd"].sum()),
        "That line includes the summer. Keep the bills with hdd above 3.": float(np.polyfit(b["hdd"], b["kwh"], 1)[0]),
        "The axes are swapped: that is degree days per kWh.": float(np.polyfit(winter["kwh"], winter["hdd"], 1)[0]),
    },
    otherwise="Which bills belong to the line, which column is x, and which of the two numbers that np.polyfit gives is the slope?",
)
# %% [markdown]
# ## From kWh to dollars
#
# A bill is a fixed charge plus units times their price, and only units follow the weather. For 2025:
# %%
tariffs = tables["tariffs"]
tariff = tariffs[(tariffs["place_id"] == place) & (tariffs["from_date"] == "2025-01-01")].set_index("fuel")
hdd_2025 = float(heating_degree_days(days["2025"], base_f=65.0).sum())
bills_2025_usd = float(power[(power["home_id"] == B) & (power["end"].dt.year == 2025)]["cost_usd"].sum())
print(f"{hdd_2025:,.0f} heating degree days; home B's electricity bills: {bills_2025_usd:,.0f} USD")
tariff[["fixed_charge_usd", "unit_price_usd"]]
# %% [predict]
# Which part of home B's electricity bills of 2025 was heat?
#
# A: about a quarter. · B: about half. · C: about three quarters.
# %% [markdown]
# **Exercise 3.** What did home B pay for heat in 2025, in USD? Use your `slope`.
# %% [exercise] heat_usd
heat_usd = ...
# %% [solution] heat_usd
heat_usd = slope * hdd_2025 * tariff.loc["electricity", "unit_price_usd"]
# %% [check] heat_usd
cold_bills = b[b["hdd"] > 3]
heat_kwh = float(np.polyfit(cold_bills["hdd"], cold_bills["kwh"], 1)[0]) * hdd_2025
exercise(
    right=heat_kwh * tariff.loc["electricity", "unit_price_usd"],
    within=25.0,
    wrong={
        "Those are kWh. Multiply by the price of one.": heat_kwh,
        "Home B's heat is paid by the kWh, not by the therm.": heat_kwh * tariff.loc["gas", "unit_price_usd"],
        "Those are the year's bills. Only what follows the cold is heat.": bills_2025_usd,
        "That takes off the fixed charge. Lamps, hot water and cooling are no heat either.": (
            bills_2025_usd - 12 * tariff.loc["electricity", "fixed_charge_usd"]
        ),
    },
    otherwise="The slope is kWh per degree day. Which two numbers make kWh of a year of it, and then USD?",
    then=f"Nearly three quarters of the {bills_2025_usd:,.0f} USD that home B paid: the rest is lamps, hot water and cooling.",
)
# %% [markdown]
# That is why Rosa needs slopes, not sums. On real homes sums mislead just as much: in the official survey of 2015,
# {recs2015_gas_above_electric_median} that heat with gas use more electricity than the middle one of those that heat
# with it.
# %% [figures]
survey = real("recs2015").evidence
kwh = survey.features["kwh_year"].to_numpy()
share = float((kwh[survey.is_gas] > np.median(kwh[~survey.is_gas])).mean())
figure("recs2015_gas_above_electric_median", value=100 * share, unit="of 100 homes")
# %% [markdown]
# ## Who pays for a wrong answer
#
# Say we only had the size of a year's bill. Two rules lie on the table. **Rule 1**: call every home gas; most are.
# **Rule 2**: call it electric from 7,000 kWh a year on. And finance has written down what a mistake costs. A gas home
# called *electric* gets two hours of an adviser it has no use for. An electric home called *gas* is missing from the
# winter's load plan and is offered the wrong tariff: a corrected bill, a call.
# %%
evidence, costs = utility.evidence, ReviewCosts()
measured = evidence.features["kwh_year"].notna().to_numpy()
is_gas, kwh_year = evidence.is_gas[measured], evidence.features["kwh_year"].to_numpy()[measured]
rules = {"rule 1": np.ones(len(is_gas), dtype=bool), "rule 2": kwh_year < 7_000}  # True: called gas
print({name: f"{100 * (said == is_gas).mean():.1f} of 100 right" for name, said in rules.items()})
costs
# %% [predict]
# Rule 2 is right more often. Which rule costs the utility less?
#
# A: rule 2, of course. · B: about the same. · C: rule 1.
# %% [markdown]
# **Exercise 4.** What do the wrong answers of rule 2 cost, in USD? `said` is True where it says gas; right answers cost
# nothing.
# %% [exercise] rule_2_usd
said = rules["rule 2"]
rule_2_usd = 100.0 * (said != is_gas).sum()  # a round price for every mistake
# %% [solution] rule_2_usd
said = rules["rule 2"]
gas_called_electric, electric_called_gas = (is_gas & ~said).sum(), (~is_gas & said).sum()
rule_2_usd = gas_called_electric * costs.gas_called_electric_usd + electric_called_gas * costs.electric_called_gas_usd
# %% [check] rule_2_usd
rule = rules["rule 2"]
n_adviser, n_tariff = float((is_gas & ~rule).sum()), float((~is_gas & rule).sum())
exercise(
    right=120.0 * n_adviser + 80.0 * n_tariff,
    within=1.0,
    wrong={
        "Every mistake has one price there. The two kinds cost differently: count them apart.": 100.0
        * (n_adviser + n_tariff),
        "The prices are swapped: a gas home called electric is the dear mistake.": 80.0 * n_adviser + 120.0 * n_tariff,
        "That leaves out the electric homes that were called gas.": 120.0 * n_adviser,
        "That leaves out the gas homes that were called electric.": 80.0 * n_tariff,
    },
    otherwise="There are two kinds of wrong answers, and `costs` has a price for each. How many are there of either?",
)
# %%
wrong_usd = {
    name: (is_gas & ~said).sum() * costs.gas_called_electric_usd
    + (~is_gas & said).sum() * costs.electric_called_gas_usd
    for name, said in rules.items()
}
right = {name: 100 * (said == is_gas).mean() for name, said in rules.items()}
fig, axes = plt.subplots(1, 2, figsize=(9, 1.8), layout="constrained")
pd.Series(right).plot.barh(ax=axes[0], color="gray", title="right, of 100 homes")
pd.Series(wrong_usd).plot.barh(ax=axes[1], color="tab:red", title="cost of the wrong ones, USD")
show(fig)
# %% [markdown]
# More often right, and dearer. Accuracy counts mistakes; the utility pays for them, and neither the price nor the payer
# is the same: the adviser's hours are the programme's, the wrong tariff is the customer's, who calls Rosa.
#
# ## When a person should look
#
# There is a third way: ask. A clerk with photographs and permits takes ten minutes, 8 USD, and finds the truth. If an
# answer is right with probability $p$, accepting it costs $(1 - p)$ × the price of that mistake, on average. Asking
# pays where that is more than a review.
#
# **Exercise 5.** From which probability of *electricity* on is it cheaper to accept the answer "electricity" than to
# have a clerk look?
# %% [exercise] accept_electricity
accept_electricity = 0.5  # more likely right than wrong
# %% [solution] accept_electricity
accept_electricity = 1 - costs.review_usd / costs.gas_called_electric_usd
# %% [check] accept_electricity
exercise(
    right=choose_thresholds(costs).electricity,
    within=0.004,
    wrong={
        "At 0.5 a mistake is expected in every second such home: far dearer than asking.": 0.5,
        "That is how likely a mistake may be. How likely must the answer be right?": costs.review_usd / 120.0,
        "That is the other mistake's price. If 'electricity' is wrong, a gas home was called electric.": 1 - 8.0 / 80.0,
    },
    otherwise="At the threshold both ways cost the same on average. Write down what each of them costs at probability p.",
)
# %% [markdown]
# `choose_thresholds` gives both thresholds, `measure_routing` what follows from them. Here are the homes with a known
# fuel, answered by the model of the coming lessons from bills, weather and the property record, each by a model that
# had not seen it:
# %%
found = measure_routing(utility.ladder.value["property"].probability, evidence.is_gas, costs)
for policy, total in {
    "accept every answer": found.accept_all_usd,
    "review every home": found.review_all_usd,
    "review where it pays": found.total_usd,
}.items():
    print(f"{policy}: {total / found.n_homes:.2f} USD a home")
show(cost_plot(found, "Accept too much and errors cost; accept too little and reviews do"))
# %% [markdown]
# Asking only where it pays beats trusting every answer, and beats asking everywhere, but not yet by much: with these
# data most homes need a look. That is the case for more data. Lesson 03 puts a price on it.
# %% [quiz]
quiz(
    "Home A uses more electricity than home B, and heats with gas. What told them apart?",
    {
        "How much electricity a year takes": "No: it pointed to the wrong home.",
        "How electricity follows the cold": "Right: home B's rises with degree days, home A's does not.",
        "How large the two houses are": "No: the two are about equal.",
    },
    right="How electricity follows the cold",
)
# %% [quiz]
quiz(
    "Why are degree days added up day by day, and not worked out from a month's mean?",
    {
        "A mean lets warm days make up for cold ones": "Right. In January both agree, in autumn they do not.",
        "Daily means are measured more exactly": "No: the month's mean is made of the same readings.",
        "It is a custom and makes no difference": "It does: you saw by how much in September.",
    },
    right="A mean lets warm days make up for cold ones",
)
# %% [quiz]
quiz(
    "A wrong heat-pump visit now costs 60 USD instead of 120. What becomes of the threshold for 'electricity'?",
    {
        "It falls, and fewer homes are reviewed": "Right: 1 − 8/60 < 1 − 8/120. Cheap mistakes, fewer questions.",
        "It rises, the machine must be surer": "No: the cheaper the mistake, the less sure one needs to be.",
        "Nothing: the model is the same": "The model is; which of its answers are good enough is a matter of prices.",
    },
    right="It falls, and fewer homes are reviewed",
)
# %% [markdown]
# ## Recap
#
# - The fuel shows in the *shape* of bills against weather, not in their size; degree days, taken day by day, are the
#   weather's number.
# - Slope × degree days × price is what heat costs.
# - The rule that is right more often can be the dearer one: write down the price of each mistake before anything is
#   trained.
# - With prices and honest probabilities, "when should a person look?" has an exact answer.
#
# **In the package:** [`features/degree_days.py`](../../../case_heating/features/degree_days.py) · the three prices that
# finance edits, [`people/review_costs.py`](../../../case_heating/people/review_costs.py) · thresholds and what they
# cost, [`people/routing.py`](../../../case_heating/people/routing.py),
# [`people/routing_findings.py`](../../../case_heating/people/routing_findings.py). `heating review costs` shows the
# same.
#
# **Further reading:** M. F. Fels, *PRISM: An introduction*, Energy and Buildings 9 (1986), on slopes from monthly bills
# · C. K. Chow, *On optimum recognition error and reject tradeoff*, IEEE Transactions on Information Theory (1970), on
# when a machine should ask · F. Provost and T. Fawcett, *Data Science for Business* (2013), the chapter on expected
# value.
