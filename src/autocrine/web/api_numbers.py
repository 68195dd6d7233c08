"""``/api/numbers``: what stands behind a number, for the button that every number is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from autocrine.evidence import Claim, catalogue
from autocrine.web.parameter_table import all_parameters
from autocrine.web.state import State, state_of
from autocrine.web.templates import segment

router = APIRouter(prefix="/api/numbers", tags=["evidence"])
Shared = Annotated[State, Depends(state_of)]
#: the record whose claims can be checked from here
_CHECKED = "conze2001"
#: computed numbers: label, unit, and the claims that they are about, by the measure that these name
_COMPUTED = {
    "ic50": ("IC50, the dose of half viability", "nM", "fold_resistance"),
    "fold": ("Fold resistance, IC50 over that of the first line", "1", "fold_resistance"),
    "viability": ("Viability, living cells over those of untreated wells", "1", "fold_resistance"),
    "il6": ("IL-6 in the medium", "ng/ml", "il6_ratio"),
    "density_fold": ("Fold resistance at this density", "1", "fold_resistance"),
    "hazard_ratio": ("Hazard ratio of virtual patients with high over low serum IL-6", "1", ""),
    "median_survival": ("Median progression-free survival of virtual patients", "d", ""),
    "level": ("Level of a molecule in the simulated well", "", ""),
}


class BehindRecord(BaseModel):
    """The publication behind a number."""

    key: str
    citation: str
    href: str


class BehindClaim(BaseModel):
    """A claim that a number is about."""

    key: str
    statement: str
    stance: str
    verdict: str | None


class NumberAnswer(BaseModel):
    """A number and what it rests on."""

    label: str
    value: float | None
    unit: str
    basis: str
    fitted: bool
    range: tuple[float, float] | None
    note: str
    record: BehindRecord | None
    claims: list[BehindClaim]
    can_check: bool
    href: str


@router.get("/{key}")
def number(key: str, shared: Shared) -> NumberAnswer:
    """Say what a number is, how it came about, and which record and claims stand behind it."""
    if key in all_parameters():
        return _parameter(key, shared)
    if key in _COMPUTED:
        return _computed(key, shared)
    raise HTTPException(404)


def _parameter(key: str, shared: State) -> NumberAnswer:
    found = catalogue.parameter_page(all_parameters(), key, shared.shelf.library)
    every = (*found.supports, *found.contradicts, *found.unsure)
    claims = [_claim(each, shared) for each in every if isinstance(each, Claim)]
    return NumberAnswer(
        label=key,
        value=found.value,
        unit=found.unit,
        basis=found.basis,
        fitted=found.basis == "fitted",
        range=(found.low, found.high),
        note=found.note,
        record=_record(found.records[0].key, shared) if found.records else None,
        claims=claims,
        can_check=any(shared.shelf.library.claims[each.key].record == _CHECKED for each in claims),
        href=f"/parameters/{segment(key)}",
    )


def _computed(key: str, shared: State) -> NumberAnswer:
    label, unit, measure = _COMPUTED[key]
    found = [each for each in shared.shelf.library.claims_of(_CHECKED) if measure and measure in each.measure]
    return NumberAnswer(
        label=label,
        value=None,
        unit=unit,
        basis="derived",
        fitted=False,
        range=None,
        note="Computed by the model at the sliders as they stand; its parameters are listed with their basis.",
        record=_record(_CHECKED, shared) if found else None,
        claims=[_claim(each, shared) for each in found],
        can_check=bool(found),
        href="/parameters",
    )


def _record(key: str, shared: State) -> BehindRecord:
    citation = shared.shelf.library.records[key].short
    return BehindRecord(key=key, citation=citation, href=f"/library/records/{segment(key)}")


def _claim(claim: Claim, shared: State) -> BehindClaim:
    history = shared.shelf.catalogue.checks(claim.id)
    verdict = history[-1].verdict.value if history else None
    return BehindClaim(key=claim.id, statement=claim.statement, stance=claim.stance, verdict=verdict)
