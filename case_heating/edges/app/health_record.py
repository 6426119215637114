"""The record: what people did about the models and what they chose instead of the policy, word for word."""

import streamlit as st

from case_heating.edges.app import health_data
from case_heating.edges.app.charts import plain
from case_heating.edges.app.parts import guarded, nothing_yet
from case_heating.people.acts import Act
from case_heating.people.words import day
from case_heating.watch.overrides import override_words

_STATES = {
    "begun": ("going on, or cut short", ":material/hourglass_empty:"),
    "done": ("done", ":material/task_alt:"),
    "failed": ("failed", ":material/error:"),
    "stopped": ("stopped", ":material/stop_circle:"),
}


def show_record() -> None:
    """Show the trail, the latest first, then what holds instead of the policy and what the registry went through."""
    st.subheader("What people did", anchor=False)
    st.caption("Each act with who, when, why and what came of it. The database itself refuses to change a line.")
    with guarded():
        acts = health_data.acts()
        if not acts:
            nothing_yet(
                "Nobody has retrained, rolled back or paused anything yet.",
                remedy="What people do here, or with 'heating registry rollback' and 'heating watch choose', is kept.",
            )
        for act in acts:
            act_line(act)
    st.subheader("What people chose instead of the policy", anchor=False)
    with guarded():
        chosen = health_data.watched().overrides
        if not chosen:
            nothing_yet(
                "The policy decides alone.",
                remedy="A signal may be ignored until a day, a limit changed, or the champion named for retraining.",
                command='heating watch choose ignore_until --until DAY --by YOU --why "…"',
            )
        st.markdown("\n".join(f"- {plain(override_words(one))}" for one in reversed(chosen)))
    st.subheader("What the registry went through", anchor=False)
    with guarded():
        models = health_data.models()
        if models.trouble:
            st.error(plain(f"The registry cannot be read: {models.trouble}."), icon=":material/error:")
        elif not models.events:
            nothing_yet("No model was promoted yet.", remedy="Promotions and roll backs will stand here.")
        for event in reversed(models.events):
            instead = f" instead of version {event.instead_of}" if event.instead_of else ""
            cut = "" if event.finished else ". It was cut short and did not take place"
            told = f"{day(event.as_of)}, {event.what} of version {event.version}{instead}: {event.because}{cut}."
            st.markdown(f"- {plain(told)}")


def act_line(act: Act) -> None:
    """Show one act in a box of its own."""
    state, icon = _STATES[act.state]
    begun = act.begun.astimezone()
    with st.container(border=True):
        st.markdown(
            f"{icon} **{plain(act.what.capitalize())}** by **{plain(act.by)}**, {begun:%Y-%m-%d %H:%M}, {state}"
        )
        st.markdown(plain(f"Why: {act.reason}"))
        if act.outcome:
            st.markdown(plain(f"What came of it: {act.outcome}."))
