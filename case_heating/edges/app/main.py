"""The frame around all pages: who is signed in, which source is looked at, and the way to each page."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

import streamlit as st

from case_heating.edges.app.admission import Person
from case_heating.edges.app.ahead import load
from case_heating.edges.app.ask_nobody import ask_nobody
from case_heating.edges.app.cached import SOURCE, chosen_source, settings
from case_heating.edges.app.charts import plain
from case_heating.edges.app.parts import guarded
from case_heating.edges.app.signed_in import check_in, show_person
from case_heating.kept import EMBEDDED, made_sources
from case_heating.people.colours import ELECTRICITY, GAS

if TYPE_CHECKING:
    from PIL.Image import Image

PAGES = {
    "home": ("Home", ":material/home:", "home"),
    "portfolio": ("Portfolio", ":material/monitoring:", "portfolio"),
    "your-data": ("Your data", ":material/upload_file:", "your_data"),
    "ladder": ("The ladder", ":material/stairs:", "ladder"),
    "review": ("Review", ":material/fact_check:", "review"),
    "fairness": ("Fairness", ":material/balance:", "fairness"),
    "health": ("Health", ":material/health_and_safety:", "health"),
    "learn": ("Learn", ":material/school:", "learn"),
}
"""Path of each page: its title, its sign and its module."""

_DARK_WORDS = "<style>button[kind^=primary], button[kind^=primary] p { color: #0b0f13 }</style>"
"""Dark words on the light accent of the dark theme, 6 to 1; Streamlit writes white there, 3 to 1."""


def show() -> None:
    """Show the app: called at each visit and each click, as Streamlit does."""
    ask_nobody()
    st.set_page_config(page_title="Gas or electric?", page_icon=_sign(), layout="wide")
    if st.context.theme.type == "dark":
        st.html(_DARK_WORDS)
    person = check_in()
    pages = {path: _page(path, *about) for path, about in PAGES.items() if _is_there(about[2])}
    st.session_state["pages"] = pages
    here = st.navigation(list(pages.values()))
    _side_bar(person)
    with guarded():
        here.run()


def _sign() -> "Image":
    """Paint the sign of the browser's tab here: a named one would be fetched from an outside host."""
    from PIL import Image

    sign = Image.new("RGB", (32, 32), GAS)
    sign.paste(ELECTRICITY, (16, 0, 32, 32))
    return sign


def _page(path: str, title: str, icon: str, module: str) -> "st.Page":
    def run() -> None:
        load(module).show()

    return st.Page(run, title=title, icon=icon, url_path=path, default=path == "home")


def _is_there(module: str) -> bool:
    return find_spec(f"case_heating.edges.app.{module}") is not None


def _side_bar(person: Person) -> None:
    made = made_sources(settings().workspace)
    with st.sidebar:
        if len(made) > 1:
            here = made.index(chosen_source())
            about = "Which utility or survey all pages speak of."
            st.query_params[SOURCE] = st.selectbox(
                "Source", made, index=here, key=SOURCE, help=about, format_func=_source_in_words
            )
        elif made:
            st.caption(plain(f"Source: {_source_in_words(made[0])}"))
        show_person(person)


def _source_in_words(name: str) -> str:
    return f"{name}, a made-up utility" if name == EMBEDDED else name
