# ---
# number: "17"
# title: "The team, and where you stand"
# level: 1
# minutes: 60
# teaches: []
# ---
# %% [markdown]
# # 17 · The team, and where you stand
#
# **You will be able to**
#
# - say what a domain expert, a data scientist, a data engineer and an ML engineer answer for, task by task;
# - find the tasks that hang on one person, before that person's holiday finds them;
# - tell from the code who must be asked when a source of data changes;
# - say where your own organisation stands, level by level, and what its next step is.
#
# ## The story
#
# For a year Petra did it all: she knew the billing tables, wrote the features, trained the model, set up the nightly run,
# argued with finance. In July she went walking in the mountains. On the third day the run stopped with a message about a
# column. Nobody knew whether it mattered. Cedar Valley planned that week by guesswork, and the board asked a simple
# question: *who answers for this?*
#
# Petra is what job advertisements call a unicorn. This lesson is about doing without.
# %%
import pandas as pd

tasks = pd.DataFrame(
    [
        ("say what a wrong answer costs, either way", "domain expert", "Maria, Petra"),
        ("judge whether a gap between groups is acceptable", "domain expert", "Maria"),
        ("look at the homes the machine is unsure of", "domain expert", "Ana, Ben"),
        ("choose what is measured, and against which rival", "data scientist", "Petra, Li"),
        ("say whether a difference is more than chance", "data scientist", "Petra, Li"),
        ("check new tables, and keep what is refused", "data engineer", "Petra"),
        ("define a feature once, for training and serving", "data engineer", "Petra, Omar"),
        ("make a nightly run that may be killed anywhere", "ML engineer", "Petra"),
        ("release a model, watch it, go back", "ML engineer", "Petra"),
    ],
    columns=["task", "role", "who can"],
)
tasks
# %% [markdown]
# ## Four roles, no unicorns
#
# | role | brings | answers for |
# |---|---|---|
# | domain expert | what the numbers mean, what an error costs | the question, the limits, the cases people decide |
# | data scientist | how to learn from data and not be fooled | honest figures, the candidate, its reasons |
# | data engineer | how data arrive, change and break | trusted tables, features, the stores |
# | ML engineer | how software runs for years | flows, registry, release, watch, rollback |
#
# A role is not a person. In a small utility two people may fill four roles. What matters is that each task has **one who
# answers for it** and **two who can do it**.
# %% [predict]
# Nine tasks. For how many is there only one person, and how many of those are Petra's?
# %% [exercise] hang_on_one
hang_on_one = set(tasks["task"])  # the tasks that only one person can do
# %% [solution] hang_on_one
hang_on_one = set(tasks.loc[tasks["who can"].str.split(", ").str.len() == 1, "task"])
# %% [check] hang_on_one
_people = tasks["who can"].str.split(", ")
exercise(
    right=set(tasks.loc[_people.str.len() == 1, "task"]),
    wrong={
        "These are all tasks.": set(tasks["task"]),
        "These are all tasks that Petra can do; some of them somebody else can do as well.": set(
            tasks.loc[_people.apply(lambda who: "Petra" in who), "task"]
        ),
        "These hang on Petra. There is one that hangs on somebody else.": set(
            tasks.loc[tasks["who can"] == "Petra", "task"]
        ),
        "These are the tasks that two can do. Asked are the others.": set(tasks.loc[_people.str.len() > 1, "task"]),
    },
    otherwise="How many names stand in `who can`? They are parted by a comma.",
    then="One of them is Maria's: who may say that a gap is acceptable is not only a technical matter.",
)
# %% [markdown]
# ## Ownership belongs in the code
#
# A table on a wall grows old. In the package each feature names its **owner** beside its definition: whoever answers for
# its values, and the columns it is made from.
# %%
from case_heating.features.stages import FEATURES

owned = pd.DataFrame([(one.name, one.owner, one.sources) for one in FEATURES], columns=["feature", "owner", "sources"])
owned["owner"].value_counts()
# %% [predict]
# The billing system will report use in another unit. Of these six desks, how many must be asked before it does?
# **A** one, billing: it owns the bills · **B** three · **C** all six
# %% [exercise] must_be_asked
must_be_asked = {"billing"}  # whose features are made from `bills.usage`? their owners, as a set
# %% [solution] must_be_asked
made_from_bills = owned["sources"].apply(lambda sources: "bills.usage" in sources)
must_be_asked = set(owned.loc[made_from_bills, "owner"])
# %% [check] must_be_asked
_from_bills = owned["sources"].apply(lambda sources: "bills.usage" in sources)
exercise(
    right=set(owned.loc[_from_bills, "owner"]),
    wrong={
        "Billing owns the bills. But others have built on them: look at `sources`.": {"billing"},
        "These are all owners there are; some never touch a bill.": set(owned["owner"]),
        "These are features. Asked are their owners.": set(owned.loc[_from_bills, "feature"]),
    },
    otherwise="Which features have `bills.usage` among their `sources`, and who owns those?",
    then=f"{owned.loc[_from_bills, 'owner'].nunique()} desks, for one unit: whoever owns a feature made *from* bills has built "
    "on them. That is what a change of a column costs where nobody looks first.",
)
# %% [markdown]
# ## Where does an organisation stand?
#
# Consultants draw a staircase: level 0, by hand; level 1, it trains itself; level 2, a push ships. The temptation is to
# average. Cedar Valley's head of IT filled in the questionnaire of this course the evening before a board meeting:
# %%
from course.assessment import assess, read_statements

statements = read_statements()
cedar_valley = {one.id: "yes" for one in statements}
cedar_valley |= dict.fromkeys(["naive_rival", "rebuilt_by_another"], "no")
cedar_valley |= dict.fromkeys(["not_one_person", "false_alarms_known", "capacity_measured"], "no")
cedar_valley |= dict.fromkeys(["groups_looked_at", "watched_after_release"], "partly")
held = pd.Series(cedar_valley).map({"yes": 1.0, "partly": 0.5, "no": 0.0})
print(f"{len(statements)} statements, of which {held.mean():.0%} hold")
# %% [predict]
# Nearly three quarters hold, most of level 2 among them. On which level does Cedar Valley stand? **A** on none · **B** 0 · **C** 1 ·
# **D** 2
# %% [exercise] level_scores
# How far does each level hold? A dictionary: level → share, where "partly" counts half.
level_scores = {0: held.mean(), 1: held.mean(), 2: held.mean()}
# %% [solution] level_scores
level_of = {one.id: one.level for one in statements}
level_scores = held.groupby(level_of).mean().to_dict()
# %% [check] level_scores
_level_of = {one.id: one.level for one in statements}
exercise(
    right=held.groupby(_level_of).mean().to_dict(),
    within=0.005,
    wrong={
        "This is the mean over all levels, three times. What is missing on one is hidden by the others.": {
            level: held.mean() for level in range(3)
        },
        "You count only what holds in full; partly counts half.": (held == 1).groupby(_level_of).mean().to_dict(),
        "These are sums. Divide by the number of statements of the level.": held.groupby(_level_of).sum().to_dict(),
        "You count partly as if it held.": (held > 0).groupby(_level_of).mean().to_dict(),
    },
    otherwise="`one.level` is the level of a statement. What is the mean of `held` within each level?",
)
# %%
import altair as alt

from course.desk import show

chart = pd.DataFrame({"level": [f"level {one}" for one in level_scores], "holds": level_scores.values()})
bars = (
    alt.Chart(chart)
    .mark_bar(color="#009e73")
    .encode(x=alt.X("holds", axis=alt.Axis(format="%"), title="statements that hold"), y=alt.Y("level", title=None))
)
line = alt.Chart(pd.DataFrame({"x": [0.8]})).mark_rule(strokeDash=[4, 3]).encode(x="x")
show(
    (bars + line).properties(
        width=480, height=110, title="A level stands from four fifths, if nothing vital is missing"
    )
)
# %%
print(assess(cedar_valley).in_words())
# %% [markdown]
# **None.** Level 2 is nearly whole, and it ships, quickly and with every test green, a model that nobody ever compared with
# the clerk's guess and that only Petra can build. A level stands only on the ones below. The next step is not a canary
# release; it is one table in the next report.
#
# Which statements must Cedar Valley mend before **level 1** stands, supposing level 0 is mended? Only those it *cannot do
# without*, and that were answered no.
# %% [exercise] vital
vital = [one.id for one in statements if cedar_valley[one.id] == "no"]
# %% [solution] vital
vital = [one.id for one in statements if one.level == 1 and one.must and cedar_valley[one.id] == "no"]
# %% [check] vital
_no = [one for one in statements if cedar_valley[one.id] == "no"]
exercise(
    right=[one.id for one in _no if one.level == 1 and one.must],
    wrong={
        "These are all statements answered no, on all levels.": [one.id for one in _no],
        "These are all of level 1 answered no. One of them it can do without.": [
            one.id for one in _no if one.level == 1
        ],
        "These are vital, but of all levels. Asked is level 1.": [one.id for one in _no if one.must],
    },
    otherwise="Three conditions on a statement: its level, whether the level can do without it, and the answer.",
    then="And it needs no software at all: it needs a second person.",
)
# %% [markdown]
# ## And yours?
#
# Now your own organisation. Say **yes** only where you could *show* it to somebody from outside; `shown_by` says what they
# would ask to see. Answer below, or on the command line with `heating course assess`. Answer it with a colleague of another
# role: where you disagree, you have found something.
# %%
mine = dict.fromkeys([one.id for one in statements], "no")
mine["question_and_cost"] = "partly"  # change these
mine["naive_rival"] = "yes"
print(assess(mine).in_words())
# %% [quiz]
quiz(
    "Who should set the limit on how much worse a candidate may be for renters?",
    {
        "The data scientist, who alone can compute it": "They can say how large the gap is and how sure that is; what is acceptable "
        "is not in the data.",
        "The domain expert, with the figures of the data scientist": "Whoever answers to customers and the regulator decides, "
        "beforehand, knowing what can be measured.",
        "The ML engineer, whose gate must hold to it at night": "The gate holds to the limit. It must not be its author's private opinion.",
    },
    right=1,
)
# %% [quiz]
quiz(
    "All of level 0 holds, all of level 2, and nine tenths of level 1: nobody can say which data made the model in service. Where "
    "does this utility stand?",
    {
        "On level 2: it ships by itself and rolls back": "It ships what nobody could make again. A level stands only on the ones "
        "below.",
        "On level 1: nine tenths is well above the four fifths that are asked for": "Four fifths are enough only if nothing vital "
        "is missing, and lineage is vital: without it no answer can be accounted for.",
        "On level 0": "Level 1 cannot do without lineage, whatever else it has, and level 2 stands on level 1. Mend that one thing, "
        "and it stands on 2.",
    },
    right="On level 0",
)
# %% [quiz]
quiz(
    "You can hire one person, and all runs hang on Petra. Whom do you look for?",
    {
        "A second Petra, who can do everything she can": "There are few, they are dear, and then there are two who do everything "
        "half.",
        "Somebody for what only Petra can do, and time to hand over": "Begin with the table of tasks: it "
        "says which role is short. Without time to hand over, nothing moves.",
        "A manager, who sees to it that runs are on time": "Perhaps later. A manager cannot start the run on the third day of July.",
    },
    right=1,
)
# %% [markdown]
# ## Recap
#
# - Four roles, each with tasks it answers for; a role is not a person, and no task hangs on one.
# - Owners stand in the code beside what they own, so that whoever changes a source knows whom to ask.
# - A level stands on the ones below. Averages hide what is missing.
#
# ## In the package
#
# [`features/stages.py`](../../../case_heating/features/stages.py) names an owner and a shelf life for each feature;
# [`people/review.py`](../../../case_heating/people/review.py) keeps who decided what; the questionnaire is data,
# [`assessment.toml`](../../../course/assessment.toml), and [`assessment.py`](../../../course/assessment.py) scores it: change both for your own
# house. Level 2 is planned: `heating course` lists its lessons.
#
# ## Further reading
#
# - Google Cloud, *MLOps: Continuous delivery and automation pipelines in machine learning*: the three levels.
# - D. Kreuzberger, N. Kühl, S. Hirschl, *Machine Learning Operations (MLOps): Overview, Definition, and Architecture*, IEEE
#   Access 2023: nine principles and the roles.
# - M. Skelton, M. Pais, *Team Topologies*: why tasks, not titles, make a team.
