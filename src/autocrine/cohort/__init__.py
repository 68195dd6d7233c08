"""Patients: drugs in bodies, a virtual population, tumours under treatment, trials. For research, not for a person."""

from autocrine.cohort.batch import Protocol, find_weights
from autocrine.cohort.campaign import Campaign
from autocrine.cohort.exposure import simulate_exposure
from autocrine.cohort.population import Population
from autocrine.cohort.regimen import load_regimens
from autocrine.cohort.trial import Trial

__all__ = ["Campaign", "Population", "Protocol", "Trial", "find_weights", "load_regimens", "simulate_exposure"]
