# ---
# number: "00"
# title: "Set-up and the map"
# level: 0
# minutes: 45
# teaches: [case_heating.journey]
# ---
# %% [markdown]
# # 00 · Set-up and the map
#
# **You will be able to**
#
# - run the whole journey, from raw rows to an answer for every home, and open what it left behind;
# - find your way: which folder does what, and in which order a home's data goes through them;
# - follow one home from its first bill to its answer;
# - use a lesson: guess, try, have it marked, be told what went wrong.
#
# ## The story
#
# You are new at Cedar Valley Gas & Electric. On your first morning Maria from load planning puts one question on your
# desk: **which of our homes heat with gas, which with electricity, and what will it cost?** Somebody before you got "about
# 80 %" out of a few columns, in a notebook that nobody else could run. You get a repository instead.
#
# ## How a lesson works
#
# Read, and run each cell. Before a result you are asked what you expect: write your guess down, it is the cheapest way to
# learn. An exercise gives you a cell to change and a cell that marks it. It says *right*, or gives a hint that fits the
# mistake, and never the solution. Whatever you break lies in your own copy: `heating course reset 00` begins anew.
# %%
import pandas as pd

from course.desk import open_utility, show

utility = open_utility()  # the first time the whole journey runs, for about half a minute; later it is opened at once
utility.trusted.value.as_of  # the day this utility's clock stands at
# %% [markdown]
# ## The map
#
# A home's data goes through the folders of `case_heating` in this order, and `journey.py` tells it in one file:
#
# | step | in words | folder |
# |---|---|---|
# | gather | raw files, faults and all, in columns that have one name each | `data` |
# | check | valid rows here, refused rows there, each with a reason | `data` |
# | describe | everything a model may know of each home at a moment | `features` |
# | learn | a model for each stage of data, and how good it is | `model` |
# | answer | gas or electricity, and how sure, for every home | `model` |
# | tell | a report that people can argue with | `people` |
#
# Between `model` and `people` lie two more: `release` decides which model serves, `watch` looks after it; level 1 needs
# them. `edges` is where somebody types a command, presses a button or sets a clock.
#
# **Imports run one way.** `features` may use what `data` made; `data` knows nothing of `features`. So each folder can be
# read without the ones after it. Which order is that, from the folder that knows none of the others to the one that may use
# all?
# %% [exercise] order
order = ["data", "edges", "features", "model", "people", "release", "watch"]  # put these in order
# %% [solution] order
order = ["data", "features", "model", "release", "watch", "people", "edges"]
# %% [check] order
_right = ["data", "features", "model", "release", "watch", "people", "edges"]
exercise(
    right=_right,
    wrong={
        "That is the alphabet. Begin with the folder that reads raw files and needs nobody.": sorted(_right),
        "That is the order in which people meet them: from the button down. Turn it round.": _right[::-1],
        "People see what a release decided and what the watch saw: `people` may use both, so it comes after them.": [
            "data",
            "features",
            "model",
            "people",
            "release",
            "watch",
            "edges",
        ],
    },
    otherwise="Begin with `data`. Then take the folders two by two: which of them needs what the other makes?",
    then="A test in the repository holds to it: an import against this order fails the build.",
)
# %% [markdown]
# ## What came in, and what was refused
#
# Raw data are never as one would like them. The check parts the rows into valid ones and refused ones; none is lost. The
# counts stand beside each table:
# %%
trusted = utility.trusted.value
trusted.counts
# %% [predict]
# Somebody at the meter company mixed up units for a few days, and some files were sent twice. How many rows in a thousand are
# refused, over all tables? **A** none, a utility checks its bills · **B** two or three · **C** about fifty
# %% [exercise] refused_per_1000
refused_per_1000 = ...
# %% [solution] refused_per_1000
refused_per_1000 = 1000 * trusted.counts["quarantined"].sum() / trusted.counts["rows_in"].sum()
# %% [check] refused_per_1000
_counts = trusted.counts
exercise(
    right=1000 * _counts["quarantined"].sum() / _counts["rows_in"].sum(),
    within=0.01,
    wrong={
        "That is how many rows were refused. Asked is how many of a thousand that came in.": _counts[
            "quarantined"
        ].sum(),
        "That is a share. Asked is how many of a thousand.": _counts["quarantined"].sum() / _counts["rows_in"].sum(),
        "That is of a thousand bills. Asked is of a thousand rows of all tables.": 1000
        * _counts.loc["bills", "quarantined"]
        / _counts.loc["bills", "rows_in"],
        "You take the mean over tables, as if six tables were six rows. Add up first, then divide.": 1000
        * (_counts["quarantined"] / _counts["rows_in"]).mean(),
    },
    otherwise="Two sums over all tables: how many rows came in, and how many of them were refused? The answer is a rate.",
    then="Few, and yet one of them can say that a home burnt three million kWh in a month.",
)
# %% [markdown]
# Refused is not thrown away. Every one of these rows lies in quarantine with its reason in words:
# %%
for fault in trusted.faults:
    print("·", fault.in_words())
# %% [markdown]
# ## Follow one home
#
# Home `h0000042` will be ours. Its first trace is a bill. How many **electricity** bills does the utility hold of it, valid
# ones, that were known by the day of the clock?
# %% [exercise] n_bills
bills = trusted.tables["bills"]
n_bills = len(bills)
# %% [solution] n_bills
bills = trusted.tables["bills"]
n_bills = ((bills["home_id"] == "h0000042") & (bills["fuel"] == "electricity")).sum()
# %% [check] n_bills
_bills = trusted.tables["bills"]
_own = _bills[_bills["home_id"] == "h0000042"]
exercise(
    right=int((_own["fuel"] == "electricity").sum()),
    wrong={
        "These are the bills of all homes.": len(_bills),
        "These are the electricity bills of all homes.": int((_bills["fuel"] == "electricity").sum()),
        "These are all months since the first bill of the utility. Some bills came late, or were refused, or there is a "
        "correction: count what is there.": 48,
        "This counts homes, not bills.": _bills["home_id"].nunique(),
    },
    otherwise="Two things must hold of a row: whose bill it is, and for which fuel.",
    then="Four years of its life, in some four dozen numbers.",
)
# %%
import altair as alt

ours = trusted.tables["bills"].query("home_id == 'h0000042' and fuel == 'electricity'")
daily = ours.assign(kwh_a_day=ours["usage"] / (ours["end"] - ours["start"]).dt.days)
show(
    alt.Chart(daily)
    .mark_line(point=True, color="#0072b2")
    .encode(x=alt.X("start:T", title=None), y=alt.Y("kwh_a_day", title="kWh a day"))
    .properties(width=560, height=180, title="What home h0000042 uses, bill by bill")
)
# %% [predict]
# Look at the line. Does this home heat with gas or with electricity, and how sure are you?
# %% [markdown]
# From its bills, its place and its record the journey made one row of features, and from these an answer:
# %%
facts = utility.features.value.loc["h0000042"]
answer = utility.answers.value.loc["h0000042"]
print(facts[["dwelling_type", "kwh_year", "kwh_per_hdd", "heating_share", "gas_service"]].to_string())
print()
print(answer.to_string())
# %% [markdown]
# `heating_fuel` is the answer, `confidence` how sure it is, and `seen` what a person saw there, where a person was.
#
# Read the last line again. Somebody was at this home, and what they saw is a word the machine does not have: it knows gas
# and electricity, and was almost certain all the same. Propane leaves no trace in either bill. **Sure is not the same as
# right**, and what nobody asked about cannot be answered. For most homes nobody was there, and the answer is all there is.
# %% [predict]
# Of how many of 100 homes has anybody ever seen what heats them?
# %% [exercise] never_seen
never_seen = len(utility.answers.value)  # how many homes has nobody seen?
# %% [solution] never_seen
never_seen = int(utility.answers.value["seen"].isna().sum())
# %% [check] never_seen
_answers = utility.answers.value
exercise(
    right=int(_answers["seen"].isna().sum()),
    wrong={
        "These are all homes.": len(_answers),
        "These are the homes that somebody has seen. Asked are the others.": int(_answers["seen"].notna().sum()),
        "These are the homes without an answer from the model; it answers for all.": int(
            _answers["heating_fuel"].isna().sum()
        ),
    },
    otherwise="What stands in the column `seen` of `utility.answers.value` where nobody was? Count those.",
    then="For all of these Maria has nothing but the machine's word. That is why the rest of this course is about trust.",
)
# %% [predict]
# Where a person was and saw gas or electricity: for how many of 100 of these homes does the machine say the same?
# %%
answers = utility.answers.value
seen = answers["seen"].fillna("nobody was there")
colours = {
    "gas": "#d55e00",
    "electricity": "#0072b2",
    "other": "#f0e442",
    "none": "#000000",
    "nobody was there": "#cccccc",
}
checked = answers[seen.isin(["gas", "electricity"])]
print(f"of {len(checked):,} homes it says the same of {(checked['heating_fuel'] == checked['seen']).sum():,}")
show(
    alt.Chart(pd.DataFrame({"answer": answers["heating_fuel"], "seen": seen}))
    .mark_bar()
    .encode(
        x=alt.X("count()", title="homes"),
        y=alt.Y("answer", title="machine says"),
        color=alt.Color(
            "seen", title="a person saw", scale=alt.Scale(domain=list(colours), range=list(colours.values()))
        ),
    )
    .properties(width=480, height=90)
)
# %% [markdown]
# Nearly every one! Do not be impressed: **these are the homes it has learned from**, fuel and all. What its word is worth
# where the bars are grey, these figures cannot say. Lessons 02 and 04 find it out, and it is a good deal less.
# %% [markdown]
# ## What it left behind
#
# Each step keeps what it made in the **workspace**, in a folder of its own, and says what it was made from. A second run
# goes on from what has not changed; that is why the cell at the top was slow once and quick ever after.
# %%
for step in sorted(utility.settings.workspace.glob("[1-9]_*")):
    print(step.name)
# %% [quiz]
quiz(
    "You change a line in a chart of the report and run again. What is done anew?",
    {
        "Everything, to be safe": "Each step knows what it was made from: data, code of its own folders, choices. The models "
        "do not depend on a chart.",
        "The report alone": "What comes before does not depend on it and is found as it was made.",
        "Nothing, until the workspace is deleted": "The report's code is part of what the report was made from; it is noticed.",
    },
    right="The report alone",
)
# %% [quiz]
quiz(
    "Where does a line belong that turns a survey's code 2 into the word electricity?",
    {
        "`model`": "A model must not know how a survey spells. It would have to learn it again for every source.",
        "`data`": "There every source is brought to the same columns and words; after that nobody needs to know where a home "
        "came from.",
        "`edges`": "Edges parse what people type and show what comes out; they decide nothing about data.",
    },
    right="`data`",
)
# %% [quiz]
quiz(
    "The check cell says: not right, with a hint. What has the course kept of it?",
    {
        "How many tries you took, on your own computer": "`heating course` shows it; nothing leaves the workspace.",
        "Your answer, on the course's server": "Lessons need no network and use none.",
        "Nothing: only right answers are kept": "Progress is kept, so that you can go on tomorrow.",
    },
    right=0,
)
# %% [markdown]
# ## Recap
#
# - The journey has six steps, and one file tells it. Folders follow its order, and imports run one way.
# - Rows are valid or refused with a reason; none is lost.
# - For most homes nobody has seen the fuel. The answer is the machine's, and how far to trust it is the question.
#
# ## In the package
#
# Read [`journey.py`](../../../case_heating/journey.py) now, all of it: it is short, and the rest of the course fills it with
# life. The [README](../../../README.md) has the map with every folder; [decisions](../../../docs/decisions.md) tells why
# things are as they are. The same journey on the full utility: `heating run`.
#
# ## Further reading
#
# - D. Sculley and others, *Hidden Technical Debt in Machine Learning Systems*, NeurIPS 2015: the model is the small box in
#   the middle.
# - Harry Percival, Bob Gregory, *Architecture Patterns with Python*: gather, decide, act.
