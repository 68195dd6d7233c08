"""Parameters and initial values of many trajectories, checked and brought to one length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autocrine.core import errors
from autocrine.engine.names import nearest
from autocrine.engine.network import Network

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Values: TypeAlias = "Mapping[str, ArrayLike]"


@dataclass(frozen=True)
class ParameterTable:
    """Parameters of n trajectories, of which most are the same for all: rows are written when they are asked for.

    Attributes
    ----------
    common : ndarray of shape (m,)
        What all trajectories have.
    own : dict of int to ndarray of shape (n,) or (1,)
        Other values by place.
    shape : tuple of int
        (n, m).
    """

    common: np.ndarray
    own: dict[int, np.ndarray]
    shape: tuple[int, int]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: int | slice | np.ndarray) -> np.ndarray:
        """Return some rows as a new array."""
        which = np.arange(len(self))[rows]
        table = np.tile(self.common, (*which.shape, 1)) if which.ndim else self.common.copy()
        for place, values in self.own.items():
            table[..., place] = values[which if len(values) > 1 else 0]
        return table

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:], dtype=dtype)


@dataclass(frozen=True)
class Ensemble:
    """The inputs of n trajectories.

    Attributes
    ----------
    parameters : ndarray or ParameterTable of shape (n, m)
        All parameters of the network in its order.
    initial : dict of int to ndarray of shape (n,)
        Given initial values by place of the species; the others follow from the network.
    """

    parameters: np.ndarray | ParameterTable
    initial: dict[int, np.ndarray]

    def __len__(self) -> int:
        return len(self.parameters)

    def with_more(self, count: int) -> Ensemble:
        """Return these inputs with more parameters, zero for now, behind the others."""
        table = self.parameters
        if not isinstance(table, ParameterTable):
            return replace(self, parameters=np.pad(table, ((0, 0), (0, count))))
        rows, columns = table.shape
        wider = replace(table, common=np.pad(table.common, (0, count)), shape=(rows, columns + count))
        return replace(self, parameters=wider)

    @classmethod
    def of(cls, network: Network, parameters: Values | None, initial: Values | None) -> Ensemble:
        """Bring given values to one length; scalars and arrays of length one serve every trajectory.

        Raises
        ------
        InputError
            If a name is unknown, a value is not finite, or the lengths differ.
        """
        names, levels = tuple(network.parameters), network.outline.species
        given = _arrays(parameters or {}, names, "parameter")
        start = _arrays(initial or {}, levels, "species")
        count = _common_length({**given, **start})
        common = np.array([each.value for each in network.parameters.values()], float)
        table = ParameterTable(common, {names.index(n): values for n, values in given.items()}, (count, len(names)))
        return cls(table, {levels.index(name): np.broadcast_to(values, count) for name, values in start.items()})


def check_names(names: Iterable[str], known: tuple[str, ...], kind: str) -> None:
    """Refuse an unknown name and offer the nearest one."""
    for name in names:
        if name not in known:
            raise errors.InputError(f"a {kind} must be one of the network", name, hint=nearest(name, known))


def _arrays(given: Values, known: tuple[str, ...], kind: str) -> dict[str, np.ndarray]:
    check_names(given, known, kind)
    arrays = {}
    for name, value in given.items():
        try:
            array = np.atleast_1d(np.asarray(value, dtype=float))
        except (TypeError, ValueError) as error:
            raise errors.InputError(f"{kind} {name} must be a number or an array of numbers", value) from error
        if array.ndim != 1 or not array.size:
            raise errors.InputError(f"{kind} {name} must be a number or have one axis", array.shape)
        bad = np.flatnonzero(~np.isfinite(array))
        if bad.size:
            raise errors.InputError(f"{kind} {name} must be finite", float(array[bad[0]]), where=f"trajectory {bad[0]}")
        arrays[name] = array
    return arrays


def _common_length(arrays: Mapping[str, np.ndarray]) -> int:
    lengths = {name: len(array) for name, array in arrays.items() if len(array) != 1}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise errors.InputError("arrays must have one length", shown, hint="one value per trajectory, or one for all")
    return next(iter(lengths.values()), 1)
