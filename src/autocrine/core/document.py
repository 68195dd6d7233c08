"""A TOML file whose values know where they stand, so that every complaint can name file, line and key."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from autocrine.core.errors import InputError


class Document:
    """A table of a TOML file.

    Parameters
    ----------
    values : dict
        The parsed table.
    text : str
        The whole text of the file, in which lines are looked up.
    name : str
        What the file is called in messages.
    path : tuple of str
        The keys that lead to this table from the top of the file.
    """

    def __init__(self, values: dict[str, Any], text: str, name: str, path: tuple[str, ...] = ()) -> None:
        self.values, self.name, self.path = values, name, path
        self.text = text

    @classmethod
    def load(cls, path: Path) -> Document:
        """Read a file.

        Raises
        ------
        InputError
            If it is absent, not text, empty, or not TOML.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise InputError("the file must exist", str(path), hint="the path of a TOML file") from error
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"the file must be readable UTF-8 text ({error})", where=str(path)) from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, name: str) -> Document:
        """Read TOML text; ``name`` stands in messages."""
        if not text.strip():
            raise InputError(
                "the file must hold at least one table but was empty",
                where=name,
                hint="autocrine simulate --help",
            )
        try:
            return cls(tomllib.loads(text), text, name)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"the file must be valid TOML: {error}", where=name) from error

    def where(self, key: str = "") -> str:
        """Say file, line and key of an entry of this table."""
        full = (*self.path, key) if key else self.path
        line = _line_of(self.text, full)
        at = f"{self.name}, line {line}" if line else self.name
        return f"{at}, key {'.'.join(full)}" if full else at

    def get(self, key: str, kind: type | tuple[type, ...], default: Any = ...) -> Any:
        """Return one value of the right kind.

        Raises
        ------
        InputError
            If it is absent and has no default, or of another kind.
        """
        if key not in self.values:
            if default is not ...:
                return default
            known = ", ".join(self.values) or "nothing"
            raise InputError(f"the key {key!r} must be given; the table holds {known}", where=self.where())
        value = self.values[key]
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if float in kinds:
            kinds = (*kinds, int)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise InputError(f"{key} must be {_named(kinds)}", value, where=self.where(key))
        return value

    def table(self, key: str) -> Document:
        """Return a table inside this one; an absent one is empty."""
        value = self.get(key, dict, {})
        return Document(value, self.text, self.name, (*self.path, key))

    def tables(self, key: str) -> Iterator[tuple[str, Document]]:
        """Go through the named tables below ``key``."""
        inner = self.table(key)
        for name in inner.values:
            inner.get(name, dict)
            yield name, inner.table(name)

    def allow(self, known: Iterable[str]) -> None:
        """Refuse any key that is not known, and offer the nearest one."""
        names = list(known)
        for key in self.values:
            if key not in names:
                near = difflib.get_close_matches(key, names, n=1)
                hint = near[0] if near else "one of " + ", ".join(names)
                raise InputError("the key must be one that is known", key, where=self.where(key), hint=hint)


def _named(kinds: tuple[type, ...]) -> str:
    words = {
        str: "text",
        dict: "a table",
        list: "a list",
        bool: "true or false",
        float: "a number",
        int: "a whole number",
    }
    shown = [words.get(kind, kind.__name__) for kind in kinds if not (kind is int and float in kinds)]
    return " or ".join(shown)


def _line_of(text: str, path: tuple[str, ...]) -> int:
    """Find the line of a key: the header of its table, then the key below it; 0 if it cannot be told."""
    if not path:
        return 0
    header: tuple[str, ...] = ()
    best = 0
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            header = _parts(stripped.strip("[] "))
            if header == path:
                return number
            if header == path[: len(header)]:
                best = number
        elif "=" in stripped and not stripped.startswith("#"):
            full = header + _parts(stripped.split("=", 1)[0].strip())
            if full == path:
                return number
            if full == path[: len(full)]:
                best = number
    return best


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
