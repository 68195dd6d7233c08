"""A network as a COMBINE archive: its SBML, and SED-ML that simulates it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from autocrine.engine.combine.archive import write_files
from autocrine.engine.combine.manifest import METADATA, SBML, SEDML, Entry
from autocrine.engine.combine.sedml_writer import sedml_text
from autocrine.engine.course import Course
from autocrine.engine.network import Network
from autocrine.engine.sbml import Identifiers, References, sbml_text


def write_archive(
    network: Network,
    path: Path | str,
    courses: Sequence[Course] = (),
    *,
    outputs: Sequence[str] | None = None,
    references: References | None = None,
    creators: Sequence[str] = (),
) -> None:
    """Write a COMBINE archive of a model in SBML with SED-ML that simulates it.

    Parameters
    ----------
    network : Network
        Any network.
    path : Path or str
        The archive, which is replaced if it is there. Equal arguments give equal bytes.
    courses : sequence of Course
        Time courses; by default one to 100 (h) with the values of the network.
    outputs : sequence of str, optional
        Species, rules and observables of the reports; by default all.
    references : mapping, optional
        Addresses of sources by evidence key; see `write_sbml`.
    creators : sequence of str
        Names of those who made it, for the metadata.

    Raises
    ------
    InputError
        If the network holds what SBML has not, or a course changes what it does not have.
    OutputError
        If the archive cannot be written.
    """
    declared = [*(each.name for each in network.species), *network.rules, *network.observables]
    identifiers = Identifiers.of(network)
    model = sbml_text(network, references=references)
    experiment = sedml_text(
        network, "model.xml", courses or [Course(network.name)], declared if outputs is None else outputs, identifiers
    )
    write_files(
        path,
        [
            (Entry("model.xml", SBML), model),
            (Entry("simulation.sedml", SEDML, master=True), experiment),
            (Entry("metadata.rdf", METADATA), _metadata(network.name, creators)),
        ],
    )


def _metadata(title: str, creators: Sequence[str]) -> str:
    made = "".join(
        f'    <dcterms:creator rdf:parseType="Resource"><foaf:name>{escape(name)}</foaf:name></dcterms:creator>\n'
        for name in creators
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:foaf="http://xmlns.com/foaf/0.1/">\n'
        '  <rdf:Description rdf:about=".">\n'
        f"    <dcterms:title>{escape(title)}</dcterms:title>\n{made}"
        "  </rdf:Description>\n</rdf:RDF>\n"
    )
