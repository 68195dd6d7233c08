"""Published and user experiments: the only place where rooms meet."""

from autocrine.studies import baseline, explain, interactive, tumours
from autocrine.studies.progress import Progress
from autocrine.studies.run import reproduce, simulate_study
from autocrine.studies.trial import run_trial

__all__ = [
    "Progress",
    "baseline",
    "explain",
    "interactive",
    "reproduce",
    "run_trial",
    "simulate_study",
    "tumours",
]
