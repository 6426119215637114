"""Who is told what: a webhook that answers, one that does not, and who is not told."""

import json
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from case_heating.edges import notify
from case_heating.edges.notify import ENOUGH_LABELS, MODEL_REFUSED, Notice, announce, announce_where_served, tell_people
from case_heating.settings import Settings

NOTICE = Notice(MODEL_REFUSED, "model.fuel", date(2025, 3, 31), "version 4: every slice: north is worse")


@pytest.fixture
def webhook():
    """A server that keeps what it is sent and answers with the status it is told."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(self.server.status)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.heard, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def told_to(server):
    return Settings(today=date(2026, 1, 1), webhook_url=f"http://127.0.0.1:{server.server_port}/hook")


def test_the_webhook_is_sent_the_event_and_a_text_that_chat_programs_show(webhook):
    tell_people(NOTICE, told_to(webhook))
    assert webhook.heard == [
        {
            "event": "heating.model.refused",
            "about": "model.fuel",
            "as_of": "2025-03-31",
            "text": "heating.model.refused: version 4: every slice: north is worse",
        }
    ]


def test_a_webhook_that_refuses_is_logged_and_stops_nothing(webhook, caplog):
    webhook.status = 500
    tell_people(NOTICE, told_to(webhook))
    assert len(webhook.heard) == 1
    assert "heating.model.refused could not be told to the webhook" in caplog.text
    assert "500" in caplog.text


def test_a_webhook_that_is_not_there_is_logged_and_stops_nothing(caplog):
    tell_people(NOTICE, Settings(today=date(2026, 1, 1), webhook_url="http://127.0.0.1:9/nobody"))
    assert "could not be told to the webhook" in caplog.text


def test_a_block_is_asked_to_notify_and_its_failure_stops_nothing(monkeypatch, caplog):
    heard = []

    class Block:
        @staticmethod
        def load(name):
            if name == "email/away":
                raise ValueError("no block of that name")
            return type("Loaded", (), {"notify": staticmethod(lambda body, subject: heard.append((subject, body)))})

    monkeypatch.setattr("prefect.blocks.core.Block", Block)
    tell_people(NOTICE, Settings(today=date(2026, 1, 1), notify_block="email/operations"))
    assert heard == [("heating.model.refused", NOTICE.words)]
    tell_people(NOTICE, Settings(today=date(2026, 1, 1), notify_block="email/away"))
    assert "could not be told to the block email/away: no block of that name" in caplog.text


def test_people_are_told_what_is_for_people_and_flows_everything(webhook, monkeypatch):
    emitted = []
    monkeypatch.setattr("prefect.events.emit_event", lambda **told: emitted.append(told))
    announce(NOTICE, told_to(webhook))
    announce(Notice(ENOUGH_LABELS, "labels", date(2025, 3, 31), "120 labels"), told_to(webhook))
    assert [told["event"] for told in emitted] == ["heating.model.refused", "heating.labels.enough"]
    assert emitted[0]["resource"] == {"prefect.resource.id": "heating.model.fuel"}
    assert [told["event"] for told in webhook.heard] == ["heating.model.refused"]
    assert ENOUGH_LABELS not in notify.TOLD_TO_PEOPLE


def test_without_a_prefect_server_people_are_told_and_no_server_is_started(webhook, monkeypatch):
    monkeypatch.setattr("case_heating.edges.flow_server._answers", lambda *_: False)
    monkeypatch.setattr("prefect.events.emit_event", lambda **_: pytest.fail("an event was emitted"))
    announce_where_served(NOTICE, told_to(webhook))
    assert [told["event"] for told in webhook.heard] == ["heating.model.refused"]
