"""Which columns of a table play which role."""

from __future__ import annotations

from dataclasses import dataclass, field

from autocrine.assay.plates.column_name import (
    MOLAR,
    OWN_CONTROL,
    OWN_START,
    READOUTS,
    ROLES,
    ColumnName,
    readout_of,
    role_of,
    take_apart,
)
from autocrine.assay.plates.raw_table import RawTable
from autocrine.core import errors

#: roles of which a second column is refused; of the others the first name of the list wins and the rest is reported
_SINGLE = ("dose", "time", "unit", "dose_unit")


@dataclass
class FoundColumns:
    """Roles of columns.

    Attributes
    ----------
    roles : dict of str to str
        Role → column.
    units : dict of str to str
        Column → unit that its name gives.
    readouts : dict of str to str
        Readout → column.
    drug : str
        The drug that the name of the dose column gives (``doxorubicin_nM``); else empty.
    notes : list of str
        Synonyms, and columns that were not used.
    """

    roles: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    readouts: dict[str, str] = field(default_factory=dict)
    drug: str = ""
    notes: list[str] = field(default_factory=list)

    def get(self, role: str) -> str | None:
        """Return the column of a role, if there is one."""
        return self.roles.get(role)


def find_columns(table: RawTable) -> FoundColumns:
    """Find the roles of all columns by their names.

    Raises
    ------
    InputError
        If two columns give the dose, the time or one readout.
    """
    names = {column: take_apart(column) for column in table.columns}
    found = FoundColumns(units={column: name.unit for column, name in names.items() if name.unit})
    _roles(table, names, found)
    _values(table, names, found)
    _drug_in_dose(table, names, found)
    own = (*OWN_CONTROL, *OWN_START)
    for column, name in names.items():
        if name.word in own:
            found.roles["own_control" if name.word in OWN_CONTROL else "own_start"] = column
    used = {*found.roles.values(), *found.readouts.values()}
    unused = [column for column in names if column not in used]
    found.notes += [
        f"column {column} is read as {role}"
        for role, column in found.roles.items()
        if names[column].word != role
        and role not in {"own_control", "own_start"}
        and not (role == "dose" and found.drug)
    ]
    found.notes += [
        f"column {column} is read as {readout}"
        for readout, column in found.readouts.items()
        if names[column].word != readout and readout != "viability"
    ]
    if unused:
        found.notes.append("columns not used: " + ", ".join(unused))
    return found


def _roles(table: RawTable, names: dict[str, ColumnName], found: FoundColumns) -> None:
    for role, words in ROLES.items():
        having = sorted(
            (column for column, name in names.items() if role_of(name.word) == role),
            key=lambda column: words.index(names[column].word),
        )
        if len(having) > 1 and role in _SINGLE:
            raise errors.InputError(f"only one column may give the {role}", ", ".join(having), where=table.where())
        if having:
            found.roles[role] = having[0]


def _values(table: RawTable, names: dict[str, ColumnName], found: FoundColumns) -> None:
    for readout in READOUTS:
        having = [column for column, name in names.items() if readout_of(name.word) == readout]
        if len(having) > 1:
            raise errors.InputError(f"only one column may give the {readout}", ", ".join(having), where=table.where())
        if having:
            found.readouts[readout] = having[0]
    if "value" in found.readouts and len(found.readouts) > 1:
        both = ", ".join(found.readouts.values())
        raise errors.InputError("only one column may give the value", both, where=table.where())


def _drug_in_dose(table: RawTable, names: dict[str, ColumnName], found: FoundColumns) -> None:
    """Read a column such as ``doxorubicin_nM`` as the dose of that drug."""
    if "dose" in found.roles:
        return
    taken = {*found.roles.values(), *found.readouts.values()}
    having = [column for column, name in names.items() if name.unit in MOLAR and column not in taken]
    if len(having) > 1:
        raise errors.InputError(
            "only one column may give the dose",
            ", ".join(having),
            where=table.where(),
            hint="one row per drug, with the columns drug and dose; a second drug belongs into the column arm",
        )
    if having:
        found.roles["dose"], found.drug = having[0], names[having[0]].word
        found.notes.append(f"column {having[0]} is read as the dose of {found.drug}")
