"""A compiled network: functions of this processor with the arrays that they read and write."""

from __future__ import annotations

import functools
import weakref

import numpy as np

from autocrine.engine.llvm_printer import print_llvm
from autocrine.engine.machine_code import MachineCode
from autocrine.engine.network import Network
from autocrine.engine.statements import Program

_compiled: weakref.WeakKeyDictionary[Network, tuple[Program, MachineCode]] = weakref.WeakKeyDictionary()


@functools.lru_cache(maxsize=64)
def _machine_code(text: str, blocks: tuple[str, ...]) -> MachineCode:
    return MachineCode(text, blocks)


def compiled(network: Network) -> tuple[Program, MachineCode]:
    """Return the statements and the machine code of a network; equal networks share their code."""
    if network not in _compiled:
        program = network.program
        _compiled[network] = program, _machine_code(print_llvm(program), tuple(program.blocks))
    return _compiled[network]


class System:
    """One trajectory's view of a compiled network: its parameters, and right-hand side and Jacobian for a solver.

    Parameters
    ----------
    network : Network
        The network; it is compiled when it is first needed.

    Notes
    -----
    The arrays are allocated once and handed to the compiled functions by address. One system serves one thread.
    """

    def __init__(self, network: Network) -> None:
        self.program, self._code = compiled(network)
        n = len(self.program.species)
        self._y, self._slope, self._initial = np.zeros(n), np.zeros(n), np.zeros(n)
        self._jacobian = np.zeros((n, n))
        self._p, self._c = np.zeros(len(self.program.parameters)), np.zeros(self.program.hoisted)
        self.derivative = self._bound("rhs", self._slope)
        self.jacobian_columns = self._bound("jacobian", self._jacobian)

    @property
    def species(self) -> tuple[str, ...]:
        """Names of the species in the order of the state."""
        return self.program.species

    @property
    def parameters(self) -> np.ndarray:
        """The parameters in use, shape (m,)."""
        return self._p

    def set_parameters(self, values: np.ndarray) -> None:
        """Take other parameters, shape (m,)."""
        self._p[:] = values
        self._call("hoist", 0.0, self._c)

    def initial(self) -> np.ndarray:
        """Return the state at the start, shape (n,)."""
        self._call("start", 0.0, self._initial)
        return self._initial.copy()

    def outputs(self, times: np.ndarray, states: np.ndarray) -> np.ndarray:
        """Return rules and observables, shape (T, k), at times (T,) and states (T, n)."""
        times, states = np.ascontiguousarray(times, float), np.ascontiguousarray(states, float)
        shown = np.empty((len(times), len(self.program.outputs)))
        addresses = (each.ctypes.data for each in (times, states, self._p, self._c, shown))
        self._code.outputs_many(len(times), *addresses)
        return shown

    def _call(self, name: str, time: float, out: np.ndarray) -> None:
        arrays = (self._y, self._p, self._c, out)
        self._code.functions[name](time, *(each.ctypes.data for each in arrays))

    def _bound(self, name: str, out: np.ndarray):
        """Return a function of time and state that writes into ``out`` and returns it; a call costs about 1 us."""
        function, y = self._code.functions[name], self._y
        a, b, c, d = (each.ctypes.data for each in (y, self._p, self._c, out))

        def evaluate(time: float, state: np.ndarray) -> np.ndarray:
            y[:] = state
            function(time, a, b, c, d)
            return out

        return evaluate
