"""A claim of a publication in our own words, with the effect and the edge by which a model is asked about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autocrine.core import Document, notebook
from autocrine.evidence.entry import Entry

KINDS = ("observation", "causal", "mediation", "hypothesis")
STANCES = ("supports", "contradicts", "unsure")
SIDES = ("above", "below")
_KEYS = (
    *("record", "number", "statement", "kind", "stance", "system", "edge", "measure"),
    *("threshold", "threshold_note", "side", "encoded"),
    *("assay", "curator", "parameters", "reactions", "disagrees"),
)
_ECO, _SBO = re.compile(r"ECO:\d{7}"), re.compile(r"SBO:\d{7}")


@dataclass(frozen=True)
class Claim:
    """A claim of a publication.

    Attributes
    ----------
    id, record : str
        Its key and the key of its record.
    number : int
        Its place among the claims of the record.
    statement : str
        The claim in our own words.
    kind : str
        ``observation``, ``causal``, ``mediation`` or ``hypothesis``.
    stance : str
        How the publication stands to the statement: ``supports``, ``contradicts`` or ``unsure``.
    system : str
        The cells or patients it is about.
    edge : str
        The arrow of the circuit that is claimed; empty for an observation or a hypothesis.
    measure : str
        The effect that the study computes; empty where the model has no such variable.
    threshold : float or None
        The bound that the effect must pass.
    threshold_note : str
        Why this bound; it says that the bound is ours.
    side : str
        ``above`` or ``below``: on which side of the threshold the effect agrees with the claim.
    encoded : bool
        Whether the claim is an input of the model, so that it can at best be ``USED_FOR_FIT``.
    assay : str
        The kind of evidence, as a term of the Evidence and Conclusion Ontology, such as ``ECO:0000314``.
    curator : str
        Who wrote the claim down.
    parameters : tuple of str
        Names of the parameters that it is about.
    reactions : tuple of (str, str)
        The reactions or edges that it is about, and their terms of the Systems Biology Ontology (``SBO:0000170``).
    disagrees : tuple of str
        Keys of the claims with which it cannot both be true.
    """

    id: str
    record: str
    number: int
    statement: str
    kind: str
    stance: str
    system: str
    edge: str = ""
    measure: str = ""
    threshold: float | None = None
    threshold_note: str = ""
    side: str = "above"
    encoded: bool = False
    assay: str = ""
    curator: str = ""
    parameters: tuple[str, ...] = ()
    reactions: tuple[tuple[str, ...], ...] = ()
    disagrees: tuple[str, ...] = ()

    @property
    def is_causal(self) -> bool:
        """Whether it must be run again with its edge cut."""
        return self.kind in {"causal", "mediation"}

    def _repr_html_(self) -> str:
        asked = f"{self.measure} {self.side} {self.threshold:g}" if self.threshold is not None else "none"
        rows = [("kind", self.kind), ("stance", self.stance), ("system", self.system), ("edge", self.edge or "none")]
        return notebook.page(f"{self.id}: {self.statement}", notebook.fields([*rows, ("measure", asked)]))

    @classmethod
    def from_document(cls, key: str, document: Document) -> Claim:
        """Read one table of ``claims.toml``.

        Raises
        ------
        InputError
            If a key or a word is unknown, a causal claim has no edge, or a measure has no threshold.
        """
        entry = Entry(document, _KEYS)
        claim = cls(
            id=key,
            record=entry.text("record", None),
            number=document.get("number", int),
            statement=entry.text("statement", None),
            kind=entry.choice("kind", KINDS),
            stance=entry.choice("stance", STANCES),
            system=entry.text("system", None),
            edge=entry.text("edge"),
            measure=entry.text("measure"),
            threshold=entry.number("threshold"),
            threshold_note=entry.text("threshold_note"),
            side=entry.choice("side", SIDES, "above"),
            encoded=entry.flag("encoded"),
            assay=entry.text("assay"),
            curator=entry.text("curator"),
            parameters=entry.texts("parameters"),
            reactions=entry.rows("reactions", ("name", "sbo")),
            disagrees=entry.texts("disagrees"),
        )
        claim._check(entry)
        return claim

    def _check(self, entry: Entry) -> None:
        entry.must(not self.assay or bool(_ECO.fullmatch(self.assay)), "assay", "assay must be ECO:0000000", self.assay)
        for _, term in self.reactions:
            entry.must(bool(_SBO.fullmatch(term)), "reactions", "sbo must be SBO:0000000", term)
        entry.must(self.id not in self.disagrees, "disagrees", "a claim must not disagree with itself", self.id)
        if self.is_causal and self.measure:
            entry.must(bool(self.edge), "edge", f"a {self.kind} claim must name the edge that is cut")
        if not self.is_causal:
            entry.must(not self.edge, "edge", f"a claim of kind {self.kind} must name no edge", self.edge)
        entry.must(
            bool(self.measure) == (self.threshold is not None),
            "threshold",
            "a measure must have a threshold, and a threshold a measure",
            hint="both, or neither where the model has no such variable",
        )
        if self.threshold is not None:
            must = "threshold_note must say whose threshold it is and why"
            entry.must(bool(self.threshold_note), "threshold_note", must, hint='"Our own threshold: ..."')
