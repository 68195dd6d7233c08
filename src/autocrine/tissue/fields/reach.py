"""How far something reaches from where it is made: closed forms."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import lambertw

from autocrine.core import errors


def penetration_length_um(diffusion_um2_h: float, loss_1_h: float) -> float:
    """Return sqrt(D / k), over which a level falls by e (um).

    Parameters
    ----------
    diffusion_um2_h, loss_1_h : float
        D (um²/h) and k (1/h): decay, and clearance of the cells times their number in one um³.

    Raises
    ------
    InputError
        If one is not positive and finite.
    """
    for name, value in (("diffusion_um2_h", diffusion_um2_h), ("loss_1_h", loss_1_h)):
        if not (math.isfinite(value) and value > 0):
            raise errors.InputError(f"{name} must be positive and finite", value)
    return math.sqrt(diffusion_um2_h / loss_1_h)


def level_around_producer(
    radius_um: ArrayLike, secretion: float, diffusion_um2_h: float, loss_1_h: float
) -> NDArray[np.float64]:
    """Return the steady level around one producer, secretion / (4 π D r) exp(-r / sqrt(D/k)).

    Parameters
    ----------
    radius_um : array
        Distances (um), positive.
    secretion : float
        What it gives (level · um³/h).
    diffusion_um2_h, loss_1_h : float
        D (um²/h) and k (1/h).
    """
    radius = np.asarray(radius_um, dtype=np.float64)
    if not (radius > 0).all():
        raise errors.InputError("distances from a producer must be positive", radius.min())
    reach = penetration_length_um(diffusion_um2_h, loss_1_h)
    return secretion / (4 * np.pi * diffusion_um2_h * radius) * np.exp(-radius / reach)


def protection_radius_um(secretion: float, diffusion_um2_h: float, loss_1_h: float, threshold: float) -> float:
    """Return the distance from one producer at which the level falls to a threshold (um).

    Parameters
    ----------
    secretion : float
        What it gives (level · um³/h).
    diffusion_um2_h, loss_1_h : float
        D (um²/h) and k (1/h).
    threshold : float
        Level that still protects.

    Notes
    -----
    With λ = sqrt(D/k) and Lambert's W, r = λ W(secretion / (4 π D λ threshold)); for a weak
    producer that is secretion / (4 π D threshold), and only for a strong one a length of the order of λ.
    """
    if not (math.isfinite(threshold) and threshold > 0):
        raise errors.InputError("a threshold must be positive and finite", threshold)
    if not (math.isfinite(secretion) and secretion >= 0):
        raise errors.InputError("a secretion must be finite and not negative", secretion)
    reach = penetration_length_um(diffusion_um2_h, loss_1_h)
    return reach * float(lambertw(secretion / (4 * np.pi * diffusion_um2_h * reach * threshold)).real)
