"""``heating registry``: which models there are, what the gate said of each, and the way back."""

import getpass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from case_heating.edges.console import OUT, JsonOption, PlainSpokenGroup, print_json
from case_heating.edges.fitted_table import FittedTable
from case_heating.edges.options import WorkspaceOption
from case_heating.edges.review_database import DatabaseOption, now_here, review_store
from case_heating.settings import Settings

if TYPE_CHECKING:
    from case_heating.release.registry import Registry

app = typer.Typer(
    cls=PlainSpokenGroup,
    help="Which model serves, which served before, what the gate said of each, and the way back.",
    no_args_is_help=True,
)

RegistryOption = Annotated[
    str | None,
    typer.Option(
        "--registry",
        envvar="HEATING_REGISTRY_URI",
        help="MLflow server or database; registry/mlflow.sqlite in the workspace.",
    ),
]


def registry_of(settings: Settings, uri: str | None) -> "Registry":
    """Open the registry at the URI, or the workspace's own."""
    from case_heating.release.registry import open_registry
    from case_heating.workspace import open_workspace

    return open_registry(open_workspace(settings.workspace).root / "registry", uri)


@app.command("list")
def list_models(workspace: WorkspaceOption = None, registry: RegistryOption = None, json: JsonOption = False) -> None:
    """List every model that was trained, what it is called now, and each promotion and roll back."""
    found = registry_of(Settings.from_env(workspace=workspace), registry)
    models, events = found.history(), found.events()
    if json:
        print_json({"models": [_plain(model) for model in models], "events": [_plain(event) for event in events]})
    elif models:
        OUT.print(history_in_words(models, events))
    else:
        OUT.print(f"No model is in {escape(found.tracking.place)} yet.", soft_wrap=True)


@app.command()
def show(
    version: Annotated[str, typer.Argument(help="A version's number, or champion, challenger or previous.")],
    workspace: WorkspaceOption = None,
    registry: RegistryOption = None,
    json: JsonOption = False,
) -> None:
    """Show a model: every check of the gate with its figure and limit, and the model's card."""
    from rich.markdown import Markdown

    from case_heating.errors import RegistryError
    from case_heating.release.card import write_card
    from case_heating.release.gate import decision_in_words

    found = registry_of(Settings.from_env(workspace=workspace), registry)
    model = next((one for one in found.history() if version == one.version or version in one.aliases), None)
    if model is None:
        raise RegistryError(
            f"there is no model {version!r} in {found.tracking.place}; 'heating registry list' lists those there are"
        )
    decision = found.decision(model)
    if json:
        print_json(_plain(model) | {"decision": _plain(decision)})
    else:
        OUT.print(Markdown(decision_in_words(decision) + "\n" + write_card(found.read(model))))


@app.command()
def rollback(
    because: Annotated[str, typer.Option(help="Why, in words; it is kept with the model.")],
    by: Annotated[
        str, typer.Option("--as", envvar="HEATING_REVIEWER", help="Your name, for the record; your login if not given.")
    ] = "",
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it counts from; today if not given.")
    ] = None,
    workspace: WorkspaceOption = None,
    registry: RegistryOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Serve the previous champion again, at once and with who did it and why on record."""
    from case_heating import orders

    settings = Settings.from_env(workspace=workspace, registry_uri=registry, as_of=as_of and as_of.date())
    day = settings.as_of or settings.today
    with review_store(settings, database) as engine:
        model = orders.roll_back(
            settings, engine, by=by or getpass.getuser(), reason=because, clock=now_here, as_of=day
        )
    if json:
        print_json(_plain(model))
    else:
        OUT.print(f"Version {model.version} is the champion again: {escape(because)}", soft_wrap=True)


def history_in_words(models: Any, events: Any) -> RenderableType:
    """Lay out versions and events for a terminal."""
    headings = ("version", "now", "trained at", "stage", "gate", "because")
    table = FittedTable(*headings, title="Models", words=headings)
    for model in models:
        told = f"{model.because}; rolled back: {model.rolled_back}" if model.rolled_back else model.because
        gate = "passed" if model.passed else "refused"
        table.add_row(model.version, " ".join(model.aliases), str(model.as_of), model.stage, gate, told)
    said = []
    for event in events:
        instead = f" instead of {event.instead_of}" if event.instead_of else ""
        cut = "" if event.finished else " (cut short)"
        said.append(Text(f"{event.as_of}  {event.what}: version {event.version}{instead}, {event.because}{cut}"))
    return Group(table, *said)


def _plain(told: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(told)
