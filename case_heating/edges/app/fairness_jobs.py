"""The study of fairness as a job: it trains some dozens of models."""

from typing import Any

from case_heating.journey import Progress
from case_heating.settings import Settings


def study(settings: Settings, arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Judge groups, look for causes and proxies, try remedies, and write the model card of a source's model."""
    from case_heating.fairness_steps import take_study
    from case_heating.kept import open_last

    kept = take_study(open_last(settings, arguments["source"]), progress=progress)
    return {"passed": kept.study.verdict.passed}
