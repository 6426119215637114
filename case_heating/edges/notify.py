"""Who is told when something happened: Prefect's events, a webhook, and whoever a notification block reaches.

A notice never stops what it tells of: what cannot be delivered is logged.
"""

import logging
from dataclasses import dataclass
from datetime import date
from typing import Any

from case_heating.settings import Settings

FILES_ARRIVED = "heating.files.arrived"
ENOUGH_LABELS = "heating.labels.enough"
DRIFT_DETECTED = "heating.drift.detected"
PERFORMANCE_DROPPED = "heating.performance.dropped"
MODEL_PROMOTED = "heating.model.promoted"
MODEL_REFUSED = "heating.model.refused"
FLOW_FAILED = "heating.flow.failed"

TOLD_TO_PEOPLE = frozenset({DRIFT_DETECTED, PERFORMANCE_DROPPED, MODEL_PROMOTED, MODEL_REFUSED, FLOW_FAILED})
"""Events that people are told of; the others only start flows."""

WEBHOOK_TIMEOUT_S = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notice:
    """Something that happened: the event's name, what it is about, when, and what to say of it."""

    event: str
    about: str
    as_of: date | None
    words: str


def announce(notice: Notice, settings: Settings) -> None:
    """Emit the event to the Prefect server in use, and tell people if it is one for them."""
    from prefect.events import emit_event

    payload = {"words": notice.words, "as_of": str(notice.as_of) if notice.as_of else None}
    emit_event(event=notice.event, resource={"prefect.resource.id": f"heating.{notice.about}"}, payload=payload)
    if notice.event in TOLD_TO_PEOPLE:
        tell_people(notice, settings)


def announce_where_served(notice: Notice, settings: Settings) -> None:
    """Announce what happened outside a flow: without a Prefect server nobody waits for its events, people are told."""
    from case_heating.edges.flow_server import answering_server, prepare_environment

    url = answering_server(settings)
    if url is None:
        tell_people(notice, settings)
        return
    prepare_environment(settings, url)
    announce(notice, settings)


def tell_people(notice: Notice, settings: Settings) -> None:
    """Send a notice to the webhook and to the notification block of the settings, where there are any.

    The webhook gets a POST with a JSON document: ``event``, ``about``, ``as_of`` and ``text``, which Slack, Teams and
    Mattermost show as it is.
    """
    if settings.webhook_url:
        _quietly("webhook", _post, settings.webhook_url, notice)
    if settings.notify_block:
        _quietly(f"block {settings.notify_block}", _notify, settings.notify_block, notice)


def _post(url: str, notice: Notice) -> None:
    import httpx

    told = {"event": notice.event, "about": notice.about, "as_of": notice.as_of and str(notice.as_of)}
    httpx.post(
        url, json=told | {"text": f"{notice.event}: {notice.words}"}, timeout=WEBHOOK_TIMEOUT_S
    ).raise_for_status()


def _notify(name: str, notice: Notice) -> None:
    """Speak through a block that was saved in the Prefect server, such as ``sendgrid-email/operations``."""
    from prefect.blocks.core import Block

    block: Any = Block.load(name)
    block.notify(body=notice.words, subject=notice.event)


def _quietly(channel: str, send: Any, where: str, notice: Notice) -> None:
    try:
        send(where, notice)
    except Exception as error:  # noqa: BLE001 - whatever a channel throws must not stop the flow it tells of
        log.warning("%s could not be told to the %s: %s", notice.event, channel, error)
