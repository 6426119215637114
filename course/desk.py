"""What a lesson's notebook works with: the course's utility, real homes where they are at hand, and marked answers.

Everything the course makes lies in the workspace under ``course/`` and is made once, with a line that says what is
being done. It is small, so that a lesson runs in seconds: 4,000 homes, three folds, fifty bootstrap rounds.
"""

import builtins
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from case_heating import arrivals, continuous, journey, predictions, training
from case_heating.data.fetch import find_or_fetch
from case_heating.data.sources import download_folder
from case_heating.errors import BusyError, SourceError
from case_heating.kept import EMBEDDED, Opened, made_sources, open_last
from case_heating.lock import one_at_a_time
from case_heating.settings import Settings
from case_heating.workspace import fingerprint, whole_folder
from course.checks import MISSING, NOT_BEGUN, exercise_of, is_as_given, judge
from course.lesson import find_lesson
from course.pictures import shown
from course.place import course_folder
from course.progress import note_answer
from course.quizzes import Quiz, quiz_of

__all__ = ["check", "open_continuous", "open_utility", "practice", "quiz", "real", "show"]

COURSE_DAY = date(2026, 1, 1)
"""The day on which the embedded utility learned something last; the course's clock stands there."""

FIRST_TRAINING = date(2025, 1, 1)
WATCHED = (date(2025, 4, 1), date(2025, 7, 1))

_HOMES, _FOLDS, _ROUNDS = 4_000, 3, 50
_LAST_STAGE_OF_REAL = "property"  # what lessons tell of real homes; later stages would only take longer
REAL: tuple[Literal["recs2009", "recs2015"], ...] = ("recs2009", "recs2015")
_LINE_WIDTH, _LOOK_AGAIN_S = 78, 0.5


def open_utility() -> Opened:
    """Open the course's utility as the main job leaves it; the first time that takes about half a minute."""
    return _run_main_job("utility", of="the course's utility")


def open_continuous() -> Opened:
    """Open the same utility half a year into level 1: a champion serves, and two quarters were watched.

    All lessons share it; whoever wants to change something does so in a copy, from :func:`practice`.
    """
    utility, place = open_utility(), course_folder() / "continuous"
    settings, mark = _settings(place, EMBEDDED), _key_of_level_1(utility)
    finished = place / "course_key.txt"
    with _waiting("continuous", "its first half year at level 1") as tell:
        if not finished.exists() or not (_take_as_made() or finished.read_text(encoding="utf-8") == mark):
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(utility.settings.workspace, place)
            _live_on(settings, tell)
            finished.write_text(mark, encoding="utf-8")
    return replace(utility, settings=settings)


def _live_on(settings: Settings, tell: journey.Progress) -> None:
    arrivals.ingest(settings, FIRST_TRAINING, progress=tell)
    continuous.train_and_promote(settings, FIRST_TRAINING, because="the first model", progress=tell)
    for day in WATCHED:
        arrivals.ingest(settings, day, progress=tell)
        continuous.watch(settings, day)


def _key_of_level_1(utility: Opened) -> str:
    """Digest of all code that level 1 runs, and of the utility it begins with."""
    house = Path(journey.__file__).parent
    modules = [Path(str(module.__file__)) for module in (arrivals, continuous, predictions, training)]
    rooms = [path for room in ("features", "model", "release", "watch") for path in sorted((house / room).glob("*.py"))]
    return fingerprint(utility.stamp, FIRST_TRAINING, WATCHED, *modules, *rooms)


def practice(opened: Opened, lesson: str) -> Opened:
    """Copy a utility for a lesson to change: nothing that breaks there matters, and each run begins anew."""
    folder = course_folder() / "practice" / lesson
    with whole_folder(folder) as draft:
        shutil.copytree(opened.settings.workspace, draft, dirs_exist_ok=True)
    return replace(opened, settings=replace(opened.settings, workspace=folder))


def real(name: str) -> Opened | None:
    """Open real homes, ``recs2009`` or ``recs2015``; nothing where their file is not at hand, and it says so.

    The file is looked for in ``HEATING_DATA_DIR`` and among what ``heating data fetch`` brought; nothing is downloaded.

    Raises
    ------
    SourceError
        If the course uses no homes of that name.
    """
    if name not in REAL:
        raise SourceError(f"the course has no real homes {name!r}; there are {', '.join(REAL)}")
    if find_real(name) is None:
        print(f"The real homes of {name} are not at hand; the text tells what they show.")
        print(f"To see for yourself: heating data fetch {name}")
        return None
    return _run_main_job(name, of=f"answers for the real homes of {name}", source=name)


def real_files() -> dict[str, Path]:
    """Find the files of all real homes that the course uses and that are on this machine."""
    found = {name: find_real(name) for name in REAL}
    return {name: path for name, path in found.items() if path is not None}


def find_real(name: Literal["recs2009", "recs2015"]) -> Path | None:
    """Find the file of real homes, on this machine alone."""
    settings = Settings.from_env()
    try:
        return find_or_fetch(name, data_dir=settings.data_dir, cache=download_folder(settings), offline=True)
    except SourceError:
        return None


def check(lesson: str, name: str) -> None:
    """Mark an answer: say that it is right, or give a hint that fits the mistake; it goes into the progress.

    Where the exercise's cell was run as it was given, it says so, and no answer is noted.
    """
    namespace = sys._getframe(1).f_globals  # the notebook's own names, and in ``In`` the cells that were run
    found = find_lesson(lesson)
    verdict = judge(exercise_of(found, name, namespace), namespace.get(name, MISSING))
    if not verdict.right and is_as_given(found, name, namespace.get("In", [])):
        print(NOT_BEGUN.words)
        return
    note_answer(course_folder(), lesson, name, right=verdict.right)
    print(verdict.words)


def quiz(lesson: str, number: int) -> Quiz:
    """Ask a question of a lesson whose options are computed from what the notebook has made."""
    return quiz_of(find_lesson(lesson), number, sys._getframe(1).f_globals)


def show(picture: Any) -> Any:
    """Show a chart of the package, a matplotlib figure or an Altair chart, the same in a notebook and in the book."""
    return shown(picture)


def _settings(place: Path, source: str) -> Settings:
    found = find_real(source) if source in REAL else None
    return replace(
        Settings.from_env(),
        today=COURSE_DAY,
        source=source,
        stage=_LAST_STAGE_OF_REAL if source in REAL else None,
        workspace=place,
        data_dir=found.parent if found else None,
        seed=0,
        simulated_homes=_HOMES,
        folds=_FOLDS,
        bootstrap_rounds=_ROUNDS,
        online_url=None,
        registry_uri=None,
        webhook_url=None,
        notify_block=None,
    )


def _take_as_made() -> bool:
    """Whether what is there is good enough though the package has changed since: for authors, who change it often."""
    return os.environ.get("HEATING_COURSE") == "kept"


def _run_main_job(folder: str, *, of: str, source: str = EMBEDDED) -> Opened:
    """Do the main job in a folder of the course; what has not changed since is found as it was made."""
    settings = _settings(course_folder() / folder, source)
    if _take_as_made() and source in made_sources(settings.workspace):
        return open_last(settings)
    with _waiting(folder, of) as tell:
        return Opened.of(journey.run(settings, tell), settings)


@contextmanager
def _waiting(folder: str, of: str) -> Iterator[journey.Progress]:
    """Wait until nobody else makes the same, then hand out a way to tell how far it is."""
    lock = course_folder() / f"{folder}.lock"
    while os.name == "posix":
        with ExitStack() as held:
            try:
                held.enter_context(one_at_a_time(lock, f"making {of}"))
            except BusyError:
                time.sleep(_LOOK_AGAIN_S)
                continue
            with _told(of) as tell:
                yield tell
            return
    with _told(of) as tell:  # Windows has no such locks, and a learner there works alone
        yield tell


@contextmanager
def _told(of: str) -> Iterator[journey.Progress]:
    """Say on one line what is being made, and how far it is; a notebook shows it among its output."""
    line = sys.stdout if hasattr(builtins, "__IPYTHON__") else sys.stderr
    told = False

    is_live = line.isatty() or line is sys.stdout

    def tell(doing: str, share: float) -> None:
        nonlocal told
        if is_live:
            words = f"Making {of}, once: {doing} … {share:.0%}"[:_LINE_WIDTH]
            print(f"\r{words:<{_LINE_WIDTH}}", end="", file=line, flush=True)
        elif not told:
            print(f"Making {of}, once …", file=line, flush=True)
        told = True

    yield tell
    if told and is_live:
        print(f"\r{'':<{_LINE_WIDTH}}\r", end="", file=line, flush=True)
