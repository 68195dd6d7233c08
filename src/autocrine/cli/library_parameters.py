"""The parameters of one cell as the commands of the library show them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autocrine.core import Parameters


def parameters() -> Parameters:
    """Return the parameters of one cell as they are fitted, each with the evidence that it had before the fit."""
    from autocrine.circuit import cell
    from autocrine.core import Parameters

    before, fitted = cell.cell_parameters(fitted=False), cell.cell_parameters()
    return Parameters(dataclasses.replace(fitted[name], evidence=before[name].evidence) for name in fitted)
