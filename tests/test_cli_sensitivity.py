"""The command ``autocrine sensitivity``: what matters is found, and mistakes are named."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from autocrine.cli.sensitivity import command
from autocrine.core import errors


def run(*arguments):
    done = CliRunner().invoke(command, [str(each) for each in arguments], catch_exceptions=True)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_il6_in_the_medium_follows_its_synthesis_and_not_the_pump(tmp_path):
    table = tmp_path / "deep" / "table.csv"
    found = json.loads(
        run(
            "--method",
            "morris",
            "--count",
            4,
            "--readout",
            "il6",
            "--parameters",
            "s_il6,d_pgp",
            "--out",
            table,
            "--json",
        )
    )
    size = {row["parameter"]: row["mean_size"] for row in found["rows"]}
    assert size["s_il6"] > 100 * abs(size["d_pgp"])
    assert set(pd.read_csv(table)["parameter"]) == {"s_il6", "d_pgp"}


def test_indices_of_sobol_are_of_every_readout_and_parameter():
    found = json.loads(
        run("--count", 8, "--readout", "pgp", "--readout", "viability", "--parameters", "d_pgp,s_il6", "--json")
    )
    assert {(row["output"], row["parameter"]) for row in found["rows"]} == {
        (output, name) for output in ("pgp", "viability") for name in ("d_pgp", "s_il6")
    }
    assert found["count"] == 8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--parameters", "nothing"), "names of the circuit.*nothing"),
        (("--parameters", " , "), "must name a parameter"),
        (("--arm", "prayer"), "--arm must be one.*prayer.*anti-IL-6R"),
        (("--count", 7), "power of two.*7"),
        (("--line", "nobody"), "nobody"),
        (("--dose", "300"), "--dose"),
    ],
)
def test_mistakes_are_named(words, said):
    with pytest.raises(errors.AutocrineError, match=said):
        run(*words)
