"""Every number of circuit, lines, drugs and well says where it comes from, and what it says is true."""

import itertools
import math

import pytest

from autocrine.assay.well_network import well_network, well_parameters
from autocrine.circuit import Lines, Pharmacology, baseline, cell, edge
from autocrine.core import units
from autocrine.evidence import load_library

BASES = {"read", "derived", "recalled", "chosen", "fitted"}
LN2 = math.log(2)
#: evidence of what our own fit gave: the findings that it used
FIT = "baseline"


def tables():
    yield "circuit before the fit", cell.cell_parameters(fitted=False)
    yield "circuit", cell.cell_parameters()
    yield "cell network", cell.cell_network().parameters
    yield "baseline", baseline.Baseline.load().parameters
    yield "well", well_parameters()
    yield "well network", well_network(2, 1, 5).parameters
    for fitted in (False, True):
        for line in Lines.load(fitted=fitted).values():
            yield f"line {line.name}, fitted: {fitted}", line.changes
    for drug in Pharmacology.load().values():
        yield f"drug {drug.name}", drug.parameters


ROWS = [(table, parameter) for table, parameters in tables() for parameter in parameters.values()]


def test_all_tables_are_looked_at():
    assert len(ROWS) > 400
    assert {"edge_il6_receptor", "p1_k_il6r_on", "d1_km", "il6_decay", "ki"} <= {p.name for _, p in ROWS}


def test_every_parameter_has_a_basis_a_unit_and_a_range():
    for table, p in ROWS:
        assert p.basis in BASES, (table, p)
        assert p.unit, (table, p)
        assert p.low <= p.value <= p.high, (table, p)
        units.unit_of(p.unit)


def test_every_evidence_key_resolves():
    library = load_library()
    wrong = {(p.name, p.evidence) for _, p in ROWS if p.evidence not in {"", FIT} and not library.resolves(p.evidence)}
    assert not wrong
    for finding in baseline.Baseline.load().findings:
        assert library.resolves(finding), finding


def test_only_the_fit_names_itself_as_evidence_and_it_used_no_held_out_finding():
    for table, p in ROWS:
        assert p.evidence != FIT or p.basis == "fitted", (table, p.name)
    library = load_library()
    assert {library.findings[key].role for key in baseline.Baseline.load().findings} <= {"fit"}


def test_what_was_read_or_derived_or_recalled_says_where_or_how():
    """A value that we did not choose or fit has evidence or a note."""
    for table, p in ROWS:
        assert p.basis in {"chosen", "fitted"} or p.evidence or p.note or table.startswith("drug"), (table, p.name)
        assert p.basis != "read" or p.evidence or p.note, (table, p.name)


def number(key: str) -> float:
    value = load_library().fact(key).value
    assert value is not None
    return value


START, WELL = cell.cell_parameters(fitted=False), well_parameters()
MOLECULES_PER_NM = 2494 * 1e-15 * 6.02214076e14


@pytest.mark.parametrize(
    ("parameter", "key"),
    [
        (START["kd_il6r"], "P003"),
        (WELL["kd_sil6r"], "P003"),
        (START["k_complex_internalisation"], "P010"),
        (START["k_il6r_internalisation"], "P011"),
        (START["il6st_resting"], "P026"),
        (START["stat3_total"], "P027"),
        (START["k_trans_on"], "P008"),
        (START["k_shedding"], "X005"),
        (START["n_stat3_socs3"], "X052"),
        (WELL["cell_volume"], "P088"),
        (WELL["kd_siltuximab"], "P126"),
        (Lines.load(fitted=False)["hepg2"].changes["il6st_resting"], "P028"),
        (Lines.load(fitted=False)["hepg2"].changes["stat3_total"], "P029"),
        (Pharmacology.load()["doxorubicin"].parameters["km"], "P058"),
        (Pharmacology.load()["tariquidar"].parameters["ki"], "P147"),
        (Pharmacology.load()["tocilizumab"].parameters["ki"], "P127"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_read_values_are_those_of_their_fact(parameter, key):
    assert parameter.evidence == key
    known = load_library().fact(key)
    per_cell = parameter.unit.removesuffix("/cell") if "/cell" not in known.unit else parameter.unit
    assert units.convert(number(key), known.unit, per_cell) == pytest.approx(parameter.value, rel=1e-6)


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (START["k_socs3_degradation"], lambda: 60 * number("P033")),
        (START["k_pstat3_import"], lambda: 60 * number("X050")),
        (START["k_stat3_dephosphorylation"], lambda: 60 * number("X051")),
        (START["d_socs3_mrna"], lambda: 60 * number("P035")),
        (START["d_socs3"], lambda: 60 * number("P036")),
        (START["k_gp130_internalisation"], lambda: LN2 / number("P031")),
        (START["division_rate_max"], lambda: LN2 / number("P133")),
        (START["d_pgp"], lambda: LN2 / number("P148")),
        (START["d_abcb1_mrna"], lambda: LN2 / number("P149")),
        (START["d_cebpb"], lambda: LN2 / number("P151")),
        (START["d_cebpd"], lambda: LN2 / number("P150")),
        (START["k_gp130_on"], lambda: number("P008") / MOLECULES_PER_NM),
        (START["kd_trans"], lambda: number("P009") / number("P008")),
        (START["kd_gp130"], lambda: number("P009") / number("P008") * MOLECULES_PER_NM),
        (START["k_il6r_on"], lambda: 60 * number("P032") * 20.9),
        (START["k_il6_secretion"], lambda: number("P118") * 3600 / 100),
    ],
    ids=lambda value: value.name if hasattr(value, "name") else "",
)
def test_derived_values_follow_from_their_fact(parameter, expected):
    assert expected() == pytest.approx(parameter.value, rel=5e-3)


def test_values_lie_in_the_range_of_a_fact_with_the_same_quantity():
    """Where fact and parameter have one unit and the value was recalled, the prior is the fact's own range."""
    library = load_library()
    seen = 0
    for table, p in ROWS:
        known = library.facts.get(p.evidence)
        if p.name.endswith("pump_ratio"):
            continue  # the fact is the fold of the amplified line; the note says how the ratio follows
        if p.basis != "recalled" or known is None or known.low is None or known.high is None:
            continue
        if not units.unit_of(p.unit).is_compatible_with(units.unit_of(known.unit)):
            continue
        low, high = (units.convert(x, known.unit, p.unit) for x in (known.low, known.high))
        assert low * (1 - 1e-9) <= p.value <= high * (1 + 1e-9), (table, p)
        seen += 1
    assert seen > 10


def test_edges_join_nodes_that_are_drawn():
    names = set(edge.load_edges())
    assert len(names) >= 10
    for one in edge.load_edges().values():
        assert one.kind in {"activates", "inhibits"}
        assert one.source
        assert one.target
        assert one.note


def test_baseline_values_stand_in_the_circuit():
    fitted = baseline.Baseline.load()
    circuit = cell.cell_parameters()
    for name, value in baseline.split(fitted.parameters.values_by_name)[0].items():
        assert circuit[name].value == value
        assert circuit[name].unit == cell.cell_parameters(fitted=False)[name].unit
    for line in Lines.load().values():
        for name, p in fitted.of_line(line.name).items():
            assert (line.changes[name].value, line.changes[name].basis) == (p.value, "fitted")
    for draw, name in itertools.product(fitted.draws[:3], fitted.parameters):
        assert math.isfinite(draw[name])
