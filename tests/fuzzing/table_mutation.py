"""Mutations of PEtab problems: cells, columns, rows, and the YAML file."""

from __future__ import annotations

import re
from random import Random

from fuzzing import text_mutation
from fuzzing.oddities import NAMES, number, places
from fuzzing.xml_mutation import XmlMutation

_FORMULAS = (
    "__import__('os').system('true')", "A.__class__", "lambda: 0", "piecewise(1, 1)", "log(0)", "1/0", "0/0", "exp(1000)", "9^9^9^9",
    "(" * 200 + "1" + ")" * 200, "-" * 5000 + "1", "a+" * 3000 + "a", "sqrt(-1)", "log(-1)", "max(1)", "observableParameter1_x", "1;2;3",
    "x" * 30000, "time", "inf", "nan", "log10(0.0)", "piecewise(time, time > 1, 0)", "min(time, inf)", "A^-1000", "tan(1e300)", "1e400",
    "5 < 6 < 7", "!!A", "true + true", "0^0", "0^-1", "-8^(1/3)", "pow(0, 0)", "arccos(7)",
)  # fmt: skip
_TAGS = ("!!python/object/apply:os.system ['true']", "!!python/name:os.system", "&a [*a, *a]", "*b", "!!binary x", "!!set {a, b}",
         "{a: {b: {c: d}}}", "[" * 300 + "]" * 300, "2020-01-01", "0o7", "1:30", "~", "<<: *a", "!x y", "? a\n: b", "%TAG ! x")  # fmt: skip


class TableMutation:
    """Changes the files of a problem.

    Parameters
    ----------
    rng : Random
        What decides.
    outside : str
        The folder that no reader may look into.
    """

    def __init__(self, rng: Random, outside: str) -> None:
        self._rng, self._outside = rng, outside
        self._xml = XmlMutation(rng, outside)

    def changed(self, files: dict[str, bytes]) -> dict[str, bytes]:
        """Return files by name with one change or a few."""
        found = dict(files)
        for _ in range(self._rng.choice((1, 1, 2, 3))):
            name = self._chosen(found)
            text = found[name].decode("utf-8", "replace")
            pick = self._rng.random()
            if pick < 0.06:
                found[name] = text_mutation.raw(self._rng, found[name])
                continue
            if pick < 0.12:
                text = text_mutation.text(self._rng, text)
            elif name.endswith((".yaml", ".yml")):
                text = self._yaml(text, sorted(found))
            elif name.endswith(".xml"):
                text = self._xml.changed(text)
            else:
                text = self._table(text)
            found[name] = text.encode("utf-8", "replace")
        return found

    def _chosen(self, files: dict[str, bytes]) -> str:
        names = sorted(files)
        tables = [name for name in names if name.endswith(".tsv")]
        return self._rng.choice(tables if tables and self._rng.random() < 0.7 else names)

    def _table(self, text: str) -> str:
        rng = self._rng
        rows = [line.split("\t") for line in text.splitlines()]
        if not rows or not rows[0]:
            return text
        pick = rng.randrange(10)
        row, other = rng.choice(rows), rng.choice(rows)
        place = rng.randrange(len(row))
        if pick <= 4:
            row[place] = self._cell(rows, row[place])
        elif pick == 5:
            rows.insert(rng.randrange(len(rows) + 1), list(other))
        elif pick == 6:
            rows.remove(row)
        elif pick == 7:
            for each in rows:
                del each[place : place + 1]
        elif pick == 8:
            for each in rows:
                each.insert(place, rng.choice(each) if each else "")
        else:
            row[:] = row[::-1] if rng.random() < 0.5 else row[:place]
        return "\n".join("\t".join(each) for each in rows) + "\n"

    def _cell(self, rows: list[list[str]], was: str) -> str:
        rng = self._rng
        pick = rng.random()
        if pick < 0.3:
            return number(rng)
        if pick < 0.5:
            return rng.choice(rng.choice(rows) or [""])
        if pick < 0.75:
            return rng.choice(_FORMULAS)
        if pick < 0.85:
            return rng.choice(NAMES)
        return text_mutation.text(rng, was)

    def _yaml(self, text: str, names: list[str]) -> str:
        rng = self._rng
        lines = text.splitlines()
        if not lines:
            return text
        at = rng.randrange(len(lines))
        pick = rng.randrange(6)
        if pick == 0:
            lines[at] = re.sub(r"([:-]\s).*", lambda found: found[1] + rng.choice(_TAGS), lines[at])
        elif pick in (1, 2):
            place = rng.choice((*places(self._outside), *names))
            lines[at] = re.sub(r"([:-]\s)\S.*", lambda found: found[1] + place, lines[at])
        elif pick == 3:
            lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
        elif pick == 4:
            del lines[at]
        else:
            lines[at] = re.sub(r"([:-]\s).*", lambda found: found[1] + number(rng), lines[at])
        return "\n".join(lines) + "\n"
