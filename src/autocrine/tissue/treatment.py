"""Treatment schedules in TOML: what plasma holds over time, for vessels and faces of the fields.

::

    [plasma.doxorubicin]
    half_life = "2 h"
    doses = [
        { time = "24 h", level = "300 nM", every = "72 h", times = 3 },
        { time = "300 h", level = "100 nM", over = "6 h" },
    ]

    [plasma.tocilizumab]
    table = { time = ["0 h", "48 h", "48 h"], level = ["0 nM", "0 nM", "400 nM"] }
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from autocrine.core import Document, errors, units
from autocrine.tissue.fields.plasma import Plasma

#: doses of one line: more are a slip of the pen
_MOST_DOSES = 10_000
_KEYS = {"time", "level", "over", "every", "times"}


@dataclass(frozen=True)
class Dose:
    """One dose: plasma rises by ``level`` at once, or over some hours to what the same amount gives then."""

    time_h: float
    level: float
    over_h: float = 0.0

    def at(self, time_h: float, decay_1_h: float) -> float:
        """Return what is left of it at a time (h) under first-order elimination."""
        since = time_h - self.time_h
        if since < 0:
            return 0.0
        if self.over_h == 0:
            return self.level * math.exp(-decay_1_h * since)
        given = min(since, self.over_h)
        if decay_1_h == 0:
            return self.level * given / self.over_h
        made = -math.expm1(-decay_1_h * given) / (decay_1_h * self.over_h)
        return self.level * made * math.exp(-decay_1_h * (since - given))


def load_treatment(
    document: Document, unit_of: Mapping[str, str], molar_masses_g_mol: Mapping[str, float] | None = None
) -> dict[str, Plasma]:
    """Read what plasma holds over time.

    Parameters
    ----------
    document : Document
        Has a table ``plasma`` with a table for each substrate: ``doses`` and ``half_life`` (without it a dose
        stays), or ``table``.
    unit_of : mapping
        Unit of the level of each substrate that there is.
    molar_masses_g_mol : mapping, optional
        Lets a level be given in ng/ml where the field counts nM.

    Returns
    -------
    dict
        A `Plasma` for each substrate that is named.

    Raises
    ------
    InputError
        If a substrate is unknown, a quantity is negative or has another unit, or both or none of doses
        and table are given.
    """
    document.allow(["plasma"])
    found, masses = {}, molar_masses_g_mol or {}
    for name, entry in document.tables("plasma"):
        if name not in unit_of:
            raise errors.InputError(
                "a treatment must name a substrate of the fields",
                name,
                where=entry.where(),
                hint=", ".join(unit_of),
            )
        found[name] = _Reader(entry, unit_of[name], masses.get(name)).plasma()
    return found


class _Reader:
    """Reads one entry."""

    def __init__(self, entry: Document, unit: str, molar_mass: float | None) -> None:
        self._entry, self._unit, self._mass = entry, unit, molar_mass

    def plasma(self) -> Plasma:
        entry = self._entry
        entry.allow(["half_life", "doses", "table"])
        if ("doses" in entry.values) == ("table" in entry.values):
            raise errors.InputError("plasma must have either doses or a table", where=entry.where())
        if "table" in entry.values:
            table = entry.table("table")
            table.allow(["time", "level"])
            times = [self._read(x, "h", table.where("time")) for x in table.get("time", list)]
            levels = [self._read(x, self._unit, table.where("level")) for x in table.get("level", list)]
            with errors.inside(table.where()):
                return Plasma((times, levels))
        doses = [dose for line in entry.get("doses", list) for dose in self._doses(line)]
        half_life = entry.get("half_life", str, "")
        decay = 0.0
        if half_life:
            hours = self._read(half_life, "h", entry.where("half_life"))
            if hours == 0:
                raise errors.InputError("a half-life must be positive", half_life, where=entry.where("half_life"))
            decay = math.log(2) / hours
        jumps = [dose.time_h for dose in doses if dose.over_h == 0]
        return Plasma(lambda t: sum(dose.at(t, decay) for dose in doses), jumps)

    def _doses(self, line: object) -> list[Dose]:
        where = self._entry.where("doses")
        if not isinstance(line, dict) or not {"time", "level"} <= set(line) <= _KEYS:
            raise errors.InputError(
                "a dose must have time and level, and may have over, every and times", line, where=where
            )
        if ("every" in line) != ("times" in line):
            raise errors.InputError("a dose that is repeated must have both every and times", line, where=where)
        times = line.get("times", 1)
        if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= _MOST_DOSES:
            raise errors.InputError(f"times must be a whole number from 1 to {_MOST_DOSES}", times, where=where)
        start, level = self._read(line["time"], "h", where), self._read(line["level"], self._unit, where)
        every, over = (self._read(line.get(key, "0 h"), "h", where) for key in ("every", "over"))
        return [Dose(start + i * every, level, over) for i in range(times)]

    def _read(self, text: object, unit: str, where: str) -> float:
        if not isinstance(text, str):
            raise errors.InputError("a quantity must be a text with a unit", text, where=where, hint='"24 h"')
        mass = self._mass if unit == self._unit else None
        # a level that has no unit of the bench, such as mmHg, is read by pint as every other
        value = units.read(text, unit, molar_mass_g_mol=mass, where=where)
        if value < 0:
            raise errors.InputError("a quantity of a treatment must not be negative", text, where=where)
        return value
