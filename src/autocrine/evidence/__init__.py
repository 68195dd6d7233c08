"""Publications, facts, findings and claims, and the rules by which a model is judged against them."""

from autocrine.evidence.claim import Claim
from autocrine.evidence.comparison import judge_finding
from autocrine.evidence.finding import Finding
from autocrine.evidence.interval import Interval
from autocrine.evidence.judgement import Verdict, judge
from autocrine.evidence.library import load_library

__all__ = ["Claim", "Finding", "Interval", "Verdict", "judge", "judge_finding", "load_library"]
