"""SED-ML: analytic courses, the round trip of an archive, and what is refused by name."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine import Network, Reaction, Species, standards
from autocrine.engine.combine import read_archive, read_experiment, write_archive
from autocrine.engine.combine.algorithm import Algorithm, algorithm_of
from autocrine.engine.combine.archive import write_files
from autocrine.engine.combine.manifest import SBML, SEDML, Entry
from autocrine.engine.combine.target import Step, changed_attributes, parse_target
from autocrine.engine.course import Course
from autocrine.engine.names import symbol
from autocrine.engine.sbml import sbml_text
from test_engine_network import table

A, K, V = symbol("a"), symbol("k"), symbol("v")
PREFIX = "/sbml:sbml/sbml:model/sbml:listOf"
SPECIES, PARAMETER = f"{PREFIX}Species/sbml:species[@id='a']", f"{PREFIX}Parameters/sbml:parameter[@id='k']"


def decay():
    return Network(
        "decay",
        [Species("a", "nM", 10.0), Species("b", "molecule/cell", V)],
        table(k=(0.5, "1/h"), v=(2.0, "molecule/cell")),
        [Reaction("loss", {"a": -1}, K * A)],
        rules={"twice": 2 * A},
        observables={"share": A / 10},
    )


SEDML_TEXT = """<?xml version="1.0" encoding="UTF-8"?>
<sedML xmlns="http://sed-ml.org/sed-ml/level1/version3" xmlns:sbml="http://www.sbml.org/sbml/level3/version2/core"
 level="1" version="3">
<listOfModels>
<model id="m" language="urn:sedml:language:sbml" source="model.xml"/>
<model id="fast" language="urn:sedml:language:sbml" source="#m"><listOfChanges>
<changeAttribute target="{parameter}/@value" newValue="2"/>
<changeAttribute target="{species}/@initialConcentration" newValue="3"/></listOfChanges></model>
</listOfModels>
<listOfSimulations>{simulation}</listOfSimulations>
<listOfTasks>{task}</listOfTasks>
<listOfDataGenerators>
<dataGenerator id="time"><math xmlns="http://www.w3.org/1998/Math/MathML"><ci>t</ci></math><listOfVariables>
<variable id="t" symbol="{symbol}" taskReference="task"/></listOfVariables></dataGenerator>
<dataGenerator id="scaled"><math xmlns="http://www.w3.org/1998/Math/MathML"><apply>{operator}<ci>t</ci><ci>s</ci>
<ci>rate</ci></apply></math><listOfVariables><variable id="t" target="{target}" taskReference="task"/>
<variable id="rate" target="{parameter}" taskReference="task"/></listOfVariables>
<listOfParameters><parameter id="s" value="100"/></listOfParameters></dataGenerator>
</listOfDataGenerators>
<listOfOutputs><report id="r"><dataSet/><listOfDataSets><dataSet id="d1" label="time" dataReference="time"/>
<dataSet id="d2" label="y" dataReference="scaled"/></listOfDataSets></report>
<plot2D id="p"><listOfCurves><curve id="c" logX="false" logY="false" xDataReference="time" yDataReference="scaled"/>
</listOfCurves></plot2D></listOfOutputs></sedML>""".replace("<dataSet/>", "")
PARTS = {
    "parameter": PARAMETER,
    "species": SPECIES,
    "target": SPECIES,
    "symbol": "urn:sedml:symbol:time",
    "operator": "<times/>",
    "simulation": '<uniformTimeCourse id="s" initialTime="0" outputStartTime="1" outputEndTime="3" numberOfPoints="4">'
    '<algorithm kisaoID="KISAO:0000019"><listOfAlgorithmParameters>'
    '<algorithmParameter kisaoID="KISAO:0000209" value="1e-9"/></listOfAlgorithmParameters></algorithm>'
    "</uniformTimeCourse>",
    "task": '<task id="task" modelReference="fast" simulationReference="s"/>',
}


def archived(tmp_path, text="", **parts):
    path = tmp_path / "it.omex"
    filled = text or SEDML_TEXT.format(**{**PARTS, **parts})
    contents = [(Entry("model.xml", SBML), sbml_text(decay())), (Entry("sim.sedml", SEDML, master=True), filled)]
    write_files(path, contents)
    return path


def test_changes_times_and_formulas_are_as_described(tmp_path):
    found = standards.simulate_archive(archived(tmp_path))
    table = found.tables["r"]
    times = [1.0, 1.5, 2.0, 2.5, 3.0]
    np.testing.assert_allclose(table["time"], times)
    # a(t) = 3 exp(-2 t), times the constant 100 and the rate 2
    np.testing.assert_allclose(table["y"], 600 * np.exp(-2 * np.array(times)), rtol=1e-7)
    assert list(found.tables["p"].columns) == ["time", "scaled"]
    assert found.notes == ()


def test_one_step_and_steady_states(tmp_path):
    step = '<oneStep id="s" step="0.5"><algorithm kisaoID="KISAO:0000019"/></oneStep>'
    table = standards.simulate_archive(archived(tmp_path, simulation=step)).tables["r"]
    assert len(table) == 1
    np.testing.assert_allclose(table["y"], 600 * math.exp(-1), rtol=1e-5)
    steady = '<steadyState id="s"><algorithm kisaoID="KISAO:0000407"/></steadyState>'
    table = standards.simulate_archive(archived(tmp_path, simulation=steady)).tables["r"]
    np.testing.assert_allclose(table["y"], 0.0, atol=1e-6)


def test_the_round_trip_of_an_archive(tmp_path):
    courses = [Course("as it is", end=4.0, steps=8), Course("more", {"k": 1.0, "a": 20.0}, end=2.0, steps=4)]
    write_archive(decay(), tmp_path / "it.omex", courses, outputs=["a", "b", "twice", "share"], creators=["A & B"])
    tables = standards.simulate_archive(tmp_path / "it.omex").tables
    for name, level, rate, end, steps in (("report1", 10.0, 0.5, 4.0, 8), ("report2", 20.0, 1.0, 2.0, 4)):
        times = np.linspace(0, end, steps + 1)
        table, expected = tables[name], level * np.exp(-rate * times)
        np.testing.assert_allclose(table["time"], times)
        np.testing.assert_allclose(table["a"], expected, rtol=1e-6)
        np.testing.assert_allclose(table["twice"], 2 * expected, rtol=1e-6)
        np.testing.assert_allclose(table["share"], expected / 10, rtol=1e-6)
        np.testing.assert_allclose(table["b"], 2.0)
    assert read_experiment(tmp_path / "it.omex").first_network().name == "decay"


VALIDATE = """
import libsedml, sys
document = libsedml.readSedMLFromString(sys.stdin.read())
print([document.getError(i).getMessage() for i in range(document.getNumErrors())], document.getNumTasks())
"""


def test_what_is_written_is_valid_by_libsedml(tmp_path):
    """In a process of its own: in one process its module breaks that of libsbml."""
    write_archive(decay(), tmp_path / "it.omex", [Course('<"one">', {"k": 1.0}), Course("two")])
    text = read_archive(tmp_path / "it.omex").text("simulation.sedml")
    done = subprocess.run([sys.executable, "-c", VALIDATE], input=text, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.stdout.strip() == "[] 2", done.stderr


SOUND = SEDML_TEXT.format(**PARTS)
EDITS = st.tuples(
    st.integers(0, len(SOUND)),
    st.integers(0, 30),
    st.sampled_from(["", "x", "<a/>", '"', "&lt;", "-1", "e9", "<", "'"]),
)


@settings(max_examples=200)
@given(st.lists(EDITS, min_size=1, max_size=3))
def test_damaged_sedml_is_read_or_refused_and_nothing_else(tmp_path_factory, edits):
    text = SOUND
    for place, length, instead in edits:
        text = text[:place] + instead + text[place + length :]
    try:
        read_experiment(archived(tmp_path_factory.mktemp("damaged"), text))
    except errors.InputError:
        return


def test_a_course_changes_only_what_can_be_changed(tmp_path):
    for values, message in (({"kk": 1.0}, "parameters or species"), ({"b": 1.0}, "must not be computed")):
        with pytest.raises(errors.InputError, match=message):
            write_archive(decay(), tmp_path / "it.omex", [Course("bad", values)])


REFUSED = {
    "a repeated task": (
        {
            "task": '<task id="task" modelReference="m" simulationReference="s"/><repeatedTask id="x" range="r" '
            'resetModel="true"><listOfRanges><vectorRange id="r"><value>1</value></vectorRange></listOfRanges>'
            '<listOfSubTasks><subTask order="1" task="task"/></listOfSubTasks></repeatedTask>'
        },
        "repeatedTask",
    ),
    "chance": ({"simulation": PARTS["simulation"].replace("0019", "0029")}, "KISAO:0000029"),
    "another symbol": ({"symbol": "urn:sedml:symbol:amount"}, "the symbol urn:sedml:symbol:amount"),
    "a target by place": ({"target": f"{PREFIX}Species/sbml:species[1]"}, "the target"),
    "an attribute as variable": ({"target": f"{SPECIES}/@initialConcentration"}, "the target"),
    "a change by function": ({"species": f"{PREFIX}Species/sbml:species[contains(@id,'a')]"}, "the target"),
}


@pytest.mark.parametrize(("parts", "feature"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_there_is_refused_by_name(tmp_path, parts, feature):
    with pytest.raises(errors.UnsupportedError, match=feature):
        read_experiment(archived(tmp_path, **parts))


WRONG = {
    "no such model": ({"task": PARTS["task"].replace("fast", "slow")}, "slow"),
    "no such species": ({"target": SPECIES.replace("'a'", "'aa'")}, "a variable must be of the model but was 'aa'"),
    "times in no order": ({"simulation": PARTS["simulation"].replace('Time="3"', 'Time="0.5"')}, "in the order"),
    "no points": ({"simulation": PARTS["simulation"].replace('"4"', '"0"')}, "number of points"),
    "too many points": ({"simulation": PARTS["simulation"].replace('"4"', '"2000000000"')}, "number of points"),
    "a tolerance below zero": ({"simulation": PARTS["simulation"].replace('"1e-9"', '"-1"')}, "tolerance"),
    "a change of nothing": ({"parameter": PARAMETER.replace("'k'", "'kk'")}, r"one element of the model .*0 found"),
}


@pytest.mark.parametrize(("parts", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said(tmp_path, parts, message):
    with pytest.raises(errors.InputError, match=message):
        standards.simulate_archive(archived(tmp_path, **parts))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<sedML", "must be XML"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><sedML/>", "document type"),
        ("<a/>", "must begin with the element sedML"),
    ],
)
def test_no_sedml_is_refused_with_its_place(tmp_path, text, message):
    with pytest.raises(errors.InputError, match=f"sim.sedml.*{message}"):
        read_experiment(archived(tmp_path, text))


def test_models_that_come_from_themselves_or_from_elsewhere_are_refused(tmp_path):
    text = SEDML_TEXT.format(**PARTS)
    with pytest.raises(errors.InputError, match="must not come from itself"):
        read_experiment(archived(tmp_path, text.replace('source="model.xml"', 'source="#fast"')))
    with pytest.raises(errors.UnsupportedError, match="outside of the archive"):
        read_experiment(archived(tmp_path, text.replace('"model.xml"', '"https://example.org/model.xml"')))
    with pytest.raises(errors.InputError, match="must be in the archive"):
        standards.simulate_archive(archived(tmp_path, text.replace('"model.xml"', '"../../model.xml"')))


def test_an_unknown_algorithm_is_noted(tmp_path):
    path = archived(tmp_path, simulation=PARTS["simulation"].replace("0000019", "0009999"))
    (note,) = standards.simulate_archive(path).notes
    assert "KISAO:0009999 is not known" in note
    assert algorithm_of("", [], "it") == Algorithm()
    assert algorithm_of("KISAO:0000088", [("KISAO:0000211", "1e-12")], "it").atol == 1e-12


def test_an_archive_without_sedml_gives_its_model(tmp_path):
    write_files(tmp_path / "it.omex", [(Entry("model.xml", SBML), sbml_text(decay()))])
    assert standards.read_model(tmp_path / "it.omex").name == "decay"
    with pytest.raises(errors.InputError, match="report or a plot"):
        standards.simulate_archive(tmp_path / "it.omex")
    write_files(tmp_path / "it.omex", [])
    with pytest.raises(errors.InputError, match="must hold a model"):
        standards.read_model(tmp_path / "it.omex")


def test_targets_are_paths_of_elements():
    found = parse_target('/sbml:sbml/a:b[@id = "x y"]/c/@d', "it")
    assert found.steps == (Step("sbml"), Step("b", "id", "x y"), Step("c"))
    assert found.attribute == "d"
    for bad in ("", "//a", "a/b", "/a[b]", "/a/text()", "/a[@id='x' or 'a'='a']", "/a | /b"):
        with pytest.raises(errors.UnsupportedError, match="the target"):
            parse_target(bad, "it")


def test_a_change_touches_one_attribute():
    text = "<a><b id='1' v='x'/><b id='2' v='y'>&lt;</b></a>"
    assert 'v="z&lt;"' in changed_attributes(text, [("/a/b[@id='2']/@v", "z<")], "it")
    assert changed_attributes(text, [], "it") == text
    with pytest.raises(errors.InputError, match="2 found"):
        changed_attributes(text, [("/a/b/@v", "z")], "it")
    with pytest.raises(errors.UnsupportedError, match="whole element"):
        changed_attributes(text, [("/a/b[@id='2']", "z")], "it")
