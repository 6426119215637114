"""Who looks at the app, and what they may do: sign-in by OpenID Connect, three roles, and a door that stays shut.

With ``[auth]`` in Streamlit's ``secrets.toml`` people sign in at their own provider, and ``app_roles.toml`` in the
workspace says which verified e-mail may do what; whoever is not named in it is refused. Without ``[auth]`` everybody
may do everything, so only this computer may open the app: bound to any other address, asked for by another name or
through a proxy, it shows why it will not open and nothing else.
"""

import getpass
import ipaddress
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import streamlit as st

from case_heating.edges.app.charts import plain
from case_heating.errors import HeatingError, SourceError
from case_heating.settings import Settings

ROLES = ("viewer", "reviewer", "admin")
"""What people may do, each also what the ones before may: look; decide homes; retrain, roll back and pause."""

ROLES_FILE = "app_roles.toml"
SESSION_HOURS = 12.0
THIS_COMPUTER_ONLY = (
    "Only this computer can open this app: no sign-in is set up, and whoever opens it may do everything."
)

_LONGEST_SESSION_HOURS = 24.0 * 30  # the life of Streamlit's cookie
_CLOCKS_DIFFER = timedelta(minutes=5)
_PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


class NotAdmittedError(HeatingError):
    """Somebody may not enter; the words say why and what to do."""


@dataclass(frozen=True)
class Person:
    """Somebody who may enter.

    Attributes
    ----------
    name : str
        What trails and leases know them by: the verified e-mail, or the login name of this computer.
    role : str
        One of :data:`ROLES`.
    called : str
        What they are called on the page.
    signed_in : bool
        Whether a provider vouched for them.
    """

    name: str
    role: str
    called: str
    signed_in: bool


@dataclass(frozen=True)
class Roles:
    """Who may do what, as ``app_roles.toml`` says.

    Attributes
    ----------
    people : Mapping of str to sequence of str
        The e-mails of each role, in small letters; ``*@utility.example`` stands for everybody of that domain.
    session_hours : float
        How long a sign-in lasts. [h]
    trusted_issuers : sequence of str
        Providers whose e-mails count as verified although their tokens do not say so.
    """

    people: Mapping[str, Sequence[str]]
    session_hours: float = SESSION_HOURS
    trusted_issuers: Sequence[str] = ()

    def role_of(self, email: str) -> str | None:
        """Give the highest role an e-mail has, ``None`` if it has none."""
        names = {email.lower(), "*@" + email.lower().rpartition("@")[2]}
        return next((role for role in reversed(ROLES) if names & set(self.people.get(role, ()))), None)


def read_roles(path: Path) -> Roles:
    """Read who may do what.

    Raises
    ------
    SourceError
        If there is no such file, or it says something that cannot be meant.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{path}: the roles of those who sign in cannot be read ({error}); write lines such as "
            'viewer = ["*@utility.example"] and admin = ["kim@utility.example"] into it'
        ) from error
    known = (*ROLES, "session_hours", "trusted_issuers")
    if unknown := sorted(set(told) - set(known)):
        raise SourceError(f"{path}: {unknown[0]} is no setting; there are {', '.join(known)}")
    for name in (*ROLES, "trusted_issuers"):
        if not (isinstance(told.get(name, []), list) and all(isinstance(one, str) for one in told.get(name, []))):
            raise SourceError(f'{path}: {name} must be a list of text, such as {name} = ["kim@utility.example"]')
    for role in ROLES:
        for email in told.get(role, []):
            before, _, domain = email.partition("@")
            if not before or not domain or "*" in domain or ("*" in before and before != "*"):
                raise SourceError(
                    f"{path}: {role} has {email!r}, which is neither an e-mail nor, as *@utility.example, a domain"
                )
    hours = told.get("session_hours", SESSION_HOURS)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= _LONGEST_SESSION_HOURS:
        raise SourceError(f"{path}: session_hours is {hours!r}, not between 0 and {_LONGEST_SESSION_HOURS:.0f} hours")
    people = {role: tuple(email.lower() for email in told.get(role, [])) for role in ROLES}
    return Roles(people, float(hours), tuple(told.get("trusted_issuers", [])))


def admit(claims: Mapping[str, Any], roles: Roles, now: datetime) -> Person:
    """Let in whom a provider vouches for and the roles name.

    Parameters
    ----------
    claims : mapping
        What the identity token says: ``email``, ``email_verified``, ``iss``, ``iat``, ``name``.
    roles : Roles
        Who may do what.
    now : datetime
        The moment, aware of its time zone.

    Raises
    ------
    NotAdmittedError
        If the sign-in is over, the e-mail is missing or not verified, or has no role.
    """
    since = _moment(claims.get("iat"))
    if since is None or not since - _CLOCKS_DIFFER <= now < since + timedelta(hours=roles.session_hours):
        raise NotAdmittedError(f"Your sign-in is over; it lasts {roles.session_hours:g} hours. Please sign in again")
    email = str(claims.get("email") or "").strip().lower()
    if not email:
        raise NotAdmittedError(
            "Your provider told no e-mail, by which roles are given; let it put the claim 'email' into the token"
        )
    verified = str(claims.get("email_verified")).lower() == "true" or claims.get("iss") in roles.trusted_issuers
    if not verified:
        raise NotAdmittedError(
            f"Your provider does not say that {email} is verified, so it cannot stand for you; confirm it there, or "
            f"let the keeper of this app add the provider to trusted_issuers in {ROLES_FILE}"
        )
    role = roles.role_of(email)
    if role is None:
        raise NotAdmittedError(
            f"{email} has no role in this app; ask its keeper to add you to {ROLES_FILE} as one of {', '.join(ROLES)}"
        )
    return Person(email, role, str(claims.get("name") or email), signed_in=True)


def why_shut(address: str | None, headers: Mapping[str, str], client_ip: str | None) -> str | None:
    """Say why an app without sign-in does not open, ``None`` if only this computer reaches it.

    Parameters
    ----------
    address : str or None
        What the server is bound to; ``None`` is every address.
    headers : mapping
        Of the visitor's request. Its ``Host`` is a name of this computer unless a foreign page has had its own name
        point here (DNS rebinding); the others are set by proxies.
    client_ip : str or None
        Where the visitor comes from; ``None`` is this computer.
    """
    if not is_loopback(address):
        return f"it listens on {address or 'every address of this computer'}"
    if client_ip and not is_loopback(client_ip):
        return f"it was asked for from {client_ip}"
    if through := next((name for name in _PROXY_HEADERS if headers.get(name)), None):
        return f"it was asked for through a proxy ({through})"
    host = headers.get("Host")
    if host and not is_loopback(_without_port(host)):
        return f"it was asked for by the name {host}"
    return None


def is_loopback(address: str | None) -> bool:
    """Tell whether an address leads to this computer only.

    >>> [is_loopback(address) for address in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "heat.example", None)]
    [True, True, True, False, False, False]
    """
    if address is None:
        return False
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address.lower() == "localhost"


def sign_in_is_set_up() -> bool:
    """Tell whether ``secrets.toml`` has a section ``[auth]``."""
    return bool(st.secrets.load_if_toml_exists() and st.secrets.get("auth"))


def roles_path() -> Path:
    """Name the file that says who may do what: ``HEATING_APP_ROLES``, else ``app_roles.toml`` in the workspace."""
    named = os.environ.get("HEATING_APP_ROLES")
    return Path(named) if named else Settings.from_env().workspace / ROLES_FILE


def who() -> Person:
    """Say who looks at the page.

    Raises
    ------
    NotAdmittedError
        If this visitor may not enter.
    SourceError
        If people sign in and the file of roles is missing or wrong.
    """
    if sign_in_is_set_up():
        if not st.user.get("is_logged_in"):
            raise NotAdmittedError("Please sign in")
        return admit(st.user.to_dict(), read_roles(roles_path()), datetime.now(UTC))
    if reason := why_shut(st.get_option("server.address"), st.context.headers, st.context.ip_address):
        raise NotAdmittedError(
            f"Without sign-in this app opens on this computer only, and {reason}. Start it with 'heating app', which "
            "listens on 127.0.0.1, or set up sign-in (docs/app.md tells how)"
        )
    name = os.environ.get("HEATING_REVIEWER") or getpass.getuser()
    return Person(name, "admin", name, signed_in=False)


def may(role: str) -> bool:
    """Tell whether who looks at the page may do what a role may; it is asked anew each time, so a role can be taken."""
    try:
        return ROLES.index(who().role) >= ROLES.index(role)
    except HeatingError:
        return False


def needs(role: str) -> bool:
    """Tell whether who looks may do what a role may, and say on the page why not if they may not."""
    if may(role):
        return True
    doers = " or ".join(ROLES[ROLES.index(role) :])
    st.info(f"Only {doers} may do this. Ask the keeper of this app for that role.", icon=":material/lock:")
    return False


def check_in() -> Person:
    """Let a visitor in, or show the door with what to do and draw nothing more; pages come after it."""
    try:
        return who()
    except HeatingError as error:
        _show_door(f"{error}.")
        st.stop()


def show_person(person: Person) -> None:
    """Say in the side bar who looks, in which role, and let them leave."""
    if not person.signed_in:
        st.caption(THIS_COMPUTER_ONLY)
        return
    st.caption(f"{plain(person.called)}, {person.role}")
    st.button("Sign out", on_click=st.logout, icon=":material/logout:", key="sign_out")


def _show_door(words: str) -> None:
    st.title("Gas or electric?", anchor=False)
    if not sign_in_is_set_up():
        st.error(plain(words), icon=":material/lock:")
        return
    if st.user.get("is_logged_in"):
        st.warning(plain(words), icon=":material/lock:")
        st.button("Sign out", on_click=st.logout, icon=":material/logout:", key="sign_out")
    else:
        st.markdown(plain(words))
    for provider in _providers():
        label = "Sign in" if provider is None else f"Sign in with {provider.capitalize()}"
        st.button(label, on_click=st.login, args=(provider,), type="primary", key=f"sign_in_{provider}")


def _providers() -> list[str | None]:
    """Name the providers of ``[auth]``; ``None`` is the one without a name."""
    auth = st.secrets["auth"]
    named = [name for name, value in auth.items() if isinstance(value, Mapping) and "client_id" in value]
    return [None] if "client_id" in auth else list(named)


def _moment(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else None


def _without_port(host: str) -> str:
    """Take the port off a ``Host``.

    >>> [_without_port(host) for host in ("localhost:8501", "127.0.0.1", "[::1]:8501")]
    ['localhost', '127.0.0.1', '::1']
    """
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
