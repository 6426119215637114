"""Who looks at the app, and what they may do: sign-in by OpenID Connect, three roles, and a door that stays shut.

With ``[auth]`` in Streamlit's ``secrets.toml`` people sign in at their own provider, and ``app_roles.toml`` in the
workspace says which verified e-mail may do what; whoever is not named in it is refused. Without ``[auth]`` everybody
may do everything, so only this computer may open the app: bound to any other address, asked for by another name or
through a proxy, it shows why it will not open and nothing else. :mod:`.admission` decides, this module asks and shows.
"""

import getpass
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from case_heating.edges.app.admission import ROLES, ROLES_FILE, NotAdmittedError, Person, admit, read_roles, why_shut
from case_heating.edges.app.charts import plain
from case_heating.errors import HeatingError, SourceError
from case_heating.settings import Settings

THIS_COMPUTER_ONLY = (
    "Only this computer can open this app: no sign-in is set up, and whoever opens it may do everything."
)


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
        If people sign in and the file of roles, or the part that signs in, is missing or wrong.
    """
    if sign_in_is_set_up():
        if find_spec("authlib") is None:
            raise SourceError(
                "people sign in here, and the part that talks to their provider is not installed; the keeper of this "
                "app installs it with: pip install 'case-heating[sign-in]'"
            )
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


def now_where_they_sit() -> datetime:
    """Give this moment in the time zone of the visitor's browser, so that a day on record is the day they had."""
    try:
        return datetime.now(ZoneInfo(st.context.timezone or ""))
    except (ValueError, ZoneInfoNotFoundError):  # a browser that tells none, or one this computer does not know
        return datetime.now().astimezone()


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
