"""The intermediate form in the middle of the engine: species, parameters, reactions, rules, events, observables."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from autocrine.core import Parameters, errors
from autocrine.engine import expression, image
from autocrine.engine.declared import check_declared, check_once
from autocrine.engine.event import Event
from autocrine.engine.names import TIME, Names, symbol
from autocrine.engine.network_view import NetworkView
from autocrine.engine.outline import Outline
from autocrine.engine.reaction import Reaction
from autocrine.engine.species import Species

if TYPE_CHECKING:
    import sympy

    from autocrine.engine.statements import Block, Program
    from autocrine.engine.stepper import Stepper

Rates = Callable[[Names, Names, Names], Sequence[Reaction]]
#: what a recalled network builds when it is first asked for
_WRITTEN = ("species", "rules", "reactions", "observables", "events", "time_unit", "notes")


class Network(NetworkView):
    """A reaction network of any kind; immutable.

    Parameters
    ----------
    name : str
        What it is called in messages.
    species : sequence of Species
        What the reactions change.
    parameters : core.Parameters
        Constants and surroundings, with units; a call of `simulate` may give other values.
    reactions : sequence of Reaction
        Named, with a rate in species, parameters, rules and time ``t`` (h).
    rules : mapping of str to sympy.Expr, optional
        Named expressions; a rule may use the rules before it, rates and observables may use them all.
    events : sequence of Event, optional
        What happens at fixed times in every simulation.
    observables : mapping of str to sympy.Expr, optional
        Named expressions that are only shown.
    time_unit : str
        The unit of time ``t`` and of all rates: hours, but in models that were written elsewhere. It is kept in the
        check of units; times that are given or returned are in it, whatever they are called.
    notes : sequence of str
        What was noticed when the network was read from a file, for a person to see.

    Raises
    ------
    InputError
        If a name is no identifier, stands twice, or is not declared where it is used.
    """

    def __init__(
        self,
        name: str,
        species: Sequence[Species],
        parameters: Parameters,
        reactions: Sequence[Reaction],
        *,
        rules: Mapping[str, sympy.Expr] | None = None,
        events: Sequence[Event] = (),
        observables: Mapping[str, sympy.Expr] | None = None,
        time_unit: str = "h",
        notes: Sequence[str] = (),
    ) -> None:
        levels = tuple(each.name for each in species)
        self._declare(Outline(name, levels, tuple(rules or {}), tuple(observables or {}), parameters), "")
        self.time_unit, self.notes = time_unit, tuple(notes)
        declared = [*levels, *parameters, *(rules or {}), *(observables or {})]
        if not species:
            raise errors.InputError("a network must have species", list(species), where=f"network {name}")
        check_declared(f"network {name}", declared)
        check_once(f"network {name}", "a reaction", [reaction.name for reaction in reactions])
        self.rules = MappingProxyType(self._rules(rules or {}))
        constants = expression.constants(parameters, self.rules)
        self.species = tuple(
            replace(each, initial=self._expression(each.initial, constants, f"initial value of {each.name}"))
            for each in species
        )
        everything = self._quantities | self.rules.keys()
        self.reactions = tuple(self._reaction(reaction, everything) for reaction in reactions)
        self.observables = MappingProxyType(
            {
                key: self._expression(value, everything, f"observable {key}")
                for key, value in (observables or {}).items()
            }
        )
        self.events = self.checked_events(events)

    @classmethod
    def from_function(
        cls,
        name: str,
        function: Rates,
        species: Sequence[Species],
        parameters: Parameters,
        *,
        surroundings: Parameters | None = None,
        rules: Callable[[Names, Names, Names], Mapping[str, sympy.Expr]] | Mapping[str, sympy.Expr] | None = None,
        events: Callable[[Names, Names, Names], Sequence[Event]] | Sequence[Event] = (),
        observables: Callable[[Names, Names, Names], Mapping[str, sympy.Expr]] | Mapping[str, sympy.Expr] | None = None,
    ) -> Network:
        """Build a network from a plain function ``function(y, p, x)`` that returns named reactions.

        Parameters
        ----------
        function : callable
            Gets the levels ``y`` (species and rules), the parameters ``p``, the surroundings ``x`` (and ``x.t``).
        surroundings : core.Parameters, optional
            What the system finds outside; parameters like the others once the network is built.
        rules, events, observables : callable or what it would return, optional
            As in `Network`; a callable gets ``y, p, x`` too (for rules, ``y`` holds the species only).
        """
        outside = surroundings if surroundings is not None else Parameters(())
        levels = [each.name for each in species]
        p, x = Names.of(parameters, "parameter"), Names.of([*outside, TIME], "surrounding")
        named = rules(Names.of(levels, "species"), p, x) if callable(rules) else rules
        y = Names.of([*levels, *(named or {})], "species")
        return cls(
            name,
            species,
            parameters.joined(outside),
            function(y, p, x),
            rules=named,
            events=events(y, p, x) if callable(events) else events,
            observables=observables(y, p, x) if callable(observables) else observables,
        )

    @classmethod
    def recalled(cls, build: Callable[[], Network], packages: Iterable[str], *arguments: object) -> Network:
        """Return the network that a function builds, from what an earlier process kept of it.

        The machine code is found on disk, and the expressions are only built when somebody asks for them.

        Parameters
        ----------
        build : callable
            Builds the network, always the same one: it must depend on nothing but the arguments and the files of the
            packages. A function that is exchanged while the process runs is not noticed.
        packages : iterable of str
            Those whose files (``*.py``, ``*.toml``) define the network, beside the engine itself.
        *arguments : object
            What else defines it; their representations must say all.
        """
        identity = image.identity(packages, *arguments)
        if not identity:
            return build()
        network, build = cls.__new__(cls), functools.cache(build)
        text, _ = image.recall(identity, "outline", lambda: (build().outline.to_text(), None))
        network._declare(Outline.from_text(text), identity)
        network.__dict__["_build"] = build
        return network

    def _declare(self, outline: Outline, identity: str) -> None:
        self.outline, self.identity = outline, identity
        self.name, self.parameters = outline.name, outline.parameters
        self._quantities = frozenset([*outline.species, *outline.parameters, TIME])

    def __getattr__(self, name: str) -> Any:
        """Build the expressions of a recalled network when one of them is first asked for."""
        if name not in _WRITTEN or "_build" not in self.__dict__:
            raise AttributeError(name)
        built = self.__dict__["_build"]()
        self.__dict__.update({each: getattr(built, each) for each in _WRITTEN})
        return self.__dict__[name]

    def block(self, name: str, expressions: Sequence[Any]) -> Block:
        """Return a function of expressions in species, parameters, rules and time, without hoisted terms."""
        from autocrine.engine.statements import compile_expressions

        plain = all(isinstance(each, int | float) for each in expressions)
        rules = {} if plain else self.rules
        found = compile_expressions(expressions, self.outline.species, tuple(self.parameters), rules)
        return replace(found, name=name)

    @functools.cached_property
    def program(self) -> Program:
        """The statements that all back ends print."""
        from autocrine.engine.statements import compile_network

        return compile_network(
            {each.name: each.initial for each in self.species},
            tuple(self.parameters),
            [(reaction.stoichiometry, reaction.rate) for reaction in self.reactions],
            self.rules,
            self.observables,
        )

    @functools.cached_property
    def has_delays(self) -> bool:
        """Whether an expression has a `Delay`."""

        def found() -> bool:
            from autocrine.engine.delay import any_delay

            initial = [each.initial for each in self.species]
            return any_delay([*self.rules.values(), *self.rates(), *self.observables.values(), *initial], self.events)

        return image.recall(self.identity, "has delays", lambda: (found(), None))[0] if self.identity else found()

    def rates(self) -> list[Any]:
        """Return the rates and stoichiometries of all reactions."""
        return [each for r in self.reactions for each in (r.rate, *r.stoichiometry.values())]

    def checked_events(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Return events with the symbols of this network.

        Raises
        ------
        InputError
            If an event uses or assigns what the network does not have.
        """
        return tuple(self._event(event, number) for number, event in enumerate(events, start=1))

    def conservation_laws(self) -> tuple[dict[str, Any], ...]:
        """Return the amounts that no reaction changes: coefficients by species, one mapping for each independent law.

        The coefficients are whole numbers, or expressions in parameters where the stoichiometry is. Events may change
        these amounts.
        """
        return self._conservation_laws

    @functools.cached_property
    def _conservation_laws(self) -> tuple[dict[str, Any], ...]:
        from autocrine.engine.conservation import conservation_laws

        changes = [reaction.stoichiometry for reaction in self.reactions]
        return conservation_laws(self.outline.species, changes, self.written_out())

    def odes(self) -> dict[str, sympy.Expr]:
        """Return the time derivative of each species, with rules by name."""
        import sympy

        rates: dict[str, list[Any]] = {each.name: [] for each in self.species}
        for reaction in self.reactions:
            for name, change in reaction.stoichiometry.items():
                rates[name].append(change * reaction.rate)
        return {name: sympy.Add(*terms) for name, terms in rates.items()}

    def jacobian(self) -> dict[tuple[str, str], sympy.Expr]:
        """Return the derivatives of the ODEs by species that are not zero, with rules written out, for reading."""
        import sympy

        entries: dict[tuple[str, str], Any] = {}
        written = self.written_out()
        for reaction in self.reactions:
            rate: Any = reaction.rate.xreplace(written)
            for name, change in reaction.stoichiometry.items():
                amount: Any = change
                flux = amount.xreplace(written) * rate
                for each in self.species:
                    slope = flux.diff(symbol(each.name)) if symbol(each.name) in flux.free_symbols else sympy.S.Zero
                    if slope != 0:
                        entries[name, each.name] = entries.get((name, each.name), sympy.S.Zero) + slope
        return {place: slope for place, slope in entries.items() if slope != 0}

    def check_units(self) -> None:
        """Check that every term has the unit of its place.

        Raises
        ------
        UnitError
            With the reaction, and the two units that differ.
        """
        from autocrine.engine import unit_check

        units = {each.name: each.unit for each in self.species}
        units |= {name: parameter.unit for name, parameter in self.parameters.items()}
        unit_check.check(
            units,
            species=self.species,
            reactions=self.reactions,
            rules=self.rules,
            events=self.events,
            observables=self.observables,
            time_unit=self.time_unit,
        )

    def latex(self, reaction: str | None = None) -> dict[str, str]:
        """Return LaTeX by name: the rate of one reaction or of all, or each ODE under ``d<species>/dt``.

        Parameters
        ----------
        reaction : str, optional
            The name of one reaction; without it all reactions and all ODEs are written.

        Raises
        ------
        InputError
            If there is no such reaction.
        """
        from autocrine.engine import latex

        rates = {each.name: each.rate for each in self.reactions}
        if reaction is None:
            return latex.rates(rates) | latex.equations(self.odes())
        if reaction not in rates:
            raise expression.unknown("a reaction must be one of the network", reaction, rates, f"network {self.name}")
        return latex.rates({reaction: rates[reaction]})

    def stepper(
        self,
        parameters: Mapping[str, float] | None = None,
        *,
        surroundings: Sequence[str] = (),
        rtol: float = 1e-2,
        atol: float | Mapping[str, float] = 1e-6,
        order: int = 2,
    ) -> Stepper:
        """Return what steps many cells at once, as a tissue does at each tick; events do not happen in it.

        Parameters
        ----------
        parameters : mapping of str to float, optional
            Other values of the parameters that all cells share.
        surroundings : sequence of str
            Parameters of which each cell has its own value, to be given at each step; ``"t"`` where rates follow time.
        rtol, atol : float, or mapping of str to float
            Estimated error of a step, relative and in the unit of the species, above which a cell is stepped in
            halves. The estimate is that of the method of next lower order, and the error itself far smaller.
        order : int
            Order of convergence of the method: 2 (ROS2) or 3 (Rodas3, half as fast again and more exact).

        Raises
        ------
        InputError
            If something given cannot be used.
        """
        from autocrine.engine.stepper import Equations, Stepper

        equations = Equations(
            tuple(each.name for each in self.species),
            tuple(self.parameters),
            tuple((reaction.stoichiometry, reaction.rate) for reaction in self.reactions),
            self.rules,
            self.observables,
        )
        defaults = {name: parameter.value for name, parameter in self.parameters.items()}
        return Stepper.of(equations, defaults, parameters, surroundings, rtol=rtol, atol=atol, order=order)

    def written_out(self) -> dict[sympy.Basic, Any]:
        """Return each rule in species, parameters and time, by symbol."""
        written: dict[sympy.Basic, Any] = {}
        for name, rule in self.rules.items():
            written[symbol(name)] = rule.xreplace(written)
        return written

    def _rules(self, rules: Mapping[str, sympy.Expr]) -> dict[str, Any]:
        known, checked = set(self._quantities), {}
        for key, value in rules.items():
            checked[key] = self._expression(value, known, f"rule {key}")
            known.add(key)
        return checked

    def _reaction(self, reaction: Reaction, known: Iterable[str]) -> Reaction:
        where = f"reaction {reaction.name!r}"
        levels = self.outline.species
        for name in reaction.stoichiometry:
            if name not in levels:
                raise expression.unknown(
                    "the stoichiometry must name species", name, levels, f"network {self.name}, {where}"
                )
        changes = {key: self._expression(value, known, where) for key, value in reaction.stoichiometry.items()}
        return Reaction(reaction.name, MappingProxyType(changes), self._expression(reaction.rate, known, where))

    def _event(self, event: Event, number: int) -> Event:
        where = f"event {event.name or number!r}"
        levels, constants = self.outline.species, frozenset(self.parameters)
        for name in event.assignments:
            if name not in levels and name not in constants:
                known = [*levels, *constants]
                raise expression.unknown(
                    "an event must assign species or parameters", name, known, f"network {self.name}, {where}"
                )
        event.checked_marks(f"network {self.name}, {where}")
        known, rank = self._quantities.union(self.outline.rules), event.priority
        value, condition, at = expression.value, expression.condition, f"network {self.name}, "
        changes = {key: value(each, known, at + where) for key, each in event.assignments.items()}
        return replace(
            event,
            time=value(event.time, constants, f"{at}time of {where}"),
            assignments=MappingProxyType(changes),
            scales=MappingProxyType({key: value(each, known, at + where) for key, each in event.scales.items()}),
            trigger=None if event.trigger is None else condition(event.trigger, known, f"{at}trigger of {where}"),
            delay=value(event.delay, known, f"{at}delay of {where}"),
            priority=None if rank is None else value(rank, known, f"{at}priority of {where}"),
        )

    def _expression(self, given: Any, known: Iterable[str], where: str) -> Any:
        return expression.expression(given, known, f"network {self.name}, {where}")
