# ---
# number: "11"
# title: "From notebook to pipeline: Prefect flows"
# level: 1
# minutes: 60
# teaches:
#   - case_heating.continuous
#   - case_heating.arrivals
#   - case_heating.edges.flows
#   - case_heating.edges.passing
#   - case_heating.edges.flow_schedules
#   - case_heating.edges.flow_server
# ---
# %% [markdown]
# # 11 · From notebook to pipeline: Prefect flows
#
# **After this lesson you can**
#
# - name what a notebook needs you for, and give it to functions that can be called twice;
# - kill a training at the worst moment, and show that nothing breaks;
# - tell a failure that patience mends from one that it does not;
# - read a flow: a few lines over plain functions, started by a clock, by files, by labels, by drift.
#
# The notebook of level 0 has forty cells, and a rule that stands nowhere: *run 1 to 17, then 22, then ask Jonas.* Jonas is on holiday. At three in the morning the power fails between cells 25 and 26. Was the model written? Was it
# half written? May 25 be run again? A pipeline is a notebook that has answers to these questions.
# %%
import inspect
from datetime import date
from pathlib import Path

import altair as alt
import pandas as pd
import yaml

from case_heating.arrivals import ingest
from case_heating.continuous import registry_of, train_and_promote
from case_heating.edges.passing import is_passing
from case_heating.errors import BusyError, NotEnoughDataError, TableError
from case_heating.release.registry import CHAMPION
from course.desk import open_continuous, practice, show

service = practice(open_continuous(), "11")  # a copy of a utility in service, to break
settings = service.settings


def who_serves():
    return registry_of(settings).find(CHAMPION).version


print("version", who_serves(), "serves")
# %% [markdown]
# ## Called twice
#
# A schedule fires twice. A person presses the button while the schedule runs. A machine restarts and tries again. So the first question about every step is: *what if it is called twice?* It is now the first of October; three months of bills wait.
# %%
OCTOBER = date(2025, 10, 1)
first = ingest(settings, OCTOBER)
print(
    f"{first.features_added:,} rows of features and {first.labels_added:,} labels were added, for {', '.join(map(str, first.moments))}"
)
# %% [predict]
# The same call once more. How many rows of features are added? A: as many again, they are appended  B: none  C: it is an error
# %% [exercise] added_again
# Try it: how many rows (features and labels together) does the second call add?
added_again = ...
# %% [solution] added_again
second = ingest(settings, OCTOBER)
added_again = second.features_added + second.labels_added
# %% [check] added_again
_again = ingest(settings, OCTOBER)
exercise(
    right=_again.features_added + _again.labels_added,
    wrong={
        "That is what the first call added.": first.features_added + first.labels_added,
        "That is what the store would hold if everything were appended twice.": 2
        * (first.features_added + first.labels_added),
        "Those are the days that the first call took in.": len(first.moments),
    },
    otherwise="Call it once more for the same day, and look at what its report says was added.",
    then="A step that may be called twice is called idempotent.",
)


# %% [markdown]
# Did you see that *three* month ends were taken in, besides today? Nobody had called since July. A step that asks "what is missing?" makes up for what an idle schedule missed; a step that does "today" leaves holes.
# %% [exercise] due
# Write it: which month ends are due? Those after the day of the last success and up to today, both given as dates; the month ends are in a list. Give a list.
def due(month_ends, last_success, today):
    return [today]


# %% [solution] due
def due(month_ends, last_success, today):
    return [day for day in month_ends if last_success < day <= today]


# %% [check] due
_ends = [date(2025, number, day) for number, day in ((6, 30), (7, 31), (8, 31), (9, 30), (10, 31))]
exercise(
    right=lambda month_ends, last_success, today: [day for day in month_ends if last_success < day <= today],
    on=[
        (_ends, date(2025, 7, 1), date(2025, 10, 1)),
        (_ends, date(2025, 9, 30), date(2025, 10, 1)),
        (_ends, date(2025, 7, 31), date(2025, 9, 30)),
    ],
    wrong={
        "Only today: what the machine missed while it was off is never made up for.": lambda month_ends, last_success, today: [
            today
        ],
        "The month of the last success is done again. It would add nothing, and cost as much.": lambda month_ends, last_success, today: [
            day for day in month_ends if last_success <= day <= today
        ],
        "Months that have not ended yet are among them.": lambda month_ends, last_success, today: [
            day for day in month_ends if last_success < day
        ],
        "Today counts: a month that ends today is over in the evening, when the schedule fires.": lambda month_ends, last_success, today: [
            day for day in month_ends if last_success < day < today
        ],
    },
    otherwise="Keep the month ends between the two days; ask yourself which of the two belongs to it.",
)
# %% [markdown]
# ## Killed at the worst moment
#
# Training goes through steps: gathering, training, judging, recording, promoting. The worst moment is the last but one: the model is on record, and does not serve yet. We pull the plug just there. (A real `kill -9` is tested at every step, in `tests/test_flows.py`.)
# %%
steps = []


def pull_the_plug(doing, share):
    steps.append((doing, share))
    if doing == "promoting":
        raise KeyboardInterrupt


before = who_serves()
try:
    train_and_promote(settings, OCTOBER, because="a quarter is over", progress=pull_the_plug)
except KeyboardInterrupt:
    print("killed after:", ", ".join(doing for doing, _ in steps))
after_the_kill = who_serves()
# %% [predict]
# Which version serves now, and how many versions does the registry know? A: the new one, two  B: the old one, two  C: none
# %%
print("version", after_the_kill, "serves;", len(registry_of(settings).history()), "versions are known")
again = train_and_promote(settings, OCTOBER, because="a quarter is over")
after_the_second_run = who_serves()
# %% [exercise] three_moments
# Who served before the kill, after the kill, and after the second run? And did the second run train once more? Give (before, after kill, after second run, trained again as True or False).
# `again` has what the second run came to: look at `again.repeated` (the same candidate was found, so nothing was trained).
three_moments = (before, None, None, True)
# %% [solution] three_moments
three_moments = (before, after_the_kill, after_the_second_run, not again.repeated)
# %% [check] three_moments
exercise(
    right=(before, after_the_kill, after_the_second_run, not again.repeated),
    wrong={
        "The second run found the candidate on record and only finished what was left: `again.repeated` says so.": (
            before,
            after_the_kill,
            after_the_second_run,
            again.repeated,
        ),
        "After the kill the old one still served: an alias moves as the last step, onto a whole model.": (
            before,
            after_the_second_run,
            after_the_second_run,
            not again.repeated,
        ),
        "The right versions as numbers; here they are texts. Use the three names.": (
            int(before),
            int(after_the_kill),
            int(after_the_second_run),
            not again.repeated,
        ),
        "The second run has promoted it.": (before, before, before, not again.repeated),
    },
    otherwise="Each moment has a name above: `before`, `after_the_kill`, `after_the_second_run`.",
)
# %% [markdown]
# At no moment did nothing serve. The order of the steps does it: first everything is written whole, then one small thing is moved.
#
# ## What patience mends
#
# An orchestrator can try again. Should it? A server that restarts is back in half a minute. A file with a wrong unit will be as wrong in half a minute.
# %%
failures = {
    "the registry's server refuses the connection": ConnectionRefusedError(),
    "a district's bills are in Wh": TableError("…"),
    "another training holds the lock": BusyError("…"),
    "the answer did not come in time": TimeoutError(),
    "too few labels are known": NotEnoughDataError("…"),
}
# %% [exercise] worth_a_retry
# Which of these failures are worth a second try? Judge by yourself first, then ask `is_passing(error)`. Give the set of their names.
worth_a_retry = set(failures)
# %% [solution] worth_a_retry
worth_a_retry = {name for name, error in failures.items() if is_passing(error)}
# %% [check] worth_a_retry
_passing = {name for name, error in failures.items() if is_passing(error)}
exercise(
    right=_passing,
    wrong={
        "A wrong file and missing labels are as wrong in half a minute: those ask for people.": set(failures),
        "Those are the ones that no patience mends.": set(failures) - _passing,
        "A lock is let go when the other training ends: worth waiting for.": _passing
        - {"another training holds the lock"},
    },
    otherwise="Ask of each: will it be as wrong in half a minute? Then see what `is_passing` says.",
)
# %% [markdown]
# ## The flow
#
# Now, and only now, the orchestrator. Prefect gives what we do not want to write: schedules, retries, a record of each run, pages to look at, events that start other flows. The flow itself is thin:
# %%
from case_heating.edges.flows import FLOWS

print(inspect.getsource(FLOWS["watch_and_retrain"].fn))
# %% [markdown]
# Watch, decide, act. No `if` about data, no arithmetic: branching happens on a decision object (lesson 15), and a test can call all of it without Prefect. How thin are they all?
# %%
lengths = pd.DataFrame(
    [(name, len(inspect.getsource(flow.fn).splitlines())) for name, flow in FLOWS.items()], columns=["flow", "lines"]
)
show(
    alt.Chart(lengths)
    .mark_bar()
    .encode(alt.X("lines", title="lines of code"), alt.Y("flow", sort="-x", title=None))
    .properties(width=380, height=130)
)
# %% [markdown]
# What starts them stands in one file, `prefect.yaml`: cron lines (minute, hour, day, month, weekday: `0 6 * * *` is six o'clock every morning) and events, by a name for people.
# %%
deployments = yaml.safe_load((Path(inspect.getfile(FLOWS["watch"].fn)).parents[2] / "prefect.yaml").read_text())[
    "deployments"
]
for deployment in deployments:
    crons = [schedule["cron"] for schedule in deployment.get("schedules", [])]
    print(
        deployment["entrypoint"].split(".")[-1],
        "|",
        *crons,
        "|",
        ", ".join(one["name"] for one in deployment.get("triggers", [])),
    )
# %% [exercise] starts_a_training
# Which *events* start `train_and_promote`? Give the set of the names under `expect` of its triggers, such as "heating.files.arrived".
starts_a_training = {event for one in deployments for trigger in one.get("triggers", []) for event in trigger["expect"]}
# %% [solution] starts_a_training
of_training = next(one for one in deployments if one["entrypoint"].endswith("train_and_promote"))
starts_a_training = {event for trigger in of_training["triggers"] for event in trigger["expect"]}
# %% [check] starts_a_training
_training = next(one for one in deployments if one["entrypoint"].endswith("train_and_promote"))
exercise(
    right={event for trigger in _training["triggers"] for event in trigger["expect"]},
    wrong={
        "Those are the events of all flows.": {
            event for one in deployments for trigger in one.get("triggers", []) for event in trigger["expect"]
        },
        "Those are the triggers' names for people; the events stand under `expect`.": {
            trigger["name"] for trigger in _training["triggers"]
        },
        "That is what a training announces, not what starts it.": {"heating.model.promoted"},
    },
    otherwise="Only one of the deployments trains. Its triggers have a name for people, and names of events.",
)
# %% [markdown]
# Leave the notebook for a moment and see it run, in a terminal: `heating flows run ingest` runs one flow now; `heating flows up` finds or starts a Prefect server, serves them all, and prints the address of its pages. Ctrl-C ends it.
# %% [quiz]
quiz(
    "Why is the core free of Prefect?",
    {
        "So that it runs without a server: in tests, here, anywhere.": "Yes. This lesson called the very functions that the schedule calls, and another orchestrator could take its place.",
        "Because Prefect takes too long for each task.": "A task costs some milliseconds. That is not why.",
        "For no reason; decorators everywhere would do as well.": "Then each test would need a server, and each change of Prefect would touch the core.",
    },
    right=0,
)
# %% [quiz]
quiz(
    "The schedule fires while a person's training runs. What should happen?",
    {
        "Both train; the one that ends later wins.": "Two models, one alias, and nobody knows which data won.",
        "One waits or is told that it is busy, by whom and why.": "Yes: a lock that ends with its process, however it ends.",
        "The schedule has the right of way; the person is stopped.": "And what they had begun is lost.",
    },
    right=1,
)
# %% [quiz]
quiz(
    "A flow keeps its results as JSON, although Prefect's own choice is pickle. Why?",
    {
        "JSON is smaller, and results are kept for years.": "Often it is not.",
        "Whoever can write a pickle can run code on our machine.": "Yes. No pickle is loaded anywhere in this project.",
        "Pickle is slower to write and to read back.": "It is faster. That is not the point.",
    },
    right=1,
)
# %% [markdown]
# ## Recap
#
# - Idempotent: called twice is as good as once. Ask "what is missing?", not "what is today?".
# - Write whole, then move one small thing. Killed anywhere, the champion serves and the run can be repeated.
# - Try again what passes by itself; tell people what does not.
# - Flows are thin; decisions are values.
#
# ## Further reading
#
# *Prefect* documentation, "Flows" and "Deployments". H. Percival and B. Gregory, *Architecture Patterns with Python* (2020), chapters 3 and 4. M. Kleppmann, *Designing Data-Intensive Applications* (2017), chapter 10.
#
# ## In the package
#
# [`continuous.py`](../../../case_heating/continuous.py), which is to be read second; [`flows.py`](../../../case_heating/edges/flows.py);
# [the guide to level 1](../../../docs/level_1.md).
