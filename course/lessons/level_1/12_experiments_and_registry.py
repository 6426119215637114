# ---
# number: "12"
# title: "Experiments, lineage and the registry"
# level: 1
# minutes: 60
# teaches:
#   - case_heating.release.lineage
#   - case_heating.release.model_folder
#   - case_heating.release.registry
#   - case_heating.release.run_record
#   - case_heating.release.reference
# ---
# %% [markdown]
# # 12 · Experiments, lineage and the registry
#
# **After this lesson you can**
#
# - say what decides a model's bytes and what does not, and test it;
# - answer "which data, which code, which choices made this model?" a year later;
# - use aliases so that no program ever needs to know a version's number;
# - go back to the model before, in a minute, at night, with a reason on record.
#
# The regulator writes: *in March you told Mrs Okafor that her home heats with electricity, and billed her for it. Which model said so, what had it learned from, and was her own home among it?* The data scientist opens the folder on the shared
# drive: `model_final.txt`, `model_final2.txt`, `model_final2_USE_THIS.txt`. The oldest is the largest. It is going to be a long afternoon.
# %%
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

import altair as alt
import numpy as np
import pandas as pd

from case_heating.errors import ModelError
from case_heating.features.build import build_features
from case_heating.release.candidate import label_requests, labelled_rows, train_candidate
from case_heating.release.gate import PromotionDecision
from case_heating.release.lineage import digest_of, trace_lineage
from case_heating.release.model_folder import read_model_folder, write_model_folder
from case_heating.release.registry import CHALLENGER, CHAMPION, PREVIOUS, open_registry
from course.desk import open_utility, show

utility = open_utility()
tables, settings = utility.trusted.value.tables, utility.settings


# %% [markdown]
# Three small helpers, so that a model is made in one line: the homes that were labelled by a day, with what was known of
# them; a training on them; and the digest of what it wrote.
# %%
def rows_of(day):
    asked = label_requests(tables["labels"], known_after=None, known_by=day)
    return labelled_rows(asked, build_features(tables, as_of=day), tables["homes"], as_of=day)


def train(rows, day, choices=settings):
    digests = {
        "features": digest_of(rows.evidence.features),
        "labels": digest_of(pd.Series(rows.evidence.is_gas).to_frame()),
    }
    lineage = trace_lineage(choices, as_of=day, cutoff=day, data_digests=digests)
    return train_candidate(rows, stage="billing", settings=choices, lineage=lineage)


def digest(trained):
    return write_model_folder(trained, Path(mkdtemp()) / "model")


# %%
SPRING, SUMMER = date(2025, 3, 1), date(2025, 7, 1)
rows = rows_of(SPRING)
spring = train(rows, SPRING)
print("a model is its bytes:", digest(spring)[:16], "…")
# %% [markdown]
# ## The same again?
#
# A digest is a fingerprint of every byte in the model's folder. If the same inputs give the same digest, a model can be made again, on another machine, next year. If they do not, nothing said about the model is certain.
# %%
changes = {
    "nothing": (rows, settings),
    "another seed": (rows, replace(settings, seed=1)),
    "another day of the run": (rows, replace(settings, today=date(2026, 6, 1))),
    "more threads": (rows, replace(settings, threads=2)),
    "one label turned": (
        replace(
            rows, evidence=replace(rows.evidence, is_gas=np.append(~rows.evidence.is_gas[:1], rows.evidence.is_gas[1:]))
        ),
        settings,
    ),
}
# %% [predict]
# Which of these five change the digest? A: all but "nothing"  B: the seed and the label  C: the seed, the label and the threads
# %% [exercise] new_digests
# Train once for each and give the set of the names whose digest differs from the one above.
new_digests = set(changes)
# %% [solution] new_digests
new_digests = {
    name for name, (changed, choices) in changes.items() if digest(train(changed, SPRING, choices)) != digest(spring)
}
# %% [check] new_digests
exercise(
    right={"another seed", "one label turned"},
    wrong={
        "You have all of them, even the one in which nothing changed. Compare with `!=`, one by one.": set(changes),
        "You have all but the one in which nothing changed. What decides a model is what it learns from and by which choices; a date on the run is neither. Try it.": {
            *changes
        }
        - {"nothing"},
        "Those give the same bytes as before. The others are asked for.": {
            "nothing",
            "another day of the run",
            "more threads",
        },
        "Threads must not decide what is learned: the package fixes them while it trains. Try it.": {
            "another seed",
            "one label turned",
            "more threads",
        },
        "The seed decides which homes are held out together and which columns a tree sees. Try it.": {
            "one label turned"
        },
    },
    otherwise="Train with each of the changes, and set its digest beside that of `spring`.",
)
# %% [markdown]
# ## Lineage
#
# Beside the trees lies where they come from: digests of the data, a digest of the code, package versions, the choices that decide.
# %%
for name, value in spring.lineage.to_plain().items():
    print(f"{name:14} {value}")
# %%
summer = train(rows_of(SUMMER), SUMMER)
# %% [exercise] what_changed
# A second model was trained on what was known in summer. Compare both lineages (`.lineage.to_plain()`): give the set of names whose values differ.
what_changed = set(summer.lineage.to_plain())
# %% [solution] what_changed
before, after = spring.lineage.to_plain(), summer.lineage.to_plain()
what_changed = {name for name in after if before[name] != after[name]}
# %% [check] what_changed
old, new = spring.lineage.to_plain(), summer.lineage.to_plain()
exercise(
    right={name for name in new if old[name] != new[name]},
    wrong={
        "Those are all names: keep the ones whose values differ.": set(new),
        "Those are the ones that stayed the same.": {name for name in new if old[name] == new[name]},
        "The days differ, and so does what was read on them: compare every name.": {"as_of", "cutoff"},
    },
    otherwise="Lay the two lineages side by side, name by name.",
)
# %% [markdown]
# Days and data; the same code, packages and choices. So if summer's model is better, we know why. Had the code changed as well, we should not: **change one thing at a time, and have the record say which.**
#
# ## The registry
#
# MLflow keeps runs and versions, here in a file of SQLite. On top the package gives each model a version and moves *aliases*: `challenger` was trained last, `champion` serves, `previous` served before. (Once promoted, a challenger is one no longer.)
# %%
registry = open_registry(Path(mkdtemp()) / "registry")
passed = PromotionDecision(
    True, ("for this lesson every candidate passes; lesson 13 is about this",), (), "the champion", 300
)
first = registry.record(spring, passed, because="the first model", as_of=SPRING)
registry.promote(first.version, because="it passed", as_of=SPRING)
second = registry.record(summer, passed, because="a quarter is over", as_of=SUMMER)
registry.promote(second.version, because="it passed", as_of=SUMMER)


def who():
    return {alias: found.version for alias in (CHAMPION, CHALLENGER, PREVIOUS) if (found := registry.find(alias))}


who()
# %% [predict]
# The very same model is recorded once more, by a run that was killed and started again. The registry then has: A: three versions  B: two
# %%
registry.record(summer, passed, because="once more", as_of=SUMMER)
print(len(registry.history()), "versions")
# %% [markdown]
# It is Saturday night and the phones ring: odd answers from the new model. No code is changed, no file is copied.
# %% [exercise] serving
# Roll back (`registry.roll_back(because=..., as_of=SUMMER)`) and give what `who()` says afterwards. There is one step back: if you run the cell a second
# time, the registry says that there is nothing to go back to. Then call `who()` only.
serving = who()
# %% [solution] serving
registry.roll_back(because="odd answers on Saturday night", as_of=SUMMER)
serving = who()
# %% [check] serving
champion_now = registry.find(CHAMPION).version
exercise(
    right={CHAMPION: first.version},
    wrong={
        "Not rolled back yet: version 2 still serves.": {CHAMPION: second.version, PREVIOUS: first.version},
        "After going back the other one is not `previous`: going back once more must not bring the bad one again.": {
            CHAMPION: first.version,
            PREVIOUS: second.version,
        },
    },
    otherwise="Roll back once, then call `who()`.",
)
# %%
pd.DataFrame(
    [(event.number, event.what, event.version, event.instead_of, event.because) for event in registry.events()],
    columns=["number", "what", "version", "instead of", "because"],
)
# %% [markdown]
# Now for the regulator. Each model knows the homes it was trained on (their names and days, not their answers).
# %%
okafor = sorted(summer.trained_homes - spring.trained_homes)[0]
# %% [exercise] versions_that_knew
# Mrs Okafor's home is `okafor`. Give the list of versions that were trained on it, oldest first. `registry.read(model)` gives a model's `trained_homes`.
versions_that_knew = [model.version for model in registry.history()]
# %% [solution] versions_that_knew
versions_that_knew = [model.version for model in registry.history() if okafor in registry.read(model).trained_homes]
# %% [check] versions_that_knew
knew = [model.version for model in registry.history() if okafor in registry.read(model).trained_homes]
exercise(
    right=knew,
    wrong={
        "Those are all versions; keep those whose `trained_homes` have the home.": [
            model.version for model in registry.history()
        ],
        "Those are the ones that did not know it.": [
            model.version for model in registry.history() if okafor not in registry.read(model).trained_homes
        ],
        "None? One of them was trained in summer, when its label was known.": [],
        "The right ones, but as numbers: a version is a text, as in `model.version`.": [
            int(version) for version in knew
        ],
    },
    otherwise="Read each model of the history, and look whether the home is among those it was trained on.",
)
# %% [markdown]
# One minute instead of an afternoon: in March the first version answered, and her home was not among those it had learned from. And because the folder is read under its digest, nobody can have changed it meanwhile:
# %%
folder = Path(mkdtemp()) / "model"
write_model_folder(spring, folder)
card = folder / "card.md"
card.write_text(card.read_text() + "\nP.S. accuracy 99 %\n")
try:
    read_model_folder(folder)
except ModelError as error:
    print(error)
# %%
homes = pd.DataFrame(
    {
        "model": ["spring", "summer"],
        "homes": [len(spring.trained_homes), len(summer.trained_homes)],
        "right": [f"{100 * one.held_out.model['accuracy'].value:.1f} of 100 right" for one in (spring, summer)],
    }
)
bars = alt.Chart(homes).encode(alt.X("homes", title="homes it learned from"), alt.Y("model", sort=None, title=None))
words = bars.mark_text(align="right", dx=-6, color="white").encode(text="right")
show((bars.mark_bar(size=26) + words).properties(width=420, height=90))
# %% [markdown]
# A last word on these two figures, held out in training: they come from different homes, so that they do not say which model is better. The next lesson finds that out.
# %% [quiz]
quiz(
    'Why do programs ask for `champion` and never for "version 7"?',
    {
        "So that going back changes an alias and no program.": "Yes. The number stands on record; the alias is what serves.",
        "Because two models may have the same number.": "They cannot.",
        "Because version numbers are hard to remember.": "Programs do not mind.",
    },
    right=0,
)
# %% [quiz]
quiz(
    "Two trainings gave different digests, with the same lineage. What does that mean?",
    {
        "Nothing: training always has some chance in it.": "Not here: seeds are fixed, and threads do not decide.",
        "Something that the lineage does not tell decides too.": "Yes. Find it: a package that is not listed, a clock, the order of rows …",
        "The model's file was damaged on the disk.": "Then the digest would not fit its own folder.",
    },
    right=1,
)
# %% [quiz]
quiz(
    "What is put on record first, the promotion's event or the alias?",
    {
        "The event, marked as not finished.": "Yes; then the aliases, and last the event is marked as finished. Killed in between, the champion before serves whole, and the record shows what was under way.",
        "The alias, since it is what serves.": "Killed in between, something serves and nobody knows why.",
        "Both at once, in the same breath.": "Two things are never written at once; there is always a moment in between.",
    },
    right=0,
)
# %% [markdown]
# ## Recap
#
# - A model is its bytes; the same data, code, packages and choices give the same.
# - Lineage answers the regulator. Change one thing at a time.
# - Aliases move, versions stay; going back is one call with a reason.
#
# ## Further reading
#
# *MLflow* documentation, "Model Registry". M. Zaharia and others, *Accelerating the Machine Learning Lifecycle with MLflow* (2018). T. Gebru and others, *Datasheets for Datasets* (2021);
# M. Mitchell and others, *Model Cards for Model Reporting* (2019).
#
# ## In the package
#
# [`registry.py`](../../../case_heating/release/registry.py), [`lineage.py`](../../../case_heating/release/lineage.py),
# [`model_folder.py`](../../../case_heating/release/model_folder.py). Try `heating registry list`, `heating registry show 1`, `heating registry rollback --because "…"`.
