"""The script Streamlit runs: the app of an installed package, as ``app.py`` is of a checkout."""

from case_heating.edges.app.main import show

if __name__ == "__main__":
    show()
