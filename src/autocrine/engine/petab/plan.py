"""How the experiments of a part are simulated: one network, one trajectory for each experiment."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autocrine.core import Document, Parameters, errors
from autocrine.engine.event import Event
from autocrine.engine.names import TIME, nearest, symbol
from autocrine.engine.network import Network
from autocrine.engine.petab import formula
from autocrine.engine.petab.model import Start
from autocrine.engine.petab.problem import Experiment, Part, Period, Quantity
from autocrine.engine.petab.terms import Terms

#: the time of what never happens in a trajectory; parameters must be finite
NEVER = 1e300


@dataclass(frozen=True)
class Course:
    """One experiment as a trajectory.

    Attributes
    ----------
    name : str
        The experiment.
    start : float
        When the trajectory begins; before that it may rest.
    rests : bool
        Whether it comes from a steady state.
    initial : mapping of str to sympy.Expr
        What is given at the start, or of the steady state before it.
    later : tuple of Period
        What happens afterwards.
    """

    name: str
    start: float
    rests: bool
    initial: Mapping[str, Any]
    later: tuple[Period, ...]

    @classmethod
    def of(cls, experiment: Experiment) -> Course:
        """Return the trajectory of an experiment."""
        periods = experiment.periods
        rests = bool(periods) and periods[0].time == -math.inf
        finite = [period.time for period in periods if math.isfinite(period.time)]
        start = finite[0] if finite else 0.0
        now = {symbol(formula.TIME): formula.number(start)}
        initial = {name: value.xreplace(now) for name, value in (periods[0].changes if periods else {}).items()}
        later = tuple(period for period in periods[1:] if period.changes)
        return cls(experiment.name, start, rests, initial, later)


@dataclass
class Plan:
    """A part, ready to be simulated.

    Attributes
    ----------
    part : Part
        The part.
    table : mapping of str to Quantity
        The parameters of the problem.
    courses : tuple of Course
        The E trajectories.
    network : Network
        The network, with what conditions change as its first events.
    leaves : mapping of str to str
        Observables of the network by what formulas are written in.
    changing : mapping of str to str
        Observables of the network by the parameters that conditions change on the way.
    fixed : mapping of int to int
        Leaves that are parameters of the network which nothing changes: place among the parameters by that among the
        leaves.
    moving : ndarray of bool, shape (m,)
        Parameters of the network on which what is simulated depends.
    """

    part: Part
    table: Mapping[str, Quantity]
    courses: tuple[Course, ...] = field(init=False)
    network: Network = field(init=False)
    leaves: dict[str, str] = field(init=False)
    changing: dict[str, str] = field(init=False)
    fixed: dict[int, int] = field(init=False)
    moving: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        used = dict.fromkeys(each.experiment for each in self.part.measurements)
        self.courses = tuple(Course.of(self.part.experiments[name]) for name in used)
        self._kinds = self.part.model.kinds
        self._check_table()
        prepared = self._prepared()
        self._starts = prepared.starts
        self._slots = list(dict.fromkeys(self._keys()))
        self.network = self._network(prepared.network)
        self.places = {name: place for place, name in enumerate(self.network.parameters)}
        self.fixed = self._fixed()
        self.moving = self._moving()
        self._initial = self._compiled_initial()

    def _fixed(self) -> dict[int, int]:
        names = [self._network_name(name) for name in self.leaves]
        return {k: self.places[n] for k, n in enumerate(names) if n in self.places and n not in self.changing}

    def _moving(self) -> np.ndarray:
        network = self.network
        used = [each.initial for each in network.species]
        used += [term for each in network.reactions for term in (each.rate, *each.stoichiometry.values())]
        used += network.rules.values()
        for event in network.events:
            used += [event.time, event.trigger, event.delay, event.priority, *event.assignments.values()]
        symbols = {str(each) for term in used for each in getattr(term, "free_symbols", ())}
        # a parameter that conditions set is also seen as it is before they do
        symbols |= self.changing.keys()
        return np.array([name in symbols for name in network.parameters])

    @property
    def conditions(self) -> int:
        """Number of events that are conditions; those of the model follow."""
        return len(self._slots)

    def _check_table(self) -> None:
        table = {self._resolved(name) for name in self.table}
        for course in self.courses:
            periods = (Period(course.start, course.initial), *course.later)
            for target in (target for period in periods for target in period.changes):
                if target in table:
                    must = "a condition must not change what stands in the parameter table"
                    raise errors.InputError(must, target, where=f"experiment {course.name!r}")
                if self._kinds.get(target) in ("rule", "reaction"):
                    must = "a condition must change a constant or a state"
                    raise errors.InputError(must, target, where=f"experiment {course.name!r}")

    def _prepared(self) -> Any:
        states = [name for name in self.table if self._kinds.get(name) == "state"]
        wrong = [name for name in self.table if self._kinds.get(name) in ("rule", "reaction")]
        if wrong:
            raise errors.InputError(
                "a parameter must be none that a rule determines", wrong[0], where="parameter table"
            )
        constants = [name for name in self.table if self._kinds.get(name) == "constant"]
        counts: dict[str, int] = {}
        for course in self.courses:
            for target in course.initial:
                if target in self._kinds:
                    counts[target] = counts.get(target, 0) + 1
        starts = {target: count == len(self.courses) for target, count in counts.items()}
        later = {name for course in self.courses for period in course.later for name in period.changes}
        starts |= dict.fromkeys(states, True)
        return self.part.model.prepared(constants, starts, sorted(later & self._kinds.keys()))

    def _keys(self) -> Iterator[tuple[tuple, int]]:
        """Yield what happens in which experiment: the changes, and how often the same happened before."""
        for course in self.courses:
            yield from (key for key, _ in self.happenings(course))

    @staticmethod
    def happenings(course: Course) -> list[tuple[tuple[tuple, int], float]]:
        """Return keys and times of what happens in a trajectory."""
        seen: dict[tuple, int] = {}
        found = []
        for period in course.later:
            changes = tuple(sorted(period.changes.items()))
            found.append(((changes, seen.get(changes, 0)), period.time))
            seen[changes] = seen.get(changes, 0) + 1
        return found

    def _network(self, base: Network) -> Network:
        self._taken = {
            *base.parameters,
            *base.rules,
            *base.observables,
            TIME,
            *self.table,
            *(each.name for each in base.species),
        }
        self._when = [self._free(f"when_{place}") for place in range(len(self._slots))]
        targets = {
            t for course in self.courses for p in (course.initial, *(q.changes for q in course.later)) for t in p
        }
        known = {*base.parameters, *base.rules, *(each.name for each in base.species)}
        extra = [name for name in dict.fromkeys((*self.table, *sorted(targets))) if self.name_of(name) not in known]
        self._check_given(set(extra) - self.table.keys())
        values = {self.name_of(name): 1.0 for name in extra} | dict.fromkeys(self._when, NEVER)
        document = {name: {"value": value, "unit": "1", "basis": "chosen"} for name, value in values.items()}
        added = Parameters.from_document(Document(document, "", "PEtab"), "")
        known |= values.keys() | {TIME} | base.observables.keys()
        wanted = sorted({name for each in self.formulas for one in each for name in self._leaves_of(one)})
        self._check_known(wanted, known)
        self.leaves = {name: self._free(f"seen_{place}") for place, name in enumerate(wanted)}
        set_later = {str(n) for changes, _ in self._slots for n in self._assigned(base, dict(changes))}
        constants = sorted(set_later & {*base.parameters, *values})
        self.changing = {name: self._free(f"now_{place}") for place, name in enumerate(constants)}
        conditions = [
            Event(symbol(when), self._assigned(base, dict(changes)), f"condition {place + 1}")
            for place, ((changes, _), when) in enumerate(zip(self._slots, self._when, strict=True))
        ]
        return Network(
            base.name,
            base.species,
            base.parameters.joined(added),
            base.reactions,
            rules=base.rules,
            events=[*conditions, *base.events],
            observables={seen: self._shown(base, self._network_name(name)) for name, seen in self.leaves.items()}
            | {seen: symbol(name) for name, seen in self.changing.items()},
        )

    def _check_known(self, names: Sequence[str], known: set[str]) -> None:
        for name in names:
            if self._network_name(name) not in known:
                hint = nearest(name, known)
                raise errors.InputError("a formula must use what is known", name, where="observables", hint=hint)

    @staticmethod
    def _shown(base: Network, name: str) -> Any:
        """Return what a name in a formula is: an observable that a file remembers is its expression."""
        return base.observables.get(name, symbol(name))

    def _check_given(self, names: set[str]) -> None:
        """Refuse an experiment that gives no value to what only conditions give one."""
        for course in self.courses:
            missing = sorted(names - course.initial.keys())
            if missing:
                must = "what neither the model nor the parameter table has must be given by the first condition of all"
                raise errors.InputError(must, missing[0], where=f"experiment {course.name!r}")

    def _free(self, wish: str) -> str:
        while wish in self._taken:
            wish += "_"
        self._taken.add(wish)
        return wish

    def name_of(self, name: str) -> str:
        """Return the parameter of the network that an entry of the parameter table or a constant is."""
        start = self._starts.get(self._resolved(name))
        return self._network_name(self._resolved(name)) if start is None else start.value

    def _resolved(self, name: str) -> str:
        return self.part.model.aliases.get(name, name)

    def _network_name(self, name: str) -> str:
        """Return how the network calls something: ``t`` is time there, so that what is called so has another name."""
        if name == formula.TIME:
            return TIME
        if name != TIME:
            return name
        taken = {TIME, *self._kinds}
        while name in taken:
            name += "_"
        return name

    def _written(self, expression: Any) -> Any:
        swap = {symbol(name): symbol(self._network_name(name)) for name in (formula.TIME, TIME)}
        return expression.xreplace(swap)

    def _assigned(self, base: Network, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Return what an event assigns: amounts where concentrations follow from them."""
        states = {each.name for each in base.species}
        new = {symbol(self._network_name(name)): self._written(value) for name, value in changes.items()}
        found = {}
        for name, rule in base.rules.items():
            # a concentration in a compartment whose size changes: the state is the amount, and the rule divides it
            amount, size = rule.as_numer_denom()
            divided = str(amount) in states and self._kinds.get(name) == "state"
            if divided and (symbol(name) in new or size in new):
                found[str(amount)] = new.pop(symbol(name), symbol(name)) * new.get(size, size)
        return found | {str(name): value for name, value in new.items()}

    @functools.cached_property
    def formulas(self) -> list[tuple[Any, Any]]:
        """What is simulated and the width of its noise, for each observable, with placeholders by number."""
        found = []
        for each in self.part.observables.values():
            names = (*each.placeholders, *each.width_placeholders)
            swap = {symbol(name): symbol(filled(place)) for place, name in enumerate(names)}
            simulated = each.formula.xreplace(swap)
            width = each.width.xreplace({symbol(each.name): each.formula}).xreplace(swap)
            found.append((simulated, width))
        return found

    @staticmethod
    def _leaves_of(expression: Any) -> set[str]:
        return {str(each) for each in expression.free_symbols if " " not in str(each)}

    def _compiled_initial(self) -> tuple[list[Any], Terms]:
        """Return what conditions give at the start, once each, and the same compiled."""
        known = dict.fromkeys(value for course in self.courses for value in course.initial.values())
        swap = {symbol(self._resolved(name)): symbol(self.name_of(name)) for name in self.table}
        written = [self._written(each.xreplace(swap)) for each in known]
        for expression in written:
            for each in expression.free_symbols:
                if str(each) not in self.network.parameters:
                    must = "what is given at the start must depend on parameters only"
                    raise errors.InputError(must, str(each), where="conditions", hint="a parameter of the table")
        return list(known), Terms(written, tuple(self.network.parameters))

    def constants(self, values: np.ndarray, by: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the parameters of all trajectories of N points, and their derivatives.

        Parameters
        ----------
        values : ndarray of shape (N, P)
            All P parameters of the table, in its order.
        by : sequence of str
            The D parameters by which derivatives are taken.

        Returns
        -------
        ndarray of shape (N, E, m) and (N, E, m, D)
            For the m parameters of the network.
        """
        count, base = len(values), np.tile([each.value for each in self.network.parameters.values()], (len(values), 1))
        slopes = np.zeros((base.shape[1], len(by)))
        for column, name in enumerate(self.table):
            base[:, self.places[self.name_of(name)]] = values[:, column]
        for column, name in enumerate(by):
            slopes[self.places[self.name_of(name)], column] = 1.0
        known, terms = self._initial
        found = terms.evaluate(base)
        found_slopes = terms.along(base, np.broadcast_to(slopes, (count, *slopes.shape)))
        table = np.repeat(base[:, None], len(self.courses), axis=1)
        tangents = np.tile(slopes, (count, len(self.courses), 1, 1))
        for row, course in enumerate(self.courses):
            for target, expression in course.initial.items():
                place, given = self.places[self.name_of(target)], known.index(expression)
                table[:, row, place], tangents[:, row, place] = found[:, given], found_slopes[:, given]
                start: Start | None = self._starts.get(target)
                if start is not None and start.chosen:
                    table[:, row, self.places[start.chosen]] = 1.0
            for key, time in self.happenings(course):
                table[:, row, self.places[self._when[self._slots.index(key)]]] = time
        return table, tangents


def filled(place: int) -> str:
    """Return the name of a placeholder by its number; no identifier has a space."""
    return f"filled {place}"
