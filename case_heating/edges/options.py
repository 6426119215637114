"""Options that several commands share, each in one place."""

from pathlib import Path
from typing import Annotated

import typer

from case_heating.features.stages import STAGES


def _known_stage(stage: str | None) -> str | None:
    if stage is not None and stage not in STAGES:
        raise typer.BadParameter(f"there is no stage {stage!r}; there are {', '.join(STAGES)}")
    return stage


SourceOption = Annotated[
    str | None,
    typer.Option(
        help="embedded, nation, recs2009, recs2015, recs2020, pums:STATE, or the path of a mapping.toml. "
        "\\[env: HEATING_SOURCE; default: embedded]",
        show_default=False,
    ),
]
HomesOption = Annotated[
    int | None,
    typer.Option(
        min=200, help="Homes of the embedded utility. \\[env: HEATING_HOMES; default: 20000]", show_default=False
    ),
]
HomesOfLastRunOption = Annotated[
    int | None,
    typer.Option(
        min=200,
        help="Homes of the embedded utility. \\[env: HEATING_HOMES; default: those of the last run, else 20000]",
        show_default=False,
    ),
]
StageOption = Annotated[
    str | None,
    typer.Option(
        callback=_known_stage,
        autocompletion=lambda: list(STAGES),
        metavar="|".join(STAGES),
        help="Last data stage to use; all that the data reach if not given.",
    ),
]
WorkspaceOption = Annotated[
    Path | None,
    typer.Option(help="Folder to work in. \\[env: HEATING_WORKSPACE; default: .heating]", show_default=False),
]
DataDirOption = Annotated[
    Path | None,
    typer.Option(help="Folder with official survey files. \\[env: HEATING_DATA_DIR]", show_default=False),
]
SeedOption = Annotated[int | None, typer.Option(min=0, help="Seed of all that is random. \\[env: HEATING_SEED]")]
