"""``heating cost``: what homes pay for electricity and gas in a year, with intervals, and how good that is."""

from typing import Annotated

import typer

from case_heating.edges.console import OUT, JsonOption, print_json, progress_bar
from case_heating.edges.options import DataDirOption, SeedOption, SourceOption, StageOption
from case_heating.settings import Settings

DEFAULT_STAGE = "property"  # what a utility knows of a home before it has billed it for a year
MIN_GROUP_HOMES = 200  # a group's coverage of 85 % has a standard error of 2.5 points with 200 homes


def cost(
    source: SourceOption = "recs2015",
    stage: StageOption = DEFAULT_STAGE,
    bills: Annotated[bool, typer.Option(help="Use features made from the home's own bills.")] = False,
    seed: SeedOption = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Say how well the yearly cost of homes is told: error, the naive rival's, and coverage overall and by group."""
    from case_heating import journey
    from case_heating.data.sources import find_source
    from case_heating.features.known import known_labels
    from case_heating.model.cost import cost_features, year_costs
    from case_heating.model.cost_held_out import judge_cost, learn_cost

    settings = Settings.from_env(source=source, seed=seed, data_dir=data_dir)
    last_stage = stage or DEFAULT_STAGE
    with progress_bar(quiet=json) as tell:
        raw = journey.gather(find_source(settings), tell)
        trusted = journey.check(raw.tables, settings, tell)
        tell("learning what homes pay", 0.0)
        features = cost_features(journey.describe(trusted.tables, trusted.as_of), last_stage, bills=bills)
        evidence = journey.collect_evidence(trusted, features, settings)  # says in words if labels are too few
        _, held_out = learn_cost(
            features,
            known_labels(trusted.tables["labels"], as_of=evidence.as_of),
            year_costs(trusted.tables, as_of=trusted.as_of),
            stage=last_stage,
            folds=settings.folds,
            seed=settings.seed,
            threads=settings.threads,
        )
    sensitive = trusted.tables.get("sensitive")
    found = judge_cost(
        held_out,
        trusted.tables["homes"].set_index("home_id"),
        None if sensitive is None else sensitive.set_index("home_id"),
        min_group_homes=MIN_GROUP_HOMES,
    )
    groups = found.by_group.round(4).to_dict(orient="records")
    if json:
        print_json(
            {
                "source": source,
                "stage": last_stage,
                "bills": bills,
                "n_homes": len(held_out),
                "mae_usd": round(found.mae_usd, 2),
                "naive_mae_usd": round(found.naive_mae_usd, 2),
                "coverage": round(found.coverage, 4),
                "mean_width_usd": round(found.mean_width_usd, 2),
                "by_group": groups,
            }
        )
        return
    OUT.print(
        f"{len(held_out):,} homes held out: off by {found.mae_usd:,.0f} USD a year (naive {found.naive_mae_usd:,.0f}); "
        f"{100 * found.coverage:.1f} % lie in their 90 % interval, {found.mean_width_usd:,.0f} USD wide on average",
        soft_wrap=True,
    )
    for row in groups:
        OUT.print(
            f"  {row['trait']} {row['group']}: {row['n_homes']:,} homes, {100 * row['coverage']:.1f} % covered, "
            f"off by {row['mae_usd']:,.0f} USD"
        )
    if sensitive is None:
        OUT.print("The source knows no traits of households: coverage by group cannot be judged.")
