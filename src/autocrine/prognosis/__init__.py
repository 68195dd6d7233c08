"""Is a marker prognostic in these patients: time-to-event statistics in the order of REMARK. Knows no simulator."""

from autocrine.prognosis import tables
from autocrine.prognosis.meta_analysis import meta_analyse
from autocrine.prognosis.procedure import analyse
from autocrine.prognosis.question import NOTICE, Question
from autocrine.prognosis.read import cohort_of, read_cohort

__all__ = ["NOTICE", "Question", "analyse", "cohort_of", "meta_analyse", "read_cohort", "tables"]
