"""The parameters of drugs in a body and of the patient, one TOML file for each."""

from __future__ import annotations

import functools
from importlib.resources import files

from autocrine.core import Document, Parameters, errors

#: drugs with a file in ``drugs/``, in the order in which they are shown
DRUGS = ("doxorubicin", "cyclophosphamide", "paclitaxel", "cisplatin", "tocilizumab", "siltuximab")


@functools.cache
def drug_parameters(drug: str) -> Parameters:
    """Return the parameters of one drug in a body: amounts in mg, volumes in L, times in days.

    Raises
    ------
    InputError
        If no such drug is known.
    """
    if drug not in DRUGS:
        raise errors.InputError(f"a drug must be one of {', '.join(DRUGS)}", drug)
    text = (files("autocrine.cohort") / "drugs" / f"{drug}.toml").read_text(encoding="utf-8")
    return Parameters.from_document(Document.parse(text, f"{drug}.toml"), drug)


@functools.cache
def patient_parameters() -> Parameters:
    """Return the parameters of tumour and serum of a patient."""
    text = (files("autocrine.cohort") / "patient.toml").read_text(encoding="utf-8")
    return Parameters.from_document(Document.parse(text, "patient.toml"), "patient")
