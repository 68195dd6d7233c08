"""A published experiment, repeated on the bench so that each of its findings meets a prediction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from autocrine.assay import Bench

#: prediction by key of the finding; None where the model has no such variable
Predictions = Mapping[str, float | None]


@dataclass(frozen=True)
class PublishedStudy:
    """A published experiment.

    Attributes
    ----------
    key : str
        Its key, which its findings carry too.
    title : str
        What was done, in a line.
    parts : tuple of (keys, callable)
        Experiments; each maps a bench to predictions for these keys of findings, in the finding's unit, or as a fold
        over the control where it has no number.
    """

    key: str
    title: str
    parts: tuple[tuple[tuple[str, ...], Callable[[Bench], Predictions]], ...]

    @property
    def findings(self) -> tuple[str, ...]:
        """Keys of all findings that the study predicts."""
        return tuple(key for keys, _ in self.parts for key in keys)

    def predict(self, bench: Bench, wanted: Collection[str] | None = None) -> dict[str, float | None]:
        """Do the experiments that are needed for the wanted findings, or all, and return their predictions."""
        found: dict[str, float | None] = {}
        for keys, experiment in self.parts:
            asked = [key for key in keys if wanted is None or key in wanted]
            if asked:
                predictions = experiment(bench)
                found |= {key: predictions[key] for key in asked}
        return found


def per_cent_change(ratio: float) -> float:
    """Return a ratio to the control as a change in per cent."""
    return 100.0 * (ratio - 1.0)
