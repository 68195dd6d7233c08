"""The slope of a field at cells, for what follows it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autocrine.tissue.fields.contacts import Contacts
from autocrine.tissue.fields.fields import Fields


def gradient_at(fields: Fields, name: str, contacts: Contacts) -> NDArray[np.float64]:
    """Return the gradient that each cell sees (level/um), (cells, 2) or (cells, 3).

    Parameters
    ----------
    fields : Fields
        The fields.
    name : str
        The substrate.
    contacts : Contacts
        Where the cells are.

    Notes
    -----
    Central differences over two voxels, one-sided at a face; taken only in voxels that cells touch.
    """
    level, shape, spacing = fields[name], fields.grid.shape, fields.grid.spacing_um
    at = np.stack(np.unravel_index(contacts.voxel, shape))
    found = np.empty((contacts.cells, len(shape)))
    for axis, n in enumerate(shape):
        lower, upper = at.copy(), at.copy()
        lower[axis], upper[axis] = np.maximum(at[axis] - 1, 0), np.minimum(at[axis] + 1, n - 1)
        apart = spacing * (upper[axis] - lower[axis])
        found[:, axis] = contacts.to_cells((level[tuple(upper)] - level[tuple(lower)]) / apart)
    return found
