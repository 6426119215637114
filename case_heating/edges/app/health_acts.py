"""The levers: retrain, roll back, pause, resume; each says first what it will do and asks for a reason."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from case_heating.edges.app import health_data, jobs, signed_in
from case_heating.edges.app.cached import settings
from case_heating.edges.app.charts import plain
from case_heating.edges.app.show_job import show_job
from case_heating.edges.review_database import now_here
from case_heating.errors import HeatingError
from case_heating.people.health_words import ACT_NAMES, what_it_does
from case_heating.watch.overrides import Override

if TYPE_CHECKING:
    from case_heating.release.service import ModelsOnRecord

ASKED = "health_act"
"""Key of the session under which the act stands that waits for its confirmation."""

_STARTED, _SAID, _REFUSED = "health_job", "health_said", "health_refused"
_JOBS = {"retrain": "Retraining", "roll_back": "Rolling back"}
_PAUSE_DAYS = 30
_ICONS = {
    "retrain": ":material/model_training:",
    "roll_back": ":material/undo:",
    "pause": ":material/pause:",
    "resume": ":material/play_arrow:",
}


def show_acts(models: "ModelsOnRecord", ingested: date | None) -> None:
    """Show the levers to an admin, the confirmation of the one that was pressed, and what is going on.

    Parameters
    ----------
    models : ModelsOnRecord
        What the registry tells.
    ingested : date or None
        The day of the last ingest; without one there is nothing to train on.
    """
    st.subheader("Levers", anchor=False)
    running = _show_jobs()
    if said := st.session_state.pop(_SAID, None):
        st.success(plain(said), icon=":material/task_alt:")
    if not signed_in.needs("admin"):
        return
    pause = health_data.watched().pause
    offered = ("retrain", "roll_back", "resume" if pause else "pause")
    why_not = {
        "retrain": _why_not_retrain(models, ingested),
        "roll_back": "there is no champion before this one" if models.previous is None else None,
        "pause": None if ingested else "nothing was taken in yet",
        "resume": None,
    }
    for act, column in zip(offered, st.columns(len(offered)), strict=True):
        reason = "an act is at work" if running else why_not[act]
        column.button(
            ACT_NAMES[act],
            key=f"health_{act}",
            icon=_ICONS[act],
            disabled=reason is not None,
            help=f"Not now: {reason}." if reason else None,
            on_click=_ask_for,
            args=(act,),
            width="stretch",
        )
    asked = st.session_state.get(ASKED)
    if asked in offered and not running and why_not[asked] is None:
        _confirm(asked, models, ingested)


def _why_not_retrain(models: "ModelsOnRecord", ingested: date | None) -> str | None:
    if models.trouble:
        return "the registry cannot be reached"
    return None if ingested else "nothing was taken in yet"


def _ask_for(act: str) -> None:
    st.session_state[ASKED] = act
    st.session_state.pop("health_reason", None)


def _confirm(act: str, models: "ModelsOnRecord", ingested: date | None) -> None:
    """Say what the act will do, take a reason, and do it."""
    with st.container(border=True, key="health_confirmation"):
        st.markdown(f"**{ACT_NAMES[act]}?**")
        st.markdown(plain(what_it_does(act, models, ingested, holdout_months=settings().holdout_months)))
        if act == "pause" and ingested:
            st.date_input(
                "Last day of the pause",
                ingested + timedelta(days=_PAUSE_DAYS),
                min_value=ingested,
                key="health_until",
                format="YYYY-MM-DD",
                help=f"A day of the utility's own calendar; its data reach to {ingested}.",
            )
        st.text_area("Reason", key="health_reason", max_chars=500, help="Goes on record with your name.")
        yes, no, _ = st.columns([2, 1, 2])
        yes.button(
            f"Yes, {ACT_NAMES[act][0].lower()}{ACT_NAMES[act][1:]}",
            key="health_confirm",
            type="primary",
            on_click=_do,
            args=(act,),
            width="stretch",
        )
        no.button("Cancel", key="health_cancel", on_click=_forget, args=(act,), width="stretch")
        if why := st.session_state.pop(_REFUSED, None):
            st.error(plain(why), icon=":material/error:")


def _forget(act: str) -> None:
    if st.session_state.get(ASKED) == act:  # two clicks may come at once, and another lever be the later one
        del st.session_state[ASKED]


def _do(act: str) -> None:
    """Do what was confirmed; as it is called before the page is drawn, no later click can cut it short."""
    reason = str(st.session_state.get("health_reason", ""))
    if not signed_in.may("admin"):
        return  # the role was taken meanwhile; the page says so
    if not reason.strip():
        st.session_state[_REFUSED] = "Say why in a few words: the reason goes on record."
        return
    by, here = signed_in.who().name, settings()
    try:
        if act in _JOBS:
            job = jobs.start(here.workspace, act, {"by": by, "reason": reason}, by=by)
            st.session_state[_STARTED] = job.id
        else:
            st.session_state[_SAID] = _choose(act, by, reason, st.session_state.get("health_until"))
    except HeatingError as error:
        st.session_state[_REFUSED] = f"{error}."
    else:
        _forget(act)


def _choose(act: str, by: str, reason: str, until: date | None) -> str:
    """Pause or resume at once: a line in a file, and its record."""
    from case_heating import orders
    from case_heating.continuous import latest_day

    if act not in ("pause", "resume"):
        raise HeatingError(f"there is no act {act}")
    last = until if act == "pause" else None
    override = Override(act, by, reason.strip(), made_on=latest_day(settings()), until=last)  # type: ignore[arg-type]
    with health_data.record() as engine:
        orders.choose(settings(), engine, override, clock=now_here)
    return "Retraining is paused, on record." if act == "pause" else "Retraining goes on, on record."


def _show_jobs() -> bool:
    """Show the acts at work and how the one that was started here ended; tell whether one is at work."""
    workspace, running = settings().workspace, False
    for kind, title in _JOBS.items():
        last = jobs.find(workspace, kind)
        if last is None or (last.state != "running" and last.id != st.session_state.get(_STARTED)):
            continue  # how earlier ones ended stands in the record
        job = show_job(workspace, kind, title)
        if job is not None and job.state == "done" and job.result:
            st.success(plain(f"{title}: {job.result['words']}."), icon=":material/task_alt:")
        running = running or (job is not None and job.state == "running")
    return running
