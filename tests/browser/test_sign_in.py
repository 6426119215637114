"""Sign-in against a provider: a small one of the test's own, which speaks OpenID Connect on this computer."""

import base64
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlparse

import pytest

ROLES = 'viewer = ["*@utility.example"]\nadmin = ["kim@utility.example"]\n'


class Provider(ThreadingHTTPServer):
    """Vouches for whomever ``says`` names; signs with a key of its own."""

    daemon_threads = True

    def __init__(self):
        jwk = pytest.importorskip("joserfc.jwk", reason="authlib is not installed: pip install authlib")
        super().__init__(("127.0.0.1", 0), _Answers)
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "test", "alg": "RS256", "use": "sig"})
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.says = {}
        self.nonces = {}

    def token(self, code):
        from joserfc import jwt

        now = int(time.time())
        told = {"iss": self.url, "aud": "the-app", "sub": "1", "iat": now, "exp": now + 300, "nonce": self.nonces[code]}
        return jwt.encode({"alg": "RS256", "kid": "test"}, told | self.says, self.key)


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        asked, provider = urlparse(self.path), self.server
        if asked.path == "/.well-known/openid-configuration":
            self._tell(
                {
                    "issuer": provider.url,
                    "authorization_endpoint": f"{provider.url}/authorize",
                    "token_endpoint": f"{provider.url}/token",
                    "jwks_uri": f"{provider.url}/keys",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )
        elif asked.path == "/keys":
            self._tell({"keys": [provider.key.as_dict(private=False)]})
        elif asked.path == "/authorize":
            query = {name: values[0] for name, values in parse_qs(asked.query).items()}
            code = secrets.token_hex(8)
            provider.nonces[code] = query["nonce"]
            self.send_response(302)
            back = urlencode({"code": code, "state": query["state"]})
            self.send_header("Location", f"{query['redirect_uri']}?{back}")
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        known = base64.b64encode(b"the-app:the-secret").decode()
        if self.headers.get("Authorization") != f"Basic {known}":
            self.send_error(401)
            return
        self._tell(
            {
                "access_token": "x",
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": self.server.token(form["code"][0]),
            }
        )

    def _tell(self, what):
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def provider():
    with Provider() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def behind_sign_in(serve, small_workspace, provider):
    """The app with sign-in, started from a folder in which only secrets.toml lies, as an installed package is."""

    def prepare(folder, url):
        (folder / ".streamlit").mkdir()
        (folder / ".streamlit" / "secrets.toml").write_text(
            f'[auth]\nredirect_uri = "{url}/oauth2callback"\ncookie_secret = "{secrets.token_hex(32)}"\n'
            'client_id = "the-app"\nclient_secret = "the-secret"\n'
            f'server_metadata_url = "{provider.url}/.well-known/openid-configuration"\n'
        )
        (folder / "roles.toml").write_text(ROLES)

    return serve("behind_sign_in", small_workspace, prepare=prepare, HEATING_APP_ROLES="roles.toml")


def enter(visitor):
    visitor.open(settle=False)
    visitor.button("Sign in").click()


def test_whom_the_provider_vouches_for_enters_with_their_role_and_leaves(new_visitor, behind_sign_in, provider):
    provider.says = {"email": "kim@utility.example", "email_verified": True, "name": "Kim"}
    visitor = new_visitor(behind_sign_in, also=provider.url)
    enter(visitor)
    visitor.sees("Kim, admin")
    visitor.settle()
    assert visitor.page.get_by_role("heading", level=1).inner_text() == "Home"
    colour = visitor.page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).color")
    assert colour == "rgb(18, 22, 26)"  # the package's own theme, though no config.toml lies where it was started
    visitor.button("Sign out").click()
    visitor.button("Sign in").wait_for()
    assert visitor.page.get_by_text("Find a home").count() == 0


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ({"email": "eve@elsewhere.example", "email_verified": True}, "has no role in this app"),
        ({"email": "kim@utility.example", "email_verified": False}, "does not say that"),
        ({}, "told no e-mail"),
    ],
)
def test_whoever_is_not_known_stays_at_the_door(new_visitor, behind_sign_in, provider, says, words):
    provider.says = says
    visitor = new_visitor(behind_sign_in, also=provider.url)
    enter(visitor)
    visitor.sees(words)
    assert visitor.page.get_by_text("Find a home").count() == 0
    assert visitor.page.locator("[data-testid=stSidebarNav]").count() == 0
