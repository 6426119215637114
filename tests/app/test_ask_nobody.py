"""A page of another origin makes the server ask nobody, and is refused as before."""

import pytest
from streamlit import net_util
from streamlit.web.server.server_util import is_url_from_allowed_origins

from case_heating.edges.app.ask_nobody import ask_nobody


def test_a_foreign_page_is_refused_without_asking_anybody(monkeypatch):
    def ask(url, timeout=5):
        raise AssertionError(f"asked {url}")

    monkeypatch.setattr(net_util, "_external_ip", None)
    monkeypatch.setattr(net_util, "_make_blocking_http_get", ask)
    with pytest.raises(AssertionError, match="asked http"):
        is_url_from_allowed_origins("https://attacker.example")  # what is kept from happening
    ask_nobody()
    assert not is_url_from_allowed_origins("https://attacker.example")
    assert is_url_from_allowed_origins("http://localhost:8501")
