"""A TOML file whose values know where they stand, so that every complaint can name file, line and key."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from autocrine.core.errors import InputError

_LONG_QUOTES = ('"""', "'''")
_TEXT = r'"(?:\\.|[^"\\])*"|\'[^\']*\''
_SIGN = re.compile(rf"""\"{{3}}|'{{3}}|{_TEXT}|#.*|[\[\]{{}}]""")
#: one part of a key: "basic", 'literal' or bare, and the dot to the next part
_PART = re.compile(r"""\s*(?:"((?:\\.|[^"\\])*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(\.?)""")


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
            text = Path(path).read_text(encoding="utf-8-sig")  # editors of Windows may put a mark before the text
        except FileNotFoundError as error:
            raise InputError("the file must exist", str(path), hint="the path of a TOML file") from error
        except (OSError, ValueError) as error:
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
        except (ValueError, RecursionError) as error:
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
    """Find the line of a key, else of what is below it, else of the table in which it would stand; 0 if none."""
    around = below = 0
    for number, full in _keys(text):
        if full == path:
            return number
        if full[: len(path)] == path:
            below = below or number
        elif full == path[: len(full)]:
            around = number
    return (below or around) if path else 0


def _keys(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Go through headers and keys with their line; lines inside a list or a text over several lines are none."""
    header: tuple[str, ...] = ()
    still_open: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        start = line.lstrip()
        if not still_open and start.startswith("["):
            header = _key(start.lstrip("["))
            yield number, header
        else:
            if not still_open and (key := _key(start)):
                yield number, header + key
            still_open = _left_open(line, still_open)


def _key(text: str) -> tuple[str, ...]:
    """Read a dotted key, quoted or not, from the start of a text; nothing in a comment or an empty line."""
    parts, at = [], 0
    while found := _PART.match(text, at):
        quoted, literal, bare, dot = found.groups()
        parts.append(tomllib.loads(f'key = "{quoted}"')["key"] if quoted is not None else literal or bare or "")
        at = found.end()
        if not dot:
            break
    return tuple(parts)


def _left_open(line: str, still_open: list[str]) -> list[str]:
    """Return the brackets and long quotes that are open at the end of a line."""
    stack, at = list(still_open), 0
    while True:
        if stack and stack[-1] in _LONG_QUOTES:
            end = line.find(stack[-1], at)
            if end < 0:
                return stack
            at = end + len(stack.pop())
        found = _SIGN.search(line, at)
        if not found:
            return stack
        at = found.end()
        if found[0] in (*_LONG_QUOTES, "[", "{"):
            stack.append(found[0])
        elif found[0] in ("]", "}") and stack:
            stack.pop()
