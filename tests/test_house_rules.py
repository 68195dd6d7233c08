"""The house measures itself: lengths, doors, names, and what must not be in the repository.

A function counts from the first to the last line of what it does, without signature and docstring: they are for the
reader, and a rule against length must not make them shorter. A file counts with everything in it. A room enters
another one through its door; a name that only annotations use (below ``if TYPE_CHECKING``) may come from further
inside, because nothing is imported when the program runs, and a door of seven names cannot hold every type that a
function returns.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "autocrine"
ROOMS = (
    "cli",
    "web",
    "studies",
    "plots",
    "cohort",
    "tissue",
    "assay",
    "circuit",
    "evidence",
    "calibration",
    "prognosis",
    "engine",
    "core",
)
LONGEST_FUNCTION, LONGEST_FILE, WIDEST_DOOR, LARGEST_FILE = 40, 400, 7, 1_000_000

#: path or path::function → why it may break a rule; the only place for exceptions
EXCEPTIONS: dict[str, str] = {
    "src/autocrine/engine/__init__.py::__all__": "the issue on standards names read_sbml, read_antimony, write_sbml; "
    "what else reads and writes formats is behind the module standards",
    "src/autocrine/core/__init__.py::__all__": "what objects show in a notebook must look alike in all rooms, and "
    "batches of patients and tumours are given to Dask in the same way: only core is below all of them",
    "src/autocrine/studies/__init__.py::__all__": "seven names are runs, which scripts of users import from here; "
    "experiments while a person waits are an eighth, and no part of any of them",
}

NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "stuff"}
# words that a rule forbids are put together here, so that this file does not break the rule itself
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
HOME = re.compile(r"(?<![\w.:/])/(?:" + "|".join(("home", "Users", "root", "work", "mnt")) + r")/[\w.-]+")
REGISTRY = re.compile(r"https?://[\w.-]*(?:" + "|".join(("py" + "pi", "python" + "hosted", "sim" + "ple/")) + ")", re.I)


def _tracked() -> list[Path]:
    """Return the files that belong to the repository, or all of the tree where it is no clone."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return [
            p for folder in ("src", "tests", "docs", "benchmarks") for p in (ROOT / folder).rglob("*") if p.is_file()
        ]
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


FILES = [path for path in _tracked() if "__pycache__" not in path.parts]
MODULES = [path for path in FILES if path.suffix == ".py" and path.is_relative_to(SOURCE)]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str:
    """Return the text of a file; nothing where it is none."""
    raw = path.read_bytes()
    return "" if b"\0" in raw else raw.decode("utf-8")


def breaks(found: Mapping[str, object]) -> dict[str, object]:
    return {where: what for where, what in found.items() if where not in EXCEPTIONS}


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a body: what a function does, without its signature and its docstring."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return 0 if not body else (function.end_lineno or body[-1].lineno) - body[0].lineno + 1


def test_there_is_something_to_measure():
    assert len(MODULES) > 50
    assert {path.relative_to(SOURCE).parts[0] for path in MODULES} >= set(ROOMS)


def test_functions_are_short():
    long = {
        f"{name(path)}::{node.name}": code_lines(node)
        for path in MODULES
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and code_lines(node) > LONGEST_FUNCTION
    }
    assert breaks(long) == {}


def test_files_are_short():
    lengths = {name(path): len(text_of(path).splitlines()) for path in MODULES}
    assert breaks({where: count for where, count in lengths.items() if count > LONGEST_FILE}) == {}


def test_every_exception_is_needed_and_has_a_reason():
    for where, reason in EXCEPTIONS.items():
        assert (ROOT / where.split("::")[0]).is_file(), where
        assert len(reason) > 20, where


@pytest.mark.parametrize("room", ROOMS)
def test_a_door_is_narrow_and_says_what_the_room_is_for(room):
    tree = ast.parse(text_of(SOURCE / room / "__init__.py"))
    assert ast.get_docstring(tree)
    doors = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]
    ]
    assert len(doors) <= 1
    wide = {f"src/autocrine/{room}/__init__.py::__all__": len(door) for door in doors if len(door) > WIDEST_DOOR}
    assert breaks(wide) == {}
    assert all(list(door) == sorted(door) for door in doors)


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """Go through what runs: all nodes but those below ``if TYPE_CHECKING``."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from _running(node)


def _imports(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    for node in _running(ast.parse(text_of(path))):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            found.append((node.module or "", tuple(alias.name for alias in node.names)))
        elif isinstance(node, ast.ImportFrom):
            found.append(("." * node.level, ()))
        elif isinstance(node, ast.Import):
            found += [(alias.name, ()) for alias in node.names]
    return found


def _door(room: str) -> set[str]:
    for node in ast.parse(text_of(SOURCE / room / "__init__.py")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]:
            return set(ast.literal_eval(node.value))
    return set()


def test_rooms_enter_one_another_through_the_door():
    doors = {room: _door(room) for room in ROOMS}
    wrong = {}
    for path in MODULES:
        own = path.relative_to(SOURCE).parts[0]
        for module, names in _imports(path):
            parts = module.split(".")
            if parts[0] == "" or (parts[0] == "autocrine" and len(parts) > 1 and parts[1] != own and (
                len(parts) > 2 or not set(names) <= doors[parts[1]]
            )):  # fmt: skip
                wrong[f"{name(path)}::{module}"] = names
    assert breaks(wrong) == {}


def test_no_module_is_named_after_nothing():
    assert {name(path) for path in FILES if path.stem.lower() in NAMELESS} == set()
    assert {name(path) for path in FILES for part in path.relative_to(ROOT).parts if part.lower() in NAMELESS} == set()


def test_nothing_is_left_unfinished():
    assert breaks({name(path): found[0] for path in FILES if (found := UNFINISHED.search(text_of(path)))}) == {}


def test_no_file_is_large():
    assert {name(path): path.stat().st_size for path in FILES if path.stat().st_size > LARGEST_FILE} == {}


@pytest.mark.parametrize("forbidden", [HOME, REGISTRY], ids=["home directories", "package registries"])
def test_no_file_names_a_machine(forbidden):
    assert breaks({name(path): found[0] for path in FILES if (found := forbidden.search(text_of(path)))}) == {}


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".toml"], ids=name)
def test_toml_parses(path):
    assert tomllib.loads(text_of(path))


def test_data_of_the_package_is_in_the_package():
    listed = {path.suffix for path in FILES if path.is_relative_to(SOURCE)}
    assert listed <= {".py", ".toml", ".csv", ".html", ".css", ".js", ".svg", ".tex", ".typed"}


def test_the_import_contracts_are_kept():
    checked = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
