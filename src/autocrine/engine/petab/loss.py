"""What a problem loses when it is written in the other version of PEtab."""

from __future__ import annotations

from collections.abc import Iterable

from autocrine.engine.petab.problem import Problem, Quantity

#: of so many parameters the names are shown
_SHOWN = 6


def losses(problem: Problem, version: int) -> list[str]:
    """Return what the likelihood does not need and a version of PEtab cannot say, in words.

    Parameters
    ----------
    problem : Problem
        The problem.
    version : int
        The version that it is written in: 1 or 2.
    """
    sought = [each for each in problem.parameters.values() if each.estimated]
    with_prior = [each for each in sought if each.prior is not None]
    if version == problem.version:
        return []
    if version == 1:
        text = "priors are not cut off at the bounds in PEtab 1, which changes the posterior by a constant"
        return _said(text, [each for each in with_prior if each.prior is not None and each.prior.mass < 1])
    on_scale = [each for each in with_prior if each.prior is not None and each.prior.on_scale and each.scale != "lin"]
    return [
        *_said("PEtab 2 has no scales of parameters: programs choose their own", _scaled(sought)),
        *_said(
            "priors on a logarithmic scale are written as the same distributions of the parameters as they are, whose "
            "densities, and with them the maximum of the posterior, follow the Jacobian of the scale",
            on_scale,
        ),
        *_said("priors are cut off at the bounds in PEtab 2, which changes the posterior by a constant", with_prior),
        *_said(
            "PEtab 2 gives a uniform prior between its bounds to a parameter without one where others have priors",
            [each for each in sought if each.prior is None] if with_prior else [],
        ),
        *_said("PEtab 2 has no priors for starting points", [each for each in sought if each.starting is not None]),
    ]


def _scaled(sought: Iterable[Quantity]) -> list[Quantity]:
    return [each for each in sought if each.scale != "lin"]


def _said(text: str, about: list[Quantity]) -> list[str]:
    if not about:
        return []
    names = ", ".join(each.name for each in about[:_SHOWN])
    more = f" and {len(about) - _SHOWN} more" if len(about) > _SHOWN else ""
    return [f"{text} ({names}{more})"]
