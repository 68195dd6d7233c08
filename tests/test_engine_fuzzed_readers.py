"""What the fuzzer of the readers broke (``tests/fuzz_readers.py``), and a short run of its mutations."""

import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine import read_sbml, simulate
from autocrine.engine import sbml as door
from autocrine.engine.combine import read_experiment
from autocrine.engine.petab import read_petab
from autocrine.engine.sbml import source
from fuzzing import equivalence, grammar
from fuzzing.archive_mutation import ArchiveMutation
from fuzzing.seeds import Seeds
from fuzzing.watch import Watch
from fuzzing.xml_mutation import XmlMutation
from sbml_text import compartment, element, event, function, initially, parameter, reaction, rule, sbml, species

RATE = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/rateOf">rateOf</csymbol>'
DELAY = RATE.replace("rateOf", "delay")
COMP = ' xmlns:comp="http://www.sbml.org/sbml/level3/version1/comp/version1" comp:required="true"'
NOWHERE = Seeds(Path("nowhere"))


def maths(inside: str) -> str:
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{inside}</math>'


def with_maths(inside: str) -> str:
    """Return a model of which one rule is this maths."""
    return sbml(parameter("p", 1.0, False), parameter("q", 1.0), element("rateRule", maths(inside), variable="p"))


@pytest.mark.parametrize(
    ("inside", "match"),
    [
        (RATE, "rateOf in maths must be the first"),  # libsbml read memory that was not its own
        (f"<apply>{RATE}</apply>", "rateOf in maths must have 1"),
        (f"<apply>{RATE}<apply><plus/><ci>q</ci></apply></apply>", "asked of an identifier"),
        (f"<apply>{DELAY}<ci>p</ci></apply>", "delay in maths must have 2"),
        ("<apply><implies/><ci>q</ci></apply>", "implies in maths must have 2"),
        ("<apply><not/></apply>", "not in maths must have 1"),
        ("<apply/>", "apply in maths must hold at least 1"),
        ("<plus/>", "plus in maths must be the first"),
        ("<apply><cn>1</cn></apply>", "begin with a function"),
        ("<piecewise><piece><cn>1</cn></piece></piecewise>", "piece in maths must hold 2"),
        ("<apply><plus/><lambda><cn>1</cn></lambda></apply>", "lambda in maths must stand in"),
        ("<cn>1</cn><cn>2</cn>", "math in maths must hold 0 to 1"),
    ],
)
def test_maths_of_no_shape_is_refused_before_libsbml_sees_it(inside, match):
    with pytest.raises(errors.InputError, match=match) as caught:
        door.read_text(with_maths(inside), "model.xml")
    assert "model.xml, line" in str(caught.value)


@pytest.mark.parametrize(
    "inside", ["<apply><plus/></apply>", "<apply><times/></apply>", f"<apply>{RATE}<ci>p</ci></apply>"]
)
def test_maths_that_only_looks_odd_is_read(inside):
    if RATE in inside:
        with pytest.raises(errors.InputError, match=r"itself|circle"):
            door.read_text(with_maths(inside))
    else:
        value = 0.0 if "plus" in inside else 1.0
        assert simulate(door.read_text(with_maths(inside)), [0.0, 2.0])["p"][0][-1] == pytest.approx(1.0 + 2.0 * value)


FULL = (compartment(), species("S", 1.0), parameter("k"), parameter("p", 1.0, False))


def empty_function() -> str:
    return element("functionDefinition", maths(""), id="f")


@pytest.mark.parametrize(
    ("functions", "match"),
    [
        ([empty_function()], "lambda with a body"),
        ([function("f", "lambda(x, f(x))")], "must not call itself"),
        ([function("f", "lambda(x, g(x))"), function("g", "lambda(x, f(x))")], "must not call itself"),
        (
            [function("f0", "lambda(x, x)"), *(function(f"f{i}", f"lambda(x, f{i - 1}(x))") for i in range(1, 150))],
            "levels",
        ),
        (
            [
                function("f0", "lambda(x, x)"),
                *(function(f"f{i}", f"lambda(x, f{i - 1}(x) + f{i - 1}(x))") for i in range(1, 30)),
            ],
            "terms",
        ),
    ],
)
def test_functions_that_libsbml_cannot_write_out_are_refused(functions, match):
    with pytest.raises(errors.InputError, match=match) as caught:
        door.read_text(sbml(*functions, *FULL, reaction("r", {"S": 1}, {}, "k * S")), "model.xml")
    assert "model.xml" in str(caught.value)


def test_kinetic_laws_without_maths_are_taken_away():
    """Left to libsbml, they destroyed the memory of the process while units were looked for."""
    empty = element("reaction", element("kineticLaw"), id="r2", reversible=False)
    text = sbml(*FULL, reaction("r", {"S": 1}, {}, "k * S"), empty)
    assert source.document(text, "model.xml").getModel().getReaction("r2").getKineticLaw() is None
    assert "r2" in door.read_text(text).rules


def test_an_event_must_not_set_what_a_rule_gives():
    with pytest.raises(errors.InputError, match=r"model.xml, event 'E': an event must not set .* 'p'"):
        door.read_text(
            sbml(parameter("p", 1.0, False), rule("assignment", "p", "2"), event("time > 1", {"p": "1"})), "model.xml"
        )


def test_powers_of_powers_do_not_take_for_ever_to_be_checked():
    rules = [rule("assignment", f"p{i}", f"p{i - 1} ^ sin(p{i - 1})") for i in range(1, 30)]
    begin = time.perf_counter()
    network = door.read_text(
        sbml(*(parameter(f"p{i}", 1.0, False) for i in range(30)), rule("rate", "p0", "1"), *rules)
    )
    assert time.perf_counter() - begin < 10.0
    assert any("units were not checked" in note for note in network.notes)


def test_long_chains_of_values_are_refused_in_words():
    circle = [initially(f"p{i}", f"p{(i + 1) % 500} + 1") for i in range(500)]
    with pytest.raises(errors.InputError, match=r"model\.xml: .* nested less deeply"):
        door.read_text(sbml(*(parameter(f"p{i}", 1.0, False) for i in range(500)), *circle), "model.xml")


def test_a_namespace_with_white_space_is_no_xml():
    with pytest.raises(errors.InputError, match="must be XML"):
        source.check_xml('<sedML xmlns="urn:a b"/>', "run.sedml")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs inotify")
@pytest.mark.parametrize(
    "place", ["../outside/model.xml", "{}/model.xml", "file://{}/model.xml", "link.xml", "linked/model.xml"]
)
def test_files_outside_are_not_even_opened(tmp_path, place):
    """The checks of libsbml opened them."""
    outside, inner = tmp_path / "outside", tmp_path / "inner"
    outside.mkdir()
    inner.mkdir()
    (outside / "model.xml").write_text(sbml(parameter("x", 1.0)))
    (inner / "link.xml").symlink_to(outside / "model.xml")
    (inner / "linked").symlink_to(outside)
    source_of = place.format(outside)
    external = (
        "<comp:listOfExternalModelDefinitions><comp:externalModelDefinition comp:id='far' "
        f"comp:source='{source_of}'/></comp:listOfExternalModelDefinitions>"
    )
    sub = "<comp:listOfSubmodels><comp:submodel comp:id='A' comp:modelRef='far'/></comp:listOfSubmodels>"
    text = sbml(extra=COMP, outside=external).replace('<model id="tested">', f'<model id="tested">{sub}')
    (inner / "main.xml").write_text(text)
    (inner / "problem.yaml").write_text(
        f"format_version: 2.0.0\nmodel_files:\n  m: {{location: {source_of}, language: sbml}}\n"
    )
    watch = Watch(outside)
    for read, path in ((read_sbml, inner / "main.xml"), (read_petab, inner / "problem.yaml")):
        with pytest.raises(errors.InputError, match=path.name):
            read(path)
    assert not watch.was_opened()
    (outside / "model.xml").read_text()
    assert watch.was_opened()


def test_a_problem_names_its_file_and_refuses_names_that_no_file_can_have(tmp_path):
    path = tmp_path / "problem.yaml"
    path.write_text(f"format_version: 2.0.0\nmeasurement_files: [{'a' * 5000}]\nmodel_files: {{}}\n")
    with pytest.raises(errors.InputError, match=r"problem\.yaml"):
        read_petab(path)


def test_antimony_is_read_where_memory_is_limited_already():
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30,) * 2)\n"
        "from autocrine.engine import read_antimony; print(read_antimony('A -> ; k*A; A = 1; k = 2').species[0].name)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.stdout.strip() == "A", done.stderr


# the same each time: where a library crashes the whole run of tests ends; fuzz_readers.py looks for what is new
@settings(max_examples=150)
@given(seed=st.integers(0, 2**32))
def test_mutated_and_generated_models_are_read_or_refused_in_words(seed):
    rng = Random(seed)  # noqa: S311
    text = NOWHERE.sbml(rng) if rng.random() < 0.5 else grammar.document(rng)
    try:
        door.read_text(XmlMutation(rng, "/outside").changed(text), "model.xml")
    except errors.InputError as error:
        assert "model.xml" in str(error)  # noqa: PT017 - most are read


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_mutated_archives_are_read_or_refused_in_words(tmp_path_factory, seed):
    rng = Random(seed)  # noqa: S311
    path = tmp_path_factory.getbasetemp() / "fuzzed.omex"
    path.write_bytes(ArchiveMutation(rng, "/outside").changed(NOWHERE.archive(rng)))
    try:
        read_experiment(path)
    except errors.InputError as error:
        assert "fuzzed.omex" in str(error)  # noqa: PT017


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32))
def test_models_written_in_another_way_give_the_same(tmp_path_factory, seed):
    rng = Random(seed)  # noqa: S311
    folder = tmp_path_factory.getbasetemp()
    for name, data in equivalence.pair(rng, NOWHERE.sbml(rng)).items():
        (folder / name).write_bytes(data)
    assert equivalence.compare(folder).startswith("the same: ")
