"""The YAML file of a problem, and the files that it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

from autocrine.core import errors
from autocrine.engine.petab.table import Table, read_text

#: the published problems have less than 1 kB
_LONGEST = 200_000


class _Loader(yaml.SafeLoader):
    """Refuses aliases, which can make a small file enormous, and keys that stand twice."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark
            raise ComposerError(None, None, "aliases are refused", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        found = super().construct_mapping(node, deep)
        if len(found) < len(node.value):
            raise ConstructorError(None, None, "a key stands twice", node.start_mark)
        return found


@dataclass(frozen=True)
class ProblemFile:
    """The content of a YAML file.

    Attributes
    ----------
    path : Path
        The file.
    content : dict
        What it says.
    """

    path: Path
    content: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> ProblemFile:
        """Read a file.

        Raises
        ------
        InputError
            If it cannot be read or is no mapping.
        """
        text = read_text(path)
        if len(text) > _LONGEST:
            raise errors.InputError(
                f"a problem's YAML must have at most {_LONGEST} characters", len(text), where=path.name
            )
        try:
            values = yaml.load(text, Loader=_Loader)  # noqa: S506 the loader is a safe one
        except (yaml.YAMLError, ValueError, TypeError) as error:
            raise errors.InputError("a problem must be YAML", " ".join(str(error).split()), where=path.name) from error
        except RecursionError as error:
            raise errors.InputError("a problem's YAML must not be nested deeply", where=path.name) from error
        if not isinstance(values, dict):
            raise errors.InputError("a problem must be a YAML mapping", type(values).__name__, where=path.name)
        return cls(path, values)

    def allow(self, given: Any, known: tuple[str, ...], where: str = "") -> dict[str, Any]:
        """Return a mapping that must have no other keys than these."""
        place = f"{self.path.name}{', ' if where else ''}{where}"
        if not isinstance(given, dict):
            raise errors.InputError("there must be a mapping", given, where=place)
        for key in given:
            if key not in known:
                raise errors.InputError("a key must be one of " + ", ".join(known), key, where=place)
        return given

    def names(self, given: Any, where: str) -> tuple[str, ...]:
        """Return names of files: a list of text, a text, or nothing."""
        names = [] if given is None else [given] if isinstance(given, str) else given
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise errors.InputError("there must be a list of files", given, where=f"{self.path.name}, {where}")
        return tuple(names)

    def file(self, name: str) -> Path:
        """Return the path of a file that is named.

        Raises
        ------
        InputError
            If it lies outside the folder of the YAML file, or on another machine.
        """
        folder = self.path.resolve().parent
        if "://" in name or "\0" in name:
            raise errors.InputError("a file must lie in the folder of the problem", name, where=self.path.name)
        found = (folder / name).resolve()
        if not found.is_relative_to(folder):
            raise errors.InputError("a file must lie in the folder of the problem", name, where=self.path.name)
        try:
            exists = found.is_file()
        except OSError:  # a name that no file can have
            exists = False
        if not exists:
            raise errors.InputError("a file must exist", name, where=self.path.name)
        return found

    def tables(self, given: Any, where: str, required: tuple[str, ...]) -> list[Table]:
        """Read the tables that are named."""
        return [Table.read(self.file(name), required) for name in self.names(given, where)]
