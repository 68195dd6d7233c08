"""Wells: cells in medium under drugs, what is read from them, and dose-response curves."""

import importlib
from typing import TYPE_CHECKING, Any

from autocrine.assay import readout
from autocrine.assay.arm import Arm
from autocrine.assay.bench import Bench
from autocrine.assay.potency import fold_resistance
from autocrine.assay.protocol import Protocol

if TYPE_CHECKING:
    from autocrine.assay import plates
    from autocrine.assay.curve_series import fit_curve

#: what needs pandas and SciPy, which take longer to import than a well to simulate
_LATE = {"fit_curve": "autocrine.assay.curve_series", "plates": "autocrine.assay.plates"}

__all__ = ["Arm", "Bench", "Protocol", "fit_curve", "fold_resistance", "plates", "readout"]


def __getattr__(name: str) -> Any:
    """Import what is heavy when it is first asked for."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(_LATE[name])
    return module if name == "plates" else getattr(module, name)
