"""COMBINE archives with SED-ML, in and out: models together with what is to be simulated. Imported late."""

from autocrine.engine.combine.archive import Archive, read_archive
from autocrine.engine.combine.experiment import Experiment, Results
from autocrine.engine.combine.publication import write_archive
from autocrine.engine.combine.sedml_reader import read_experiment

__all__ = ["Archive", "Experiment", "Results", "read_archive", "read_experiment", "write_archive"]
