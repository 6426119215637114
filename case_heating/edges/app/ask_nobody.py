"""Keep Streamlit from asking an outside host for this computer's address, as it does when a foreign page knocks."""

from streamlit import net_util


def ask_nobody() -> None:
    """Let it know of no address but those it finds itself.

    Streamlit compares the origin of a page that wants to talk to the server with, among others, the address under which
    the world sees this computer, for which it asks a service of a cloud. Here only pages that the server itself has
    given may talk to it, so that there is nothing to ask.
    """
    net_util._external_ip = ""  # what it would remember of the answer; no page has an empty origin
