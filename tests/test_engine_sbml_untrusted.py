"""Files of strangers: what is refused, how it is said, and that nothing takes for ever."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine import read_sbml, simulate
from autocrine.engine import sbml as door
from autocrine.engine.sbml import maths, source
from sbml_text import compartment, element, event, function, initially, parameter, reaction, rule, sbml, species

P = parameter("p", constant=False)
COMP = ' xmlns:comp="http://www.sbml.org/sbml/level3/version1/comp/version1" comp:required="true"'


def refused(text, match):
    begin = time.process_time()
    with pytest.raises(errors.InputError, match=match) as caught:
        door.read_text(text, "model.xml")
    assert time.process_time() - begin < 20.0, "a refusal must not take long work"
    return caught.value


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", r"model.xml, line 1: a file must be XML: no element found"),
        ("no xml", "must be XML"),
        (sbml().replace("</model>", ""), "line 4.*mismatched tag"),
        ("<html/>", "must begin with the element sbml but was 'html'"),
        # of another namespace, or a level that is none, libsbml ends the process
        (sbml().replace("level3/", "le>vel3/"), "line 2: SBML must have a level and version with their namespace"),
        (sbml(level=4), "level '4'"),
        # libsbml crashes at the units of this
        (sbml(P, rule("assignment", "p", "p / 2")).replace("<divide/>", "<divide/><divide/>"), "first thing of"),
        ('<?xml version="1.0"?>\n<!DOCTYPE sbml SYSTEM "file:///etc/passwd">\n<sbml/>', "line 2.*entities"),
        ('<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>\n<sbml>&c;</sbml>', "line 1.*entities"),
        (sbml().replace("></model>", ">" + "<a>" * 1000 + "</a>" * 1000 + "</model>"), "nested at most"),
        (sbml().replace("<model", "<modell").replace("</model", "</modell"), "model.xml"),
        (sbml(parameter("p")).replace('value="', 'volume="').replace("constant=", "constans="), "must be valid"),
    ],
)  # fmt: skip
def test_what_is_no_sbml_is_refused_with_its_line(text, match):
    refused(text, match)


def test_files_are_looked_at_before_they_are_read(tmp_path, monkeypatch):
    with pytest.raises(errors.InputError, match="readable"):
        read_sbml(tmp_path / "absent.xml")
    latin = tmp_path / "latin.xml"
    latin.write_bytes(b"<a>\n\xe4</a>")
    with pytest.raises(errors.InputError, match=r"UTF-8") as caught:
        read_sbml(latin)
    assert "line 2" in str(caught.value)
    monkeypatch.setattr(source, "LARGEST_FILE", 3)
    with pytest.raises(errors.InputError, match="at most 3 bytes"):
        read_sbml(latin)


def test_packages_that_change_the_meaning_are_refused_by_name():
    for name in ("fbc", "qual", "spatial"):
        uri = f"http://www.sbml.org/sbml/level3/version1/{name}/version1"
        version = "version1/core"
        text = sbml(
            compartment(), extra=f' xmlns:{name}="{uri}" {name}:required="true"', version=1,
            namespace=f"http://www.sbml.org/sbml/level3/{version}",
        )  # fmt: skip
        assert isinstance(refused(text, rf"must not need the SBML package {name}"), errors.UnsupportedError)


@pytest.mark.parametrize(
    "outside", ["../other.xml", "/etc/passwd", "http://example.org/model.xml", "file:///etc/passwd", "a/../../b.xml"]
)
def test_external_models_come_from_beside_the_document_only(tmp_path, outside):
    (tmp_path / "inner").mkdir()
    path = tmp_path / "inner" / "main.xml"
    (tmp_path / "other.xml").write_text(sbml(parameter("x", 1.0)))
    path.write_text(with_external(outside))
    with pytest.raises(errors.InputError, match=r"external model must (be|lie)"):
        read_sbml(path)
    with pytest.raises(errors.InputError, match="text that is no file"):
        door.read_text(with_external("other.xml"))


def with_external(file: str) -> str:
    external = (
        "<comp:listOfExternalModelDefinitions><comp:externalModelDefinition comp:id='Ext' "
        f"comp:source='{file}'/></comp:listOfExternalModelDefinitions>"
    )
    sub = "<comp:listOfSubmodels><comp:submodel comp:id='A' comp:modelRef='Ext'/></comp:listOfSubmodels>"
    text = sbml(extra=COMP, outside=external)
    return text.replace('<model id="tested"></model>', f'<model id="tested">{sub}</model>')


def test_submodels_from_files_become_one_model(tmp_path):
    path = tmp_path / "main.xml"
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "x.xml").write_text(sbml(parameter("x", 3.0, False), rule("rate", "x", "-x")))
    path.write_text(with_external("parts/x.xml"))
    assert [each.name for each in read_sbml(path).species] == ["A__x"]
    (tmp_path / "parts" / "x.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><a/>')
    with pytest.raises(errors.InputError, match="entities"):
        read_sbml(path)


def test_submodels_that_crash_libsbml_are_refused(tmp_path):
    """Found by exchanging pieces of files: a submodel that is deleted after something within it was."""
    path = tmp_path / "crash.xml"
    inner = element("comp:sBaseRef", **{"comp:metaIdRef": "assigned"})
    deletions = element("comp:deletion", inner, **{"comp:idRef": "A"}) + element("comp:deletion", **{"comp:idRef": "A"})
    listed = element("comp:listOfDeletions", deletions)

    def holding(ref, within=""):
        submodel = element("comp:submodel", within, **{"comp:id": "A", "comp:modelRef": ref})
        return element("comp:listOfSubmodels", submodel)

    parts = element("listOfParameters", parameter("x", 1.0, False))
    assigned = initially("x", "2").replace("<initialAssignment", '<initialAssignment metaid="assigned"')
    parts += element("listOfInitialAssignments", assigned)
    definitions = element("comp:modelDefinition", parts, id="foo")
    definitions += element("comp:modelDefinition", holding("foo"), id="bar")
    text = sbml(extra=COMP, outside=element("comp:listOfModelDefinitions", definitions))
    path.write_text(text.replace("></model>", f">{holding('bar', listed)}</model>", 1))
    with pytest.raises(errors.InputError, match="submodels must fit together: libsbml breaks off"):
        read_sbml(path)


@pytest.mark.parametrize(
    ("elements", "match"),
    [
        ([parameter("p", constant=False), rule("assignment", "p", "q")], "must be declared but was 'q'"),
        ([parameter("p", constant=False), rule("assignment", "p", "p + 1")], "circle"),
        ([parameter("p"), parameter("q"), initially("p", "q"), initially("q", "p")], "circle"),
        ([parameter("p", constant=False), rule("assignment", "p", "f(1)")], "must be defined but was 'f'"),
        ([function("f", "lambda(x, x)"), P, rule("assignment", "p", "f(1, 2)")], "1 arguments"),
        ([rule("assignment", "nothing", "1")], "a rule must name a quantity"),
        ([compartment(), species("S", 1.0), reaction("J", {"X": 1}, {}, "1")], "must name a quantity"),
        ([event("time > 1", {"x": "1"})], "an event must name"),
        ([compartment(), species("S", 1.0, within="W")], "compartment"),
        ([parameter("p", constant=False), rule("algebraic", None, "p + cos(p) - time")], "closed form"),
        ([parameter("p", 1.0), parameter("p", 2.0)], "declared once"),
    ],
)  # fmt: skip
def test_models_that_make_no_sense_are_refused(elements, match):
    refused(sbml(*elements), match)


def test_functions_that_call_one_another_do_not_grow_without_end(monkeypatch):
    doubling = [function("f0", "lambda(x, x + x)")]
    doubling += [function(f"f{i + 1}", f"lambda(x, f{i}(x) * f{i}(x + 1))") for i in range(40)]
    refused(sbml(*doubling, parameter("p", constant=False), rule("assignment", "p", "f40(time)")), "at most")
    calls = [function("g", "lambda(x, h(x))"), function("h", "lambda(x, g(x))")]
    refused(
        sbml(*calls, parameter("p", constant=False), rule("assignment", "p", "g(time)")),
        "must not call itself|InputError|valid",
    )


def test_numbers_are_not_worked_out_to_their_last_digit():
    tower = [parameter("p", constant=False), rule("assignment", "p", "9 ^ 9 ^ 9 ^ 9 + factorial(100000000)")]
    begin = time.process_time()
    door.read_text(sbml(*tower))
    assert time.process_time() - begin < 20.0, "a refusal must not take long work"


def test_deep_maths_is_refused_and_long_maths_is_not():
    deep = "sin(" * 150 + "time" + ")" * 150
    refused(sbml(parameter("p", constant=False), rule("assignment", "p", deep)), "deep")
    long = "+".join(["time"] * 400)
    network = door.read_text(sbml(parameter("p", constant=False), rule("assignment", "p", long)))
    assert str(network.rules["p"]) == "400*t"
    assert maths.DEEPEST < 150


def test_chains_of_rules_and_sums_may_be_long():
    """Neither is written or differentiated by recursion: x' is time plus 500, and y' a sum over 400 terms."""
    names = [f"r{i}" for i in range(500)]
    elements = [parameter("x", 0, False), rule("rate", "x", "r0"), parameter("y", 0, False)]
    elements += [parameter(name, constant=False) for name in names]
    elements += [rule("assignment", a, f"{b} + 1") for a, b in zip(names, [*names[1:], "time"], strict=True)]
    elements += [rule("rate", "y", " + ".join(f"max(x, -{i + 1})" for i in range(400)))]
    found = simulate(door.read_text(sbml(*elements)), [0.0, 1.0], outputs=["x", "y"], rtol=1e-9).values[0, 1]
    assert found.tolist() == pytest.approx([500.5, 400 * (250 + 1 / 6)], rel=1e-8)


GOOD = sbml(
    compartment(), species("S", 1.0), parameter("k", 1.0), function("f", "lambda(x, 2 * x)"),
    reaction("J", {"S": 1}, {}, "f(k) * S"), event("S < 0.5", {"S": "1"}, delay="1"), initially("k", "2"),
)  # fmt: skip


def read_or_refused(text):
    """Read, or raise an error in words: anything else fails the test."""
    with contextlib.suppress(errors.InputError):
        assert door.read_text(text).species


@settings(max_examples=150)
@given(data=st.data())
def test_damaged_files_are_read_or_refused_in_words(data):
    """Cut out, double or exchange a piece: the reader raises an InputError or returns a network, nothing else."""
    begin = data.draw(st.integers(0, len(GOOD)))
    length = data.draw(st.integers(0, 60))
    piece = data.draw(
        st.one_of(st.just(""), st.text(max_size=10), st.sampled_from(["S", "k", "<", "NaN", "-1", "1e999", "f"]))
    )
    text = GOOD[:begin] + piece + GOOD[begin + length :]
    read_or_refused(text)


@settings(max_examples=150)
@given(st.permutations([each for each in GOOD.split("\n") if each]), st.integers(0, 3))
def test_shuffled_files_are_read_or_refused_in_words(lines, dropped):
    read_or_refused("\n".join(lines[dropped:]))
