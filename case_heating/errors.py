"""Every way in which this project says no: one family of errors, each with a remedy in its words."""


def counted(number: int, one: str, many: str) -> str:
    """Say a count with the words that agree with it.

    >>> counted(1, "row repeats", "rows repeat"), counted(1200, "row repeats", "rows repeat")
    ('1 row repeats', '1,200 rows repeat')
    """
    return f"{number:,} {one if number == 1 else many}"


class HeatingError(Exception):
    """Something a person can mend; the command line shows it without a traceback and ends with code 2."""


class SourceError(HeatingError):
    """A file or folder is missing, unreadable, or not what its name says."""


class MappingError(HeatingError):
    """A ``mapping.toml`` names something that is not there, or leaves out something that is needed."""


class UnitError(HeatingError):
    """A number cannot be in the unit it is said to be in."""


class TableError(HeatingError):
    """A table as a whole cannot be trusted: a column is missing, a key repeats, a district's unit slipped."""


class LeakageError(HeatingError):
    """A column that gives the answer away, or a sensitive one, was about to enter a feature matrix."""


class NotEnoughDataError(HeatingError):
    """There are too few homes, labels or bills to answer honestly."""


class ModelError(HeatingError):
    """A saved model is damaged, foreign, or does not fit the features it is given."""


class WorkspaceError(HeatingError):
    """The workspace cannot be written, is full, or was made by another version."""


class NothingMadeError(WorkspaceError):
    """What was to be looked at has not been made yet."""


class BusyError(HeatingError):
    """Another run does at this moment what only one may do at a time."""


class StoreError(HeatingError):
    """The feature store is damaged, cannot be reached, or would have to rewrite what was known."""


class DatabaseError(HeatingError):
    """The database of the review queue cannot be reached, opened or written."""


class ReviewError(HeatingError):
    """Something about the review of a home is not as it must be; its children say what."""


class UnknownHomeError(ReviewError):
    """The queue or the records know no home of that name."""


class EmptyQueueError(ReviewError):
    """No home waits for this reviewer."""


class LeaseExpiredError(ReviewError):
    """The time for which a reviewer held a home is over, and it went back to the queue."""


class AlreadyDecidedError(ReviewError):
    """Somebody has decided this home, and it is too late to undo."""


class WrongReviewerError(ReviewError):
    """The home is held by somebody else, by nobody, or waits for another pair of eyes."""


class RegistryError(HeatingError):
    """The registry of models cannot be reached or read, or what it lists is not there any more."""


class NoChampionError(RegistryError):
    """No model has the alias asked for: none was promoted yet, or its version was deleted."""
