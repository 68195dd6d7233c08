"""What a tumour came to, as one row: cells, survival near and far from producers, and how far IL-6 reaches."""

from __future__ import annotations

import numpy as np
import pandas as pd

from autocrine.studies.tumours.course import Course
from autocrine.tissue import Tumour, fields

#: half-maximal pSTAT3 at 0.9 ng/ml of IL-6 of 21 kDa (nM)
EC50_NM = 0.043
#: founders in a group below which survival is not stated
_FEWEST = 5
_POINTS = 8


def summarise(courses: list[Course]) -> pd.DataFrame:
    """Return a row for each tumour; distances in um, levels in nM."""
    return pd.DataFrame([{"tumour": course.member.label, **_row(course)} for course in courses])


def survival_by_distance(course: Course) -> tuple[np.ndarray, np.ndarray]:
    """Return distances (um), and the living descendants of a first cell that makes no IL-6 and lay so far from one.

    Distances are the means of groups of about equal size, by distance to the nearest producer at the start.
    """
    table = course.founders()
    others = table.loc[(~table["producer"] & np.isfinite(table["distance_um"])).to_numpy()]
    if len(others) < _FEWEST * 2:
        return np.zeros(0), np.zeros(0)
    distance, living = others["distance_um"].to_numpy(), others["living_descendants"].to_numpy()
    # first cells lie on a lattice, so that many are equally far: they stay in one group
    edges = np.unique(np.round(np.quantile(distance, np.linspace(0, 1, min(_POINTS, len(others) // 5) + 1)), 6))
    group = np.searchsorted(edges[1:-1], distance - 1e-3, side="left")
    groups = [np.flatnonzero(group == each) for each in np.unique(group)]
    return np.array([distance[g].mean() for g in groups]), np.array([living[g].mean() for g in groups])


def _row(course: Course) -> dict[str, float]:
    tumour, history = course.tumour, course.history()
    population, alive = tumour.population, tumour.population.alive
    distance, living = survival_by_distance(course)
    founders = course.founders()
    others = ~founders["producer"].to_numpy()
    il6 = tumour.levels()["il6"]
    silent = alive & ~population.producer
    return {
        "cells_at_start": float(history["alive"].iloc[0]),
        "alive_at_end": float(alive.sum()),
        "died": float(history["died"].iloc[-1]),
        "living_per_non_producer": float(founders["living_descendants"].to_numpy()[others].mean())
        if others.any()
        else np.nan,
        "living_per_producer": float(founders["living_descendants"].to_numpy()[~others].mean())
        if (~others).any()
        else np.nan,
        "living_nearest": float(living[0]) if living.size else np.nan,
        "living_farthest": float(living[-1]) if living.size else np.nan,
        "nearest_um": float(distance[0]) if distance.size else np.nan,
        "farthest_um": float(distance[-1]) if distance.size else np.nan,
        "il6_at_non_producers_nM": float(il6[silent].mean()) if silent.any() else np.nan,
        "share_above_ec50": float((il6[silent] > EC50_NM).mean()) if silent.any() else np.nan,
        **_reach(course),
        "largest_imbalance": max(abs(tumour.residual(name)) for name in tumour.fields),
    }


def _reach(course: Course) -> dict[str, float]:
    """Return how far IL-6 reaches: sqrt(D/k) with what cells and decay take, and as the levels of this run say."""
    tumour = course.tumour
    population = tumour.population
    loss = loss_1_h(tumour)
    diffusion = tumour.fields.substrate("il6").diffusion_um2_h
    exchange = tumour.circuit.exchange(population, tumour.surroundings().outside)
    secretion = exchange.secretion["il6"][population.producer & population.alive]
    mean = float(secretion.mean()) if secretion.size else 0.0
    il6, distance = tumour.levels()["il6"], course.distance_now()
    use = population.alive & ~population.producer & np.isfinite(distance) & (il6 > 0)
    measured = np.nan
    if use.sum() > 2 * _FEWEST and np.ptp(distance[use]) > 0:
        slope = np.polyfit(distance[use], np.log(il6[use]), 1)[0]
        measured = -1 / slope if slope < 0 else np.inf
    return {
        "il6_loss_1_h": loss,
        "sqrt_D_over_k_um": penetration_um(tumour, "il6"),
        "il6_falls_by_e_over_um": float(measured),
        "radius_of_one_producer_um": fields.reach.protection_radius_um(mean, diffusion, loss, EC50_NM)
        if loss > 0
        else np.nan,
    }


def loss_1_h(tumour: Tumour, substrate: str = "il6") -> float:
    """Return what decay and the cells take of a substrate in the voxels that hold cells (1/h)."""
    contacts = tumour.fields.contacts(tumour.population.position.T)
    volume = contacts.voxel.size * tumour.fields.grid.voxel_um3
    taken = tumour.clearance_um3_h(substrate)
    return tumour.fields.substrate(substrate).decay_1_h + (taken / volume if volume else 0.0)


def penetration_um(tumour: Tumour, substrate: str) -> float:
    """Return sqrt(D/k) of a substrate with what cells and decay take of it (um); infinite where nothing does."""
    loss = loss_1_h(tumour, substrate)
    diffusion = tumour.fields.substrate(substrate).diffusion_um2_h
    return fields.reach.penetration_length_um(diffusion, loss) if loss > 0 and diffusion > 0 else np.inf
