"""What Streamlit is told when it is to serve the app."""

from pathlib import Path

SCRIPT = Path(__file__).parent / "app" / "start" / "app.py"
LOOPBACK = "127.0.0.1"


def options(address: str, port: int, *, headless: bool, script: Path = SCRIPT) -> list[str]:
    """Give the words after ``streamlit run``: what is decided here; the rest stands in the script's ``config.toml``."""
    chosen = {
        "server.address": address,
        "server.port": port,
        "server.headless": headless,
        "server.fileWatcherType": "none",  # an installed package does not change while it runs
        "browser.gatherUsageStats": False,
        "logger.hideWelcomeMessage": True,
    }
    told = [f"--{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in chosen.items()]
    return ["run", str(script), *told]
