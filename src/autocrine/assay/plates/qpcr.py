"""Folds of RNA from the threshold cycles of qPCR, by delta-delta Ct."""

from __future__ import annotations

import numpy as np

from autocrine.assay.plates.found_columns import find_columns
from autocrine.assay.plates.observations import TEXT, Observations, frame
from autocrine.assay.plates.options import Options
from autocrine.assay.plates.raw_table import RawTable
from autocrine.assay.plates.tidy import read_tidy
from autocrine.core import errors

#: one biological sample; wells that share all of these are technical repeats
_SAMPLE = ["file", "plate", "line", "drug", "dose_nM", "arm", "time_h", "replicate", "kind"]


def is_qpcr(table: RawTable) -> bool:
    """Say whether a table has genes and their threshold cycles."""
    found = find_columns(table)
    return "ct" in found.readouts and "gene" in found.roles


def read_qpcr(table: RawTable, options: Options) -> Observations:
    """Read threshold cycles and return folds of the calibrator, one per gene and sample.

    Parameters
    ----------
    table : RawTable
        Columns line (or sample), gene, ct; optional arm, drug, dose, time, replicate. Wells that share them all are
        technical repeats, whose mean is taken.
    options : Options
        ``reference_gene`` and ``calibrator`` (a line; its untreated samples have fold 1 in geometric mean) are needed.

    Returns
    -------
    Observations
        Readout ``<gene>_mrna``, unit ``fold``; the row is that of the first repeat.

    Raises
    ------
    InputError
        If the reference gene or the calibrator is not said or not in the table, or a sample has no reference.

    Notes
    -----
    ``fold = 2^-((Ct_gene - Ct_ref) - mean over calibrator of (Ct_gene - Ct_ref))``.

    References
    ----------
    Livak and Schmittgen 2001, Methods 25:402-408 (recalled, not looked up).
    """
    read = read_tidy(table, options)
    values = read.table.astype(dict.fromkeys(TEXT, object))
    values["time_h"] = values["time_h"].fillna(-1.0)
    known, lines = (list(dict.fromkeys(values[name])) for name in ("readout", "line"))
    reference = _said(options.reference_gene, "reference gene", "--reference-gene", known, table.name)
    calibrator = _said(options.calibrator, "calibrator", "--calibrator", lines, table.name)
    grouped = values.groupby([*_SAMPLE, "readout"], sort=False)
    cycles = grouped.agg(ct=("value", "mean"), row=("row", "first"), wells=("value", "size")).reset_index()
    own = cycles.assign(base=cycles["ct"]).loc[cycles["readout"] == reference, [*_SAMPLE, "base"]]
    genes = cycles.loc[cycles["readout"] != reference].merge(own, on=_SAMPLE, how="left")
    lacking = genes.loc[genes["base"].isna()]
    if len(lacking):
        first = lacking.iloc[0]
        must = f"every sample must have a Ct of the reference gene {reference}, but {first['line']} has none"
        raise errors.InputError(must, where=f"{table.name}, {table.place} {first['row']}")
    delta = genes["ct"] - genes["base"]
    at_rest = (genes["line"] == calibrator) & (genes["kind"] == "control")
    base = delta.loc[at_rest].groupby(genes["readout"]).mean().to_dict()
    unmet = [gene for gene in genes["readout"].unique() if gene not in base]
    if unmet:
        gene = unmet[0]
        must = f"the calibrator must have every gene, but untreated {calibrator} has no {gene}"
        raise errors.InputError(must, where=table.name)
    fold = np.exp2([base[gene] for gene in genes["readout"]] - delta.to_numpy(dtype=float))
    named = {name: genes[name].to_numpy() for name in _SAMPLE if name != "time_h"}
    time = genes["time_h"].replace(-1.0, np.nan).to_numpy()
    readout = (genes["readout"].str.lower() + "_mrna").to_numpy()
    folded = frame(
        len(genes), row=genes["row"].to_numpy(), time_h=time, readout=readout, unit="fold", value=fold, **named
    )
    note = f"Ct are turned into folds of {calibrator} by delta-delta Ct with {reference}; {len(values)} wells"
    folded = folded.astype(dict.fromkeys(TEXT, "category"))
    return Observations(folded, read.excluded, [*read.notes, note])


def _said(word: str, what: str, option: str, known: list[str], name: str) -> str:
    offer = ", ".join(known[:6])
    if not word:
        raise errors.InputError(f"the {what} must be said", where=name, hint=f"{option} with one of {offer}")
    found = [k for k in known if k.lower() == word.lower()]
    if not found:
        raise errors.InputError(f"the {what} must be in the table", word, where=name, hint=offer)
    return found[0]
