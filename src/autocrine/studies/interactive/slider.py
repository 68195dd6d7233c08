"""What a person can move in an experiment, and how it changes the experiment."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING

from autocrine.assay import Arm
from autocrine.circuit import cell
from autocrine.core import Document, errors
from autocrine.studies.design import Design

if TYPE_CHECKING:
    from autocrine.core.parameters import Parameter

SCALES = ("log", "linear")
#: the part of the model that a slider acts on
_PLACES = ("cell", "line", "drug", "protocol", "arm", "patients")
#: the population of virtual patients as it is; cohort says what each number means
_PATIENTS = {"loop_strength": 1.0, "producer_prevalence": 0.5, "amplification_prevalence": 0.02}


@dataclass(frozen=True)
class Slider:
    """One number of an experiment that can be moved.

    Attributes
    ----------
    key, label, group : str
        Its key, what it is called, and the group in which it is shown.
    of : tuple of str
        Where it acts: ``("cell", parameter)``, ``("line", line, parameter)``, ``("drug", parameter)``,
        ``("protocol", attribute)``, ``("arm", name)`` or ``("patients", attribute)``, which no well answers to.
    unit, scale : str
        Unit of its value; ``log`` or ``linear``.
    minimum, maximum, default : float
        Its range, and the value of the study as it is.
    step : float or None
        Distance of the values of a linear slider.
    basis : str
        How the default came about: a basis of a parameter.
    parameter, evidence : str
        Name of the parameter (``line.name`` or ``drug.name`` where it belongs to one) and key of its evidence; empty
        where there is none.
    """

    key: str
    label: str
    group: str
    of: tuple[str, ...]
    unit: str
    scale: str
    minimum: float
    maximum: float
    default: float
    step: float | None
    basis: str
    parameter: str
    evidence: str


@functools.cache
def _document() -> Document:
    text = (files("autocrine.studies.interactive") / "sliders.toml").read_text(encoding="utf-8")
    return Document.parse(text, "sliders.toml")


def sliders_of(design: Design, drug_name: str) -> tuple[Slider, ...]:
    """Return the sliders that a study has with one of its drugs; those of lines and arms that it lacks are left out."""
    found = (_slider(key, _document().table(key), design, drug_name) for key in _document().values)
    return tuple(each for each in found if each is not None)


def _slider(key: str, row: Document, design: Design, drug_name: str) -> Slider | None:
    of = tuple(row.get("of", str).split(".", 2))
    if of[0] not in _PLACES:
        raise errors.InputError(f"a slider must act on one of {', '.join(_PLACES)}", of[0], where=row.where("of"))
    start = _start(of, design, drug_name)
    if start is None:
        return None
    value, parameter = start
    low, high = row.get("minimum", float), row.get("maximum", float)
    return Slider(
        key=key,
        label=row.get("label", str),
        group=row.get("group", str),
        of=of,
        unit=parameter.unit if parameter else row.get("unit", str),
        scale=row.get("scale", str),
        minimum=min(low, value) if value > 0 or low <= 0 else low,
        maximum=max(high, value),
        default=value,
        step=row.get("step", float, None),
        basis=parameter.basis if parameter else "chosen",
        parameter=_key(of, parameter, design.bench.drug(drug_name).name) if parameter else "",
        evidence=parameter.evidence if parameter else "",
    )


def _key(of: tuple[str, ...], parameter: Parameter, drug: str) -> str:
    """Return the name of a parameter among those of all lines and drugs."""
    owner = {"line": f"{of[1]}.", "drug": f"{drug}."}.get(of[0], "")
    return owner + parameter.name


def _start(of: tuple[str, ...], design: Design, drug_name: str) -> tuple[float, Parameter | None] | None:
    """Return the value of the study as it is, and its parameter; None where the study has no such number."""
    bench = design.bench
    if of[0] == "cell":
        parameter = cell.cell_parameters()[of[1]]
        return bench.overrides.cell.get(of[1], parameter.value), parameter
    if of[0] == "line":
        changes = bench.lines[of[1]].changes if of[1] in design.lines else {}
        return (changes[of[2]].value, changes[of[2]]) if of[2] in changes else None
    if of[0] == "drug":
        parameter = bench.drug(drug_name).parameters[of[1]]
        # a drug that the pump does not carry has nothing to move: times zero stays zero
        return None if parameter.value == 0 else (parameter.value, parameter)
    if of[0] in {"protocol", "patients"}:
        return _PATIENTS[of[1]] if of[0] == "patients" else getattr(design.protocol, of[1]), None
    agents = [arm.agents for arm in design.arms if arm.name == of[1]]
    return (agents[0][0][1], None) if agents and agents[0] else None


def check_values(sliders: Sequence[Slider], values: Mapping[str, float]) -> dict[str, float]:
    """Return the values that differ from the study as it is.

    Raises
    ------
    errors.InputError
        If a slider is unknown, or a value is not finite or outside the range of its slider.
    """
    known = {slider.key: slider for slider in sliders}
    moved = {}
    for key, value in values.items():
        if key not in known:
            raise errors.InputError("a slider must be one of the study", key, hint=", ".join(known))
        slider = known[key]
        # a page shows rounded ends, and a value at an end must not be refused for its last digit
        room = 1e-6 * max(abs(slider.minimum), abs(slider.maximum))
        if not (math.isfinite(value) and slider.minimum - room <= value <= slider.maximum + room):
            must = f"{key} must lie between {slider.minimum:g} and {slider.maximum:g} {slider.unit}"
            raise errors.InputError(must, value, where=f"slider {slider.label}")
        if not math.isclose(value, slider.default, rel_tol=1e-12, abs_tol=0.0):
            moved[key] = value
    return moved


def moved_design(design: Design, drug_name: str, values: Mapping[str, float]) -> Design:
    """Return a study with its sliders at other values.

    Raises
    ------
    errors.InputError
        If a value cannot be used; see `check_values`.
    errors.DesignError
        If values exclude each other, such as more cells than a well holds.
    """
    sliders = sliders_of(design, drug_name)
    of = {slider.key: slider.of for slider in sliders}
    drug = design.bench.drug(drug_name).name
    protocol: dict[str, float] = {}
    arms = {arm.name: arm for arm in design.arms}
    bench = design.bench
    for key, value in check_values(sliders, values).items():
        where, *name = of[key]
        if where == "cell":
            bench = bench.with_values(cell={name[0]: value})
        elif where == "drug":
            bench = bench.with_values(drugs={drug: {name[0]: value}})
        elif where == "line":
            lines = bench.lines.changed(name[0], {name[1]: value})
            bench = type(bench)(bench.overrides, lines=lines, drugs=bench.drugs)
        elif where == "protocol":
            protocol[name[0]] = value
        elif where == "arm":
            arms[name[0]] = _dosed(arms[name[0]], value)
    return replace(design, bench=bench, protocol=replace(design.protocol, **protocol), arms=tuple(arms.values()))


def patient_values(design: Design, drug_name: str, values: Mapping[str, float]) -> dict[str, float]:
    """Return the values of the sliders that patients answer to, by attribute of the population; see `check_values`."""
    sliders = sliders_of(design, drug_name)
    own = {slider.key: slider.of[1] for slider in sliders if slider.of[0] == "patients"}
    return {own[key]: value for key, value in check_values(sliders, values).items() if key in own}


def _dosed(arm: Arm, dose_nM: float) -> Arm:
    """Return an arm with another dose of its first agent."""
    (agent, _), *others = arm.agents
    return replace(arm, agents=((agent, dose_nM), *others))
