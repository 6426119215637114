# ---
# number: "09"
# title: "Data you can trust: expectations and quarantine"
# level: 1
# minutes: 60
# teaches:
#   - case_heating.schema
#   - case_heating.data.validate
#   - case_heating.data.rules
#   - case_heating.data.expectations
#   - case_heating.data.table_faults
#   - case_heating.data.unit_slips
# ---
# %% [markdown]
# # 09 · Data you can trust: expectations and quarantine
#
# **After this lesson you can**
#
# - say what "cleaning" in a notebook loses without a word;
# - write down what you expect of a table as data, once, and have Great Expectations check it;
# - part rows into valid, quarantined with reasons, and not known yet, so that none is lost;
# - tell a wrong row from a wrong *table*, and know which of them must stop the run.
#
# It is the first of September, 2024. The month's bills come in over night. At level 0 a data scientist would open the file, look at
# it and clean it. Tonight nobody is there, and from now on nobody ever will be. Let us first see what they would have done.
# %%
from datetime import date
from functools import cache

import altair as alt
import pandas as pd

from case_heating.data.dtypes import read_dtypes
from case_heating.data.expectations import rules_for, run_suite, with_facts
from case_heating.data.rules import within
from case_heating.data.simulate import simulate
from case_heating.data.unit_slips import superseded, unit_slips
from case_heating.data.validate import check_tables
from case_heating.errors import TableError
from case_heating.schema import TABLES
from course.desk import show

raw = simulate(homes=1200, seed=3).tables
homes, bills = raw["homes"], raw["bills"]
TODAY = date(2026, 1, 1)
print(f"{len(homes):,} homes, {len(bills):,} bills; dearest use on a bill: {bills['usage'].max():,.0f}")
# %% [markdown]
# ## The notebook's way
#
# Three lines that are found in many notebooks: drop what is double, drop what is negative, drop what is more than three standard deviations away.
# %%
cleaned = bills.drop_duplicates(["home_id", "fuel", "start"])
cleaned = cleaned[cleaned["usage"] >= 0]
cleaned = cleaned[(cleaned["usage"] - cleaned["usage"].mean()).abs() <= 3 * cleaned["usage"].std()]
print(f"{len(bills) - len(cleaned):,} rows are gone, and nobody will ever know which")
# %% [markdown]
# Were they wrong? Some homes have panels on the roof. In a sunny month they feed in more than they draw, and their use is negative: a good bill.
# %% [exercise] good_rows_lost
# How many of the negative electricity bills belong to homes with solar panels (`homes["solar"]`), so that they are perfectly good?
negative = bills[(bills["usage"] < 0) & (bills["fuel"] == "electricity")]
good_rows_lost = negative["home_id"].nunique()
# %% [solution] good_rows_lost
negative = bills[(bills["usage"] < 0) & (bills["fuel"] == "electricity")]
with_panels = homes.loc[homes["solar"].fillna(False), "home_id"]
good_rows_lost = int(negative["home_id"].isin(with_panels).sum())
# %% [check] good_rows_lost
panels = homes.loc[homes["solar"].fillna(False), "home_id"]
is_negative = (bills["usage"] < 0) & (bills["fuel"] == "electricity")
exercise(
    right=int(bills[is_negative]["home_id"].isin(panels).sum()),
    wrong={
        "That is how many homes have panels. Count their bills.": len(panels),
        "Those are all electricity bills of such homes; only the negative ones were dropped.": int(
            (bills["home_id"].isin(panels) & (bills["fuel"] == "electricity")).sum()
        ),
        "That counts homes with a negative bill, each once.": int(bills[is_negative]["home_id"].nunique()),
    },
    otherwise="`homes` tells who has panels, `negative` whose bill it is. How many rows of `negative` are of such homes?",
)
# %% [markdown]
# All of these are good rows, and all of them are of homes with panels: the cleaning has removed one kind of customer from summer.
# And what of the bad ones?
# %% [predict]
# Of the electricity and gas bills that no dwelling could have (over 400 kWh or 60 therms a day), the three-sigma rule lets pass:
# A: none, they are extreme by definition  B: some
# %%
trusted = check_tables(raw, as_of=TODAY, today=TODAY)
refused = trusted.quarantine["bills"]
impossible = refused[refused["reasons"].str.contains("usage")]
limit = bills["usage"].mean() + 3 * bills["usage"].std()
print(f"the rule's own limit: {limit:,.0f} a bill; 400 kWh a day are {31 * 400:,} a month")
print(
    f"{len(impossible)} bills are impossible; {impossible.index.isin(cleaned.index).sum()} of them are still among the cleaned ones"
)
# %% [markdown]
# The extreme rows had blown up the very standard deviation that they were judged by. A limit that comes **from the data** gives way when the data are wrong. A limit that
# comes **from the world** (no household draws 17 kW day and night) does not.
#
# ## Expectations are data
#
# All that we expect of a column stands in one place, `case_heating.schema`: name, type, unit, range, allowed codes. `rules_for` makes rules of it, and each rule is
# two things: a Great Expectations expectation, which decides, and a mask, which finds the rows.
# %%
typed = read_dtypes(homes, TABLES["homes"])
frame = with_facts(typed, TABLES["homes"], raw=homes, today=TODAY)
rules = rules_for(TABLES["homes"], frame)
of_rows = [(rule.column or "several", rule.expectation, rule.reason) for rule in rules if rule.about_rows]
print(f"{len(rules)} rules for the table of homes; {len(of_rows)} of them are about its rows, such as these:")
pd.DataFrame(of_rows, columns=["column", "expectation", "a row that breaks it is"]).sample(8, random_state=1)
# %% [markdown]
# Now one of your own. Five homes get a planted number of rooms: 0, 1, 12, 13 and none known.
# %%
planted = frame.head(5).assign(rooms=[0.0, 1.0, 12.0, 13.0, None])
# %% [exercise] caught
# Write a rule with `within(column, low, high, reason)`: `rooms` lie between 1 and 12, both allowed. The reason should read well after
# "these rows are". Then list the rows of `planted` it catches.
many_rooms = within("rooms", 1, None, "outside 1 to 12 rooms")
caught = list(planted.index[many_rooms.offending(planted)])
# %% [solution] caught
many_rooms = within("rooms", 1, 12, "outside 1 to 12 rooms")
caught = list(planted.index[many_rooms.offending(planted)])


# %% [check] caught
def caught_between(low, high):
    return list(planted.index[within("rooms", low, high, "…").offending(planted)])


exercise(
    right=caught_between(1, 12),
    wrong={
        "A home with 13 rooms passes: give the upper limit too.": caught_between(1, None),
        "A home without a single room passes: give the lower limit too.": caught_between(None, 12),
        "Both limits are allowed values: 1 and 12 must pass.": caught_between(2, 11),
        "A home whose rooms nobody knows is no fault of this rule: whether a value may be missing is a rule of its own.": [
            *caught_between(1, 12),
            4,
        ],
        "Those are the numbers of rooms. Which *rows* are they? Take them from the index.": list(
            planted.loc[caught_between(1, 12), "rooms"]
        ),
    },
    otherwise="Both limits stand in the question, and both are allowed.",
)
# %%
result, failed = run_suite("homes", frame, [*rules, many_rooms])
n_large = int(many_rooms.offending(frame).sum())
print(
    f"Great Expectations {'refuses' if failed else 'accepts'} the table; the mask finds {n_large} of {len(frame):,} homes {many_rooms.reason}"
)
# %% [markdown]
# Is a house with 13 rooms wrong, or merely large? The schema allows up to 40. **A rule is a claim about the world.** Ask the assessor before you refuse a customer.
#
# A trap worth knowing: what does an *empty* table break?
# %% [predict]
# Over night the file came without a single row. How many of the row rules does it break? A: all  B: those on missing values  C: none
# %%
result, failed = run_suite("homes", frame.iloc[:0], [rule for rule in rules if rule.about_rows])
print(f"{len(failed)} of {sum(rule.about_rows for rule in rules)} rules are broken; success: {result.success}")
# %% [markdown]
# No row is wrong where there is no row. That is why every suite begins with a rule about the table: at least one row.
#
# ## Quarantine: nothing is lost
#
# `check_tables` parts rows, and asserts that it lost none. What was refused is kept as it was written, with one reason per fault.
# %%
for fault in trusted.faults:
    print("·", fault.in_words())
print(f"{len(refused):,} bills are in quarantine")
# %% [exercise] counted_twice
# The faults above add up to more than the rows in quarantine, because a row may have several. How many rows have two or more?
# Each reason of a row is parted from the next by "; ".
counted_twice = sum(fault.n_rows for fault in trusted.faults)
# %% [solution] counted_twice
counted_twice = int((refused["reasons"].str.split("; ").str.len() >= 2).sum())
# %% [check] counted_twice
n_reasons = trusted.quarantine["bills"]["reasons"].str.split("; ").str.len()
exercise(
    right=int((n_reasons >= 2).sum()),
    wrong={
        "Those are all rows in quarantine.": len(n_reasons),
        "Those have exactly one.": int((n_reasons == 1).sum()),
        "Those are all faults, however many a row has.": int(n_reasons.sum()),
    },
    otherwise="How many reasons stand in a row's text? Count the rows with two or more.",
)
# %% [markdown]
# ## When the table is wrong
#
# Back to the first of September. Here is how much electricity each district's homes used a day, by the month in which the bill ended, as known that night.
# %%
night = bills[(bills["known_at"] <= "2024-09-01") & (bills["fuel"] == "electricity") & (bills["end"] >= "2024-01-01")]
per_day = night["usage"] / (night["end"] - night["start"]).dt.days
named = night.assign(
    per_day=per_day,
    month=night["end"].dt.strftime("%Y-%m"),
    district=night["home_id"].map(homes.set_index("home_id")["district"]),
)
cells = named.groupby(["district", "month"])["per_day"].median().reset_index()
show(
    alt.Chart(cells)
    .mark_line(opacity=0.6)
    .encode(
        alt.X("month", title=None),
        alt.Y("per_day", title="median use [kWh a day], log scale", scale=alt.Scale(type="log")),
        alt.Detail("district"),
        tooltip=["district", "month", "per_day"],
    )
    .properties(width=560, height=220)
)
# %% [exercise] slipped_district
# One district jumps. (The short line that begins in April is a new suburb: high, but so from its first month on.) No single one of the bills need be impossible. Find it with `unit_slips(bills, homes)`, given the bills known that night
# that no later one corrects (`superseded` tells those that are corrected). Name the district and the factor: ("d01", 12.0).
known = bills[bills["known_at"] <= "2024-09-01"].reset_index(drop=True)
slipped_district = ("d01", 1.0)
# %% [solution] slipped_district
known = bills[bills["known_at"] <= "2024-09-01"].reset_index(drop=True)
slip = unit_slips(known[~superseded(known)], homes).iloc[0]
slipped_district = (slip["district"], float(slip["factor"]))
# %% [check] slipped_district
then = bills[bills["known_at"] <= "2024-09-01"].reset_index(drop=True)
found = unit_slips(then[~superseded(then)], homes).iloc[0]
exercise(
    right=(found["district"], float(found["factor"])),
    within=0.5,
    wrong={
        "The district is right. The factor tells the unit: take it from the column `factor`.": (
            found["district"],
            1000.0,
        ),
        "The month's number is not the factor.": (found["district"], float(found["month"].month)),
    },
    otherwise="Which of the bills known that night are not corrected by a later one? `unit_slips` wants those, and the homes.",
)
# %% [markdown]
# About a thousand: Wh were written into a column of kWh. What should the night do? Refuse these rows and go on? Then one district is missing from August, and the model learns that
# nobody there cools. **A table fault stops the run**, with words that tell what to do:
# %%
try:
    check_tables(raw, as_of=date(2024, 9, 1), today=TODAY)
except TableError as error:
    print(error)


# %%
@cache  # a check takes a second: each day is looked at once
def passes(day):
    try:
        check_tables(raw, as_of=day, today=TODAY)
    except TableError:
        return False
    return True


days = [date(2024, 9, 1), date(2024, 9, 20), date(2024, 10, 15), date(2024, 11, 1)]
# %% [exercise] first_good_day
# The read-out was corrected some weeks later: new rows with a later `known_at`. Which is the first of these days on which the tables pass again?
first_good_day = days[0]


# %% [solution] first_good_day
first_good_day = next(day for day in days if passes(day))


# %% [check] first_good_day
good = next(number for number, day in enumerate(days) if passes(day))
exercise(
    right=days[good],
    wrong={
        "That night the bills were in Wh.": days[0],
        "Not corrected yet: ask `passes(day)` and see.": days[good - 1],
        "It passes then, and it passed before.": days[good + 1],
    },
    otherwise="Ask `passes` about each of the days, the first one first.",
)
# %% [markdown]
# The wrong rows are still there. A model that speaks for September still sees what was wrong in September (lesson 10): history is not rewritten, it is corrected.
# %% [quiz]
quiz(
    "A refused row goes to quarantine with its reason instead of being dropped. Who needs that?",
    {
        "Nobody, if the rule that refused it is right.": "How would you know that it is? Somebody must be able to look.",
        "Whoever must mend the meter, the export or the rule.": "Yes. A fault without its row and reason cannot be mended.",
        "The model, which may learn from it later.": "Not from rows that are wrong. Mended, they come in again.",
    },
    right=1,
)
# %% [quiz]
quiz(
    "Which of these should stop the whole run?",
    {
        "One bill with an end before its start.": "One row: quarantine.",
        "A district's month in another unit.": "Yes. Each row may look possible, and dropping them would bend the picture.",
        "A hundred repeated bills.": "The first of each stays, the others go to quarantine.",
    },
    right=1,
)
# %% [quiz]
quiz(
    "Why do rules take their limits from the schema and not from last month's data?",
    {
        "So that wrong data cannot widen the limits they are judged by.": "Yes, as three sigma did above.",
        "Because last month's data are no longer at hand.": "They are, and lesson 14 compares with them: to see drift, not to refuse rows.",
        "Because whoever wrote the schema made no mistakes.": "Perhaps they did: there are homes with 13 rooms. But their limits do not give way when the data are wrong.",
    },
    right=0,
)
# %% [markdown]
# ## Recap
#
# - Cleaning by hand drops good customers and keeps bad rows, and tells nobody.
# - What is expected is written once, as data, with limits from the world.
# - Rows in = valid + quarantined + not known yet. Asserted, not hoped.
# - Row faults are set aside; table faults stop the run and say what to do.
#
# ## Further reading
#
# *Great Expectations* documentation, "Expectations" and "Data Docs". N. Polyzotis and others, *Data Validation for Machine Learning* (MLSys 2019).
#
# ## In the package
#
# [`schema.py`](../../../case_heating/schema.py), [`rules.py`](../../../case_heating/data/rules.py), [`validate.py`](../../../case_heating/data/validate.py),
# [`unit_slips.py`](../../../case_heating/data/unit_slips.py). Try `heating data check` on a file of your own, and open the Data Docs of your last run.
