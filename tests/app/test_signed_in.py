"""The door: who is asked to sign in, who is let in, and what somebody may do on a page."""

from datetime import UTC, datetime

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from case_heating.edges.app import signed_in
from case_heating.edges.app.admission import NotAdmittedError
from case_heating.errors import SourceError

ROLES = 'viewer = ["*@utility.example"]\nadmin = ["kim@utility.example"]\n'


def _behind_the_door():
    import streamlit as st

    from case_heating.edges.app.signed_in import check_in, needs, show_person

    person = check_in()
    show_person(person)
    st.subheader(f"inside: {person.role}")
    if needs("admin"):
        st.button("Retrain")


@pytest.fixture
def sign_in(monkeypatch, tmp_path):
    """A function that sets sign-in up and opens the door as somebody whose provider says this."""
    monkeypatch.setenv("HEATING_WORKSPACE", str(tmp_path))
    (tmp_path / "app_roles.toml").write_text(ROLES)
    monkeypatch.setattr(signed_in, "sign_in_is_set_up", lambda: True)
    secrets = {"auth": {"redirect_uri": "x", "cookie_secret": "x", "client_id": "app", "utility": {"client_id": "b"}}}
    monkeypatch.setattr(st, "secrets", secrets)

    def open_door(**claims):
        at = AppTest.from_function(_behind_the_door, default_timeout=30)
        at.user = claims or {"is_logged_in": False}
        at.run()
        assert not at.exception, at.exception[0]
        return at

    return open_door


def told(email, **changed):
    now = datetime.now(UTC).timestamp()
    return {"is_logged_in": True, "email": email, "email_verified": True, "iat": now, "name": "Somebody"} | changed


def test_whoever_has_not_signed_in_sees_the_door_alone(sign_in):
    at = sign_in()
    assert [button.label for button in at.button] == ["Sign in"]
    assert not at.subheader


def test_an_admin_may_retrain_and_can_leave(sign_in):
    at = sign_in(**told("kim@utility.example"))
    assert at.subheader[0].value == "inside: admin"
    assert [button.label for button in at.button] == ["Sign out", "Retrain"]
    assert at.caption[0].value == "Somebody, admin"


def test_a_viewer_is_told_who_may(sign_in):
    at = sign_in(**told("ana@utility.example"))
    assert at.subheader[0].value == "inside: viewer"
    assert [button.label for button in at.button] == ["Sign out"]
    assert at.info[0].value.startswith("Only admin may do this.")


def test_somebody_without_a_role_is_shown_out(sign_in):
    at = sign_in(**told("eve@elsewhere.example"))
    assert "has no role in this app" in at.warning[0].value
    assert not at.subheader
    assert [button.label for button in at.button] == ["Sign out", "Sign in"]


def test_a_session_that_is_over_ends(sign_in):
    at = sign_in(**told("kim@utility.example", iat=datetime.now(UTC).timestamp() - 13 * 3600))
    assert "Your sign-in is over" in at.warning[0].value
    assert not at.subheader


def test_a_role_that_is_taken_ends_what_somebody_may_do(sign_in, tmp_path):
    at = sign_in(**told("kim@utility.example"))
    (tmp_path / "app_roles.toml").write_text('viewer = ["*@utility.example"]\n')
    at.run()
    assert at.subheader[0].value == "inside: viewer"
    (tmp_path / "app_roles.toml").write_text("viewer = []\n")
    at.run()
    assert not at.subheader


def test_a_missing_file_of_roles_lets_nobody_in(sign_in, tmp_path):
    (tmp_path / "app_roles.toml").unlink()
    at = sign_in(**told("kim@utility.example"))
    assert "write lines such as" in at.warning[0].value
    assert not at.subheader


def test_a_missing_part_is_told_with_its_remedy(sign_in, monkeypatch):
    monkeypatch.setattr(signed_in, "find_spec", lambda name: None)
    with pytest.raises(SourceError, match=r"pip install 'case-heating\[sign-in\]'"):
        signed_in.who()


def test_the_file_of_roles_may_be_kept_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("HEATING_WORKSPACE", str(tmp_path))
    assert signed_in.roles_path() == tmp_path / "app_roles.toml"
    monkeypatch.setenv("HEATING_APP_ROLES", str(tmp_path / "kept" / "roles.toml"))
    assert signed_in.roles_path() == tmp_path / "kept" / "roles.toml"


def test_without_sign_in_whoever_sits_here_may_everything(asked_from):
    person = signed_in.who()
    assert (person.name, person.role, person.signed_in) == ("ana", "admin", False)
    assert signed_in.may("admin")


@pytest.mark.parametrize(
    ("ip_address", "headers", "because"),
    [
        ("198.51.100.3", {"Host": "localhost:8501"}, "asked for from 198.51.100.3"),
        ("127.0.0.1", {"Host": "heat.attacker.example"}, "by the name heat.attacker.example"),
        ("127.0.0.1", {"Host": "localhost", "Via": "1.1 proxy"}, "through a proxy"),
    ],
)
def test_without_sign_in_nobody_else_gets_in(asked_from, ip_address, headers, because):
    asked_from(ip_address, **headers)
    with pytest.raises(NotAdmittedError, match=because):
        signed_in.who()
    assert not signed_in.may("viewer")


def test_without_sign_in_a_server_bound_wider_lets_nobody_in(asked_from, monkeypatch):
    monkeypatch.setattr(st, "get_option", lambda name: "0.0.0.0" if name == "server.address" else None)
    at = AppTest.from_function(_behind_the_door, default_timeout=30).run()
    assert "it listens on 0.0.0.0" in at.error[0].value
    assert not at.button


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("America/Denver", -7), ("Europe/Madrid", 1), ("../etc/passwd", None), ("Mars", None), (None, None)],
)
def test_the_day_is_that_of_the_visitor(zone, hours):
    def page():
        import streamlit as st

        from case_heating.edges.app.signed_in import now_where_they_sit

        st.write(now_where_they_sit().replace(year=2026, month=1, day=15).utcoffset().total_seconds() / 3600)

    at = AppTest.from_function(page, default_timeout=30)
    at.context = {"timezone": zone}
    at.run()
    assert not at.exception, at.exception[0]
    here = datetime.now().astimezone().replace(year=2026, month=1, day=15).utcoffset().total_seconds() / 3600
    assert float(at.markdown[0].value.strip("`")) == (here if hours is None else hours)
