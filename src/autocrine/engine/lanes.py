"""Where the lanes keep their numbers: one memory for each thread, arrays of lanes behind one another in it."""

from __future__ import annotations

from collections.abc import Mapping

from autocrine.engine.ir_writer import INT, REAL, Array, Value, Writer
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.step_statements import StepProgram

#: one number of each lane: time, step, end of the segment, tolerance, memory of the control, marks (1 or 0)
_SINGLE = (
    *("t", "h", "end", "rtol", "d", "stage_t", "next_h", "accepted_h", "accepted_error", "error", "total", "due"),
    *("live", "fresh", "last", "accepted", "sound", "rejected", "wanted", "verdict"),
    *("steps", "rejections", "longest", "trajectory", "cursor"),
)
#: those that count
_WHOLE = frozenset({"trajectory", "cursor"})


def layout(step: StepProgram, method: Rosenbrock) -> dict[str, tuple[int, int]]:
    """Return first place and length of every array, in groups of lanes; ``""`` has the whole length."""
    n = step.species
    lengths = dict.fromkeys(_SINGLE, 1)
    lengths |= {"y": n, "new": n, "argument": n, "zero": n, "b": n, "dense": n, "atol": n}
    # what `linearise` stores stands together
    lengths |= {"f": n, "drift": n if step.follows_time else 0, "safety": 1, "lu": step.factors}
    lengths |= {"c": step.hoisted, "stages": n * method.stages, "k": n * len(method.H)}
    if step.triggers:
        lengths |= {"truth": step.triggers, "seen": step.triggers, "turned": 1, "taken": 1}
    places, first = {}, 0
    for name, length in lengths.items():
        places[name] = first, length
        first += length
    return places | {"": (0, first)}


class Lanes:
    """The arrays of all lanes, as they are used while instructions are written.

    Parameters
    ----------
    writer : Writer
        Writes the function.
    memory : Value
        The address of the memory.
    places : mapping
        What `layout` returned.
    species : int
        Number of species.
    lanes : int, optional
        Their number, if the writer has another one.
    """

    def __init__(
        self,
        writer: Writer,
        memory: Value,
        places: Mapping[str, tuple[int, int]],
        species: int,
        *,
        lanes: int | None = None,
    ) -> None:
        self.writer, self.memory, self.places, self.species = writer, memory, places, species
        self.lanes = lanes or writer.lanes

    def __getitem__(self, name: str) -> Array:
        """Return an array whose entries are groups of lanes."""
        return self.from_(name, 0)

    def from_(self, name: str, first: int) -> Array:
        """Return the rest of an array from an entry on."""
        return self.writer.array(self.memory, first=self.places[name][0] + first)

    def address(self, name: str, first: int = 0) -> Value:
        """Return the address of an array, or of an entry of it."""
        return self.from_(name, first).at(0)

    def of(self, lane: Value, name: str) -> Column:
        """Return the array of one lane."""
        type_ = INT if name in _WHOLE else REAL
        array = self.writer.array(self.memory, type_, self.places[name][0] * self.lanes)
        return Column(array, lane, self.lanes)


class Column:
    """The numbers of one lane in an array of lanes."""

    def __init__(self, array: Array, lane: Value, lanes: int) -> None:
        self._array, self._lane, self._lanes = array, lane, lanes

    def __getitem__(self, index: Value | int) -> Value:
        return self._array[self._place(index)]

    def __setitem__(self, index: Value | int, value: Value | float) -> None:
        self._array[self._place(index)] = value

    def _place(self, index: Value | int) -> Value:
        return self._lane + index * self._lanes if isinstance(index, int) else index * self._lanes + self._lane
