"""Random numbers keyed by a seed and names, so that no result depends on the order of the work."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

from autocrine.core.errors import InputError


def generator(seed: int, *names: object) -> np.random.Generator:
    """Return the generator of one purpose.

    Parameters
    ----------
    seed : int
        The seed that a person gave.
    *names : object
        What the numbers are for: line, drug, replicate ... Equal names give equal numbers, whatever was drawn before.

    Raises
    ------
    InputError
        If the seed is negative.
    """
    if seed < 0:
        raise InputError("the seed must be a whole number of at least 0", seed, hint="--seed 1")
    import numpy as np

    digest = hashlib.blake2b("\x1f".join(map(str, names)).encode(), digest_size=16).digest()
    return np.random.default_rng(np.random.SeedSequence([seed, *np.frombuffer(digest, dtype=np.uint32).tolist()]))
