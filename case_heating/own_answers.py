"""Somebody's own homes, answered with the model of a source that is there, and held against their own labels."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from case_heating.data.uploads import Upload
from case_heating.errors import NothingMadeError
from case_heating.features.build import select_stage
from case_heating.kept import Opened, take_explainer
from case_heating.model.ladder import Rung
from case_heating.model.predict import SURENESS_WORDS
from case_heating.model.quality import Figure
from case_heating.own_check import CHECKED, FEATURES, LABELS, Checked
from case_heating.people.counts import share_of
from case_heating.people.reasons import reasons_table
from case_heating.people.spreadsheet import MOST_WORKBOOK_ROWS, write_csv, write_workbook
from case_heating.people.words import homes, interval, of_100, stage_name
from case_heating.workspace import fingerprint, whole_folder

ANSWERED = "answers"
"""Name of the folder, and of the files in it: ``answers.csv``, ``answers.xlsx``."""

PART_HOMES = 2048  # answered between two words of progress
_SUMMARY, _TABLE = "summary.json", "answers.parquet"


@dataclass(frozen=True)
class OwnLabels:
    """How often the answers agree with what the owner knows of some homes.

    Attributes
    ----------
    n_homes : int
        Homes of which gas or electricity is known.
    right : Figure
        Share of them answered right.
    naive : float
        Share right if all were answered with the commoner fuel among them.
    """

    n_homes: int
    right: Figure
    naive: float


@dataclass(frozen=True)
class OwnAnswers:
    """What was answered.

    Attributes
    ----------
    key : str
        Digest of the check and the model it was made of.
    source : str
        Whose model answered.
    stage : str
        The stage of data that model uses.
    expected : Figure
        Share of the source's own homes it answers right while they are hidden from it.
    n_homes : int
        Homes answered.
    sureness : dict of dict of int
        Homes by answer and by how sure it is, in words.
    labels : OwnLabels or None
        How often it is right of homes whose fuel the owner knows; nothing where that is known of none.
    """

    key: str
    source: str
    stage: str
    expected: Figure
    n_homes: int
    sureness: dict[str, dict[str, int]]
    labels: OwnLabels | None


def rung_for(opened: Opened, checked: Checked) -> Rung:
    """Choose the model of a source that uses most of what somebody's data reach, and nothing they do not reach.

    Raises
    ------
    NothingMadeError
        If the data reach none of the source's stages.
    """
    reached = {one.stage for one in checked.reach if one.reached}
    own = [rung for rung in opened.ladder.value.rungs if rung.stage in reached]
    if not own:
        raise NothingMadeError(
            f"no model of {opened.source} can answer: your data reach {', '.join(sorted(reached)) or 'no stage'}, its "
            f"models begin with {opened.ladder.value.rungs[0].stage}. Map more columns, the dwelling type first"
        )
    return own[-1]


def answers_key(opened: Opened, checked: Checked) -> str:
    """Digest of all that decides the answers."""
    return fingerprint(checked.key, opened.source, opened.stamp)


def answer_upload(
    upload: Upload, checked: Checked, opened: Opened, progress: Callable[[str, float], None]
) -> OwnAnswers:
    """Answer for every home of a checked upload, say why, and keep it beside the check.

    Parameters
    ----------
    upload : Upload
        That was checked.
    checked : Checked
        What the check found.
    opened : Opened
        The source whose model answers.
    progress : callable
        Told what is being done.

    Raises
    ------
    NothingMadeError
        If no model fits the data.
    """
    rung = rung_for(opened, checked)
    features = select_stage(pd.read_parquet(upload.folder / CHECKED / FEATURES), rung.stage)
    known = pd.read_parquet(upload.folder / CHECKED / LABELS).set_index("home_id")["heating_fuel"]
    explainer = take_explainer(opened, rung.stage)
    parts = []
    for start in range(0, len(features), PART_HOMES):
        progress("answering and explaining", 0.8 * start / len(features))
        parts.append(reasons_table(explainer.explain(features.iloc[start : start + PART_HOMES])))
    table = pd.concat(parts)
    table = table.assign(known_fuel=known.reindex(table.index)).round({"probability_of_gas": 4})
    found = OwnAnswers(
        key=answers_key(opened, checked),
        source=opened.source,
        stage=rung.stage,
        expected=rung.by_home.model["accuracy"],
        n_homes=len(table),
        sureness={
            str(fuel): {str(words): int(n) for words, n in own["sureness"].value_counts().items()}
            for fuel, own in table.groupby("heating_fuel")
        },
        labels=hold_against(table["heating_fuel"], known),
    )
    progress("writing the answers", 0.8)
    with whole_folder(upload.folder / ANSWERED) as folder:
        table.to_parquet(folder / _TABLE)
        write_csv(table.reset_index(), folder / f"{ANSWERED}.csv")
        if len(table) <= MOST_WORKBOOK_ROWS:
            about = pd.DataFrame({"what this is": answers_in_words(found)})
            write_workbook({"answers": table.reset_index(), "about": about}, folder / f"{ANSWERED}.xlsx")
        (folder / _SUMMARY).write_text(json.dumps(asdict(found)), encoding="utf-8")
    progress("writing the answers", 1.0)
    return found


def hold_against(said: pd.Series, known: pd.Series) -> OwnLabels | None:
    """Count how many answers agree with what is known.

    Parameters
    ----------
    said : Series of str, shape (n_homes,)
        ``gas`` or ``electricity`` by ``home_id``.
    known : Series of str, shape (n_labels,)
        What is known, by ``home_id``; other fuels do not count.

    Examples
    --------
    >>> said = pd.Series(["gas", "gas", "electricity"], index=["a", "b", "c"])
    >>> found = hold_against(said, pd.Series(["gas", "electricity", "other"], index=["a", "b", "c"]))
    >>> found.n_homes, found.right.value, found.naive
    (2, 0.5, 0.5)
    """
    two = known[known.isin(["gas", "electricity"]) & known.index.isin(said.index)]
    if two.empty:
        return None
    right = int(np.sum(said.reindex(two.index).to_numpy() == two.to_numpy()))
    return OwnLabels(len(two), share_of(right, len(two)), float(two.value_counts(normalize=True).max()))


def answers_in_words(found: OwnAnswers) -> list[str]:
    """Say whose model answered, how good it is at home, and how good here, a sentence each."""
    told = [
        f"{homes(found.n_homes)} were answered by the model of {found.source}, stage “{stage_name(found.stage)}”.",
        f"Of that source's own homes, hidden from it, it answers {of_100(found.expected.value)} right (95 % interval "
        f"{interval(found.expected)}); of homes elsewhere it may be fewer.",
    ]
    if found.labels is None:
        return [*told, "You know the fuel of none of them, so nobody can say how many are right here."]
    own = found.labels
    return [
        *told,
        f"Of {homes(own.n_homes)} you know the fuel: {of_100(own.right.value)} are answered right (95 % interval "
        f"{interval(own.right)}); to say the commoner fuel of all would be right for {of_100(own.naive)}.",
    ]


def sureness_table(found: OwnAnswers) -> pd.DataFrame:
    """Lay out how sure the answers are, the surest first: ``sureness``, ``fuel`` and ``homes``."""
    rows = [
        {"sureness": words, "fuel": fuel, "homes": own[words]}
        for words in SURENESS_WORDS
        for fuel, own in found.sureness.items()
        if words in own
    ]
    return pd.DataFrame(rows, columns=["sureness", "fuel", "homes"])


def read_answers(upload: Upload) -> OwnAnswers | None:
    """Read what was answered last; nothing where nothing was."""
    try:
        told: dict[str, Any] = json.loads((upload.folder / ANSWERED / _SUMMARY).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    labels = told.pop("labels")
    if labels is not None:
        labels = OwnLabels(**labels | {"right": Figure(**labels["right"])})
    return OwnAnswers(**told | {"expected": Figure(**told["expected"]), "labels": labels})


def read_answer_table(upload: Upload) -> pd.DataFrame:
    """Read the answers themselves, as :func:`~case_heating.people.reasons.reasons_table` gives them."""
    return pd.read_parquet(upload.folder / ANSWERED / _TABLE)


def answer_files(upload: Upload) -> tuple[Path, ...]:
    """List the files with the answers: a CSV, and where they are not too many a workbook."""
    return tuple(sorted((upload.folder / ANSWERED).glob(f"{ANSWERED}.[cx]*")))
