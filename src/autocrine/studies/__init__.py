"""Published and user experiments: the only place where rooms meet."""

from autocrine.studies.baseline import draw_baseline, fit_baseline, fitted_findings
from autocrine.studies.baseline_file import write_baseline
from autocrine.studies.run import Progress, reproduce, simulate_study

__all__ = [
    "Progress",
    "draw_baseline",
    "fit_baseline",
    "fitted_findings",
    "reproduce",
    "simulate_study",
    "write_baseline",
]
