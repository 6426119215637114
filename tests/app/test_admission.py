"""Who may enter and do what: roles, a provider's claims, and requests that do not come from this computer."""

from datetime import UTC, datetime, timedelta

import pytest

from case_heating.edges.app.admission import NotAdmittedError, Roles, admit, is_loopback, read_roles, why_shut
from case_heating.errors import SourceError

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ROLES = Roles(
    {"viewer": ("*@utility.example",), "reviewer": ("ben@utility.example",), "admin": ("kim@utility.example",)}
)


def claims(**changed):
    told = {"email": "kim@utility.example", "email_verified": True, "iat": NOW.timestamp() - 60, "name": "Kim"}
    return told | changed


def test_the_highest_role_counts():
    assert ROLES.role_of("kim@utility.example") == "admin"
    assert ROLES.role_of("Ben@Utility.example") == "reviewer"
    assert ROLES.role_of("ana@utility.example") == "viewer"
    assert ROLES.role_of("kim@utility.example.attacker.example") is None
    assert ROLES.role_of("kim@attacker.example") is None


def test_whom_a_provider_vouches_for_is_let_in():
    person = admit(claims(email=" Kim@Utility.example "), ROLES, NOW)
    assert (person.name, person.role, person.called, person.signed_in) == ("kim@utility.example", "admin", "Kim", True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email_verified": False}, "does not say that kim@utility.example is verified"),
        ({"email_verified": None}, "does not say"),
        ({"email_verified": "false"}, "does not say"),
        ({"email_verified": 1}, "does not say"),
        ({"email": None}, "told no e-mail"),
        ({"email": "eve@elsewhere.example"}, "has no role"),
        ({"iat": NOW.timestamp() - 12 * 3600}, "sign-in is over; it lasts 12 hours"),
        ({"iat": NOW.timestamp() + 600}, "sign-in is over"),
        ({"iat": None}, "sign-in is over"),
        ({"iat": "yesterday"}, "sign-in is over"),
    ],
)
def test_whom_it_does_not_vouch_for_stays_outside(changed, said):
    with pytest.raises(NotAdmittedError, match=said):
        admit(claims(**changed), ROLES, NOW)


def test_a_session_holds_to_its_last_moment_and_clocks_may_differ_a_little():
    since = claims(iat=NOW.timestamp())
    assert admit(since, ROLES, NOW + timedelta(hours=12, seconds=-1)).role == "admin"
    with pytest.raises(NotAdmittedError):
        admit(since, ROLES, NOW + timedelta(hours=12))
    assert admit(since, ROLES, NOW - timedelta(minutes=4)).role == "admin"


def test_a_provider_whose_word_is_taken():
    roles = Roles(ROLES.people, trusted_issuers=("https://login.utility.example",))
    unsaid = claims(email_verified=None)
    assert admit(unsaid | {"iss": "https://login.utility.example"}, roles, NOW).role == "admin"
    with pytest.raises(NotAdmittedError):
        admit(unsaid | {"iss": "https://login.elsewhere.example"}, roles, NOW)


def test_roles_are_read_from_a_file(tmp_path):
    file = tmp_path / "app_roles.toml"
    file.write_text('viewer = ["*@utility.example"]\nadmin = ["Kim@Utility.example"]\nsession_hours = 8\n')
    roles = read_roles(file)
    assert (roles.role_of("kim@utility.example"), roles.session_hours) == ("admin", 8.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('owner = ["kim@utility.example"]', "owner is no setting"),
        ('admin = "kim@utility.example"', "must be a list of text"),
        ("admin = [7]", "must be a list of text"),
        ('admin = ["kim"]', "neither an e-mail nor"),
        ('admin = ["*@*"]', "neither an e-mail nor"),
        ('admin = ["k*@utility.example"]', "neither an e-mail nor"),
        ('admin = ["@utility.example"]', "neither an e-mail nor"),
        ("session_hours = 0", "session_hours is 0"),
        ("session_hours = 1000", "session_hours is 1000"),
        ("session_hours = true", "session_hours is True"),
        ("admin = [", "cannot be read"),
    ],
)
def test_roles_that_cannot_be_meant(tmp_path, text, said):
    file = tmp_path / "app_roles.toml"
    file.write_text(text)
    with pytest.raises(SourceError, match=said):
        read_roles(file)


def test_roles_that_are_nowhere(tmp_path):
    with pytest.raises(SourceError, match=r"cannot be read .* write lines such as"):
        read_roles(tmp_path / "none.toml")


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST", None])
@pytest.mark.parametrize("client_ip", ["127.0.0.1", "::1", None])
def test_this_computer_is_let_in(host, client_ip):
    assert why_shut("127.0.0.1", {"Host": host} if host else {}, client_ip) is None


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.7", "", None])
def test_a_server_that_others_reach_stays_shut(address):
    assert "it listens on" in why_shut(address, {"Host": "localhost"}, "127.0.0.1")


@pytest.mark.parametrize("host", ["attacker.example:8501", "192.0.2.7", "127.0.0.1.attacker.example", "localhost.x"])
def test_a_foreign_page_that_has_its_name_point_here_stays_outside(host):
    """DNS rebinding: the visitor's browser sits here, and the page it loaded does not."""
    assert "by the name" in why_shut("127.0.0.1", {"Host": host}, "127.0.0.1")


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"])
def test_what_comes_through_a_proxy_stays_outside(header):
    assert f"proxy ({header})" in why_shut("127.0.0.1", {"Host": "localhost", header: "198.51.100.3"}, "127.0.0.1")


def test_a_visitor_from_elsewhere_stays_outside():
    assert "from 198.51.100.3" in why_shut("127.0.0.1", {"Host": "localhost"}, "198.51.100.3")


def test_every_address_of_the_loopback_net_is_this_computer():
    assert is_loopback("127.8.9.1")
    assert not is_loopback("localhost.attacker.example")
