"""A logarithmic dose axis in a unit of the bench."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from autocrine.core import errors
from autocrine.plots.picture import INK, power

_PER_NM = {"pM": 1e3, "nM": 1.0, "uM": 1e-3, "mM": 1e-6}
_GAP_TO_ZERO = 0.6


class DoseAxis:
    """Places doses on an axis; dose 0 stands left of the lowest dose, behind a gap.

    Drawn on a linear axis in log10 of the dose, since the ticks of a logarithmic one are slow for hundreds of plots.

    Parameters
    ----------
    dose_nM : ndarray
        All doses that will be drawn.
    unit : str
        ``pM``, ``nM``, ``uM`` or ``mM``.
    """

    def __init__(self, dose_nM: NDArray[np.float64], unit: str) -> None:
        if unit not in _PER_NM:
            raise errors.UnitError(f"the unit of a dose axis must be one of {', '.join(_PER_NM)}", unit)
        self.unit = unit
        tested = dose_nM[np.isfinite(dose_nM) & (dose_nM > 0)]
        if tested.size == 0:
            raise errors.InputError("a dose axis must have at least one dose above 0")
        self.low, self.high = (float(np.log10(edge * _PER_NM[unit])) for edge in (tested.min(), tested.max()))
        self.has_zero = bool(np.any(dose_nM == 0))

    def place(self, dose_nM: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return where doses stand."""
        dose = np.asarray(dose_nM, dtype=float)
        zero = dose <= 0
        return np.where(zero, self.low - _GAP_TO_ZERO, np.log10(np.where(zero, 1.0, dose) * _PER_NM[self.unit]))

    def draw(self, axes: Axes, label: str = "dose", *, narrow: bool = False) -> None:
        """Write ticks, label and limits; a narrow frame has few, none beside the 0."""
        decades = list(range(math.ceil(self.low - 0.15), math.floor(self.high + 0.15) + 1))
        if len(decades) < 2:
            decades = list(range(math.floor(self.low), math.ceil(self.high) + 1))
        step = max(1, math.ceil(len(decades) / (3 if narrow else 5)))
        named = decades[1 if narrow and self.has_zero else 0 :: step]
        ticks, words = [float(d) for d in named], [power(d) for d in named]
        if self.has_zero:
            ticks, words = [self.low - _GAP_TO_ZERO, *ticks], ["0", *words]
        axes.set_xticks(ticks, words)
        # small ones cannot be told apart in a narrow frame
        if not narrow:
            self._small_ticks(axes, decades)
        left = self.low - (_GAP_TO_ZERO + 0.15 if self.has_zero else 0.15)
        axes.set_xlim(left, self.high + 0.15)
        axes.set_xlabel(f"{label} ({self.unit.replace('u', 'µ')})")

    def _small_ticks(self, axes: Axes, decades: list[int]) -> None:
        """Draw ticks between decades as one artist, because each tick of an axis is three."""
        between = [d + math.log10(k) for d in range(decades[0] - 1, decades[-1] + 1) for k in range(2, 10)]
        figure = axes.get_figure(root=True)
        tall = axes.get_position().height * figure.get_figheight() * 72  # pyright: ignore[reportOptionalMemberAccess]
        ticks = [[(at, 0.0), (at, -1.5 / tall)] for at in between if self.low - 0.1 <= at <= self.high + 0.1]
        below = axes.get_xaxis_transform()
        small = LineCollection(ticks, colors=INK, linewidths=0.5, transform=below, clip_on=False)
        axes.add_collection(small, autolim=False)
