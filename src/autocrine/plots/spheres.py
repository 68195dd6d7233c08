"""Many spheres as one shaded picture, made of arrays: light from the left above, dark gaps between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: direction of the light, towards it
_LIGHT = np.array([-0.45, 0.55, 0.70])
#: light that comes from everywhere, that of the lamp, and a weak shine
_AMBIENT, _DIFFUSE, _SHINE = 0.50, 0.58, 0.14
#: how much darker the far end of a tissue is
_HAZE = 0.28
#: pixels over which a step in depth throws its shadow, and how dark one gets
_NEAR, _GAP = 2, 0.5
#: each pixel is the mean of so many squared
_FINER = 2
_MARGIN = 1.04


@dataclass(frozen=True)
class Camera:
    """From where one looks, without perspective.

    Attributes
    ----------
    turn_deg, lift_deg : float
        Around the vertical axis z, and up from the plane of x and y.
    """

    turn_deg: float = 35.0
    lift_deg: float = 28.0

    def axes(self) -> NDArray[np.float64]:
        """Return the axes of the picture: right, up, and towards the viewer, shape (3, 3)."""
        a, b = np.radians(self.turn_deg), np.radians(self.lift_deg)
        right = np.array([np.cos(a), np.sin(a), 0.0])
        towards = np.array([np.sin(a) * np.cos(b), -np.cos(a) * np.cos(b), np.sin(b)])
        return np.stack([right, np.cross(towards, right), towards])


#: for tissues of one layer, from straight above
ABOVE = Camera(0.0, 90.0)


def shade_spheres(
    position_um: NDArray[np.float64],
    radius_um: NDArray[np.float64],
    colour: NDArray[np.float64],
    centre_um: NDArray[np.float64],
    half_um: float,
    *,
    camera: Camera = Camera(),
    pixels: int = 480,
) -> NDArray[np.uint8]:
    """Return a square picture of spheres.

    Parameters
    ----------
    position_um, radius_um : ndarray of shape (spheres, 3) and (spheres,)
        Centres and radii (um).
    colour : ndarray of shape (spheres, 3)
        Red, green and blue, 0 to 1.
    centre_um : ndarray of shape (3,)
        What the middle of the picture shows.
    half_um : float
        Half of the edge of the picture (um).
    camera : Camera
        From where one looks.
    pixels : int
        Edge of the picture.

    Returns
    -------
    ndarray of uint8, shape (pixels, pixels, 4)
        Red, green, blue and opacity; clear where there is no sphere.

    Notes
    -----
    Orthographic, with a buffer of depths. Spheres go through together, one offset from their middles at a time, so that
    the work is that of the pixels that they cover, in whole arrays.
    """
    fine = pixels * _FINER
    scale = fine / (2 * half_um * _MARGIN)
    place = (np.asarray(position_um, float) - centre_um) @ camera.axes().T * scale
    radius = np.maximum(np.asarray(radius_um, float) * scale, 0.75)
    seen = _Seen(place[:, 0] + fine / 2, fine / 2 - place[:, 1], place[:, 2], radius, fine)
    depth, owner = _nearest(seen)
    shaded = _shade(seen, depth, owner, colour)
    small = shaded.reshape(pixels, _FINER, pixels, _FINER, 4).mean(axis=(1, 3))
    # colours of clear parts do not count in the mean
    small[..., :3] /= np.maximum(small[..., 3:], 1e-9)
    return np.clip(np.round(255 * small), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class _Seen:
    """Spheres in the picture: columns, rows, depths and radii in pixels, and the edge of the picture."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    radius: NDArray[np.float64]
    fine: int


def _nearest(seen: _Seen) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the depth of the nearest surface in each pixel, and whose it is; -1 where there is none."""
    x, y, z, radius, fine = seen.x, seen.y, seen.z, seen.radius, seen.fine
    depth, owner = np.full(fine * fine, -np.inf), np.full(fine * fine, -1)
    column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    reach = int(np.ceil(radius.max(initial=0.0))) + 1
    order = np.arange(len(x))
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            wide = order[radius >= max(0.0, np.hypot(abs(dx), abs(dy)) - 1.5)]
            i, j = column[wide] + dx, row[wide] + dy
            height = radius[wide] ** 2 - (i + 0.5 - x[wide]) ** 2 - (j + 0.5 - y[wide]) ** 2
            there = (height > 0) & (i >= 0) & (i < fine) & (j >= 0) & (j < fine)
            at, who = (j * fine + i)[there], wide[there]
            level = z[who] + np.sqrt(height[there])
            np.maximum.at(depth, at, level)
            first = depth[at] == level
            owner[at[first]] = who[first]
    return depth, owner


def _shade(
    seen: _Seen, depth: NDArray[np.float64], owner: NDArray[np.int64], colour: NDArray[np.float64]
) -> NDArray[np.float64]:
    x, y, z, radius, fine = seen.x, seen.y, seen.z, seen.radius, seen.fine
    picture = np.zeros((fine * fine, 4))
    at = np.flatnonzero(owner >= 0)
    if not len(at):
        return picture
    who, (j, i) = owner[at], np.divmod(at, fine)
    normal = np.stack([(i + 0.5 - x[who]), (y[who] - j - 0.5), depth[at] - z[who]], axis=1) / radius[who, None]
    light = _LIGHT / np.linalg.norm(_LIGHT)
    facing = np.clip(normal @ light, 0.0, 1.0)
    half = light + np.array([0.0, 0.0, 1.0])
    shine = np.clip(normal @ (half / np.linalg.norm(half)), 0.0, 1.0) ** 24
    far = (depth[at].max() - depth[at]) / max(float(np.ptp(depth[at])), 1e-9)
    strength = (_AMBIENT + _DIFFUSE * facing) * (1 - _HAZE * far) * _gaps(depth, at, radius[who], fine)
    picture[at, :3] = np.clip(colour[who] * strength[:, None] + _SHINE * shine[:, None], 0.0, 1.0)
    picture[at, 3] = 1.0
    return picture


def _gaps(
    depth: NDArray[np.float64], at: NDArray[np.int64], radius: NDArray[np.float64], fine: int
) -> NDArray[np.float64]:
    """Return how much light reaches what lies deeper than its neighbours in the picture."""
    whole = depth.reshape(fine, fine)
    hidden = np.zeros(len(at))
    steps = [(_NEAR * dx, _NEAR * dy) for dx in (-2, 0, 2) for dy in (-2, 0, 2) if (dx, dy) != (0, 0)]
    for dx, dy in steps:
        above = np.roll(whole, (dy, dx), axis=(0, 1)).ravel()[at] - depth[at]
        hidden += np.clip(np.where(np.isfinite(above), above, 0.0) / radius, 0.0, 1.0)
    return 1 - _GAP * hidden / len(steps)
