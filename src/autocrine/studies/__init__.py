"""Published and user experiments: the only place where rooms meet."""

from autocrine.studies import baseline, explain
from autocrine.studies.baseline_file import write_baseline
from autocrine.studies.progress import Progress
from autocrine.studies.run import reproduce, simulate_study
from autocrine.studies.tumours import simulate_tumours

__all__ = ["Progress", "baseline", "explain", "reproduce", "simulate_study", "simulate_tumours", "write_baseline"]
