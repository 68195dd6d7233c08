"""The values of a tidy table: which readout they are, and in which unit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autocrine.assay.concentration import IL6_MOLAR_MASS
from autocrine.assay.plates.account import Account
from autocrine.assay.plates.column_name import readout_of, spelled, take_apart
from autocrine.assay.plates.found_columns import FoundColumns
from autocrine.assay.plates.number import Numbers
from autocrine.assay.plates.observations import frame
from autocrine.core import errors, units

#: readouts whose unit we choose; a unit is needed for each of them
_OURS = {"il6": "ng/ml"}
#: readouts that are counted or relative, so that a unit says nothing more
_UNITLESS = {"live_count": "cell", "intensity": "", "viability": "fraction"}
#: names that say per cent or a fraction of control
_SHARES = {"pct": 0.01, "fraction": 1.0, "": 1.0}
_SHOWN = 3

Words = pd.Categorical | str


def observed(
    account: Account, found: FoundColumns, readout: str, shared: dict[str, Any]
) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Return all rows of one readout, and which of them have no value.

    Parameters
    ----------
    account : Account
        Of the table.
    found : FoundColumns
        Its columns.
    readout : str
        One of ``found.readouts``.
    shared : dict
        Columns of the observations that do not depend on the readout.
    """
    column, before = found.readouts[readout], account.bad.copy()
    least = -np.inf if readout in {"viability", "ct"} else 0.0
    value, read = account.numbers(column, least=least, required=False)
    name, unit, factor = _readout(account, found, readout, column)
    bad, account.bad = account.bad, before
    if readout == "viability":
        factor = _share(column, found.units.get(column, ""), account)
        _check_scale(value[~bad], column, factor, account.table.name)
    codes = account.table.words(column)[1]
    signs = np.array([("", "<", ">").index(sign) for sign in read.censored], dtype=np.int8)
    censored = pd.Categorical.from_codes(signs[codes], categories=pd.Index(["", "<", ">"]))
    _say_limits(account, column, read)
    rows = frame(len(bad), value=value * factor, readout=name, unit=unit, censored=censored, **shared)
    return rows, bad & ~before


def _say_limits(account: Account, column: str, read: Numbers) -> None:
    limits = int(np.sum(read.censored != ""))
    if limits:
        account.notes.append(f"column {column} has {limits} different limits (< or >): kept as censored values")


def _readout(account: Account, found: FoundColumns, readout: str, column: str) -> tuple[Words, Words, Any]:
    """Return the names, the units and the factors of the values."""
    if readout == "value" and "readout" in found.roles:
        return _told_readout(account, found, column)
    if readout == "value":
        account.notes.append(
            f"column {column} does not say what it is: it is read as a signal, to be divided by controls"
        )
        return "signal", "", 1.0
    if readout == "ct":
        return account.text(found.roles["gene"]), "cycle", 1.0
    return _named_readout(account, found, readout, column)


def _named_readout(account: Account, found: FoundColumns, readout: str, column: str) -> tuple[Words, Words, Any]:
    """Return what the name of the column says."""
    if readout == "fold":
        for role, ending in (("gene", "mrna"), ("protein", "protein")):
            if role in found.roles:
                words = account.text(found.roles[role])
                return words.rename_categories([f"{str(w).lower()}_{ending}" for w in words.categories]), "fold", 1.0
        return "fold", "fold", 1.0
    if readout in _OURS:
        return readout, _OURS[readout], _value_factor(account, found, column, readout)
    return readout, _UNITLESS.get(readout, "arbitrary"), 1.0


def _value_factor(account: Account, found: FoundColumns, column: str, readout: str) -> Any:
    """Return our unit per unit of value; for IL-6 mass and amount are exchanged by its molar mass."""
    table, named = account.table, found.units.get(column, "") or ""
    unit_column = _unit_column(found)
    if not named and unit_column is None and not account.options.value_unit:
        must = f"a column must give the unit of {readout}"
        hint = f"renaming it to {column}_pg_ml, a column value_unit, or --value-unit pg/ml"
        raise errors.InputError(must, where=table.where(column), hint=hint)
    if named or unit_column is None:
        return _convert(named or account.options.value_unit, readout, table.where(column))
    words, codes = table.words(unit_column)
    known = [_convert(spelled(w), readout, _first(account, unit_column, codes, k)) for k, w in enumerate(words)]
    return np.array(known)[codes]


def _first(account: Account, column: str, codes: NDArray[np.intp], k: int) -> str:
    return account.table.where(column, int(np.flatnonzero(codes == k)[0]))


def _convert(unit: str, readout: str, where: str) -> float:
    return units.convert(1.0, unit, _OURS[readout], molar_mass_g_mol=IL6_MOLAR_MASS, where=where)


def _unit_column(found: FoundColumns) -> str | None:
    """Return the column with units of values: ``unit`` belongs to the dose where nothing else gives the dose's unit."""
    if "value_unit" in found.roles:
        return found.roles["value_unit"]
    dose = found.get("dose")
    free = dose is None or bool(found.units.get(dose)) or "dose_unit" in found.roles
    return found.get("unit") if free else None


def _told_readout(account: Account, found: FoundColumns, column: str) -> tuple[Words, Words, Any]:
    """Read several readouts, named in a column, each with its unit."""
    said = account.text(found.roles["readout"])
    names = [_name(str(word)) for word in said.categories]
    unit_column = _unit_column(found)
    given = account.table.text(unit_column) if unit_column else pd.Categorical([""] * len(said))
    pairs = pd.DataFrame({"readout": said.codes, "unit": given.codes}).astype(np.int64)
    key = pairs["readout"].to_numpy() * len(given.categories) + pairs["unit"].to_numpy()
    unique, inverse = np.unique(key, return_inverse=True)
    factor, unit = np.ones(len(unique)), np.full(len(unique), "", dtype=object)
    for k, value in enumerate(unique):
        name = names[int(value) // len(given.categories)]
        spoken = spelled(str(given.categories[int(value) % len(given.categories)]) or account.options.value_unit)
        where = _first(account, column, inverse, k)
        factor[k], unit[k] = _worth(name, spoken, where)
    merged = list(dict.fromkeys(names))
    codes = np.array([merged.index(name) for name in names])[said.codes]
    return pd.Categorical.from_codes(codes, categories=pd.Index(merged)), pd.Categorical(unit[inverse]), factor[inverse]


def _name(word: str) -> str:
    apart = take_apart(word)
    return readout_of(apart.word) or apart.word


def _worth(name: str, unit: str, where: str) -> tuple[float, str]:
    """Return the worth of one unit of a readout in ours, and the name of ours."""
    if name == "viability":
        if unit not in {"pct", "fraction"}:
            raise errors.InputError("the unit of viability must be fraction or pct", unit, where=where)
        return _SHARES[unit], "fraction"
    if name in _OURS:
        if not unit:
            raise errors.InputError(f"{name} must have a unit", where=where, hint="a column value_unit with pg/ml")
        return _convert(unit, name, where), _OURS[name]
    if name in _UNITLESS:
        return 1.0, _UNITLESS[name]
    if not unit:
        raise errors.InputError(
            f"{name} must have a unit", where=where, hint="a column value_unit, with fold or relative"
        )
    return 1.0, unit


def _share(column: str, unit: str, account: Account) -> float:
    """Return what one unit of a viability column is worth, as a fraction of control."""
    word = take_apart(column).word
    unit = "pct" if word.endswith(("_pct", "_percent")) else unit
    if unit not in _SHARES:
        raise errors.InputError("viability must be a fraction or per cent", unit, where=account.table.where(column))
    account.notes.append(f"{column} is read as {'per cent' if unit == 'pct' else 'a fraction'} of control")
    return _SHARES[unit]


def _check_scale(value: NDArray[np.float64], column: str, share: float, name: str) -> None:
    """Refuse fractions that are plainly per cent, and the reverse: the name decides, so it must not be wrong."""
    value = value[np.isfinite(value)]
    if value.size < _SHOWN:
        return
    high = float(np.quantile(value, 0.9))
    if share == 1.0 and high > 5:
        raise errors.InputError(
            f"{column} must be a fraction of control (about 0 to 1)",
            f"{high:.3g} at its 90 % quantile",
            where=f"{name}, column {column}",
            hint="naming the column viability_pct if it holds per cent",
        )
    if share < 1.0 and 0 < float(np.max(value)) <= 2:
        raise errors.InputError(
            f"{column} must be per cent of control (about 0 to 100)",
            f"{float(np.max(value)):.3g} at most",
            where=f"{name}, column {column}",
            hint="naming the column viability if it holds fractions",
        )
