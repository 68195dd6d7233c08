"""The tutorials of the documentation run as they stand: every cell, in order, in an empty folder."""

import ast
import re
from pathlib import Path

import pytest

TUTORIALS = sorted((Path(__file__).parents[1] / "docs" / "tutorials").glob("*.md"))
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ROOMS = {"engine", "circuit", "assay", "calibration", "evidence", "prognosis", "tissue", "cohort", "plots", "studies"}
#: those that take a second or two, and so are run each time
QUICK = {"calibration", "evidence", "plots"}


def cells(page):
    return [found.removeprefix("\n") for found in CELL.findall(page.read_text(encoding="utf-8"))]


def test_each_room_has_its_tutorial():
    assert {page.stem for page in TUTORIALS} == ROOMS


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_cells_are_python(page):
    found = cells(page)
    assert len(found) >= 2
    for cell in found:
        assert ast.parse(cell).body


def run(page, folder, monkeypatch):
    """Run all cells; what stands in the last line is shown as a notebook shows it."""
    monkeypatch.chdir(folder)
    names = {}
    for number, cell in enumerate(cells(page), 1):
        tree = ast.parse(cell)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        where = f"{page.name}, cell {number}"
        exec(compile(tree, where, "exec"), names)  # noqa: S102 - our own pages
        if last is not None:
            value = eval(compile(ast.Expression(last.value), where, "eval"), names)  # noqa: S307 - our own pages
            if hasattr(value, "_repr_html_"):
                assert value._repr_html_()


@pytest.mark.parametrize("page", [each for each in TUTORIALS if each.stem in QUICK], ids=lambda page: page.stem)
def test_small_tutorials_run(page, tmp_path, monkeypatch):
    run(page, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("page", [each for each in TUTORIALS if each.stem not in QUICK], ids=lambda page: page.stem)
def test_all_tutorials_run(page, tmp_path, monkeypatch):
    run(page, tmp_path, monkeypatch)
