"""Claims in a catalogue: those of the package and a person's own, where they disagree, and their verdicts over time."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autocrine.core import errors
from autocrine.evidence.catalogue import body, own_claims
from autocrine.evidence.catalogue.checks import Checked, read_history, write_run
from autocrine.evidence.catalogue.event import Event
from autocrine.evidence.catalogue.store import Store, now
from autocrine.evidence.claim import Claim
from autocrine.evidence.disagreement import Disagreement
from autocrine.evidence.library import Library, found


class ClaimStore(Store):
    """The claims of a catalogue."""

    @property
    def claims(self) -> Mapping[str, Claim]:
        """All claims by key: those of the package, then a person's own; none that is withdrawn."""
        return {**self.library.claims, **own_claims.read_claims(self._connection)}

    def claim(self, key: str) -> Claim:
        """Return one claim, a withdrawn one too.

        Raises
        ------
        InputError
            If there was never one; the message names the nearest.
        """
        every = {**self.library.claims, **own_claims.read_claims(self._connection, withdrawn=True)}
        return found(every, key, "claim", "autocrine library claims")

    def claims_of(self, address: str) -> tuple[Claim, ...]:
        """Return the claims of a record and of what was merged into it, those of the package first."""
        return (*self.library.claims_of(address), *own_claims.read_claims(self._connection, address).values())

    def add_claim(self, address: str, who: str, **fields: Any) -> Claim:
        """State a claim of a record in one's own words.

        Parameters
        ----------
        address : str
            Of the record.
        who : str
            Who states it: the curator.
        **fields
            As of `Claim`: ``statement``, ``kind``, ``stance`` and ``system``; what is known of ``assay``,
            ``parameters``, ``reactions`` (a list of ``{"name": ..., "sbo": ...}``), ``edge``, ``measure``,
            ``threshold``, ``threshold_note``, ``side``.

        Returns
        -------
        Claim
            With its key, which no other claim will have.

        Raises
        ------
        InputError
            If there is no such record, nobody is named, or a field cannot be.
        """
        self._named(who, address)
        self.record(address)
        with self._changing():
            claim = own_claims.write_claim(self._connection, address, fields, who, now())
            self._index(address)
        return claim

    def withdraw_claim(self, key: str, who: str) -> None:
        """Withdraw a claim or a disagreement of one's own: it is listed no more, but its key still answers.

        Raises
        ------
        InputError
            If it is none of one's own, is withdrawn already, or nobody is named.
        """
        self._named(who, key)
        own, links = own_claims.read_claims(self._connection), own_claims.read_links(self._connection)
        if key not in own and key not in links:
            must = "what is withdrawn must be a claim or a disagreement of your own"
            raise errors.InputError(must, key, where=self.where, hint="autocrine library claims, with --own")
        with self._changing():
            own_claims.withdraw(self._connection, key, who, now())
            if key in own:
                self._index(own[key].record)

    def disagree(self, one: str, other: str, about: str, who: str, explained: str = "") -> Disagreement:
        """Say that two claims do not go together, and on what.

        Raises
        ------
        InputError
            If one is unknown or withdrawn, both are the same, the link is there already, or nobody is named.
        """
        self._named(who, one)
        for key in (one, other):
            found(self.claims, key, "claim", "autocrine library claims")
        if any({link.one, link.other} == {one, other} for link in self.disagreements(one)):
            raise errors.InputError("a disagreement must be new", f"{one}, {other}", where=self.where)
        fields = {"one": one, "other": other, "about": about, "explained": explained, "curator": who}
        with self._changing():
            return own_claims.write_link(self._connection, fields, now())

    def disagreements(self, claim: str = "") -> tuple[Disagreement, ...]:
        """Return all disagreements, or those of one claim; without those of which a claim is withdrawn."""
        known = self.claims
        every = (*self.library.links.values(), *own_claims.read_links(self._connection).values())
        links = [link for link in every if link.one in known and link.other in known]
        return tuple(link for link in links if claim in ("", link.one, link.other))

    def claim_history(self, key: str) -> tuple[Event, ...]:
        """Return what happened to a claim of one's own: by whom it was stated and withdrawn, and when."""
        return tuple(Event(*step) for step in own_claims.history(self._connection, key))

    def evidence(self) -> Library:
        """Return the library of the package with a person's own claims, disagreements and imported records in it."""
        own = own_claims.read_claims(self._connection)
        records = {claim.record: self.record(claim.record) for claim in own.values()}
        return dataclasses.replace(
            self.library,
            records={**self.library.records, **records},
            claims={**self.library.claims, **own},
            links={link.key: link for link in self.disagreements()},
        )

    def check(self, run: Path) -> tuple[Checked, ...]:
        """Put the verdicts of a finished run into the history of its claims; twice the same run changes nothing.

        Claims of one's own with a measure of the run are judged from its numbers too.
        """
        own = own_claims.read_claims(self._connection).values()
        with self._changing():
            return write_run(self._connection, run, self.library, own)

    def checks(self, claim: str) -> tuple[Checked, ...]:
        """Return all verdicts on a claim that were put into the history, the oldest first."""
        return read_history(self._connection, claim)

    def _index(self, address: str) -> None:
        """Index a record anew, or the one into which it was merged."""
        number, text, workflow, merged = self._row(address)
        while merged is not None:
            query = "SELECT id, body, workflow, merged_into, address FROM record WHERE id = ?"
            number, text, workflow, merged, address = self._connection.execute(query, (merged,)).fetchone()
        self._replace(number, body.unpacked(text, address, workflow))

    def _named(self, who: str, where: str) -> None:
        if not who.strip():
            raise errors.InputError("a change must name who makes it", where=where)
