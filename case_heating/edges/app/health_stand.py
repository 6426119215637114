"""How the models stand, in one notice that two parts of the page begin with."""

import streamlit as st

from case_heating.edges.app.charts import plain
from case_heating.people.health_words import Stand


def show_stand(stand: Stand) -> None:
    """Say which model serves, or why none does and what to do about it."""
    if stand.state == "serving":
        st.success(plain(stand.words), icon=":material/verified:")
        return
    show = st.error if stand.state == "unreachable" else st.info if stand.state == "empty" else st.warning
    show(f"{plain(stand.words)}\n\n{plain(stand.remedy)}", icon=":material/power_off:")
    st.code("\n".join(stand.commands), language=None)
