"""The language of the sentences for customers, on the Home page."""

import streamlit as st

LANGUAGES = {"English": "en", "Español": "es"}
LANGUAGE = "lang"
"""Query parameter of the language."""


def choose_language(about: str) -> str:
    """Let somebody choose the language, beside what the page is about; give ``en`` or ``es``."""
    where, which = st.columns([3, 1], vertical_alignment="center")
    where.markdown(about)
    codes = {code: name for name, code in LANGUAGES.items()}
    asked = codes.get(st.query_params.get(LANGUAGE, "en"), "English")
    chosen = which.segmented_control(
        "Language", list(LANGUAGES), default=asked, key=LANGUAGE, label_visibility="collapsed", required=True
    )
    language = LANGUAGES[chosen or asked]
    if language != "en" or LANGUAGE in st.query_params:
        st.query_params[LANGUAGE] = language
    return language
