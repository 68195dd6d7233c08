"""What the tests of cells and wells share: the circuit as its tables start it, so that no law hangs on the last fit."""

import pytest
from hypothesis import settings

# `make test` asks the same examples each time, so a green main stays green; `make test-all` looks for new ones
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("same")


@pytest.fixture(scope="session")
def start():
    """Values of the circuit before the baseline fit."""
    from autocrine.circuit import cell

    return cell.cell_parameters(fitted=False).values_by_name


@pytest.fixture(scope="session")
def bench(start):
    """A bench with these values, and with the lines before the fit."""
    from autocrine.assay import Bench
    from autocrine.circuit import Lines

    return Bench(lines=Lines.load(fitted=False)).with_values(cell=start)


@pytest.fixture(scope="session")
def make_line():
    """Return a line from changed parameters: ``make_line("thrice", abcb1_copies=3.0)``."""
    from autocrine.circuit import Line, Lines
    from autocrine.core import Document

    def make(name: str = "made", **values: float) -> Line:
        return Lines({}).extended(Document({name: values}, "", "test"))[name]

    return make
