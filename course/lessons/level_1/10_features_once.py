# ---
# number: "10"
# title: "Features once: offline, online, point in time"
# level: 1
# minutes: 60
# teaches:
#   - case_heating.features.store
#   - case_heating.features.online
#   - case_heating.features.stages
#   - case_heating.features.build
#   - case_heating.features.known
# ---
# %% [markdown]
# # 10 · Features once: offline, online, point in time
#
# **After this lesson you can**
#
# - tell when a fact *happened* from when it became *known*, and join by both;
# - find the future in a training set, where a careless join has put it;
# - say why there are two stores, and prove that they hold the same features;
# - explain what a late correction may change, and what never.
#
# The first version of the pipeline had two programs for "kWh a year": a notebook's for training, and one in the call centre's software, written from memory. In the spring an intern laid them side by side. They agreed for 71 of 100 homes.
# Nobody could say since when. This lesson is about writing a feature **once**, and about the harder half: writing it as of the right moment.
# %%
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import mkdtemp

import altair as alt
import numpy as np
import pandas as pd

from case_heating.features.build import build_features
from case_heating.features.online import materialise, open_online
from case_heating.features.stages import FEATURES
from case_heating.features.store import OfflineStore, feature_rows
from course.desk import open_utility, show

utility = open_utility()
tables = utility.trusted.value.tables
# %% [markdown]
# ## Once
#
# Every feature stands in `case_heating.features.stages`: name, stage, unit, the columns it is made of, who answers for it, and how long its value speaks for a home.
# %%
listed = pd.DataFrame(
    [(one.stage, one.name, one.unit, ", ".join(one.sources), one.owner, one.fresh_days) for one in FEATURES],
    columns=["stage", "feature", "unit", "made of", "owner", "fresh for [days]"],
)
listed.sample(6, random_state=3).set_index("feature")
# %% [exercise] from_bills
# Some features need the home's own bills. How many? (Look at `sources` of each of `FEATURES`: names like "bills.usage".)
from_bills = len(FEATURES)
# %% [solution] from_bills
from_bills = sum(any(source.startswith("bills.") for source in feature.sources) for feature in FEATURES)


# %% [check] from_bills
def made_of(test):
    return sum(test(feature) for feature in FEATURES)


exercise(
    right=made_of(lambda feature: any(source.startswith("bills.") for source in feature.sources)),
    wrong={
        "Those are all features.": len(FEATURES),
        "Those are made of bills and nothing else. Some join bills with weather or with the property record.": made_of(
            lambda feature: all(source.startswith("bills.") for source in feature.sources)
        ),
        "You counted sources, not features: one feature may have several.": made_of(
            lambda feature: sum(source.startswith("bills.") for source in feature.sources)
        ),
        "Those need no bill.": made_of(
            lambda feature: not any(source.startswith("bills.") for source in feature.sources)
        ),
    },
    otherwise="A source is written as table and column. A feature counts once, however many of its sources are bills.",
)
# %% [markdown]
# ## Two times
#
# Here is a home's use over the last year, as it came in. `event_time` is the day it speaks of, `known_at` the day we learned it. For August the reader wrote 9,400; on the tenth of October that was corrected to 8,100.
# %%
versions = pd.DataFrame(
    {
        "home_id": "h1",
        "event_time": pd.to_datetime(["2024-07-31", "2024-08-31", "2024-08-31", "2024-11-30"]),
        "known_at": pd.to_datetime(["2024-08-03", "2024-09-02", "2024-10-10", "2024-12-04"]),
        "kwh_year": [8000.0, 9400.0, 8100.0, 8300.0],
    }
)
versions
# %% [markdown]
# In the picture a bar begins on the day a version speaks of, and ends with a dot on the day it became known. The dashed line is 15 September.
# %%
told = alt.Chart(versions).encode(alt.Y("kwh_year:Q", title="kWh a year", scale=alt.Scale(domain=[7500, 10_000])))
on_the_way = told.mark_bar(height=5, opacity=0.5).encode(alt.X("event_time:T", title=None), alt.X2("known_at:T"))
known = told.mark_point(filled=True, size=110, opacity=1).encode(alt.X("known_at:T", title=None))
words = known.mark_text(dy=-12).encode(alt.Text("kwh_year:Q", format=","))
label = (
    alt.Chart(pd.DataFrame({"moment": [pd.Timestamp("2024-09-15")]})).mark_rule(strokeDash=[5, 4]).encode(x="moment:T")
)
show((on_the_way + known + words + label).properties(width=540, height=170))


# %% [predict]
# A label of this home is from 15 September 2024. Which value of kwh_year may a model learn beside it? A: 8,000  B: 9,400, though it is wrong  C: 8,100, the right one
# %% [exercise] known_then
# Write it: what was known of `kwh_year` at a moment? Among the rows known by then take the latest `event_time`; of that one the latest version known by then. `None` where nothing was known.
def known_then(rows, moment):
    past = rows[rows["event_time"] <= moment].sort_values(["event_time", "known_at"])
    return None if past.empty else past["kwh_year"].iloc[-1]


# %% [solution] known_then
def known_then(rows, moment):
    past = rows[(rows["event_time"] <= moment) & (rows["known_at"] <= moment)].sort_values(["event_time", "known_at"])
    return None if past.empty else past["kwh_year"].iloc[-1]


# %% [check] known_then
def with_order(order, *conditions):
    def answer(rows, moment):
        past = rows[np.logical_and.reduce([rows[name] <= moment for name in conditions])].sort_values(order)
        return None if past.empty else past["kwh_year"].iloc[-1]

    return answer


def first_version(rows, moment):
    past = rows[(rows["event_time"] <= moment) & (rows["known_at"] <= moment)].sort_values(["event_time", "known_at"])
    return None if past.empty else past.drop_duplicates("event_time")["kwh_year"].iloc[-1]


two_versions = pd.concat(
    [
        versions,
        versions.assign(
            event_time=pd.Timestamp("2024-05-31"), known_at=pd.Timestamp("2024-10-20"), kwh_year=7000.0
        ).head(1),
    ]
)
exercise(
    right=with_order(["event_time", "known_at"], "event_time", "known_at"),
    on=[
        (two_versions, pd.Timestamp(day))
        for day in ("2024-08-01", "2024-09-01", "2024-09-15", "2024-10-15", "2024-11-01", "2024-12-01", "2025-01-01")
    ],
    wrong={
        "On 15 September nobody knew the correction of October: rows must be *known* by the moment, too.": with_order(
            ["event_time", "known_at"], "event_time"
        ),
        "You take whatever came in last. A late correction of an old month is not news of the home: order by `event_time` first.": with_order(
            ["known_at", "event_time"], "event_time", "known_at"
        ),
        "You take the first version of a month; corrections that were known by then count.": first_version,
    },
    otherwise="A row counts if it had happened *and* was known by the moment. Sort what is left so that the last row is the latest event in its latest version; there may be none.",
)
# %% [markdown]
# 9,400 it is. In service, that September, the model *would have been given* 9,400. A model that trains on the corrected past has never met the mistakes of the present. This is a *point-in-time join*, and DuckDB does it for a hundred thousand
# rows in a fraction of a second.
#
# ## The offline store
#
# It holds every version of each home's features. We fill one with three moments of a part of the homes.
# %%
some = tables["homes"]["home_id"].iloc[::8]
few = {name: table[table["home_id"].isin(some)] if "home_id" in table else table for name, table in tables.items()}
offline = OfflineStore(Path(mkdtemp()) / "offline", threads=1)
LAST = date(2024, 12, 31)
for moment in (date(2024, 8, 31), date(2024, 10, 31), LAST):
    written = offline.write_features(feature_rows(build_features(few, as_of=moment), event_time=moment))
    print(f"{moment}: {written.added:,} rows added, {written.unchanged:,} said nothing new")
# %% [predict]
# We write the features of 31 December once more, as a pipeline does that was killed and started again. How many rows are added? A: as many again  B: none
# %%
again = offline.write_features(feature_rows(build_features(few, as_of=LAST), event_time=LAST))
print(f"{again.added:,} rows added")
# %% [markdown]
# Now ask for homes at moments of their own, as training does: each label has its day.
# %%
days = pd.to_datetime(["2024-08-01", "2024-09-20", "2024-11-15", "2025-06-01"])
# %% [exercise] moments_read
# Ask for the first home of `some` on these days, feature `kwh_year` only (`offline.read_features(requests, [...])`, where requests has the columns home_id and moment).
# Give the list of `event_time`s of the rows that answer, as text such as "2024-08-31"; "nothing" where nothing was known.
moments_read = ["2024-12-31"] * len(days)
# %% [solution] moments_read
requests = pd.DataFrame({"home_id": some.iloc[0], "moment": days})
read = offline.read_features(requests, ["kwh_year"])
moments_read = read["event_time"].dt.strftime("%Y-%m-%d").fillna("nothing").tolist()
# %% [check] moments_read
asked = offline.read_features(pd.DataFrame({"home_id": some.iloc[0], "moment": days}), ["kwh_year"])
answered = asked["event_time"].dt.strftime("%Y-%m-%d").fillna("nothing").tolist()
exercise(
    right=answered,
    wrong={
        "That is the newest row for every day: the future, for three of them.": ["2024-12-31"] * len(days),
        'On the first day nothing was known yet: say "nothing".': [answered[1], *answered[1:]],
        "Those are the moments you asked for. Each is answered by a row that is older: give its `event_time`.": [
            f"{day:%Y-%m-%d}" for day in days
        ],
    },
    otherwise="Make a table with the columns home_id and moment, read, and look at `event_time`.",
)
# %% [markdown]
# ## The online store
#
# Training asks rarely, for many homes and for the past. The call centre asks all the time, for one home, for now, and waits. No store is good at both, hence two: columns in Parquet files for the past, one packed row per home for now.
# `materialise` brings over what is new.
# %%
online = open_online(Path(mkdtemp()) / "online.sqlite")
brought = materialise(offline, online, written=datetime(2025, 1, 1, tzinfo=UTC))
print(f"{brought.rows_written:,} homes brought over, the newest version of each")
home = online.read(some.iloc[0])
print(f"{home.home_id}: as of {home.event_time:%Y-%m-%d}, kwh_year {home.features['kwh_year']:,.0f}")
# %% [markdown]
# Two stores, one definition. That can be claimed, or shown.
# %% [exercise] cells_that_differ
# Compare for all homes of `some`: what is served (`online.read_many(list(some))`) and what the package computes afresh (`build_features(few, as_of=LAST)`). In how many cells do they differ?
# Mind that a missing value is not equal to itself.
served = online.read_many(list(some))
fresh = build_features(few, as_of=LAST).loc[served.index, served.columns]
cells_that_differ = int((served != fresh).sum().sum())
# %% [solution] cells_that_differ
served = online.read_many(list(some))
fresh = build_features(few, as_of=LAST).loc[served.index, served.columns]
cells_that_differ = int(((served != fresh) & ~(served.isna() & fresh.isna())).sum().sum())
# %% [check] cells_that_differ
given, made = online.read_many(list(some)), build_features(few, as_of=LAST)
made = made.loc[given.index, given.columns]
exercise(
    right=int(((given != made) & ~(given.isna() & made.isna())).sum().sum()),
    wrong={
        "Cells that are missing on both sides were counted as different: NaN is not equal to NaN.": int(
            (given != made).sum().sum()
        ),
        "Those are all cells.": int(given.size),
        "Those are the cells that are equal and not missing.": int((given == made).sum().sum()),
    },
    otherwise="Different, and not missing on both sides.",
)
# %%
print(f"{cells_that_differ} of {served.size:,} cells differ")
# %% [markdown]
# None: not nearly, but value for value. (Where it is else, it is called *training–serving skew*: lesson 08 showed what it does.)
#
# ## What a correction may change
#
# One of our homes turns out to have been read wrongly in December. The correction comes in on 20 January.
# %%
wrong_row = feature_rows(build_features(few, as_of=LAST), event_time=LAST).head(1)
corrected = wrong_row.assign(kwh_year=wrong_row["kwh_year"] / 2, known_at=pd.Timestamp("2025-01-20"))
offline.write_features(corrected)
asked = pd.DataFrame({"home_id": corrected["home_id"].iloc[0], "moment": pd.to_datetime(["2025-01-10", "2025-02-01"])})
offline.read_features(asked, ["kwh_year"])
# %% [markdown]
# A training of 10 January can be repeated for ever, bit by bit. From 20 January on, everybody sees the right value. **History is not rewritten; it grows.**
# %% [quiz]
quiz(
    'A colleague joins labels to features by home only, since "features hardly change". What may he get?',
    {
        "Wonderful figures in the notebook, and worse ones in service.": "Yes. The features of today know of what happened after the label: a heat pump's winter, for one.",
        "Slightly worse figures in the notebook than are true.": "Knowing the future rarely makes a figure worse.",
        "An error, as soon as a home has two labels.": "If only.",
    },
    right=0,
)
# %% [quiz]
quiz(
    "Why does the online store keep one row per home, and not the history?",
    {
        "The history would not fit on its disk.": "It would; and it is kept, offline.",
        'It is only ever asked for "this home, now", and at once.': "Yes, in well under a millisecond: `heating bench store` measures it.",
        "To protect customers: what is gone cannot leak.": "That is worth a thought of its own, but it is not the reason.",
    },
    right=1,
)
# %% [quiz]
quiz(
    "A value became known on 2 September and was wrong. Training for a moment in September should see…",
    {
        "the wrong value, as the model in service did": "Yes. Otherwise it learns from a past that never was.",
        "the right value: why learn mistakes?": "Because mistakes are what it will be given.",
        "nothing": "Then it never learns that values may be wrong.",
    },
    right=0,
)
# %% [markdown]
# ## Recap
#
# - One definition of a feature, for both stores.
# - Every fact has two times: when it happened and when it became known. Join by both.
# - Offline: columns and history, for training. Online: one row a home, for answers. Parity is tested, not promised.
# - Corrections are new versions, seen from the day they became known.
#
# ## Further reading
#
# M. Kleppmann, *Designing Data-Intensive Applications* (2017), chapters 3 and 11. R. Snodgrass, *Developing Time-Oriented Database Applications in SQL* (1999): two times, thought through.
#
# ## In the package
#
# [`store.py`](../../../case_heating/features/store.py), [`online.py`](../../../case_heating/features/online.py),
# [`stages.py`](../../../case_heating/features/stages.py); [the guide to the store](../../../docs/feature_store.md). Try `heating features list` and `heating bench store`.
