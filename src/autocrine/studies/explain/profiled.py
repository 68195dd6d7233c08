"""Profile likelihoods of the causes: what these data say of each, whatever the other parameters are, without priors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autocrine.calibration import draws, fits
from autocrine.core import errors
from autocrine.studies.explain.inference import Drawn

_CAUSES = ("pump_arm", "survival_arm", "loop", "copies", "other")
#: looser than for a fit: an end of an interval is read with two digits
_TOLERANCE = 1e-5
#: drops beyond this are not drawn; the interval ends at 1.92
_HIGHEST = 4.0


@dataclass(frozen=True)
class Profiled:
    """The profile of one cause.

    Attributes
    ----------
    name : str
        The parameter.
    places, drops : ndarray of shape (k,)
        The parameter on its scale, and how far the log likelihood lies below its maximum there.
    interval : tuple of float
        Confidence interval of 95 %, as it is; infinite on a side that the data leave open.
    believed : tuple of float
        The same with what was believed before of every parameter; each is bounded by that.
    verdict, sentence : str
        Whether the data bound it.
    """

    name: str
    places: np.ndarray
    drops: np.ndarray
    interval: tuple[float, float]
    believed: tuple[float, float]
    verdict: str
    sentence: str

    def row(self) -> dict[str, object]:
        """Return a row of a table; an open side is infinite."""
        return {
            "parameter": self.name,
            "low": self.interval[0],
            "high": self.interval[1],
            "low_with_priors": self.believed[0],
            "high_with_priors": self.believed[1],
            "verdict": self.verdict,
        }

    @property
    def path(self) -> str:
        """The root of the drop over the order of places on the scale, as points of a picture 100 wide and 40 high."""
        share = (self.places - self.places[0]) / max(float(np.ptp(self.places)), 1e-300)
        height = 40 - 38 * np.minimum(np.maximum(self.drops, 0.0), _HIGHEST) / _HIGHEST
        return " ".join(f"{100 * x:.1f},{40 - y + 1:.1f}" for x, y in zip(share, height, strict=True))


def profiled(drawn: Drawn) -> tuple[list[Profiled], str]:
    """Return profiles of the causes that every drug shares, or why there are none; with polynomials in place of wells.

    Parameters
    ----------
    drawn : Drawn
        Of the model that has every cause; its best draw is where the search begins.
    """
    target = drawn.target
    names = _shared(target.names)
    points = draws.points_of(target.priors, drawn.data)
    best = points[int(np.argmax(target.log_likelihood(points)[0]))]
    try:
        found = fits.profiles(target, best, names, tolerance=_TOLERANCE)
        believed = fits.profiles(target, best, names, of="posterior", tolerance=_TOLERANCE)
    except errors.AutocrineError as error:
        return [], f"No profiles: {error}"
    return [_of(found[name], believed[name]) for name in names], ""


def _shared(names: Sequence[str]) -> list[str]:
    """Return the causes that are not of one drug only: ``other_<line>_<drug>`` stands beside ``other_<line>``."""
    others = [name for name in names if name.startswith("other_")]
    single = {name for name in others if any(name != one and name.startswith(f"{one}_") for one in others)}
    return [name for name in names if (name in _CAUSES or name.split("_")[0] in _CAUSES) and name not in single]


def _of(one: fits.Profile, with_priors: fits.Profile) -> Profiled:
    ends = with_priors.interval_as_is
    return Profiled(one.name, one.places, one.drops, one.interval_as_is, ends, one.verdict, one.sentence)
