"""What a well is, from the words of laboratories."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autocrine.assay.plates.account import Account
from autocrine.assay.plates.observations import KINDS

_WORDS = {
    "blank": ("blank", "background", "medium", "media", "no_cells", "b"),
    "control": ("control", "ctrl", "negative", "neg", "negative_control", "vehicle", "dmso", "nc", "solvent"),
    "untreated": ("untreated", "cells_only", "no_treatment"),
    "positive": ("positive", "pos", "positive_control", "pc", "kill"),
    "start": ("start", "time0", "t0", "time_0", "day_0"),
    "treated": ("treated", "sample", "drug", "compound", "test", "unknown"),
}
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words}
#: in a column of drugs these words say that there is no drug
_NO_DRUG = {
    **dict.fromkeys(
        ("", "-", "no_drug", "control", "ctrl", "vehicle", "dmso", "solvent", "negative_control"), "control"
    ),
    **dict.fromkeys(("none", "untreated", "no_treatment"), "untreated"),
    **dict.fromkeys(("blank", "background", "no_cells"), "blank"),
}


def kind_of(word: str) -> str:
    """Return what a word says of a well, or nothing where it is unknown."""
    return _KIND_OF.get(word.strip().lower().replace(" ", "_").replace("-", "_"), "")


def drug_means(word: str) -> str:
    """Return what a word in the column of drugs says of a well when it names no drug; else nothing."""
    return _NO_DRUG.get(word.strip().lower().replace(" ", "_"), "")


def told_kinds(account: Account, column: str) -> NDArray[np.object_]:
    """Return the kind that a column says of each row, empty where it is silent; unknown words are named."""
    words, codes = account.table.words(column)
    kinds = np.array([kind_of(word) for word in words], dtype=object)
    offer = "one of " + ", ".join(KINDS)
    account.mark(((kinds == "") & (words != ""))[codes], column, "must say what the well is", offer, fatal=True)
    return kinds[codes]


def by_drug(drugs: pd.Categorical) -> NDArray[np.object_]:
    """Return the kind that the name of the drug says of each row; empty where a drug is named."""
    words = np.array([drug_means(str(word)) for word in drugs.categories], dtype=object)
    return words[drugs.codes]
