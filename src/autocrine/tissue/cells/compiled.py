"""How the loops over cells are compiled."""

from __future__ import annotations

import functools

import numba

#: Loops let other threads run while they do. The compiler may not reorder sums: what a cell becomes must not depend on
#: how the cells are shared out, and a pair must push with opposite and equal forces to the last bit.
kernel = functools.partial(numba.njit, cache=True, nogil=True, error_model="numpy")
