"""Publications, facts, findings and claims, and the rules by which a model is judged against them."""

from autocrine.evidence import catalogue
from autocrine.evidence.claim import Claim
from autocrine.evidence.comparison import judge_finding
from autocrine.evidence.interval import Interval
from autocrine.evidence.judgement import Verdict, judge
from autocrine.evidence.library import load_library

__all__ = ["Claim", "Interval", "Verdict", "catalogue", "judge", "judge_finding", "load_library"]
