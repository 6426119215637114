"""The web app: ``streamlit run app.py`` or ``heating app``."""

from case_heating.edges.app.main import show

show()
