"""What the documents say exists, and what they show can be read."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    targets = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_example_of_an_own_study_can_be_read():
    from autocrine.studies.design import load_design

    design = load_design(ROOT / "docs" / "examples" / "my_study.toml")
    assert design.lines == ("sensitive", "sensitive_il6", "my_line")
    assert design.drugs[-1] == "compound 7"
    assert load_design(ROOT / "docs" / "examples" / "my_study.toml", quick=True).drugs == ("doxorubicin",)


def test_every_study_in_the_tutorial_can_be_read():
    from autocrine.core import Document
    from autocrine.studies.design import read_design

    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    studies = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert studies
    for study in studies:
        assert read_design(Document.parse(study, "tutorial.md")).lines


def test_the_tutorial_names_every_key_of_a_study():
    from autocrine.assay import protocol
    from autocrine.studies import design

    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    for key in (*design._TABLES, *design._STUDY, *design._QUICK, *protocol._KEYS):
        assert re.search(rf"[`\[]{key}\b", text), key


def test_the_circuit_names_every_edge():
    text = (ROOT / "docs" / "circuit.md").read_text(encoding="utf-8")
    edges = tomllib.loads((ROOT / "src/autocrine/circuit/edges.toml").read_text(encoding="utf-8"))
    assert set(re.findall(r"`(edge_\w+)`", text)) == set(edges)


def test_the_equations_are_made_from_the_model(tmp_path):
    import runpy

    page = runpy.run_path(str(ROOT / "docs" / "equations.py"))["page"]()
    for title in ("il6_gene", "receptor", "jak_stat", "cebp", "abcb1", "survival", "The well"):
        assert title in page
    assert page.count("$$") > 80
    assert "IL-6R recruits gp130" in page


def test_version_and_licence_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {project['version']}\n" in citation
    assert f"license: {project['license']}\n" in citation


def test_the_tutorial_names_every_line_arm_readout_and_drug():
    from autocrine.assay import Arm, readout
    from autocrine.circuit import Lines, Pharmacology
    from autocrine.core import Document

    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    arms = Arm.known(Document({}, "", "none"), Pharmacology.load())
    for name in (
        *Lines.load(),
        *arms,
        *Pharmacology.load(),
        *(r for r in readout.READOUTS if r not in ("viability", "probe")),
    ):
        assert f"`{name}`" in text, name
