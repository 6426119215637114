"""Who may enter the app and do what, decided from what is handed in: roles, a provider's claims, a request.

Nothing here asks Streamlit; :mod:`.signed_in` does, and shows the door.
"""

import ipaddress
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from case_heating.errors import HeatingError, SourceError

ROLES = ("viewer", "reviewer", "admin")
"""What people may do, each also what the ones before may: look; decide homes; retrain, roll back and pause."""

ROLES_FILE = "app_roles.toml"
SESSION_HOURS = 12.0

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
