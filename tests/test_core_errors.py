"""One tree of exceptions; every message says what must be, what was, where, and what to try."""

import pickle

import numpy as np
import pytest

from autocrine.core import errors

EVERY = [
    *(errors.InputError, errors.UnitError, errors.DesignError, errors.OutputError, errors.SolverError),
    errors.DeviceError,
]


@pytest.mark.parametrize("kind", EVERY)
def test_all_are_one_family(kind):
    assert issubclass(kind, errors.AutocrineError)
    assert not issubclass(errors.AutocrineError, (ValueError, OSError))


def test_the_tree_in_the_docstring_is_the_tree():
    drawn = errors.__doc__ or ""
    found = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
    assert all(name in drawn for name in found)
    assert issubclass(errors.UnitError, errors.InputError)
    assert issubclass(errors.DesignError, errors.InputError)
    assert not issubclass(errors.OutputError, errors.InputError)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.InputError("a must be b"), "a must be b"),
        (errors.InputError("a must be b", 3), "a must be b but was 3"),
        (errors.InputError("a must be b", None), "a must be b but was None"),
        (errors.InputError("a must be b", "c", where="f, line 2"), "f, line 2: a must be b but was 'c'"),
        (errors.InputError("a must be b", 0, where="f", hint="b"), "f: a must be b but was 0; try b"),
    ],
)
def test_a_message_says_must_was_where_and_try(error, text):
    assert str(error) == text


def test_a_long_value_is_shortened():
    assert len(str(errors.InputError("x must be short", "y" * 5000))) < 300


def test_a_solver_error_carries_trajectory_time_and_species():
    error = errors.SolverError("too many steps", trajectory=4, time_h=12.5, species="pgp")
    assert (error.trajectory, error.time_h, error.species, error.cause) == (4, 12.5, "pgp", "too many steps")
    assert str(error).startswith("trajectory 4 failed at time 12.5 h, species pgp: too many steps; try ")


def test_a_solver_error_says_its_time_in_the_unit_of_the_network_if_it_has_one():
    error = errors.SolverError("too many steps", time_h=12.5)
    for unit, text in (("second", "failed at time 12.5 second:"), ("1", "failed at time 12.5:")):
        error.time_unit = unit
        assert text in str(error)
    assert str(errors.SolverError("no")).startswith("trajectory 0 failed: no; try ")


@pytest.mark.parametrize(
    ("was", "text"),
    [
        (np.array([1.0, 2.0]), "x must be one number but was array([1., 2.])"),
        (np.array([]), "x must be one number but was array([], dtype=float64)"),
        (np.array([""]), "x must be one number but was array([''], dtype='<U1')"),
        (0, "x must be one number but was 0"),
        ("", "x must be one number"),
    ],
)
def test_arrays_are_shown_like_everything_else(was, text):
    error = errors.InputError("x must be one number", was)
    error.locate("file")
    assert str(error) == f"file: {text}"


@pytest.mark.parametrize(
    "error",
    [
        errors.InputError("a must be b", 3, where="f", hint="b"),
        errors.DesignError("a must be b", 3, where="f", hint="b"),
        errors.OutputError("no room"),
        errors.SolverError("too many steps", trajectory=4, time_h=12.5, species="pgp"),
        errors.DeviceError("out of memory"),
    ],
)
def test_an_error_survives_the_way_between_processes(error):
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
