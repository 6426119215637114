"""How the flows stand on a Prefect server: when each ran last, how it ended, and when it runs next.

Asked by plain HTTP with a short limit of time, so that nobody waits for a server that is away.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from case_heating.edges.flow_schedules import read_schedules
from case_heating.edges.flow_server import answering_server
from case_heating.errors import HeatingError
from case_heating.settings import Settings

ASK_LIMIT_S = 2.0
ANSWER_LIMIT_S = 0.7
"""A server on this machine answers in hundredths of a second."""

_MOST_RUNS = 200


@dataclass(frozen=True)
class FlowLine:
    """One flow.

    Attributes
    ----------
    name, about : str
        Its name, and what it does.
    when : str
        Its schedules and events, in words.
    next_run : datetime or None
        When it runs next, if it is scheduled.
    last_run : datetime or None
        When it began last.
    last_state : str
        How that run stands or ended; empty where there was none.
    last_words : str
        What the server says of it.
    """

    name: str
    about: str
    when: str
    next_run: datetime | None = None
    last_run: datetime | None = None
    last_state: str = ""
    last_words: str = ""


@dataclass(frozen=True)
class FlowsNow:
    """What is known of the flows.

    Attributes
    ----------
    server : str or None
        Address of the pages of the server that answers; nothing where none does.
    flows : tuple of FlowLine
        As ``prefect.yaml`` has them; without a server no run is known.
    trouble : str or None
        Why the server's answer cannot be used.
    """

    server: str | None
    flows: tuple[FlowLine, ...]
    trouble: str | None = None


def flows_now(settings: Settings) -> FlowsNow:
    """Ask the server that answers, if any, for the runs of the flows of ``prefect.yaml``.

    A server that is away or says something else than expected is told of and raises nothing.
    """
    import httpx

    lines: tuple[FlowLine, ...] = ()
    trouble = None
    try:
        lines = tuple(_line(entry) for entry in read_schedules())
    except HeatingError as error:
        trouble = str(error)
    api_url = answering_server(settings, timeout_s=ANSWER_LIMIT_S)
    if api_url is None:
        return FlowsNow(None, lines, trouble)
    server = api_url.removesuffix("/api")
    try:
        with httpx.Client(base_url=api_url.rstrip("/"), timeout=ASK_LIMIT_S) as client:
            names = {one["id"]: one["name"] for one in _ask(client, "flows/filter")}
            due = _ask(client, "flow_runs/filter", state=["SCHEDULED"], sort="EXPECTED_START_TIME_ASC")
            begun = _ask(client, "flow_runs/filter", state=_BEGUN, sort="START_TIME_DESC")
        return FlowsNow(server, tuple(_with_runs(line, names, due, begun) for line in lines), trouble)
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        told = f"the Prefect server at {server} does not say how the flows stand ({type(error).__name__}: {error})"
        return FlowsNow(server, lines, told)


_BEGUN = ["RUNNING", "COMPLETED", "FAILED", "CRASHED", "CANCELLED", "CANCELLING", "PAUSED"]


def _ask(client: Any, path: str, *, state: list[str] | None = None, sort: str | None = None) -> list[dict[str, Any]]:
    asked: dict[str, Any] = {"limit": _MOST_RUNS}
    if state:
        asked["flow_runs"] = {"state": {"type": {"any_": state}}}
    if sort:
        asked["sort"] = sort
    answer = client.post(f"/{path}", json=asked)
    answer.raise_for_status()
    told: list[dict[str, Any]] = answer.json()
    return told


def _line(entry: dict[str, Any]) -> FlowLine:
    name = str(entry["entrypoint"]).rpartition(".")[2].rpartition(":")[2]
    return FlowLine(name, str(entry.get("description") or ""), when_in_words(entry))


def when_in_words(entry: dict[str, Any]) -> str:
    """Say on which schedules and events an entry of ``prefect.yaml`` runs.

    >>> when_in_words({"schedules": [{"cron": "0 5 * * *"}], "triggers": [{"name": "new files were laid down"}]})
    'every day at 05:00; when new files were laid down'
    >>> when_in_words({})
    'by hand'
    """
    times = [
        cron_in_words(str(one["cron"])) if "cron" in one else f"every {one['interval']} s"
        for one in entry.get("schedules", [])
    ]
    events = [f"when {one['name']}" for one in entry.get("triggers", []) if one.get("name")]
    return "; ".join([*times, *events]) or "by hand"


def cron_in_words(cron: str) -> str:
    """Say when a cron line is due; one that is not as simple as most stays as it is.

    >>> cron_in_words("0 5 * * *"), cron_in_words("30 7 1 * *")
    ('every day at 05:00', 'on day 1 of each month at 07:30')
    >>> cron_in_words("0 2 2 1,4,7,10 *"), cron_in_words("*/5 * * * 1")
    ('on day 2 of months 1, 4, 7, 10 at 02:00', 'at */5 * * * 1 (cron)')
    """
    minute, hour, day, month, weekday = (cron.split() + ["?"] * 5)[:5]
    if not (minute.isdecimal() and hour.isdecimal() and weekday == "*"):
        return f"at {cron} (cron)"
    at = f"at {int(hour):02}:{int(minute):02}"
    if day == month == "*":
        return f"every day {at}"
    if not day.isdecimal() or not (month == "*" or month.replace(",", "").isdecimal()):
        return f"at {cron} (cron)"
    return f"on day {day} of {'each month' if month == '*' else 'months ' + ', '.join(month.split(','))} {at}"


def _with_runs(
    line: FlowLine, names: dict[str, str], due: Iterable[dict[str, Any]], begun: Iterable[dict[str, Any]]
) -> FlowLine:
    def first(runs: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
        return next((run for run in runs if names.get(run["flow_id"]) == line.name), None)

    coming, last = first(due), first(begun)
    state = (last or {}).get("state") or {}
    return FlowLine(
        line.name,
        line.about,
        line.when,
        next_run=_moment(coming["expected_start_time"]) if coming else None,
        last_run=_moment(last.get("start_time") or last["expected_start_time"]) if last else None,
        last_state=str(state.get("name") or ""),
        last_words=str(state.get("message") or ""),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
