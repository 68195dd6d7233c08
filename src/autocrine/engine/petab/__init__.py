"""Problems of parameter estimation in PEtab, in and out; likelihoods with derivatives. Imported late, as libsbml is."""

from autocrine.engine.petab.loss import losses
from autocrine.engine.petab.objective import Evaluation, Objective
from autocrine.engine.petab.problem import Problem
from autocrine.engine.petab.reading import petab_problem, read_petab
from autocrine.engine.petab.writing import write_petab

__all__ = ["Evaluation", "Objective", "Problem", "losses", "petab_problem", "read_petab", "write_petab"]
