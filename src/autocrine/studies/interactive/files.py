"""What stands behind a screen, as files that other programs read: SBML, PEtab, TOML, and the records that were used."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from autocrine.assay import Arm
from autocrine.circuit import cell
from autocrine.core import errors
from autocrine.engine import standards, write_sbml
from autocrine.evidence import catalogue, load_library
from autocrine.studies.design import Design
from autocrine.studies.interactive.slider import check_values, moved_design, sliders_of

#: parameters that a fit to exported curves would seek: the two arms of the loop; chosen by us
_ESTIMATED = ("k_cebp_site", "survival_gain")
#: word of the protocol in TOML and its unit, by attribute
_PROTOCOL = {
    "seeded_cells": ("seeded", "cell"),
    "medium_volume_l": ("medium_volume", "l"),
    "preincubation_h": ("preincubation", "h"),
    "duration_h": ("duration", "h"),
}


def sbml_text(
    design: Design, drug: str, values: Mapping[str, float], *, line: str, arm: str = "none", dose_nM: float
) -> str:
    """Return one well as SBML, at the values of the sliders.

    Raises
    ------
    errors.InputError
        If line, arm, drug or a slider is none of the study.
    """
    moved = moved_design(design, drug, values)
    arms = {each.name: each for each in moved.arms} | {"none": Arm()}
    if line not in moved.lines or arm not in arms:
        raise errors.InputError("line and arm must be of the study", f"{line}, {arm}")
    network = moved.bench.dosed(line, drug, dose_nM, moved.protocol, arms[arm]).network(moved.bench.overrides)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "well.xml"
        write_sbml(network, path)
        return path.read_text(encoding="utf-8")


def petab_archive(design: Design, drug: str, values: Mapping[str, float]) -> bytes:
    """Return the simulated curves of all lines as a PEtab problem (version 2) in a ZIP archive.

    The curves are without noise and stand where measurements would: the problem shows other programs the model, and
    what a fit to such data would be.
    """
    moved = moved_design(design, drug, values)
    bench, rows = moved.bench, []
    for line in moved.lines:
        series = bench.series(line, drug, moved.protocol, doses_nM=moved.doses(drug))
        cells = [course.levels["cells"][-1] for course in bench.run(series.wells())]
        rows += [
            {"line": line, "drug": drug, "dose_nM": float(dose), "viability": count / cells[0]}
            for dose, count in zip(series.doses_nM, cells[1:], strict=True)
        ]
    table = pd.DataFrame(rows).assign(duration_h=moved.protocol.duration_h)
    problem = bench.petab_problem(table, moved.protocol, _ESTIMATED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "petab"
        standards.write_petab(problem, folder, 2)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    # a fixed date, so that the same state gives the same bytes
                    info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (1980, 1, 1, 0, 0, 0))
                    archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)
        return packed.getvalue()


def study_text(design: Design, drug: str, values: Mapping[str, float]) -> str:
    """Return a study in TOML that `autocrine simulate` runs: this one with its sliders as they stand.

    What a slider of the drug or of patients changed cannot be said in a study; a comment says so.
    """
    sliders = sliders_of(design, drug)
    moved, of = check_values(sliders, values), {each.key: each.of for each in sliders}
    changed = moved_design(design, drug, values)
    rows = ["# A study of Autocrine: autocrine simulate FILE", "[study]", f'name = "{design.name}"']
    rows += [
        f'title = "{_escaped(design.title)}"',
        f"lines = {_texts(design.lines)}",
        f"drugs = {_texts(design.drugs)}",
    ]
    rows += [f"arms = {_texts([each.name for each in design.arms])}", f"replicates = {design.replicates}"]
    rows += ["", "[protocol]", f'capacity = "{design.protocol.capacity_cells:.10g} cell"']
    rows += [f'{word} = "{getattr(changed.protocol, name):.10g} {unit}"' for name, (word, unit) in _PROTOCOL.items()]
    start = cell.cell_parameters().values_by_name
    own = {n: v for n, v in changed.bench.overrides.cell.items() if v != start.get(n)}
    rows += ["", "[parameters]", *(f"{name} = {value!r}" for name, value in own.items())] if own else []
    for name in design.lines:
        different = [of[key][2] for key in moved if of[key][:2] == ("line", name)]
        if different:
            rows += ["", f'[line."{name}"]', f'from = "{name}"']
            changes = changed.bench.lines[name].changes
            rows += [f"{each} = {changes[each].value!r}" for each in different]
    for key, value in moved.items():
        if of[key][0] == "arm":
            agent = next(each for each in design.arms if each.name == of[key][1]).agents[0][0].name
            rows += ["", f'[arm."{of[key][1]}"]', f'agents = {{ "{agent}" = "{value:.10g} nM" }}']
        elif of[key][0] in {"drug", "patients"}:
            rows += ["", f"# {key} stood at {value!r}, which a study cannot say"]
    return "\n".join(rows) + "\n"


def citations_text(values: Mapping[str, float], design: Design, drug: str) -> str:
    """Return BibTeX of every record behind the parameters of cells, lines and the drug of a study."""
    library = load_library()
    check_values(sliders_of(design, drug), values)
    keys = {each.evidence for each in cell.cell_parameters(fitted=False).values()}
    keys |= {each.evidence for name in design.lines for each in design.bench.lines[name].changes.values()}
    keys |= {each.evidence for each in design.bench.drug(drug).parameters.values()}
    known = frozenset(key for key in keys if key and library.resolves(key))
    return catalogue.write_records(catalogue.used_records(known, library), "bibtex")


def _texts(values: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{_escaped(value)}"' for value in values) + "]"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
