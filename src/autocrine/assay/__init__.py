"""Wells: cells in medium under drugs, what is read from them, and dose-response curves."""

from autocrine.assay import plates, readout
from autocrine.assay.arm import Arm
from autocrine.assay.bench import Bench
from autocrine.assay.curve import fit_curve
from autocrine.assay.potency import fold_resistance
from autocrine.assay.protocol import Protocol

__all__ = ["Arm", "Bench", "Protocol", "fit_curve", "fold_resistance", "plates", "readout"]
