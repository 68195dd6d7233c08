"""Random numbers keyed by a seed and names, so that no result depends on the order of the work."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, *names: object) -> np.random.Generator:
    """Return the generator of one purpose.

    Parameters
    ----------
    seed : int
        The seed that a person gave.
    *names : object
        What the numbers are for: line, drug, replicate ... Equal names give equal numbers, whatever was drawn before.
    """
    digest = hashlib.blake2b("\x1f".join(map(str, names)).encode(), digest_size=16).digest()
    return np.random.default_rng(np.random.SeedSequence([seed, *np.frombuffer(digest, dtype=np.uint32).tolist()]))
